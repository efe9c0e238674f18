"""Retention and protection: what goes, what nothing can make go, and in which order."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import (
    Archive,
    AuditEntry,
    BackupStanding,
    Drill,
    Restore,
    Snapshot,
    Workspace,
)
from jarvis_admin.services import (
    archives,
    backup_policies,
    backup_protection,
    backup_retention,
    backup_standings,
    quota_usage,
)
from jarvis_admin.services.quota_usage import Measured
from tests.backups import DAY, make_archive
from tests.factories import NOON, make_settings, make_workspace
from tests.fleets import make_operation

SAID = {"by": "Marta", "now": NOON}
LAST_ONLY = {"keep_last": 1, "keep_daily": 0, "keep_weekly": 0, "keep_monthly": 0}


@pytest.fixture
def alice(sessions: Sessions) -> int:
    """Keeps one; has three."""
    with sessions.begin() as session:
        row = make_workspace(session, handle="alice")
        for number in range(3):
            make_archive(session, row, number, id=f"day{number}")
        backup_policies.set_for_plan(session, row.plan, LAST_ONLY, reason="a test", **SAID)
        backup_standings.renew(session, NOON)
        return row.id


def released(session, workspace_id: int) -> list[str]:
    return sorted(
        one.archive_id for one in backup_retention.release(session, workspace_id, NOON + DAY)
    )


def test_what_is_not_kept_goes_in_two_steps(sessions, alice) -> None:
    with sessions.begin() as session:
        assert backup_retention.waiting(session, 9) == [alice]
        assert released(session, alice) == ["day1", "day2"]
    with sessions.begin() as session:
        assert backup_retention.waiting(session, 9) == []
        assert {one.archive_id for one in backup_retention.going(session, 9)} == {"day1", "day2"}
        assert session.get_one(Archive, "day1").gone_at is None, "its objects may be there"
        entry = session.scalars(select(AuditEntry).order_by(AuditEntry.id.desc())).first()
        assert (entry.action, entry.actor) == ("backup_expired", "schedule")
        assert entry.details == {"archives": ["day1", "day2"]}

        backup_retention.gone(session, "day1", NOON + DAY)

    with sessions() as session:
        row = session.get_one(Archive, "day1")
        assert (row.state, row.gone_at) == ("stored", NOON + DAY)
        assert [one.archive_id for one in backup_retention.going(session, 9)] == ["day2"]


def test_one_that_is_going_is_no_base_and_no_newest(sessions, alice) -> None:
    with sessions.begin() as session:
        session.get_one(Archive, "day0").state = "going"
        session.flush()

        made = archives.begin(session, session.get_one(Workspace, alice), make_settings(), NOON)

        assert made.base_id == "day1"


def _operation(session, kind: str) -> None:
    row = session.scalars(select(Workspace)).one()
    make_operation(session, row, kind, state="queued", created_at=NOON)


def _restore(session) -> None:
    row = session.scalars(select(Workspace)).one()
    session.add(
        Restore(
            id="r1",
            workspace_id=row.id,
            operation_id="o1",
            kind="restore",
            target="beside",
            archive_id="day1",
            started_at=NOON,
        )
    )


def _drill(session) -> None:
    row = session.scalars(select(Workspace)).one()
    session.add(
        Drill(
            id="d1",
            archive_id="day1",
            workspace_id=row.id,
            operation_id="o1",
            app_name="jv-test-drill",
            started_at=NOON,
        )
    )


def _making(session) -> None:
    row = session.scalars(select(Workspace)).one()
    archives.begin(session, row, make_settings(), NOON)


@pytest.mark.parametrize(
    ("arrange", "goes"),
    [
        (lambda session: _operation(session, "restore"), []),
        (lambda session: _operation(session, "reset"), []),
        (lambda session: _operation(session, "drill"), []),
        (lambda session: _operation(session, "archive"), []),
        (lambda session: _operation(session, "restart"), ["day1", "day2"]),
        (_restore, ["day2"]),
        (_drill, ["day2"]),
        (_making, []),
    ],
    ids=["restore", "reset", "drill", "archive", "restart", "restoring", "drilling", "making"],
)
def test_what_somebody_uses_waits(sessions, alice, arrange, goes) -> None:
    with sessions.begin() as session:
        arrange(session)
        session.flush()

        assert released(session, alice) == goes

        session.expire_all()
        waits = len(goes) < 2
        assert (session.get_one(BackupStanding, alice).pruned_at is None) is waits


def test_a_protected_one_stays_until_it_is_not(sessions, alice) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        backup_protection.protect(session, row, "day2", why="case 12", **SAID)
        assert released(session, alice) == ["day1"]
        assert session.get_one(Archive, "day2").protected_why == "case 12"

        backup_protection.unprotect(session, row, "day2", why="case closed", **SAID)

        assert released(session, alice) == ["day2"]
        actions = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
        assert actions[1:] == [
            "backup_protected",
            "backup_expired",
            "backup_unprotected",
            "backup_expired",
        ]


def test_protection_is_refused_in_sentences(sessions, alice) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        other = make_workspace(session, handle="bob")
        with pytest.raises(Invalid, match="A reason of 3"):
            backup_protection.protect(session, row, "day2", why="", **SAID)
        with pytest.raises(NotFound, match="bob has no archive day2"):
            backup_protection.protect(session, other, "day2", why="case 12", **SAID)
        with pytest.raises(Conflict, match="not protected"):
            backup_protection.unprotect(session, row, "day2", why="case 12", **SAID)
        backup_protection.protect(session, row, "day2", why="case 12", **SAID)
        with pytest.raises(Conflict, match="Marta has protected"):
            backup_protection.protect(session, row, "day2", why="case 13", **SAID)
        released(session, alice)
        session.expire_all()
        with pytest.raises(Conflict, match="not in the store any more"):
            backup_protection.protect(session, row, "day1", why="too late", **SAID)


def test_what_others_build_upon_stays(sessions, alice) -> None:
    with sessions.begin() as session:
        session.get_one(Archive, "day0").needs = ["day2"]
        session.flush()

        assert released(session, alice) == ["day1"]


def test_the_loops_second_look_finds_nothing(sessions, alice) -> None:
    with sessions.begin() as session:
        released(session, alice)
        assert released(session, alice) == []
        backup_standings.renew(session, NOON + timedelta(minutes=1))
        session.expire_all()
        assert session.get_one(BackupStanding, alice).archives == 1


def test_snapshots_of_archives_do_not_use_up_the_users_own_quota(sessions, alice) -> None:
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        session.get_one(Archive, "day0").snapshot_id = "vs_archive"
        for name in ("vs_archive", "vs_by_hand"):
            session.add(
                Snapshot(
                    id=name,
                    workspace_id=alice,
                    volume_id="vol_alice",
                    status="created",
                    retention_days=5,
                    created_at=NOON,
                    expires_at=NOON + 5 * DAY,
                )
            )
        session.flush()
        measured = Measured(alice, row.machine_id, row.size, 0, 0, NOON)

        used = quota_usage.measure(session, [measured], [Kind.BACKUPS], NOON)

        assert used[alice][Kind.BACKUPS] == 1
