"""Signing a user up: the row exists before Fly is called."""

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import Operation, SearchTerm, Workspace
from jarvis_admin.services import users
from tests.factories import NOON, make_plan, make_settings, make_user


def sign_up(session, **given):
    queue = []
    person = {
        "handle": "bob",
        "name": "Bob Stone",
        "email": "bob@example.com",
        "plan_key": "pro",
        "region": "fra",
        "asked_by": "sign-up",
        "now": NOON,
        **given,
    }
    operation = users.sign_up(
        session, make_settings(), enqueue=lambda _s, op: queue.append(op.id), **person
    )
    assert queue == [operation.id]
    return operation


@pytest.fixture(autouse=True)
def plan(sessions: Sessions) -> None:
    with sessions.begin() as session:
        make_plan(session, key="pro")


def test_a_sign_up_leaves_a_row_a_queued_operation_and_search_terms(sessions) -> None:
    with sessions.begin() as session:
        sign_up(session)

    with sessions() as session:
        workspace = session.scalars(select(Workspace)).one()
        assert (workspace.handle, workspace.state) == ("bob", "provisioning")
        assert workspace.app_name.startswith("jv-test-bob-")
        assert session.scalars(select(Operation.kind)).one() == "provision"
        terms = set(session.scalars(select(SearchTerm.term)))
        assert {"bob", "stone", "bob@example.com", workspace.app_name} <= terms


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"handle": "Bob Stone"}, "cannot be a subdomain"),
        ({"handle": "-bob"}, "cannot be a subdomain"),
        ({"handle": "b" * 41}, "cannot be a subdomain"),
        ({"region": "moon"}, "no region “moon”"),
        ({"plan_key": "gold"}, "no plan “gold”"),
    ],
)
def test_bad_input_is_refused_with_a_sentence(sessions, given, said) -> None:
    with sessions.begin() as session, pytest.raises(Invalid, match=said):
        sign_up(session, **given)


@pytest.mark.parametrize("taken", [{"handle": "bob"}, {"handle": "x", "email": "bob@example.com"}])
def test_a_handle_or_an_email_is_taken_once(sessions, taken) -> None:
    with sessions.begin() as session:
        make_user(session, **taken)

        with pytest.raises(Conflict, match="is a user already"):
            sign_up(session)
