from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.metering import (
    charge,
    cut_at_midnights,
    month_start,
    month_to_date,
    rate_of,
)
from jarvis_admin.domain.money import NANO, amount_nano
from jarvis_admin.domain.pricing import Component
from tests.domain.books import make_book

BOOK = make_book()
NOON = datetime(2026, 8, 10, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def test_a_span_is_cut_at_each_utc_midnight():
    berlin = timezone(timedelta(hours=2))
    start = datetime(2026, 8, 11, 1, 30, tzinfo=berlin)  # 23:30 UTC the day before
    end = datetime(2026, 8, 12, tzinfo=UTC)

    assert list(cut_at_midnights(start, end)) == [
        (date(2026, 8, 10), start, datetime(2026, 8, 11, tzinfo=UTC)),
        (date(2026, 8, 11), datetime(2026, 8, 11, tzinfo=UTC), end),
    ]


@pytest.mark.parametrize("end", [at(0), at(-1)], ids=["empty", "backwards"])
def test_no_time_has_no_parts(end):
    assert list(cut_at_midnights(at(0), end)) == []


def test_a_charge_is_cut_where_a_new_price_book_comes_into_force():
    dearer = make_book(
        version="dearer", effective_from="2026-08-10T18:00:00Z", volume_usd_per_gb_month="0.30"
    )

    parts = list(charge(NOON, at(24 * 3600), [BOOK, dearer], lambda book: book.volume_rate(1)))

    assert [(part.day.day, part.price_version, part.micros) for part in parts] == [
        (10, BOOK.version, 6 * 3600 * 10**6),
        (10, "dearer", 6 * 3600 * 10**6),
        (11, "dearer", 12 * 3600 * 10**6),
    ]
    assert [part.rate_pico for part in parts] == [57_870, 115_741, 115_741]
    assert parts[0].amount_nano == amount_nano(57_870, timedelta(hours=6))


def test_a_book_that_begins_at_the_start_cuts_nothing():
    book = make_book(version="from noon", effective_from="2026-08-10T12:00:00Z")

    [part] = charge(NOON, at(60), [BOOK, book], lambda book: book.volume_rate(1))

    assert part.price_version == "from noon"


@pytest.mark.parametrize(
    ("component", "size", "region", "rate"),
    [
        pytest.param(Component.COMPUTE, "shared-cpu-1x:512MB", "iad", 1_232_500, id="compute"),
        pytest.param(Component.ROOTFS, "1024 MB", "iad", 57_870, id="rootfs"),
        pytest.param(Component.VOLUME, "10 GB", "fra", 578_704, id="volume"),
        pytest.param(Component.SNAPSHOT, "1000000000 B", "fra", 30_864, id="snapshot"),
        pytest.param(Component.ADDRESS, "v4", "", 771_605, id="address"),
    ],
)
def test_a_rate_is_read_from_what_an_interval_says_of_its_size(component, size, region, rate):
    assert rate_of(component, size, region)(BOOK) == rate


INSTANTS = st.datetimes(
    datetime(2026, 7, 1),  # noqa: DTZ001 (hypothesis adds the zone)
    datetime(2026, 10, 1),  # noqa: DTZ001
    timezones=st.just(UTC),
)
BOOKS = [BOOK, make_book(version="later", effective_from="2026-08-20T13:37:00.000001Z")]


@settings(deadline=None)
@given(edges=st.lists(INSTANTS, min_size=2, max_size=6, unique=True).map(sorted))
def test_however_a_span_is_cut_every_microsecond_is_charged_once(edges):
    whole = list(charge(edges[0], edges[-1], BOOKS, lambda book: book.volume_rate(7)))
    parts = [
        part
        for start, end in pairwise(edges)
        for part in charge(start, end, BOOKS, lambda book: book.volume_rate(7))
    ]

    length = (edges[-1] - edges[0]) // timedelta(microseconds=1)
    assert sum(part.micros for part in whole) == sum(part.micros for part in parts) == length
    assert all(part.start.date() == part.day for part in parts)
    # Each part is rounded once, by at most half a nanodollar.
    difference = sum(part.amount_nano for part in whole) - sum(part.amount_nano for part in parts)
    assert abs(difference) <= (len(whole) + len(parts)) / 2


def test_a_month_starts_in_utc():
    tokyo = timezone(timedelta(hours=9))

    assert month_start(datetime(2026, 9, 1, 8, tzinfo=tokyo)) == datetime(2026, 8, 1, tzinfo=UTC)


@pytest.mark.parametrize(
    ("as_of", "now", "nano"),
    [
        pytest.param(at(0), at(0), 10 * NANO, id="at once"),
        pytest.param(at(0), at(60), 70 * NANO, id="a minute later"),
        pytest.param(at(0), at(-60), 10 * NANO, id="a clock behind takes nothing back"),
        pytest.param(
            datetime(2026, 7, 31, 23, 59, tzinfo=UTC),
            datetime(2026, 8, 1, 0, 1, tzinfo=UTC),
            60 * NANO,
            id="a new month counts from its start",
        ),
        pytest.param(
            datetime(2026, 8, 1, tzinfo=UTC),
            datetime(2026, 8, 1, 0, 1, tzinfo=UTC),
            70 * NANO,
            id="stored at the first instant is this month's",
        ),
        pytest.param(
            datetime(2025, 8, 10, tzinfo=UTC),
            datetime(2026, 8, 1, 0, 0, 5, tzinfo=UTC),
            5 * NANO,
            id="the same month a year ago does not count",
        ),
    ],
)
def test_the_month_so_far_is_what_was_stored_and_what_burned_since(as_of, now, nano):
    assert month_to_date(10 * NANO, 10**12, as_of, now) == nano
