"""A workspace's past under another policy, to the nanodollar."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.metering import charge, rate_of
from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.pricer import Pricer
from jarvis_admin.domain.pricing import Component, PriceBook
from jarvis_admin.domain.replay import Span
from jarvis_admin.domain.tally import Tally, per_month
from jarvis_admin.domain.what_if import Entry, History, Outcome, Row, outcome
from tests.domain.books import shipped_figures

BOOK = PriceBook.from_dict(shipped_figures())
PRICER = Pricer([BOOK])
START = datetime(2026, 9, 1, tzinfo=UTC)
SIZE, REGION = "shared-cpu-2x:2048MB", "fra"
C = Component


def rows(
    component: Component, size: str, start: datetime, end: datetime, **given: str
) -> list[Row]:
    """As the ledger has them: cut at midnight, each rounded once."""
    what = {"resource_id": "m1", "owner": "user", "state": "started", "region": REGION, **given}
    return [
        Row(
            what["resource_id"],
            what["owner"],
            component,
            what["state"],
            size,
            what["region"],
            piece.start,
            piece.end,
            piece.amount_nano,
        )
        for piece in charge(start, end, [BOOK], rate_of(component, size, what["region"]))
    ]


def history(given: list[Row], *, active: list[Span] | None = None, **more: object) -> History:
    return History(given, more.pop("entries", ()), active or [], 30, 5, **more)  # type: ignore[arg-type]


@st.composite
def pasts(draw: st.DrawFn) -> list[Row]:
    """Awake and asleep by turns for some days, at odd microseconds."""
    instants = [START]
    for _ in range(draw(st.integers(2, 9))):
        length = timedelta(microseconds=draw(st.integers(1, 2 * 86_400 * 10**6)))
        instants.append(instants[-1] + length)
    found = []
    for n, (start, end) in enumerate(pairwise(instants)):
        if n % 2:
            found += rows(C.ROOTFS, "2048 MB", start, end, state="suspended")
        else:
            found += rows(C.COMPUTE, SIZE, start, end)
    return found + rows(C.VOLUME, "10 GB", START, instants[-1], resource_id="v1", state="kept")


@settings(deadline=None)
@given(pasts(), st.sampled_from([{}, {"size": SIZE, "region": REGION}, {"volume_gb": 10}]))
def test_the_policy_it_had_costs_what_the_ledger_says(past: list[Row], said: dict[str, object]):
    found = outcome(history(past), Policy(idle_minutes=30, **said), PRICER)  # type: ignore[arg-type]

    assert found.then == found.now
    assert found.difference == 0
    assert not found.affected


@settings(deadline=None)
@given(pasts(), st.integers(1, 300), st.integers(1, 300))
def test_a_longer_time_out_never_costs_less_compute(past: list[Row], one: int, two: int):
    short, long = (
        outcome(history(past), Policy(idle_minutes=minutes), PRICER)
        for minutes in sorted((one, two))
    )

    assert short.awake_then <= long.awake_then
    # A nanodollar either way for each piece that is rounded.
    assert short.then[C.COMPUTE] <= long.then[C.COMPUTE] + len(past)


def test_snapshots_follow_the_days_they_are_kept():
    kept = rows(C.SNAPSHOT, f"{2 * 10**9} B", START, START + timedelta(days=4))

    found = outcome(history(kept), Policy(snapshot_days=10), PRICER)

    assert found.then[C.SNAPSHOT] == pytest.approx(2 * found.now[C.SNAPSHOT], abs=4)


def test_what_is_parked_and_what_is_booked_stays_as_it_was():
    parked = rows(
        C.VOLUME, "10 GB", START, START + timedelta(days=1), owner="parked", resource_id="old"
    )
    refund = Entry(C.ADJUSTMENT, "", START, 0, -7)

    found = outcome(history(parked, entries=[refund]), Policy(volume_gb=50), PRICER)

    assert found.then == found.now
    assert found.then[C.ADJUSTMENT] == -7


def test_a_volume_never_becomes_smaller_than_it_is():
    day = timedelta(days=1)
    past = [
        *rows(C.VOLUME, "4 GB", START, START + day, resource_id="v", state="kept"),
        *rows(C.VOLUME, "10 GB", START + day, START + 2 * day, resource_id="v", state="kept"),
    ]

    found = outcome(history(past), Policy(volume_gb=6), PRICER)

    grown = rows(C.VOLUME, "6 GB", START, START + day)[0].nano - past[0].nano
    assert found.difference == grown > 0
    assert found.larger
    assert not outcome(history(past), Policy(volume_gb=10), PRICER).larger


def test_traffic_is_priced_where_the_machine_would_be():
    sent = Entry(C.EGRESS, "fra", START, 10**9, BOOK.egress_nano(10**9, "fra"))

    found = outcome(history([], entries=[sent]), Policy(region="gru"), PRICER)

    assert found.then[C.EGRESS] == BOOK.egress_nano(10**9, "gru") > found.now[C.EGRESS]


def test_a_size_that_cannot_be_suspended_wakes_from_a_stop():
    day = timedelta(days=1)
    past = [
        *rows(C.ROOTFS, "2048 MB", START, START + day / 2, state="suspended"),
        *rows(C.COMPUTE, SIZE, START + day / 2, START + day),
    ]

    small, large = (
        outcome(history(past), Policy(size=size), PRICER)
        for size in ("shared-cpu-1x:1024MB", "shared-cpu-2x:4096MB")
    )

    assert (small.cold_now, small.cold_then, large.cold_then) == (0, 0, 1)
    assert small.rebuilt
    assert large.then[C.COMPUTE] > small.now[C.COMPUTE] > small.then[C.COMPUTE]


def test_the_tally_survives_being_written_down():
    tally = Tally()
    for n in range(12):
        found = Outcome(wakes_then=n)
        found.now[C.COMPUTE], found.then[C.COMPUTE] = 100, 100 - n
        tally.add(f"user-{n}", "pro", found)

    again = Tally.from_json(tally.to_json())

    assert again == tally
    assert [one.handle for one in again.cheaper[:2]] == ["user-11", "user-10"]
    assert len(again.slower) == 10
    assert (again.users, again.waiting, again.plans["pro"].then) == (12, 11, 1200 - 66)


def test_a_window_is_told_in_thirty_days():
    assert per_month(90, 90) == 30
    assert per_month(-45, 60) == -22
