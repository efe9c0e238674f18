"""Policies by plan and by user: what counts, who said it, and what is refused."""

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.errors import Invalid
from jarvis_admin.models import AuditEntry, BackupStanding, Workspace
from jarvis_admin.services import backup_policies, backup_standings
from tests.backups import make_archive
from tests.factories import NOON, make_plan, make_user, make_workspace

SAID = {"by": "Marta", "reason": "as the price list says", "now": NOON}


@pytest.fixture
def alice(sessions: Sessions) -> int:
    with sessions.begin() as session:
        plan = make_plan(session, key="pro", snapshot_retention_days=14)
        row = make_workspace(session, user=make_user(session, handle="alice", plan=plan))
        make_archive(session, row)
        backup_standings.renew(session, NOON)
        return row.id


def test_without_a_word_the_houses_counts_and_the_plans_snapshots(sessions, alice) -> None:
    with sessions() as session:
        policy = backup_policies.of_workspace(session, session.get_one(Workspace, alice))

    assert (policy.every_hours, policy.keep_daily, policy.snapshot_days) == (24, 7, 14)


def test_a_plans_policy_counts_for_all_also_those_to_come(sessions, alice) -> None:
    with sessions.begin() as session:
        plan = session.get_one(Workspace, alice).plan
        assert backup_policies.set_for_plan(
            session, plan, {"every_hours": 6, "snapshot_days": 20}, **SAID
        )
        later = make_workspace(session, user=make_user(session, handle="later", plan=plan))

        for row in (session.get_one(Workspace, alice), later):
            policy = backup_policies.of_workspace(session, row)
            assert (policy.every_hours, policy.snapshot_days) == (6, 20)
        assert plan.snapshot_retention_days == 20, "one place for it"
        entry = session.scalars(select(AuditEntry)).one()
        assert (entry.action, entry.subject) == ("backup_policy", "pro")
        assert entry.details["after"]["every_hours"] == 6
        assert not backup_policies.set_for_plan(
            session, plan, {"every_hours": 6, "snapshot_days": 20}, **SAID
        )


def test_an_exception_counts_for_one_and_is_taken_back(sessions, alice) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        backup_policies.set_for_plan(session, row.plan, {"keep_daily": 9}, **SAID)
        backup_policies.set_for_user(session, row, {"timezone": "Asia/Tokyo"}, **SAID)

        derived = {one.name: one for one in backup_policies.derive(session, row)}
        assert (derived["timezone"].value, derived["timezone"].source) == ("Asia/Tokyo", "user")
        assert (derived["keep_daily"].value, derived["keep_daily"].source) == (9, "plan")
        assert derived["keep_last"].source == "house"
        assert derived["snapshot_days"].source == "plan"
        policies = backup_policies.load(session)
        assert policies.of(row.plan_id, row.user_id).timezone == "Asia/Tokyo"
        assert policies.of(row.plan_id, None).timezone is None

        backup_policies.clear_for_user(session, row, **SAID)
        assert backup_policies.of_workspace(session, row).timezone is None
        assert backup_policies.own_terms(session, row.user) is None


def test_a_change_is_looked_at_soon(sessions, alice) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        session.get_one(BackupStanding, alice).pruned_at = NOON
        row.inventoried_at = NOON
        session.flush()

        backup_policies.set_for_plan(session, row.plan, {"snapshot_days": 3}, **SAID)

        session.expire_all()
        assert session.get_one(BackupStanding, alice).pruned_at is None
        assert session.get_one(Workspace, alice).inventoried_at is None


@pytest.mark.parametrize(
    ("terms", "sentence"),
    [
        ({"snapshot_days": 61}, "1 to 60 days"),
        ({"snapshot_days": 0}, "1 to 60 days"),
        ({"undo_days": 90}, "taken back for 1 to 60"),
        ({"prove_days": 366}, "within 1 to 365"),
        ({"keep_last": 1000}, "0 to 999"),
        ({"keep_last": 0, "keep_daily": 0, "keep_weekly": 0, "keep_monthly": 0}, "keeps nothing"),
        ({"every_hours": 36}, "whole days"),
        ({"every_hours": -1}, "1 to 24 hours"),
        ({"at_minute": 1440}, "23:59"),
        ({"timezone": "Mars/Olympus"}, "no time zone “Mars/Olympus”"),
        ({"timezone": "../etc/passwd"}, "no time zone"),
        ({"quiet_from": 60}, "both a beginning and an end"),
        ({"quiet_from": 60, "quiet_until": 60}, "whole day"),
        ({"quiet_from": 60, "quiet_until": 1500}, "23:59"),
    ],
)
def test_what_cannot_work_is_refused_in_a_sentence(sessions, alice, terms, sentence) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        with pytest.raises(Invalid, match=sentence):
            backup_policies.set_for_plan(session, row.plan, terms, **SAID)
        with pytest.raises(Invalid, match=sentence):
            backup_policies.set_for_user(session, row, terms, **SAID)


def test_a_change_needs_a_reason(sessions, alice) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        with pytest.raises(Invalid, match="A reason of 3"):
            backup_policies.set_for_plan(session, row.plan, {}, by="Marta", reason="", now=NOON)
