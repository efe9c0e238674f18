"""How everybody's backups stand: troubles, what is due, and the price of looking."""

from datetime import timedelta

import pytest
from sqlalchemy import event, select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.backup_standing import Facts, Trouble, oddness
from jarvis_admin.models import BackupStanding, Brake, Restore
from jarvis_admin.services import backup_standings
from tests.backups import DAY, make_archive
from tests.factories import NOON, make_plan, make_user, make_workspace
from tests.fleets import make_operation

GB = 10**9
MONTH_AGO = NOON - 40 * DAY


def add(session, handle: str = "alice", **given):
    plan = given.pop("plan", None)
    user = make_user(session, handle=handle, plan=plan)
    return make_workspace(session, **{"user": user, "created_at": MONTH_AGO, **given})


def standing(session, workspace) -> BackupStanding:
    backup_standings.renew(session, NOON)
    session.expire_all()
    return session.get_one(BackupStanding, workspace.id)


def test_one_that_is_backed_up_and_proven_is_in_no_trouble(sessions: Sessions) -> None:
    with sessions.begin() as session:
        row = add(session)
        make_archive(session, row, 1, proven_at=NOON - DAY)
        newest = make_archive(session, row, 0.3)

        found = standing(session, row)

        assert (found.trouble, found.in_policy, found.proven) == ("", True, True)
        assert (found.archives, found.stored_bytes) == (2, 200_000_000)
        assert (found.newest_id, found.last_good_at) == (newest.id, newest.started_at)
        assert found.begin_at > NOON


def failed_operation(session, row, hours: float, error: str = "Fly had no room.") -> None:
    at = NOON - timedelta(hours=hours)
    make_operation(
        session, row, "archive", state="failed", error=error, created_at=at, finished_at=at
    )


def _never(session, row) -> None:
    failed_operation(session, row, 1)


def _late(session, row) -> None:
    make_archive(session, row, 3)


def _failed(session, row) -> None:
    make_archive(session, row, 0.3)
    failed_operation(session, row, 1)


def _damaged(session, row) -> None:
    make_archive(session, row, 0.5)
    make_archive(session, row, 0.3, error="Pack 3 is gone.")


def _drill(session, row) -> None:
    make_archive(session, row, 0.3, drill_error="3 files differ", drilled_at=NOON)


def _unproven(session, row) -> None:
    make_archive(session, row, 35)
    make_archive(session, row, 0.3)


def _odd(session, row) -> None:
    for days in (4, 3, 2, 1):
        make_archive(session, row, days, bytes=GB)
    make_archive(session, row, 0.3, bytes=3 * GB)


def _parked(session, row) -> None:
    make_archive(session, row, 0.3)
    session.add(
        Restore(
            id="r1",
            workspace_id=row.id,
            operation_id="o1",
            kind="reset",
            target="this",
            state="done",
            started_at=NOON - 9 * DAY,
            parked_at=NOON - 9 * DAY,
            parked_until=NOON - 2 * DAY,
        )
    )
    session.flush()


@pytest.mark.parametrize(
    ("arrange", "trouble", "said"),
    [
        (_never, "never", "Fly had no room."),
        (_late, "late", "Due since"),
        (_failed, "failed", "Fly had no room."),
        (_damaged, "damaged", "Pack 3 is gone."),
        (_drill, "drill_failed", "3 files differ"),
        (_unproven, "unproven", "Never proven: the policy asks for it every 30 days"),
        (_odd, "odd", "Grown to 3.00 GB, usually 1.00 GB"),
        (_parked, "parked", "was to go on"),
    ],
    ids=lambda value: getattr(value, "__name__", None),
)
def test_each_trouble_is_found_and_told(sessions: Sessions, arrange, trouble, said) -> None:
    with sessions.begin() as session:
        row = add(session)
        arrange(session, row)

        found = standing(session, row)

        assert found.trouble == trouble
        assert said in found.said


@pytest.mark.parametrize(
    ("newest", "earlier", "said"),
    [
        (5 * GB, [GB, GB], ""),
        (int(1.9 * GB), [GB] * 5, ""),
        (GB, [10**8] * 5, ""),
        (GB + 10**8, [10**8] * 5, "Grown to 1.10 GB"),
        (GB, [3 * GB] * 5, "Shrunk to 1.00 GB"),
        (10**6, [10**7] * 5, ""),
    ],
)
def test_a_size_is_odd_beside_its_own_history(newest, earlier, said) -> None:
    assert oddness(newest, earlier).startswith(said)
    assert bool(oddness(newest, earlier)) is bool(said)


