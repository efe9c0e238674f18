"""The past under another idle time-out."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.replay import Asleep, Awake, Life, Span, joined, replay, wakes_of

MIDNIGHT = datetime(2026, 9, 1, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
HALF_HOUR = 30 * MINUTE
SIZE, REGION, ROOTFS = "shared-cpu-2x:2048MB", "fra", "2048 MB"


def at(minutes: float) -> datetime:
    return MIDNIGHT + timedelta(minutes=minutes)


def awake(start: float, end: float) -> Awake:
    return Awake(at(start), at(end), SIZE, REGION)


def asleep(start: float, end: float) -> Asleep:
    return Asleep(at(start), at(end), ROOTFS)


def used(*spans: tuple[float, float]) -> list[Span]:
    return [Span(at(start), at(end)) for start, end in spans]


def spans(told: list[Awake]) -> list[tuple[float, float]]:
    return [((s.start - MIDNIGHT) / MINUTE, (s.end - MIDNIGHT) / MINUTE) for s in joined(told)]


# One session of ninety minutes with a pause of forty, then asleep until the evening.
DAY = Life(
    [awake(60, 190), awake(600, 640)],
    [asleep(0, 60), asleep(190, 600), asleep(640, 1440)],
    used((60, 90), (118, 160), (600, 610)),
)


def test_the_time_out_it_had_changes_nothing():
    told = replay(DAY, HALF_HOUR, HALF_HOUR)

    assert told.awake == DAY.awake
    assert sorted(told.asleep) == sorted(DAY.asleep)
    assert told.wakes == wakes_of(DAY.awake, DAY.asleep) == 2
    assert told.guessed == timedelta()


def test_a_shorter_one_sleeps_in_the_pause_and_wakes_once_more():
    told = replay(DAY, HALF_HOUR, 10 * MINUTE)

    assert spans(told.awake) == [(60, 100), (118, 170), (600, 620)]
    assert told.wakes == 3


def test_a_longer_one_runs_on_until_it_would_have_been_needed_again():
    told = replay(DAY, HALF_HOUR, 500 * MINUTE)

    assert spans(told.awake) == [(60, 1110)]
    assert told.wakes == 1


def test_who_put_it_to_sleep_by_hand_would_have_done_so_anyway():
    life = Life([awake(0, 20)], [asleep(20, 600)], used((0, 20)))

    assert spans(replay(life, HALF_HOUR, 120 * MINUTE).awake) == [(0, 20)]


def test_what_is_not_known_is_taken_as_used_and_said_so():
    life = Life([awake(0, 100)], [asleep(100, 600)], [])

    told = replay(life, HALF_HOUR, 10 * MINUTE)

    assert spans(told.awake) == [(0, 80)]
    assert told.guessed == 100 * MINUTE


def test_nothing_runs_before_the_machine_was_made_or_after_it_was_destroyed():
    life = Life([awake(0, 60), awake(300, 330)], [asleep(60, 100)], used((0, 30), (300, 330)))

    assert spans(replay(life, HALF_HOUR, 600 * MINUTE).awake) == [(0, 100), (300, 330)]


@st.composite
def lives(draw: st.DrawFn) -> Life:
    """Awake and asleep by turns, with some use in some of the time awake."""
    clock, ran, slept, active = 0, [], [], []
    for _ in range(draw(st.integers(1, 8))):
        length, nap = draw(st.integers(1, 300)), draw(st.integers(0, 400))
        ran.append(awake(clock, clock + length))
        for _ in range(draw(st.integers(0, 3))):
            start = draw(st.integers(0, length - 1))
            end = draw(st.integers(start, length))
            active.append((clock + start, clock + end))
        clock += length
        if nap:
            slept.append(asleep(clock, clock + nap))
        clock += nap
    return Life(ran, slept, used(*sorted(active)))


def seconds(told: list[Awake] | list[Asleep]) -> float:
    return sum((span.end - span.start).total_seconds() for span in told)


@settings(deadline=None)
@given(lives(), st.integers(1, 120), st.integers(1, 240), st.integers(1, 240))
def test_more_time_out_is_never_less_time_awake(life: Life, before: int, one: int, two: int):
    short, long = sorted((one, two))
    less, more = (replay(life, before * MINUTE, minutes * MINUTE) for minutes in (short, long))

    assert seconds(less.awake) <= seconds(more.awake)


@settings(deadline=None)
@given(lives(), st.integers(1, 120), st.integers(1, 240))
def test_every_second_is_awake_or_asleep_and_never_both(life: Life, before: int, after: int):
    told = replay(life, before * MINUTE, after * MINUTE)

    assert joined([*told.awake, *told.asleep]) == joined([*life.awake, *life.asleep])
    total = seconds(list(life.awake)) + seconds(list(life.asleep))
    assert seconds(told.awake) + seconds(told.asleep) == total


@settings(deadline=None)
@given(lives(), st.integers(1, 120))
def test_what_is_not_known_stays_as_it_was_under_the_time_out_it_had(life: Life, before: int):
    unknown = Life(life.awake, life.asleep, [])

    told = replay(unknown, before * MINUTE, before * MINUTE)

    assert joined(told.awake) == joined(life.awake)
    assert told.wakes == wakes_of(life.awake, life.asleep)


@pytest.mark.parametrize("minutes", [1, 29, 30, 31, 600])
def test_nothing_comes_of_nothing(minutes: int):
    assert replay(Life([], [], []), HALF_HOUR, minutes * MINUTE).wakes == 0
