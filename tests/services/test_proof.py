"""Whose data may be destroyed: those whose newest backup was proven restorable."""

from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.models import Archive, BackupPolicy, Workspace
from jarvis_admin.services import proof
from tests.factories import NOON, make_workspace
from tests.services.test_archives import make_stored


def said(session: Session, workspace: Workspace) -> str:
    return proof.refusal(session, workspace, NOON) or ""


def stored(session: Session, workspace: Workspace, hours: int = 0, **given: object) -> Archive:
    row = make_stored(session, workspace, hours)
    for name, value in given.items():
        setattr(row, name, value)
    session.flush()
    return row


def test_without_any_backup_it_is_refused(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")

        assert said(session, alice) == "There is no backup of alice outside of Fly."


@pytest.mark.parametrize(
    ("given", "why"),
    [
        ({}, "was never proven restorable."),
        ({"error": "Pack 1 was changed."}, "is damaged: Pack 1 was changed."),
        ({"drill_error": "It differs."}, "failed its last restore drill: It differs."),
        ({"proven_at": NOON - timedelta(days=31)}, "31 days ago; the policy wants 30 at most."),
        ({"proven_at": NOON - timedelta(days=29)}, ""),
    ],
    ids=["unproven", "damaged", "failed", "long ago", "proven"],
)
def test_what_its_newest_backup_is_worth_decides(
    sessions: Sessions, given: dict[str, object], why: str
) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        stored(session, alice, **given)

        assert said(session, alice).endswith(why)
        assert bool(said(session, alice)) is bool(why)


def test_a_proof_of_an_older_one_is_none_of_the_newest(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        stored(session, alice, -48, proven_at=NOON)
        stored(session, alice, -24)

        assert "was never proven" in said(session, alice)


def test_the_users_own_policy_counts(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        stored(session, alice, -48, proven_at=NOON - timedelta(days=2))
        session.add(
            BackupPolicy(user_id=alice.user_id, prove_days=1, changed_at=NOON, changed_by="a test")
        )

        assert "2 days ago; the policy wants 1 at most" in said(session, alice)


@pytest.mark.parametrize("given", [{"user_id": None}, {"volume_id": None}], ids=["pool", "no disk"])
def test_where_no_users_data_ever_was_nothing_is_refused(
    sessions: Sessions, given: dict[str, None]
) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        for name, value in given.items():
            setattr(workspace, name, value)

        assert said(session, workspace) == ""
