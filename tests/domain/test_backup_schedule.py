"""When archives are due: examples on a wall clock, and what holds for any policy."""

from datetime import UTC, datetime, timedelta
from itertools import islice, pairwise
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_admin.domain import backup_schedule, regions
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.domain.backup_schedule import MOST_JITTER, Schedule, retry_at, schedule

BERLIN = ZoneInfo("Europe/Berlin")
BORN = datetime(2026, 1, 1, 12, 0, tzinfo=UTC)
HOUR = timedelta(hours=1)


def at(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


def plan(seed: int = 7, **given) -> Schedule:
    return Schedule(BackupPolicy(**given), BERLIN, seed)


def due(last: str, **given) -> datetime:
    """Without the minutes that are the user's own."""
    rules = plan(**given)
    return rules.due_at(at(last), BORN) - rules.jitter


@pytest.mark.parametrize(
    ("last", "expected"),
    [
        pytest.param("2026-01-10 02:50", "2026-01-11 02:00", id="winter"),
        pytest.param("2026-07-10 02:50", "2026-07-11 01:00", id="summer"),
        pytest.param("2026-01-10 13:00", "2026-01-11 02:00", id="one by hand at noon"),
        pytest.param("2026-01-10 00:30", "2026-01-10 02:00", id="one by hand before its time"),
        pytest.param("2026-03-28 02:50", "2026-03-29 01:00", id="the clocks go forward"),
        pytest.param("2026-10-24 02:50", "2026-10-25 02:00", id="the clocks go back"),
    ],
)
def test_daily_at_three_in_berlin(last: str, expected: str) -> None:
    assert due(last) == at(expected)


def test_a_minute_that_the_clocks_leave_out_is_read_as_if_they_went_on() -> None:
    assert due("2026-03-28 02:30", at_minute=150) == at("2026-03-29 01:30")


def test_of_a_minute_that_comes_twice_the_first_counts() -> None:
    assert due("2026-10-24 02:30", at_minute=150) == at("2026-10-25 00:30")


def test_every_six_hours_is_a_grid_that_does_not_drift() -> None:
    rules = plan(every_hours=6)
    first = rules.due_at(at("2026-05-05 05:00"), BORN)

    assert rules.due_at(first + timedelta(minutes=50), BORN) == first + 6 * HOUR


def test_weekly_is_a_day_of_ones_own() -> None:
    days = {
        plan(seed, every_hours=168).due_at(at("2026-05-05 05:00"), BORN).date()
        for seed in range(40)
    }

    assert len(days) == 7


def test_who_has_none_gets_the_first_soon() -> None:
    rules = plan(every_hours=168)

    assert rules.due_at(None, BORN) == BORN + HOUR + rules.jitter


def test_without_a_schedule_nothing_is_ever_due() -> None:
    assert plan(every_hours=0).due_at(None, BORN) is None


QUIET_NIGHT = {"quiet_from": 22 * 60, "quiet_until": 6 * 60}


@pytest.mark.parametrize(
    ("moment", "quiet"),
    [
        ("2026-01-10 20:59", False),
        ("2026-01-10 21:00", True),
        ("2026-01-11 04:59", True),
        ("2026-01-11 05:00", False),
    ],
)
def test_quiet_hours_go_over_midnight(moment: str, quiet: bool) -> None:
    assert plan(**QUIET_NIGHT).is_quiet(at(moment)) is quiet


def test_what_is_due_in_quiet_hours_waits_for_their_end() -> None:
    assert due("2026-01-10 06:00", **QUIET_NIGHT) == at("2026-01-11 05:00")


def test_late_is_a_quarter_of_the_interval_past_its_time() -> None:
    assert plan().late_at(at("2026-01-10 02:00")) == at("2026-01-10 08:00")
    assert plan(every_hours=2).late_at(at("2026-01-10 02:00")) == at("2026-01-10 03:00")
    rules = plan(every_hours=2, **QUIET_NIGHT)
    assert rules.late_at(at("2026-01-10 20:30")) == at("2026-01-11 05:00") + rules.jitter


def test_a_failed_one_is_tried_again_with_growing_patience() -> None:
    waits = [(retry_at(BORN, n) - BORN) / timedelta(minutes=1) for n in (1, 2, 3, 7, 99)]

    assert waits == [15, 30, 60, 720, 720]


def test_every_region_has_a_zone_that_exists() -> None:
    for code in regions.REGIONS:
        assert ZoneInfo(regions.timezone(code))
    assert regions.timezone("xyz") == "UTC"
    assert backup_schedule.zone_of(BackupPolicy(timezone="Asia/Tokyo"), "fra").key == "Asia/Tokyo"
    assert schedule(BackupPolicy(), "nrt", 1).zone.key == "Asia/Tokyo"


HOURS = st.one_of(st.integers(1, 24), st.integers(1, 31).map(lambda days: days * 24))
MINUTES = st.integers(0, 1439)
QUIET = st.one_of(
    st.just({}),
    st.tuples(MINUTES, MINUTES)
    .filter(lambda pair: pair[0] != pair[1])
    .map(lambda pair: {"quiet_from": pair[0], "quiet_until": pair[1]}),
)
ZONES = st.sampled_from(
    [ZoneInfo(name) for name in ("UTC", "Europe/Berlin", "America/Sao_Paulo", "Asia/Kolkata")]
)
MOMENTS = st.integers(0, 3 * 365 * 24 * 60).map(
    lambda minutes: datetime(2025, 1, 1, tzinfo=UTC) + timedelta(minutes=minutes)
)
PLANS = st.builds(
    lambda hours, minute, quiet, zone, seed: Schedule(
        BackupPolicy(every_hours=hours, at_minute=minute, **quiet), zone, seed
    ),
    HOURS,
    MINUTES,
    QUIET,
    ZONES,
    st.integers(0, 10_000),
)


@given(PLANS, MOMENTS)
def test_the_next_lies_ahead_and_not_too_far(rules: Schedule, last: datetime) -> None:
    found = rules.due_at(last, BORN)

    assert found > last
    # An hour for a change of the clocks, a day for quiet hours, and one's own minutes.
    assert found <= last + rules.every + 26 * HOUR + 2 * MOST_JITTER


@given(PLANS, MOMENTS)
def test_slots_come_in_order_and_begin_before(rules: Schedule, moment: datetime) -> None:
    found = list(islice(rules.slots(moment), 6))

    assert all(earlier < later for earlier, later in pairwise(found))
    assert found[0] <= moment


@given(PLANS)
def test_ones_own_minutes_are_few_and_always_the_same(rules: Schedule) -> None:
    assert timedelta() <= rules.jitter < MOST_JITTER
    assert rules.jitter == Schedule(rules.policy, rules.zone, rules.seed).jitter


@given(PLANS.filter(lambda rules: rules.policy.quiet_from is not None), MOMENTS)
def test_nothing_is_due_or_late_in_quiet_hours_that_leave_room(rules, last) -> None:
    begin, end = rules.policy.quiet_from, rules.policy.quiet_until
    if (begin - end) % 1440 <= 105:  # a gap shorter than one's own minutes and a lost hour
        return

    found = rules.due_at(last, BORN)

    assert not rules.is_quiet(found)
    assert not rules.is_quiet(rules.late_at(found))


def test_ten_thousand_do_not_begin_at_once() -> None:
    minutes = [int(plan(seed).jitter.total_seconds() // 60) for seed in range(10_000)]

    assert max(minutes.count(minute) for minute in range(45)) < 300
