"""/audit and its proof."""

import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import update

from jarvis_admin.db import Sessions
from jarvis_admin.models import AuditEntry, AuditHead
from jarvis_admin.services import audit, audit_list
from tests.factories import make_workspace
from tests.fleets import make_operation
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

Counting = Callable[[], AbstractContextManager[list[str]]]
LABEL = "Audit entries, scrolls sideways"


def seed(sessions: Sessions, count: int = 1, **given: object) -> None:
    with sessions() as session:
        for number in range(count):
            at = datetime.now(UTC) - timedelta(minutes=5 + count - number)
            audit.record(
                session,
                **{
                    "at": at,
                    "actor": "Marta Keller",
                    "action": "suspend",
                    "subject": "alice",
                    **given,
                },
            )
        session.commit()


def test_an_entry_says_who_did_what_to_whom_and_why(admin: Console, sessions: Sessions):
    with sessions() as session:
        operation = make_operation(session, make_workspace(session, handle="alice"))
        session.commit()
    seed(sessions, reason="case 4127", operation_id=operation.id)

    page = admin.get("/audit").text

    row = tables.rows(page, LABEL)[1]
    assert row[1:5] == ["Marta Keller", "Suspend", "alice", "case 4127"]
    assert row[0].endswith("6 min ago")
    assert f'href="/operations/{operation.id}"' in page


def test_what_somebody_wrote_is_text_and_nothing_else(admin: Console, sessions: Sessions):
    seed(sessions, reason="<script>alert(1)</script>")

    assert "<script>alert" not in admin.get("/audit").text


@pytest.mark.parametrize("asked", ["q=jon", "q=by:brandt", "q=subject:bob", "q=case"])
def test_a_question_finds(admin: Console, sessions: Sessions, asked: str):
    seed(sessions)
    seed(sessions, actor="Jonas Brandt", subject="bob", reason="case 1")

    found = tables.rows(admin.get(f"/audit?{asked}").text, LABEL)[1:]

    assert [row[3] for row in found] == ["bob"]


def test_a_subject_with_a_blank_leads_to_its_entries(admin: Console, sessions: Sessions):
    seed(sessions, subject="price book")

    page = admin.get("/audit").text

    assert tables.rows(admin.get(tables.link(page, "price book")).text, LABEL)[1][3] == "price book"


def test_a_query_that_cannot_be_read_points_at_the_word(admin: Console):
    answer = admin.get("/audit?q=acton:x")

    assert answer.status_code == 422
    assert "Did you mean action:x?" in tables.words(answer.text)


def test_nothing_found_offers_to_ask_for_less(admin: Console, sessions: Sessions):
    seed(sessions)

    assert "Drop subject:bob" in admin.get("/audit?q=subject:bob").text


def test_an_empty_trail_says_what_will_be_here(admin: Console):
    assert "Nothing on record yet" in admin.get("/audit").text


def test_pages_show_each_once(admin: Console, sessions: Sessions):
    seed(sessions, audit_list.PAGE + 7)

    seen, address = [], "/audit"
    while address:
        page = admin.get(address).text
        seen += re.findall(r'<tr id="a-([^"]+)"', page)
        address = tables.link(page, "Older") if ">Older<" in page else ""

    assert len(seen) == len(set(seen)) == audit_list.PAGE + 7


def test_a_damaged_address_is_a_clear_page(admin: Console):
    assert admin.get("/audit?after=x").status_code == 422


def test_an_intact_chain_is_proven_and_on_record(admin: Console, sessions: Sessions):
    seed(sessions, 3)
    assert "Not verified yet" in admin.get("/audit").text

    answer = admin.post("/audit/verify")

    assert answer.status_code == 303
    page = admin.get("/audit").text
    assert "Chain intact: 3 entries verified." in page
    assert "3 entries verified" in tables.words(page.partition('id="verdict"')[2])
    assert tables.rows(page, LABEL)[1][1:4] == ["Admin Person", "Verify", "audit trail"]


def test_a_changed_entry_is_named(admin: Console, sessions: Sessions):
    seed(sessions, 3)
    with sessions() as session:
        session.execute(update(AuditEntry).where(AuditEntry.id == 2).values(reason="forged"))
        session.commit()

    answer = admin.post("/audit/verify", fragment=True)

    assert "The chain is broken at entry 2." in answer.text
    assert 'id="verdict"' in answer.text


def test_a_long_chain_is_left_to_the_command_line(admin: Console, sessions: Sessions):
    seed(sessions)
    with sessions() as session:
        session.execute(update(AuditHead).values(entries=audit_list.MOST_VERIFIED + 1))
        session.commit()

    answer = admin.post("/audit/verify")

    assert answer.status_code == 409
    assert "flask audit verify" in answer.text


@pytest.mark.parametrize("role", ["support", "finance"])
def test_only_an_admin_verifies(sign_in: SignIn, role: str):
    person = sign_in(role)

    assert "Verify the chain" not in person.get("/audit").text
    assert person.post("/audit/verify").status_code == 403


def test_a_form_of_another_site_is_refused(admin: Console):
    assert admin.post("/audit/verify", csrf_token="forged").status_code == 400


def test_verify_is_posted(admin: Console):
    assert admin.get("/audit/verify").status_code == 405


def test_a_stranger_is_sent_to_sign_in(stranger: Console):
    assert stranger.get("/audit").location.startswith("/sign-in")


def test_without_a_role_there_is_nothing_to_see(sign_in: SignIn):
    assert sign_in().get("/audit").status_code == 403


def test_more_entries_cost_no_more_statements(
    admin: Console, sessions: Sessions, count_statements: Counting
):
    seed(sessions, 2)
    with count_statements() as for_two:
        admin.get("/audit?q=marta")

    seed(sessions, 30)
    with count_statements() as for_many:
        admin.get("/audit?q=marta")

    assert len(for_many) == len(for_two)
