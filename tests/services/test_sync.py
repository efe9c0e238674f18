"""A page of Fly's list: what differs is written and marked, nothing else is touched."""

from datetime import datetime, timedelta

import pytest
from sqlalchemy import event as listen
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.fly.types import OrgMachine
from jarvis_admin.models import Fleet, Interval, Machine, Workspace
from jarvis_admin.services import observations, sync
from tests.factories import NOON, make_workspace
from tests.services.fly_shapes import event, launch, machine

BORN = NOON - timedelta(hours=1)


def org_row(handle: str, state: str = "started", changed: datetime | None = None) -> OrgMachine:
    return OrgMachine(
        id=f"m-{handle}",
        app_name=f"jv-test-{handle}",
        state=state,
        region="fra",
        created_at=BORN,
        updated_at=changed or BORN + timedelta(seconds=3),
    )


@pytest.fixture
def known(sessions: Sessions) -> list[str]:
    handles = ["alice", "bob", "carol"]
    with sessions.begin() as session:
        for handle in handles:
            workspace = make_workspace(session, handle=handle)
            seen = machine(launch(BORN), machine_id=f"m-{handle}")
            observations.record_machine(session, workspace.id, seen, rootfs_mb=1, now=NOON)
    return handles


def test_a_page_that_says_nothing_new_writes_nothing(sessions, engine, known) -> None:
    written = []
    listen.listen(
        engine,
        "before_cursor_execute",
        lambda _c, _cur, statement, *_: written.append(statement.split()[0]),
    )

    with sessions.begin() as session:
        assert sync.apply_page(session, [org_row(handle) for handle in known], NOON) == []

    assert {"UPDATE", "INSERT", "DELETE"}.isdisjoint(written)


def test_a_changed_machine_shows_at_once_and_is_marked_unread(sessions, known) -> None:
    changed = NOON - timedelta(seconds=2)
    page = [org_row("alice", "stopped", changed), org_row("bob"), org_row("carol")]

    with sessions.begin() as session:
        sync.apply_page(session, page, NOON)

    with sessions() as session:
        assert [one.machine_id for one in sync.unread(session)] == ["m-alice"]
        row = session.get_one(Workspace, session.get_one(Machine, "m-alice").workspace_id)
        assert (row.state, row.state_since) == ("stopped", changed)


def test_a_machine_we_have_no_row_for_is_returned_if_its_app_is_ours(sessions, known) -> None:
    with sessions.begin() as session:
        make_workspace(session, handle="dave", machine_id=None, state="provisioning")

        found = sync.apply_page(session, [org_row("dave"), org_row("stranger")], NOON)

    assert [one.machine_id for one in found] == ["m-dave"]


def test_reading_a_machine_takes_its_mark_away(sessions, known) -> None:
    with sessions.begin() as session:
        sync.apply_page(session, [org_row("alice", "stopped", NOON)], NOON)
        workspace_id = session.get_one(Machine, "m-alice").workspace_id
        old = machine(launch(BORN), machine_id="m-alice")
        observations.record_machine(session, workspace_id, old, rootfs_mb=1, now=NOON)
        assert len(sync.unread(session)) == 1  # that was from before it stopped

        stopped = [*launch(BORN), event(NOON, "exit", "stopped")]
        seen = machine(stopped, machine_id="m-alice")
        observations.record_machine(session, workspace_id, seen, rootfs_mb=1, now=NOON)

        assert sync.unread(session) == []


def test_a_machine_destroyed_behind_our_back_ends_its_bill(sessions, known) -> None:
    """The list says so first, and the row with it; its events are still to be read."""
    with sessions.begin() as session:
        workspace_id = session.get_one(Machine, "m-alice").workspace_id
        told = launch(BORN)
        observations.record_machine(
            session, workspace_id, machine(told, "m-alice"), rootfs_mb=1, now=NOON
        )
        told.append(event(NOON, "destroy", "destroyed", "user"))
        sync.apply_page(session, [org_row("alice", "destroyed", NOON)], NOON)
        gone = machine(told, "m-alice")
        observations.record_machine(session, workspace_id, gone, rootfs_mb=1, now=NOON)

        rows = session.scalars(select(Interval).where(Interval.resource_id == "m-alice")).all()
        assert {row.ended_at for row in rows if row.started_at < NOON} >= {NOON}
        assert all(row.ended_at for row in rows)
        assert "not by us" in session.get_one(Workspace, workspace_id).problem


def test_what_was_called_gone_and_lives_is_read_anew(sessions, known) -> None:
    with sessions.begin() as session:
        row = session.get_one(Machine, "m-alice")
        workspace_id = row.workspace_id
        observations.record_machine(
            session, workspace_id, machine(launch(BORN), "m-alice"), rootfs_mb=1, now=NOON
        )
        observations.record_gone(session, row, NOON)
        sync.mark_risen(session, [org_row("alice", "started", BORN)])
        session.refresh(row)

        lives = machine(launch(BORN), "m-alice")
        observations.record_machine(session, workspace_id, lives, rootfs_mb=1, now=NOON)

        opened = select(Interval.state).where(
            Interval.resource_id == "m-alice", Interval.ended_at.is_(None)
        )
        assert session.scalars(opened).all() == ["started"]


def test_a_change_moves_the_revision_so_that_pages_are_renewed(sessions, known) -> None:
    with sessions.begin() as session:
        before = session.get_one(Fleet, 1).revision
        sync.apply_page(session, [org_row("alice", "stopped", NOON)], NOON)
        session.refresh(session.get_one(Fleet, 1))

        assert session.get_one(Fleet, 1).revision > before
