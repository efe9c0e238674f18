"""Restore drills as rows: who is next, what came of it, and what an auditor reads."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Conflict, NotFound
from jarvis_admin.models import Archive, BackupPolicy, Drill, Operation, Workspace
from jarvis_admin.services import drill_report, drills
from tests.factories import NOON, make_settings, make_workspace
from tests.services.test_archives import make_stored

SETTINGS = make_settings()


def nowhere(_session: Session, _operation: Operation) -> None:
    """A queue that nobody reads."""


def user(session: Session, handle: str, proven_days_ago: float | None = None) -> Archive:
    row = make_stored(session, make_workspace(session, handle=handle))
    if proven_days_ago is not None:
        row.proven_at = NOON - timedelta(days=proven_days_ago)
    session.flush()
    return row


def ask(session: Session, archive: Archive, **given: object) -> Operation:
    return drills.ask(
        session,
        archive,
        asked_by="Marta",
        now=NOON,
        enqueue=nowhere,
        **given,  # type: ignore[arg-type]
    )


def begun(session: Session, archive: Archive, now: datetime = NOON) -> Drill:
    return drills.begin(session, ask(session, archive).id, SETTINGS, now)


def test_never_proven_come_first_then_those_proven_longest_ago(sessions: Sessions) -> None:
    with sessions.begin() as session:
        recent = user(session, "recent", 1)
        old = user(session, "old", 20)
        never = {user(session, "never1").id, user(session, "never2").id}

        chosen = [row.id for row in drills.choose(session, 10)]

        assert set(chosen[:2]) == never
        assert chosen[2:] == [old.id, recent.id]


def test_among_equals_it_is_by_chance(sessions: Sessions) -> None:
    with sessions.begin() as session:
        for number in range(6):
            user(session, f"u{number}")

        firsts = {drills.choose(session, 1)[0].id for _ in range(40)}

        assert len(firsts) > 1


def test_only_the_newest_sound_archive_of_each_user_is_chosen(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        make_stored(session, workspace)
        sound = make_stored(session, workspace, 1)
        make_stored(session, workspace, 2).error = "Pack 1 was changed."
        make_stored(session, workspace, 3).gone_at = NOON
        gone = user(session, "gone")
        session.get_one(Workspace, gone.workspace_id).destroyed_at = NOON
        session.flush()

        assert [row.id for row in drills.choose(session, 10)] == [sound.id]


def test_who_is_being_drilled_is_not_chosen_and_not_asked_for(sessions: Sessions) -> None:
    with sessions.begin() as session:
        archive = user(session, "alice")
        ask(session, archive)

        assert list(drills.choose(session, 10)) == []
        assert drills.under_way(session) == 1
        with pytest.raises(Conflict, match="A drill of alice is under way already"):
            ask(session, archive)


def test_a_form_that_is_sent_twice_is_one_drill(sessions: Sessions) -> None:
    with sessions.begin() as session:
        archive = user(session, "alice")

        assert ask(session, archive, key="0" * 16) is ask(session, archive, key="0" * 16)


def test_what_is_not_in_the_store_is_not_drilled(sessions: Sessions) -> None:
    with sessions.begin() as session:
        archive = user(session, "alice")
        archive.gone_at = NOON

        with pytest.raises(Conflict, match="in the store"):
            ask(session, archive)
        for odd in ("nothing", "../..", "\0"):
            with pytest.raises(NotFound):
                drills.get_archive(session, odd)


def test_due_is_whose_policy_wants_it(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user(session, "fresh", 3)
        late = user(session, "late", 31)
        strict = user(session, "strict", 3)
        spared = user(session, "spared")
        for archive, days in ((strict, 2), (spared, 0)):
            owner = session.get_one(Workspace, archive.workspace_id).user_id
            session.add(
                BackupPolicy(user_id=owner, prove_days=days, changed_at=NOON, changed_by="a test")
            )
        session.flush()

        assert [row.id for row in drills.due(session, 10, NOON)] == [late.id, strict.id]
        assert [row.id for row in drills.due(session, 1, NOON)] == [late.id]
        assert list(drills.due(session, 0, NOON)) == []


def test_a_user_who_was_tried_a_moment_ago_is_left_in_peace(sessions: Sessions) -> None:
    with sessions.begin() as session:
        archive = user(session, "alice")
        drill = begun(session, archive)
        session.get_one(Operation, drill.operation_id).state = "failed"
        drills.failed(session, drill.id, "Fly is full.", archives_fault=False, now=NOON)

        assert list(drills.due(session, 1, NOON + timedelta(hours=1))) == []
        assert list(drills.due(session, 1, NOON + timedelta(hours=7))) == [archive]


def test_a_drill_is_begun_once_with_the_name_of_its_app(sessions: Sessions) -> None:
    with sessions.begin() as session:
        operation = ask(session, user(session, "alice"))

        first = drills.begin(session, operation.id, SETTINGS, NOON)
        again = drills.begin(session, operation.id, SETTINGS, NOON)

        assert first is again
        assert first.app_name == f"jv-test-drill-{first.id}"


def test_one_that_passed_stamps_the_archive(sessions: Sessions) -> None:
    with sessions.begin() as session:
        archive = user(session, "alice")
        archive.files, archive.bytes, archive.drill_error = 7, 99, "before"

        drill = begun(session, archive)
        drills.passed(session, drill.id, boot_ms=850, now=NOON)

        assert (drill.state, drill.files, drill.bytes, drill.boot_ms) == ("passed", 7, 99, 850)
        assert (archive.proven_at, archive.drilled_at, archive.drill_error) == (NOON, NOON, "")


@pytest.mark.parametrize("fault", [True, False])
def test_only_what_is_wrong_with_the_archive_is_held_against_it(
    sessions: Sessions, fault: bool
) -> None:
    with sessions.begin() as session:
        archive = user(session, "alice", 3)

        drill = begun(session, archive)
        drills.failed(session, drill.id, "It broke.", archives_fault=fault, now=NOON)

        assert (drill.state, drill.error) == ("failed", "It broke.")
        assert archive.drilled_at == NOON
        assert archive.drill_error == ("It broke." if fault else "")
        assert (archive.proven_at is None) is fault


def test_the_report_counts_a_month_and_who_is_proven(sessions: Sessions) -> None:
    month, end = Month.of(NOON), datetime(2026, 12, 1, tzinfo=UTC)
    with sessions.begin() as session:
        for handle, days in (("alice", 2), ("bob", 20)):
            archive = user(session, handle)
            archive.files, archive.bytes = 10, 1000
            at = NOON - timedelta(days=days)
            drills.passed(session, begun(session, archive, at).id, boot_ms=1, now=at)
        broken = begun(session, user(session, "carol"))
        drills.failed(session, broken.id, "It differs.", archives_fault=True, now=NOON)
        begun(session, user(session, "dave"), NOON - timedelta(days=40))
        late = user(session, "later")
        session.get_one(Workspace, late.workspace_id).created_at = end
        for workspace in session.query(Workspace).filter(Workspace.handle != "later"):
            workspace.created_at = NOON - timedelta(days=90)
        session.flush()

        seen = drill_report.report(session, month, NOON)
        rows = drill_report.rows(session, month)

        assert (seen.passed, seen.failed, seen.running) == (2, 1, 0)
        assert (seen.files, seen.bytes) == (20, 2000)
        assert (seen.users, list(seen.proven), seen.never) == (4, [1, 2, 2], 2)
        assert [row.handle for row in rows] == ["carol", "alice", "bob"]
        assert rows[0].asked_by == "Marta"
        assert drill_report.report(session, month.previous, NOON).running == 1
