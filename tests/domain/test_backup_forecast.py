"""The simulator: what survives later if archives go on as scheduled."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

from jarvis_admin.domain.backup_forecast import Stored, forecast
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.domain.backup_schedule import Schedule
from jarvis_admin.domain.retention import Backup

NOW = datetime(2026, 6, 30, 12, 0, tzinfo=UTC)
DAY = timedelta(days=1)
MB = 10**6


def plan(**given) -> Schedule:
    return Schedule(BackupPolicy(**given), ZoneInfo("Europe/Berlin"), seed=1)


def whole(days_ago: int, megabytes: int = 100, **given) -> Stored:
    at = NOW - days_ago * DAY
    return Stored(Backup(f"{days_ago} d", at, **given), megabytes * MB, 0)


def test_who_has_none_fills_the_policy() -> None:
    found = forecast([], plan(keep_last=2, keep_daily=3, keep_weekly=2, keep_monthly=2), NOW, NOW)

    assert [point.days for point in found.points] == [0, 30, 90, 365]
    assert found.points[0].kept == 0
    assert all(point.kept >= 3 for point in found.points[1:])


def test_without_archives_to_come_nothing_goes_later() -> None:
    stored = [whole(n) for n in range(5)]

    found = forecast(stored, plan(every_hours=0, keep_last=9), NOW, NOW)

    assert {(point.kept, point.stored_bytes) for point in found.points} == {(5, 500 * MB)}
    assert found.goes_at == {}


def test_each_says_when_it_goes() -> None:
    rules = plan(keep_last=2, keep_daily=0, keep_weekly=0, keep_monthly=0)
    stored = [whole(1), whole(2), whole(3)]

    found = forecast(stored, rules, NOW, NOW)

    assert found.goes_at["3 d"] == NOW
    assert NOW < found.goes_at["2 d"] < NOW + 15 * DAY
    assert found.goes_at["2 d"] <= found.goes_at["1 d"]


def test_what_new_ones_build_upon_stays_until_a_whole_one_is_made() -> None:
    rules = plan(keep_last=1, keep_daily=0, keep_weekly=0, keep_monthly=0)

    found = forecast([whole(1)], rules, NOW, NOW, horizons=(0, 10, 30))

    # The one of this morning is overdue and made now; ten more follow.
    assert found.points[1].kept == 12
    assert NOW + 11 * DAY < found.goes_at["1 d"] < NOW + 18 * DAY
    assert found.points[1].stored_bytes == 100 * MB + 11 * 10 * MB


def test_a_year_of_hourly_ones_takes_no_time() -> None:
    began = datetime.now(UTC)

    forecast([whole(1)], plan(every_hours=1, keep_last=24, keep_daily=30), NOW, NOW)

    assert datetime.now(UTC) - began < timedelta(seconds=8)
