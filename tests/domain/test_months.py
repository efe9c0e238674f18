"""Months in UTC."""

from datetime import UTC, date, datetime, timedelta, timezone

import pytest

from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Invalid

FEBRUARY = Month(date(2028, 2, 1))
MARCH = Month(date(2028, 3, 1))


def test_what_is_written_is_read():
    assert Month.parse("2028-02") == FEBRUARY
    assert str(FEBRUARY) == "2028-02"
    assert (FEBRUARY.name, FEBRUARY.title) == ("February", "February 2028")


@pytest.mark.parametrize(
    "written", ["", "2028", "2028-13", "2028-00", "2028-2", "1999-01", "２０28-02"]
)
def test_anything_else_is_refused(written: str):
    with pytest.raises(Invalid, match="not a month"):
        Month.parse(written)


def test_months_follow_each_other():
    assert FEBRUARY.following == MARCH
    assert MARCH.previous == FEBRUARY
    assert Month.parse("2028-12").following == Month.parse("2029-01")
    assert FEBRUARY.end == MARCH.start


def test_an_instant_belongs_to_its_month_in_utc():
    late = datetime(2028, 3, 1, 1, 0, tzinfo=timezone(timedelta(hours=2)))

    assert Month.of(late) == FEBRUARY


@pytest.mark.parametrize(
    ("now", "count"),
    [
        (datetime(2028, 1, 31, tzinfo=UTC), 0),
        (datetime(2028, 2, 1, tzinfo=UTC), 0),
        (datetime(2028, 2, 1, 0, 0, 1, tzinfo=UTC), 1),
        (datetime(2028, 2, 29, 12, tzinfo=UTC), 29),
        (datetime(2028, 7, 1, tzinfo=UTC), 29),
    ],
    ids=["before", "midnight", "first second", "leap day", "over"],
)
def test_only_days_that_have_begun_are_listed(now: datetime, count: int):
    assert len(FEBRUARY.days(now)) == count


@pytest.mark.parametrize(
    ("now", "before"),
    [
        (datetime(2028, 3, 10, 6, tzinfo=UTC), datetime(2028, 2, 10, 6, tzinfo=UTC)),
        (datetime(2028, 3, 31, 6, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
        (datetime(2028, 9, 1, tzinfo=UTC), datetime(2028, 3, 1, tzinfo=UTC)),
    ],
    ids=["same day", "a shorter month", "over"],
)
def test_the_same_moment_a_month_before(now: datetime, before: datetime):
    assert MARCH.same_moment_before(now) == before
