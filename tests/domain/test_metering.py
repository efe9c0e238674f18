from datetime import UTC, date, datetime, timedelta, timezone
from itertools import pairwise

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.metering import (
    Event,
    StateSpan,
    billed_component,
    charge,
    charge_machine,
    cut_at_midnights,
    month_start,
    month_to_date,
    spans_of,
)
from jarvis_admin.domain.money import NANO, amount_nano
from jarvis_admin.domain.pricing import Component, Size
from tests.domain.books import make_book

BOOK = make_book()
SMALL = Size("shared", 1, 512)
NOON = datetime(2026, 8, 10, 12, tzinfo=UTC)


def at(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)


def events(*states: tuple[float, str]) -> list[Event]:
    return [Event(f"e{n:03}", at(seconds), state) for n, (seconds, state) in enumerate(states)]


def spans(*states: tuple[str, float, float | None]) -> list[StateSpan]:
    return [
        StateSpan(state, at(start), None if end is None else at(end))
        for state, start, end in states
    ]


@pytest.mark.parametrize(
    ("component", "states"),
    [
        (Component.COMPUTE, "started starting stopping suspending restarting updating replacing"),
        (Component.COMPUTE, "destroying"),
        (Component.COMPUTE, "invented-by-fly-next-year"),
        (Component.ROOTFS, "created stopped suspended failed"),
        (None, "creating launch_failed destroyed provisioning pending replaced migrated"),
    ],
    ids=["awake or passing", "leaving", "unknown", "asleep", "absent"],
)
def test_what_a_state_pays_for(component, states):
    assert {billed_component(state) for state in states.split()} == {component}


@pytest.mark.parametrize(
    ("given_events", "until", "expected"),
    [
        pytest.param([], None, [], id="no events"),
        pytest.param([], at(9), [], id="no events until then"),
        pytest.param(
            events((0, "started"), (5, "stopped")),
            None,
            spans(("started", 0, 5), ("stopped", 5, None)),
            id="the last stays open",
        ),
        pytest.param(
            events((0, "started"), (5, "stopped")),
            at(9),
            spans(("started", 0, 5), ("stopped", 5, 9)),
            id="until ends the last",
        ),
        pytest.param(
            events((0, "started"), (5, "stopped")),
            at(5),
            spans(("started", 0, 5)),
            id="until is not included",
        ),
        pytest.param(
            events((0, "started"), (3, "started"), (5, "stopped")),
            None,
            spans(("started", 0, 5), ("stopped", 5, None)),
            id="the same state again is the same span",
        ),
        pytest.param(
            events((0, "started"), (5, "stopping"), (5, "stopped")),
            None,
            spans(("started", 0, 5), ("stopped", 5, None)),
            id="a state of no length is dropped",
        ),
        pytest.param(
            events((0, "started"), (5, "stopping"), (5, "started"), (7, "stopped")),
            None,
            spans(("started", 0, 7), ("stopped", 7, None)),
            id="and what it parted is one again",
        ),
    ],
)
def test_events_become_spans(given_events, until, expected):
    assert spans_of(given_events, until) == expected


STATES = st.sampled_from(["started", "stopping", "stopped", "suspended", "destroyed"])
HISTORIES = st.lists(st.tuples(st.integers(0, 30), STATES), max_size=20).map(
    lambda pairs: events(*pairs)
)


@settings(deadline=None)
@given(history=HISTORIES, data=st.data())
def test_order_and_repetition_of_events_do_not_matter(history, data):
    repeated = [*history, *(data.draw(st.lists(st.sampled_from(history))) if history else [])]
    shuffled = data.draw(st.permutations(repeated))

    assert spans_of(shuffled) == spans_of(history)


@settings(deadline=None)
@given(history=HISTORIES, until=st.integers(0, 40).map(at))
def test_spans_cover_all_time_once_and_each_changes_the_state(history, until):
    found = spans_of(history, until)

    for one, following in pairwise(found):
        assert one.end == following.start
        assert one.state != following.state
    assert all(span.start < span.end for span in found)
    if found:
        assert found[0].start == min(event.at for event in history)
        assert found[-1].end == until


def test_an_open_span_is_cut_off_at_an_instant():
    span = StateSpan("started", at(0), None)

    assert span.until(at(5)) == StateSpan("started", at(0), at(5))
    assert span.until(at(5)).until(at(9)).end == at(5)
    assert span.until(at(-5)).end == at(0)


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


def test_a_piece_says_everything_that_made_its_amount():
    [piece] = charge_machine(
        StateSpan("suspending", at(0), at(2.5)), [BOOK], size=SMALL, region="iad", rootfs_mb=512
    )

    assert (piece.day, piece.start, piece.end) == (NOON.date(), at(0), at(2.5))
    assert (piece.state, piece.component) == ("suspending", Component.COMPUTE)
    assert (piece.micros, piece.rate_pico) == (2_500_000, 1_232_500)
    assert (piece.amount_nano, piece.price_version) == (3_081, "2026-08-09")  # 3081.25


def test_a_state_that_is_not_billed_has_no_pieces():
    span = StateSpan("destroyed", at(0), at(9))

    assert charge_machine(span, [BOOK], size=SMALL, region="iad", rootfs_mb=512) == []


def test_an_open_span_has_no_cost_yet():
    with pytest.raises(ValueError, match="still open"):
        charge_machine(
            StateSpan("started", at(0), None), [BOOK], size=SMALL, region="iad", rootfs_mb=512
        )


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
