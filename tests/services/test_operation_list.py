"""The list of operations: what each part of a query finds, and its pages."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.query import parse
from jarvis_admin.services import operation_list
from jarvis_admin.services.operation_list import FIELDS, Cursor, Page
from tests.factories import NOON, make_workspace
from tests.fleets import make_operation, make_step

MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def search(session: Session, text: str = "", cursor: Cursor | None = None) -> Page:
    return operation_list.search_page(session, parse(text, FIELDS), cursor, NOON)


@pytest.fixture
def few(session: Session) -> Session:
    alice = make_workspace(session, handle="alice")
    bob = make_workspace(session, handle="bob")
    gone = make_workspace(session, handle="alina", state="destroyed", destroyed_at=NOON)
    make_operation(session, alice, id="1", created_at=NOON - 50 * MINUTE, kind="backup")
    make_operation(session, bob, id="2", created_at=NOON - 40 * MINUTE, state="failed")
    make_operation(
        session, gone, id="3", created_at=NOON - 30 * MINUTE, asked_by="schedule", kind="destroy"
    )
    make_operation(session, alice, id="4", created_at=NOON - 2 * MINUTE, state="running")
    make_operation(session, bob, id="5", created_at=NOON - MINUTE, state="queued")
    return session


@pytest.mark.parametrize(
    ("text", "ids"),
    [
        ("", "54321"),
        ("alice", "41"),
        ("user:al", "431"),
        ("-alice", "532"),
        ("state:failed", "2"),
        ("state:queued,running", "54"),
        ("state:failed,done", "321"),
        ("-state:done", "542"),
        ("kind:backup", "1"),
        ("by:marta", "5421"),
        ("by:kel alice", "41"),
        ("-by:marta", "3"),
        ("since:10m", "54"),
        ("since>35m", "21"),
        ("since:20m..45m", "32"),
        ("alice state:failed", ""),
    ],
)
def test_a_query_finds(few: Session, text: str, ids: str):
    assert "".join(row.id for row in search(few, text).rows) == ids


def test_pages_show_each_once_newest_first(session: Session):
    row = make_workspace(session)
    for number in range(operation_list.PAGE * 2 + 3):
        # Three share each instant, so that the id must decide.
        make_operation(session, row, id=f"{number:03d}", created_at=NOON - number // 3 * MINUTE)

    seen, cursor = [], None
    while True:
        page = search(session, "kind:suspend", cursor)
        seen += [row.id for row in page.rows]
        if page.next is None:
            break
        cursor = page.next

    assert len(seen) == len(set(seen)) == operation_list.PAGE * 2 + 3


def test_it_is_counted_what_is_active_and_what_failed_in_a_day(few: Session):
    counts = operation_list.counts(few, NOON)

    assert (counts.queued, counts.running, counts.failed) == (1, 1, 1)


def test_the_step_an_operation_is_at_is_its_last(few: Session):
    four = search(few, "state:running").rows[0]
    operation = few.get_one(operation_list.Operation, four.id)
    make_step(few, operation, "Ask Fly", state="done")
    make_step(few, operation, "Wait", position=2)

    assert operation_list.current_steps(few, ["4", "5"]) == {"4": "Wait"}
