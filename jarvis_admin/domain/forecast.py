"""What a month will have cost at its end, told from daily amounts.

What is kept (volumes, snapshots, addresses) goes on as it is; what is used (compute, rootfs,
traffic) follows the days of the week, recent weeks counting most. The band is what the same
rule was wrong by when it is applied to the past: nothing is assumed about how errors spread.
Whole numbers throughout, so the same days always give the same forecast.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple

from jarvis_admin.domain.money import amount_nano, microseconds, round_half_even
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.week_pattern import Pattern

BAND_PERCENT = 80  # of past errors lie inside; a tenth below, a tenth above

_DAY = microseconds(timedelta(days=1))
_PPM = 10**6
_WARM_UP = 14  # days before the first judgement: each weekday was seen twice
_FEWEST_TESTS = 6
_OVERLAP_PERCENT = 3
# Without enough tests: used days may halve or half as much again be added.
_UNTESTED = (_PPM // 2, _PPM, _PPM * 3 // 2)
_FARTHEST = (_PPM * 2 // 3, _PPM * 3 // 2)  # a drift seen in the past moves the middle at most so


@dataclass(frozen=True)
class History:
    """Nanodollars of whole days without gaps, oldest first; the last is the day before today."""

    first: date
    steady: Sequence[int]
    lively: Sequence[int]


@dataclass(frozen=True)
class Forecast:
    """Nanodollars for the whole month; `ahead` is what is expected of each day still to come."""

    month: Month
    known_until: datetime
    spent_nano: int
    low_nano: int
    expected_nano: int
    high_nano: int
    tests: int  # how often the rule was tried on the past to find the band
    ahead: Sequence[int] = ()  # begins with the rest of the day of `known_until`

    @property
    def tested(self) -> bool:
        return self.tests >= _FEWEST_TESTS


def forecast(
    history: History, known_until: datetime, spent_nano: int, steady_pico: int | None = None
) -> Forecast:
    """`spent_nano` is the month's sum at `known_until`; `steady_pico` what is kept now costs.

    Without that rate, the last whole day tells it.
    """
    month = Month.of(known_until)
    ahead = _ahead(history, known_until, steady_pico)
    rest = sum(ahead)
    if rest <= 0:
        return Forecast(month, known_until, spent_nano, spent_nano, spent_nano, spent_nano, 0)
    ratios = past_errors(history, len(ahead))
    low, middle, high = _band(ratios)
    if len(ratios) < _FEWEST_TESTS:
        return _untested(month, known_until, spent_nano, ahead, len(ratios), history)
    return Forecast(
        month,
        known_until,
        spent_nano,
        spent_nano + rest * min(low, middle) // _PPM,
        spent_nano + rest * middle // _PPM,
        spent_nano + rest * max(high, middle) // _PPM,
        len(ratios),
        tuple(nano * middle // _PPM for nano in ahead),
    )


def past_errors(history: History, days: int) -> list[int]:
    """What the next `days` days became, in millionths of what this rule had said of them.

    One figure for each day in the past from which the rule could look that far.
    """
    pattern, errors = Pattern(), []
    totals = [s + u for s, u in zip(history.steady, history.lively, strict=True)]
    count, weekday = len(totals), history.first.weekday()
    became = sum(totals[:days])
    for n in range(count - days + 1):
        if n > 0:
            became += totals[n + days - 1] - totals[n - 1]
        if n >= _WARM_UP:
            said = history.steady[n - 1] * days + pattern.sum_ahead((weekday + n) % 7, days)
            if said > 0:
                errors.append(max(became, 0) * _PPM // said)
        if n < count:
            pattern.learn((weekday + n) % 7, history.lively[n])
    return errors


class PathPoint(NamedTuple):
    """Where the month stands at the end of a day."""

    day: date
    low_nano: int
    expected_nano: int
    high_nano: int


def path(found: Forecast) -> list[PathPoint]:
    """The band day by day: it widens with what is still unknown, up to the end's."""
    points, gone, rest = [], found.spent_nano, sum(found.ahead) or 1
    below = found.expected_nano - found.low_nano
    above = found.high_nano - found.expected_nano
    for n, nano in enumerate(found.ahead):
        gone += nano
        share = (gone - found.spent_nano) * _PPM // rest
        day = found.known_until.date() + timedelta(days=n)
        points.append(
            PathPoint(
                day,
                gone - below * share // _PPM,
                gone,
                gone + above * share // _PPM,
            )
        )
    return points


def _ahead(history: History, known_until: datetime, steady_pico: int | None) -> list[int]:
    """The rest of today, then each day to the end of the month."""
    month, pattern = Month.of(known_until), Pattern()
    for n, nano in enumerate(history.lively):
        pattern.learn((history.first + timedelta(days=n)).weekday(), nano)
    if steady_pico is not None:
        steady = amount_nano(steady_pico, _DAY)
    else:
        steady = history.steady[-1] if history.steady else 0
    found, at = [], known_until
    while at < month.end:
        midnight = Month.of(at).start + timedelta(days=at.day)
        whole = steady + pattern.expected(at.weekday())
        found.append(round_half_even(whole * microseconds(midnight - at), _DAY))
        at = midnight
    return found


def _band(ratios: list[int]) -> tuple[int, int, int]:
    """Low, middle, high in millionths; the middle half way to the median where tests are few."""
    if not ratios:
        return _UNTESTED
    ranked, last = sorted(ratios), len(ratios) - 1
    # A little wider than they tell: tests of the same days resemble each other.
    tail = (100 - BAND_PERCENT) // 2 - _OVERLAP_PERCENT
    median = min(max(ranked[last // 2], _FARTHEST[0]), _FARTHEST[1])
    # A few overlapping tests prove little: what they say counts by how many there are.
    trust = len(ratios) * _PPM // (len(ratios) + 10)
    middle = _PPM + (median - _PPM) * trust // _PPM
    return ranked[last * tail // 100], middle, ranked[-(-last * (100 - tail) // 100)]


def _untested(
    month: Month,
    known_until: datetime,
    spent: int,
    ahead: Sequence[int],
    tests: int,
    history: History,
) -> Forecast:
    """Too little history to have been wrong yet: a wide band, as stated above."""
    rest = sum(ahead)
    low, _, high = _UNTESTED
    steady = (history.steady[-1] if history.steady else 0) * len(ahead)
    sure = min(steady, rest)
    return Forecast(
        month,
        known_until,
        spent,
        spent + sure + (rest - sure) * low // _PPM,
        spent + rest,
        spent + sure + (rest - sure) * high // _PPM,
        tests,
        tuple(ahead),
    )
