"""Counters by region, and what needs a person."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.models import FleetCount
from jarvis_admin.services import overview
from tests.factories import NOON, make_workspace
from tests.fleets import make_operation

MINUTE = timedelta(minutes=1)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def count(session: Session, region: str, state: str, number: int) -> None:
    session.add(FleetCount(region=region, state=state, count=number))
    session.flush()


def test_the_largest_region_comes_first_and_nobody_is_counted_twice(session: Session):
    count(session, "fra", "started", 2)
    count(session, "iad", "suspended", 5)
    count(session, "iad", "starting", 2)
    count(session, "iad", "stuck", 1)

    iad, fra = overview.regions(session)
    everywhere = overview.everywhere([iad, fra])

    assert (iad.region, iad.total, iad.count("moving"), iad.count("stuck")) == ("iad", 7, 2, 1)
    assert (fra.region, fra.total) == ("fra", 2)
    assert (everywhere.total, everywhere.count("suspended")) == (9, 5)
    assert "moving" not in everywhere.states


def test_who_has_been_stuck_longest_comes_first(session: Session):
    make_workspace(session, handle="late", problem="Stuck.", state_since=NOON - 5 * MINUTE)
    make_workspace(session, handle="early", problem="Stuck.", state_since=NOON - 50 * MINUTE)
    make_workspace(session, handle="well")
    make_workspace(session, handle="gone", problem="Stuck.", destroyed_at=NOON, state="destroyed")

    found = overview.needs(session, NOON)

    assert [row.handle for row in found.workspaces] == ["early", "late"]


def test_a_failure_is_listed_for_a_day_and_not_beside_its_own_stuck_machine(session: Session):
    well = make_workspace(session, handle="well")
    stuck = make_workspace(session, handle="stuck", problem="Stuck.")
    for row in (well, stuck):
        make_operation(session, row, state="failed", created_at=NOON - 23 * 60 * MINUTE)
    make_operation(session, well, state="failed", created_at=NOON - 25 * 60 * MINUTE)
    make_operation(session, well, kind="backup", created_at=NOON - MINUTE)

    found = overview.needs(session, NOON)

    assert [row.handle for row in found.operations] == ["well"]


def test_a_failure_that_was_done_since_is_nobodys_worry(session: Session):
    well = make_workspace(session, handle="well")
    make_operation(session, well, state="failed", created_at=NOON - 60 * MINUTE)
    make_operation(session, well, created_at=NOON - 50 * MINUTE)

    assert overview.needs(session, NOON).operations == []


def test_nothing_needs_anybody_in_an_empty_fleet(session: Session):
    found = overview.needs(session, NOON)

    assert (found.workspaces, found.operations) == ([], [])
    assert overview.regions(session) == []
