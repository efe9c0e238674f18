"""Figures for the charts: what plotly.js draws, as plain values.

Built by hand and not with plotly.py: its validation takes longer than the whole page.
"""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.written_money import usd
from jarvis_admin.services.costs import IDLE, UNALLOCATED, Book, Grid

LABELS: Mapping[str, str] = {
    Component.VOLUME: "Volume",
    Component.COMPUTE: "Compute",
    Component.ROOTFS: "Rootfs asleep",
    Component.EGRESS: "Egress",
    Component.SNAPSHOT: "Snapshots",
    Component.ARCHIVE: "Archives",
    Component.HELPER: "Helpers",
    Component.ADDRESS: "Addresses",
    Component.RESERVATION: "Reservations",
    Component.ADJUSTMENT: "Adjustments",
    IDLE: "Idle compute",
    UNALLOCATED: "Unallocated",
}
_COLOURS: Mapping[str, str] = {
    Component.VOLUME: "var(--j-c4)",
    Component.COMPUTE: "var(--j-c1)",
    IDLE: "var(--j-c1)",
    Component.ROOTFS: "var(--j-c3)",
    Component.EGRESS: "var(--j-c6)",
    Component.SNAPSHOT: "var(--j-c5)",
    Component.ARCHIVE: "var(--j-c9)",
    Component.RESERVATION: "var(--j-c2)",
    Component.ADJUSTMENT: "var(--j-c8)",
}
_ANY_OTHER = "var(--j-c7)"
_HATCHED = {IDLE: "/", UNALLOCATED: "\\"}
_HALF_A_DAY = timedelta(hours=12)
_DAY_MS = 86_400_000
_WHOLE_DOLLARS = 8 * NANO


def label(component: str) -> str:
    return LABELS.get(component, component.capitalize())


def label_in(grid: Grid, component: str) -> str:
    """Beside idle compute the band called compute is what was used of it."""
    used = component == Component.COMPUTE and IDLE in grid.components
    return "Compute, used" if used else label(component)


def marker(band: str) -> dict[str, Any]:
    """How the bars of a component look; hatched, what is paid for and used by nobody."""
    colour = _COLOURS.get(band, _ANY_OTHER)
    look: dict[str, Any] = {"color": colour, "line": {"width": 0}}
    if band in _HATCHED:
        shape = {"shape": _HATCHED[band], "fgcolor": colour, "bgcolor": "var(--j-surface)"}
        look["pattern"] = shape | {"size": 5, "solidity": 0.45}
    return look


def money_axis(nanos: Iterable[int]) -> dict[str, Any]:
    """Cents only where they can be told apart. The sign stands before the dollar: −$2."""
    most = max(map(abs, nanos), default=0)
    return {
        "tickformat": "$,.0f" if most >= _WHOLE_DOLLARS else "$,.2f",
        "nticks": 5,
        "rangemode": "tozero",
    }


def hover(nanos: Sequence[int], places: int = 2) -> dict[str, Any]:
    """What a point says. plotly.js would write -$2 there: beside a credit all are spelled out."""
    if any(nano < 0 for nano in nanos):
        return {
            "customdata": [usd(nano, places) for nano in nanos],
            "hovertemplate": "%{customdata}",
        }
    return {"hovertemplate": f"$%{{y:,.{places}f}}"}


def stacked_days(
    grid: Grid, month: Month, books: Sequence[Book] = (), *, places: int = 2
) -> dict[str, Any]:
    """A bar a day. Values are whole nanodollars over 10^9, which a float holds exactly."""
    days = [day.isoformat() for day in grid.days]
    bars = [
        {
            "type": "bar",
            "name": label_in(grid, component),
            "x": days,
            "y": [grid.at(day, component) / NANO for day in grid.days],
            "marker": marker(component),
            **hover([grid.at(day, component) for day in grid.days], places),
        }
        for component in grid.components
    ]
    return {"data": bars, "layout": _layout(grid, month, books)}


def _layout(grid: Grid, month: Month, books: Sequence[Book]) -> dict[str, Any]:
    changes = [book for book in books if month.start < book.effective_from < month.end]
    return {
        # A credit hangs below the line.
        "barmode": "relative" if any(nano < 0 for nano in grid.amounts.values()) else "stack",
        "bargap": 0.25,
        # The whole month, so that a bar is as wide on its second day as on its last.
        "xaxis": {
            "tickformat": "%-d",
            "tick0": month.first.isoformat(),
            "dtick": _DAY_MS,
            "range": [_instant(month.start - _HALF_A_DAY), _instant(month.end - _HALF_A_DAY)],
        },
        "yaxis": money_axis(map(grid.of_day, grid.days)),
        "margin": {"l": 52, "r": 16, "t": 24 if changes else 8, "b": 24},
        "shapes": [_line(book) for book in changes],
        "annotations": [_name(book) for book in changes],
    }


def _line(book: Book) -> dict[str, Any]:
    at = _instant(book.effective_from)
    line = {"color": "var(--j-ink-2)", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _name(book: Book) -> dict[str, Any]:
    return {
        "name": "wide",
        "text": f"prices {book.version}",
        "x": _instant(book.effective_from),
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11, "color": "var(--j-ink-2)"},
    }


def _instant(at: datetime) -> str:
    return at.strftime("%Y-%m-%dT%H:%M")
