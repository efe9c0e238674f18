"""A machine that was replaced is nobody's until it is taken back, whatever Fly tells later."""

from collections.abc import Sequence
from datetime import timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.models import Interval, Machine, Workspace
from jarvis_admin.services import keeping, ledger_proof, metering, observations, prices
from tests.factories import NOON, make_workspace
from tests.services.fly_shapes import event, launch, machine

HOUR, SECOND = timedelta(hours=1), timedelta(seconds=1)
BEGIN = NOON - 5 * HOUR


def settle(session: Session) -> tuple[Workspace, Machine, list[dict]]:
    """Alice's machine, running since the morning."""
    alice = make_workspace(session, handle="alice")
    events = launch(BEGIN)
    observations.record_machine(
        session, alice.id, machine(events), rootfs_mb=2048, now=BEGIN + HOUR
    )
    return alice, session.get_one(Machine, "m-alice"), events


def park(session: Session, alice: Workspace, old: Machine) -> None:
    alice.machine_id = "m-new"
    session.flush()
    keeping.park_machine(session, old, NOON, prices.load(session))


def story(session: Session) -> list[tuple[str, str, float, float | None]]:
    """Owner and state, from and until in hours since noon."""
    rows = session.scalars(
        select(Interval).where(Interval.resource_id == "m-alice").order_by(Interval.started_at)
    )
    return [
        (
            row.owner,
            row.state,
            round((row.started_at - NOON) / HOUR, 3),
            None if row.ended_at is None else round((row.ended_at - NOON) / HOUR, 3),
        )
        for row in rows
        if row.state != "created"
    ]


def proven(session: Session) -> bool:
    found: Sequence[object] = [
        one for some in ledger_proof.verify(session, ledger_proof.chunks(session)) for one in some
    ]
    return not found


def test_from_the_moment_it_is_replaced_it_is_parked(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice, old, _ = settle(session)
        for _ in range(2):
            park(session, alice, old)

        assert story(session) == [
            ("user", "started", -4.999, 0.0),
            ("parked", "started", 0.0, None),
        ]
        assert proven(session)


def test_what_fly_tells_later_moves_no_cost_over_that_moment(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice, old, events = settle(session)
        park(session, alice, old)
        events += [event(NOON - HOUR, "stop", "stopped"), event(NOON + HOUR, "start", "started")]

        seen = machine(events)
        observations.record_machine(session, alice.id, seen, rootfs_mb=2048, now=NOON + 2 * HOUR)

        assert story(session) == [
            ("user", "started", -4.999, -1.0),
            ("user", "stopped", -1.0, 0.0),
            ("parked", "stopped", 0.0, 1.0),
            ("parked", "started", 1.0, None),
        ]
        assert proven(session)
        assert alice.machine_id == "m-new"


def test_one_that_is_taken_back_is_the_users_again(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice, old, events = settle(session)
        park(session, alice, old)
        alice.machine_id = old.id
        session.flush()
        for _ in range(2):
            keeping.unpark_machine(session, old, NOON + HOUR, prices.load(session))
        events.append(event(NOON + 2 * HOUR, "suspend", "suspended"))
        observations.record_machine(
            session, alice.id, machine(events), rootfs_mb=2048, now=NOON + 3 * HOUR
        )

        assert story(session) == [
            ("user", "started", -4.999, 0.0),
            ("parked", "started", 0.0, 1.0),
            ("user", "started", 1.0, 2.0),
            ("user", "suspended", 2.0, None),
        ]
        assert proven(session)


def test_it_stays_parked_over_midnight_and_until_its_end(sessions: Sessions) -> None:
    midnight = NOON + 12 * HOUR
    with sessions.begin() as session:
        alice, old, _ = settle(session)
        park(session, alice, old)
        metering.cut_open(session, midnight, prices.load(session))

        observations.record_gone(session, old, midnight + HOUR)

        owners = {(owner, until) for owner, _, since, until in story(session) if since >= 0}
        assert owners == {("parked", 12.0), ("parked", 13.0)}
        assert proven(session)


def test_a_machine_that_is_not_the_workspaces_own_is_never_the_users(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", machine_id="m-other")
        seen = machine(launch(BEGIN))

        observations.record_machine(session, alice.id, seen, rootfs_mb=2048, now=NOON)

        assert {owner for owner, *_ in story(session)} == {"parked"}


def test_nothing_is_parked_that_is_not_billed(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice, old, _ = settle(session)
        observations.record_gone(session, old, NOON - HOUR)

        park(session, alice, old)

        assert {owner for owner, *_ in story(session)} == {"user"}
