"""What the pages read, asked of SQLite and of PostgreSQL alike."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import Engine, delete

from jarvis_admin.db import Sessions, open_readers, open_sessions
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.query import parse
from jarvis_admin.domain.rights import rights_of
from jarvis_admin.models import Fleet, Transition, Workspace
from jarvis_admin.services import (
    fleet,
    pulse,
    staff,
    timeline,
    workspace_costs,
    workspace_parts,
    workspace_picks,
    workspaces,
)
from jarvis_admin.services.pulse import Pulse
from jarvis_admin.services.timeline import Kind
from jarvis_admin.services.workspaces import FIELDS
from tests.factories import make_plan, make_user, make_workspace

NOW = datetime(2026, 11, 23, 12, tzinfo=UTC)
NAMES = ["al", "alice", "alina", "bea-2", "bea_1", "zoé"]


@pytest.fixture
def readers(engine: Engine) -> Sessions:
    with open_sessions(engine)() as session:
        fleet.prepare(session)
        plan = make_plan(session, key="pro")
        for number, handle in enumerate(NAMES):
            make_workspace(
                session,
                user=make_user(session, handle=handle, name=f"{handle} Hartmann", plan=plan),
                month_nano=number % 2 * 10**9,
                last_active_at=NOW - timedelta(days=number),
            )
        fleet.recount(session, NOW)
        session.commit()
    return open_readers(engine)


def found(readers: Sessions, query: str) -> set[str]:
    with readers() as session:
        page = workspaces.search_page(session, parse(query, FIELDS), None, NOW)
        return {row.handle for row in page.rows}


@pytest.mark.parametrize(
    ("query", "handles"),
    [
        ("", set(NAMES)),
        ("al", {"al", "alice", "alina"}),
        ("ali", {"alice", "alina"}),
        ("zoé", {"zoé"}),
        ("hartmann", set(NAMES)),
        ("-ali", {"al", "bea-2", "bea_1", "zoé"}),
        ("user:be", {"bea-2", "bea_1"}),
        ("app:jv-test-ali", {"alice", "alina"}),
        ("plan:pro state:started region:fra size:512", set(NAMES)),
        ("cost>0.5 idle>2d", {"bea-2", "zoé"}),
        ("image:latest since<9999d", set(NAMES)),
    ],
)
def test_the_same_rows_are_found(readers: Sessions, query: str, handles: set[str]):
    assert found(readers, query) == handles


@pytest.mark.parametrize("order", ["user", "-state", "region", "size", "image", "-active", "cost"])
def test_pages_meet_without_gap_or_overlap(readers: Sessions, order: str):
    query, cursor, seen = parse(f"sort:{order}", FIELDS), None, []
    with readers() as session:
        whole = workspaces.search_page(session, query, None, NOW)
        for row in whole.rows:
            page = workspaces.search_page(session, query, cursor, NOW)
            assert page.rows[0].handle == row.handle
            cursor = workspaces.cursor_after(row, query)
            seen.append(row.handle)
        assert workspaces.search_page(session, query, cursor, NOW).rows == []
    assert sorted(seen) == sorted(NAMES)


def test_a_machines_page_is_read(engine: Engine, readers: Sessions):
    with open_sessions(engine)() as session:
        workspace = workspaces.get(session, "alice")
        session.add(
            Transition(
                workspace_id=workspace.id,
                machine_id="m-alice",
                event_id="1",
                at=NOW - timedelta(days=1),
                kind="start",
                state="started",
                size=workspace.size,
                region="fra",
                rootfs_mb=2048,
                source="proxy",
            )
        )
        session.commit()

    with readers() as session:
        workspace = workspaces.get(session, "alice")
        spans = timeline.states(session, workspace.id, NOW - timedelta(days=30), NOW)
        events = timeline.page(session, workspace, Kind.ALL, NOW).events
        costs = workspace_costs.month(session, workspace.id, NOW)

        assert [(span.state, span.end - span.start) for span in spans] == [
            ("started", timedelta(days=1))
        ]
        assert [event.kind for event in events] == [Kind.STATE]
        assert costs.grid.total == 0
        assert workspace_parts.latest_operation(session, workspace) is None
        assert workspace_parts.snapshots(session, workspace) == []


def test_the_small_reads_of_every_page(readers: Sessions):
    with readers() as session:
        assert pulse.counts(session)["started"] == len(NAMES)
        assert staff.find_session(session.connection(), "no such token", NOW) is None


def test_the_fleet_comes_with_who_is_signed_in(engine: Engine, readers: Sessions):
    with open_sessions(engine)() as session:
        person = staff.add(session, "m@example.com", "Marta", "long password", ["support"], NOW)
        token = staff.open_session(session, person, address="", browser="", now=NOW)
        session.get_one(Fleet, 1).synced_at = NOW
        revision = session.get_one(Fleet, 1).revision
        session.commit()

    with readers() as session:
        found = staff.find_session(session.connection(), token, NOW)

    assert found is not None
    marta, seen = found
    assert (marta.name, marta.roles, marta.rights) == (
        "Marta",
        ("support",),
        rights_of(["support"]),
    )
    assert seen == Pulse(revision, synced_at=NOW)


def test_who_is_signed_in_is_known_before_the_fleet_is(engine: Engine):
    with open_sessions(engine)() as session:
        person = staff.add(session, "m@example.com", "Marta", "long password", ["support"], NOW)
        token = staff.open_session(session, person, address="", browser="", now=NOW)
        session.execute(delete(Fleet))

        found = staff.find_session(session.connection(), token, NOW)

    assert found is not None
    assert found[1] == Pulse()


def test_a_plan_for_picked_machines(readers: Sessions):
    with readers() as session:
        plan = workspace_picks.plan(session, ["alice", "nobody"], OperationKind.SUSPEND)

    assert [workspace.handle for workspace in plan.acts] == ["alice"]


def test_rows_are_as_the_table_has_them(readers: Sessions):
    with readers() as session:
        alice = session.get_one(Workspace, workspaces.get(session, "alice").id)
        (row,) = workspaces.rows_of(session, alice.id)

    assert (row.handle, row.state_since, row.plan_name) == ("alice", alice.state_since, "Pro")
