"""The chart of a forecast: what was spent, and the band it is heading for."""

from collections.abc import Sequence
from datetime import date, timedelta
from itertools import accumulate
from typing import Any

from jarvis_admin.domain.forecast import Forecast, PathPoint
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.written_money import usd
from jarvis_admin.services.costs import Grid
from jarvis_admin.web.figures import hover, money_axis

_FIVE_DAYS_MS = 5 * 86_400_000
_DAY = timedelta(days=1)


def cumulative(
    grid: Grid, before: Grid, found: Forecast, points: Sequence[PathPoint]
) -> dict[str, Any]:
    """Sums since the first of the month; each stands at the end of its day."""
    first, blue = found.month.first, "var(--j-c1)"
    spent = [0, *accumulate(grid.of_day(day) for day in grid.days[:-1])]
    past = [0, *accumulate(before.of_day(day) for day in before.days)]
    here = found.known_until.isoformat()[:16]
    known = [*_days(first, len(spent)), here]
    last = found.month.previous.name
    data = [
        _line(last, _days(first, len(past)), past, color="var(--j-c7)", width=1.25),
        *_band(found, points, here),
        _line("Spent", known, [*spent, found.spent_nano], color=blue, width=2.25),
    ]
    return {"data": data, "layout": _layout(found, [found.low_nano, found.high_nano, past[-1]])}


def _band(found: Forecast, points: Sequence[PathPoint], here: str) -> list[dict[str, Any]]:
    """Two lines without colour, what is between them, and the dotted middle."""
    x, now = [here, *((point.day + _DAY).isoformat() for point in points)], found.spent_nano
    low = _line("", x, [now, *(point.low_nano for point in points)])
    high = _line("", x, [now, *(point.high_nano for point in points)])
    middle = [now, *(point.expected_nano for point in points)]
    unseen = {"line": {"width": 0}, "hoverinfo": "skip"}
    return [
        {**low, **unseen},
        {**high, **unseen, "fill": "tonexty", "fillcolor": "var(--j-band)"},
        _line("Expected", x, middle, color="var(--j-c1)", width=1.5, dash="dot"),
    ]


def _days(first: date, count: int) -> list[str]:
    return [(first + timedelta(days=n)).isoformat() for n in range(count)]


def _line(name: str, x: list[str], nanos: Sequence[int], **line: Any) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": name,
        "x": x,
        "y": [nano / NANO for nano in nanos],
        "line": line,
        **hover(nanos),
    }


def _layout(found: Forecast, sums: Sequence[int]) -> dict[str, Any]:
    month = found.month
    return {
        "xaxis": {
            "tickformat": "%-d %b",
            "tick0": month.first.isoformat(),
            "dtick": _FIVE_DAYS_MS,
            "range": [month.first.isoformat(), month.following.first.isoformat()],
        },
        "yaxis": money_axis(sums),
        "margin": {"l": 52, "r": 20, "t": 8, "b": 24},
        "annotations": [
            {
                "name": "wide",
                "x": month.following.first.isoformat(),
                "yshift": 8,
                "yanchor": "bottom",
                "y": found.expected_nano / NANO,
                "text": usd(found.expected_nano),
                "showarrow": False,
                "xanchor": "right",
                "font": {"size": 11, "weight": 600, "color": "var(--j-ink)"},
            }
        ],
    }