def test_the_oddness_of_an_archive_is_looked_at_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        row = add(session)
        _odd(session, row)
        assert standing(session, row).trouble == "odd"

        assert not backup_standings.look(session, NOON).count


def test_what_is_due_comes_longest_overdue_first(sessions: Sessions) -> None:
    with sessions.begin() as session:
        later = add(session, "later")
        make_archive(session, later, 2)
        never = add(session, "never")
        fresh = add(session, "fresh")
        make_archive(session, fresh, 0.1)
        backup_standings.renew(session, NOON)

        found = backup_standings.due(session, NOON, 9)

        assert [one.workspace_id for one in found] == [never.id, later.id]
        assert len(backup_standings.due(session, NOON, 1)) == 1


def _brake(session, row) -> None:
    session.add(
        Brake(
            workspace_id=row.id,
            level="suspend_now",
            kind="running",
            since=NOON,
            reason="has used it up",
            used=1,
            limit_amount=1,
            permille=1000,
        )
    )


def _busy(session, row) -> None:
    make_operation(session, row, "restart", state="running", created_at=NOON)


def _moving(session, row) -> None:
    row.state = "starting"


def _destroyed(session, row) -> None:
    row.destroyed_at = NOON


def _failed_just_now(session, row) -> None:
    failed_operation(session, row, 0.1)


@pytest.mark.parametrize("arrange", [_brake, _busy, _moving, _destroyed, _failed_just_now])
def test_who_cannot_be_archived_now_is_passed_over(sessions: Sessions, arrange) -> None:
    with sessions.begin() as session:
        row = add(session)
        arrange(session, row)
        session.flush()
        backup_standings.renew(session, NOON)

        assert backup_standings.due(session, NOON, 9) == []


def test_a_user_who_works_on_a_copy_is_archived_all_the_same(sessions: Sessions) -> None:
    with sessions.begin() as session:
        row = add(session)
        make_operation(session, row, "drill", state="running", created_at=NOON)
        backup_standings.renew(session, NOON)

        assert len(backup_standings.due(session, NOON, 9)) == 1


def test_counters_and_pages(sessions: Sessions) -> None:
    with sessions.begin() as session:
        plan = make_plan(session)
        for number in range(backup_standings.PAGE + 3):
            add(session, f"user-{number:02}", plan=plan)
        good = add(session, "good", plan=plan)
        make_archive(session, good, 0.2, proven_at=NOON)
        backup_standings.renew(session, NOON)

        counts = backup_standings.counts(session)
        first, after = backup_standings.in_trouble(session, (), None)
        second, end = backup_standings.in_trouble(session, (), after)

        assert (counts.users, counts.in_policy, counts.late, counts.proven) == (29, 1, 28, 1)
        assert counts.stood_at == NOON
        assert [row.handle for row in (*first, *second)] == [f"user-{n:02}" for n in range(28)]
        assert end is None
        assert backup_standings.in_trouble(session, [Trouble.ODD], None) == ([], None)
        assert backup_standings.counts_by_trouble(session) == {Trouble.NEVER: 28}


def test_who_leaves_is_forgotten(sessions: Sessions) -> None:
    with sessions.begin() as session:
        row = add(session)
        backup_standings.renew(session, NOON)
        row.destroyed_at = NOON
        session.flush()

        backup_standings.renew(session, NOON)

        assert session.scalars(select(BackupStanding)).all() == []


def test_a_hundred_users_cost_no_more_statements_than_one(sessions: Sessions) -> None:
    def look(session) -> int:
        statements: list[str] = []
        engine = session.get_bind()
        event.listen(engine, "before_cursor_execute", lambda *a: statements.append(a[2]))
        backup_standings.look(session, NOON)
        backup_standings.due(session, NOON, 4)
        return len(statements)

    with sessions.begin() as session:
        plan = make_plan(session)
        make_archive(session, add(session, "one", plan=plan))
        for_one = look(session)
        for number in range(100):
            make_archive(session, add(session, f"more-{number}", plan=plan), number / 9)
    with sessions.begin() as session:
        assert look(session) - for_one in (0, for_one), "the listener of before counts once more"


def test_facts_have_defaults_of_a_newcomer() -> None:
    assert Facts(born=NOON).failures == 0
