"""The chart of drills: passed and failed, a bar a day."""

from collections.abc import Sequence
from datetime import date
from typing import Any


def drills_a_day(days: Sequence[tuple[date, int, int]]) -> dict[str, Any]:
    x = [day.isoformat() for day, _, _ in days]
    return {
        "data": [
            _bars("Passed", x, [passed for _, passed, _ in days], "var(--j-c2)"),
            _bars("Failed", x, [failed for _, _, failed in days], "var(--j-bad-fill)"),
        ],
        "layout": {
            "barmode": "stack",
            "bargap": 0.25,
            "xaxis": {"tickformat": "%-d %b", "nticks": 3},
            "yaxis": {"nticks": 3, "rangemode": "tozero", "tickformat": ",d"},
            "margin": {"l": 32, "r": 8, "t": 8, "b": 24},
        },
    }


def _bars(name: str, x: list[str], y: list[int], colour: str) -> dict[str, Any]:
    return {
        "type": "bar",
        "name": name,
        "x": x,
        "y": y,
        "marker": {"color": colour, "line": {"width": 0}},
        "hovertemplate": "%{y}",
    }
