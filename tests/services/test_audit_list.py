"""The audit trail as a list, and its proof."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy import update
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.query import parse
from jarvis_admin.errors import Conflict
from jarvis_admin.models import AuditEntry, AuditHead
from jarvis_admin.services import audit, audit_list
from jarvis_admin.services.audit_list import FIELDS
from tests.factories import NOON


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        for minute, (actor, action, subject, reason) in enumerate(
            [
                ("Marta Keller", "suspend", "alice", "case 4127"),
                ("schedule", "backup", "alice", ""),
                ("Jonas Brandt", "suspend", "alina", "close to budget"),
            ]
        ):
            at = NOON - timedelta(hours=3 - minute)
            audit.record(session, at=at, actor=actor, action=action, subject=subject, reason=reason)
        yield session


@pytest.mark.parametrize(
    ("text", "subjects"),
    [
        ("", ["alina", "alice", "alice"]),
        ("subject:alice", ["alice", "alice"]),
        ("user:ali", []),
        ("by:keller", ["alice"]),
        ("action:susp", ["alina", "alice"]),
        ("budget", ["alina"]),
        ("ali jonas", ["alina"]),
        ("-jonas", ["alice", "alice"]),
        ("since:90m", ["alina"]),
        ("since>90m", ["alice", "alice"]),
        ("100%", []),
    ],
)
def test_a_query_finds(session: Session, text: str, subjects: list[str]):
    page = audit_list.search_page(session, parse(text, FIELDS), None, NOON)

    assert [row.subject for row in page.rows] == subjects
    assert page.next is None


def test_pages_show_each_once_newest_first(session: Session):
    for _ in range(audit_list.PAGE * 2):
        audit.record(session, at=NOON, actor="a", action="b", subject="c")

    seen, before = [], None
    while True:
        page = audit_list.search_page(session, parse("", FIELDS), before, NOON)
        seen += [row.id for row in page.rows]
        if page.next is None:
            break
        before = page.next

    assert seen == sorted(set(seen), reverse=True)
    assert len(seen) == audit_list.PAGE * 2 + 3


def test_a_verdict_is_on_record_itself(session: Session):
    verdict = audit_list.verify(session, by="Marta Keller", now=NOON)

    assert (verdict.intact, verdict.entries) == (True, 3)
    assert audit_list.last_verdict(session) == verdict
    assert audit.first_broken(session) is None


def test_a_changed_entry_is_found(session: Session):
    session.execute(update(AuditEntry).where(AuditEntry.id == 2).values(actor="somebody else"))
    session.expire_all()

    verdict = audit_list.verify(session, by="Marta Keller", now=NOON)

    assert (verdict.intact, verdict.broken_at) == (False, 2)


def test_a_chain_too_long_for_a_page_is_left_to_the_command_line(session: Session):
    session.execute(update(AuditHead).values(entries=audit_list.MOST_VERIFIED + 1))
    session.expire_all()

    with pytest.raises(Conflict, match="flask audit verify"):
        audit_list.verify(session, by="Marta Keller", now=NOON)
