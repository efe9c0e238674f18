"""Counters become bytes that are billed, signs of life, and idle time."""

from datetime import timedelta

from sqlalchemy import func, select

from jarvis_admin.db import Sessions
from jarvis_admin.models import (
    Activity,
    FleetDay,
    FleetIdle,
    IdleDay,
    LedgerEntry,
    Transition,
    UsageDay,
    Workspace,
)
from jarvis_admin.services import idle, ledger_proof, prices, traffic
from tests.factories import NOON, make_workspace
from tests.fleets import make_interval, make_machine

MINUTE = timedelta(minutes=1)
MB = 10**6


def alice_at_work(session) -> Workspace:
    alice = make_workspace(session, handle="alice")
    make_machine(session, alice)
    return alice


def read(session, minute: float, sent: float, busy: float = 0.0) -> int:
    books = prices.load(session)
    machine = {"m-alice": sent}
    return traffic.record(session, machine, {"m-alice": busy}, NOON + minute * MINUTE, books)


def egress(session) -> tuple[int, int]:
    return session.execute(
        select(func.sum(LedgerEntry.quantity), func.sum(LedgerEntry.amount_nano))
    ).one()


def test_bytes_are_billed_once_by_how_far_the_counter_went(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice_at_work(session)
        read(session, 0, 5 * MB)
        read(session, 1, 5 * MB)
        read(session, 2, 12 * MB)

        # 12 MB in Europe, at $0.02 for 10^9 bytes: 20 nanodollars a kilobyte.
        assert egress(session) == (12 * MB, 240_000)
        assert session.scalar(select(func.sum(FleetDay.amount_nano))) == 240_000
        assert session.scalar(select(func.sum(UsageDay.amount_nano))) == 240_000
        parts = ledger_proof.chunks(session)
        assert not any(ledger_proof.verify(session, parts))


def test_a_counter_that_began_again_has_lost_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice_at_work(session)
        alice = session.scalars(select(Workspace)).one()
        read(session, 0, 10 * MB)
        read(session, 1, 3 * MB)
        assert egress(session)[0] == 10 * MB  # an older answer, as long as nothing was launched

        session.add(
            Transition(
                workspace_id=alice.id,
                machine_id="m-alice",
                event_id="1",
                at=NOON + MINUTE,
                kind="start",
                state="started",
                size=alice.size,
                region="fra",
                rootfs_mb=2048,
                source="user",
            )
        )
        read(session, 2, 3 * MB)

        assert egress(session)[0] == 13 * MB


def test_a_reading_is_not_taken_twice(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice_at_work(session)
        read(session, 1, 10 * MB)
        read(session, 1, 12 * MB)
        read(session, 0, 11 * MB)

        assert egress(session)[0] == 10 * MB


def test_each_day_has_its_own_entry(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice_at_work(session)
        read(session, 0, 10 * MB)
        read(session, 24 * 60, 11 * MB)

        days = session.execute(
            select(LedgerEntry.day, LedgerEntry.quantity).order_by(LedgerEntry.day)
        ).all()
        assert [quantity for _, quantity in days] == [10 * MB, MB]


def test_a_strangers_machine_is_left_alone(sessions: Sessions) -> None:
    with sessions.begin() as session:
        assert read(session, 0, 10 * MB) == 0
        assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_work_and_talk_are_life_and_health_checks_are_not(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice_at_work(session)
        read(session, 0, 0, 0)
        read(session, 1, 2_000, 0.5)  # a check's answers: 33 bytes a second, 0.8 % of a CPU
        read(session, 2, 2_000, 30.5)  # half a CPU
        read(session, 3, 90_000, 30.5)  # 1.5 kB a second
        read(session, 4, 91_000, 30.6)
        read(session, 30, 9 * MB, 60)  # too long ago to say when

        rows = session.scalars(select(Activity)).all()
        assert [(row.started_at, row.ended_at) for row in rows] == [
            (NOON + MINUTE, NOON + 3 * MINUTE)
        ]


def test_idle_is_compute_without_life(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice, bob = make_workspace(session, handle="alice"), make_workspace(session, handle="bob")
        for owner in (alice, bob):
            make_interval(session, owner, NOON, 60 * MINUTE, rate_pico=10**12)
            make_interval(session, owner, NOON + 60 * MINUTE, 60 * MINUTE, component="rootfs")
        for start, end in ((-30, 15), (20, 25)):
            session.add(
                Activity(
                    workspace_id=alice.id,
                    machine_id="m-alice",
                    started_at=NOON + start * MINUTE,
                    ended_at=NOON + end * MINUTE,
                )
            )
        session.flush()

        day = NOON.date()
        assert idle.watched(session, day) == [alice.id]  # nothing is known of bob
        for _ in range(2):
            idle.recompute(session, day, [alice.id])
            idle.sum_up(session, day)

        row = session.scalars(select(IdleDay)).one()
        assert (row.micros, row.amount_nano) == (40 * 60 * 10**6, 2_400 * 10**9)
        assert session.scalars(select(FleetIdle)).one().amount_nano == 2_400 * 10**9
