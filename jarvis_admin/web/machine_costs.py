"""The cost card of a machine: its chart, and the table under it."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from jarvis_admin.domain.money import NANO, dollars
from jarvis_admin.services.workspace_costs import WorkspaceMonth
from jarvis_admin.web.cost_tables import gross, share
from jarvis_admin.web.figures import label, stacked_days

_HOUR = 3_600_000_000  # microseconds
# What is not used by time has no hours and no price per hour.
_NOTHING = "–"
_PLACES = 4
_SERIES = {"compute": "active", "rootfs": "rootfs", "volume": "volume", "snapshot": "snapshot"}


@dataclass(frozen=True)
class Line:
    name: str
    series: str
    hours: str
    price: str
    share: str
    amount: str


@dataclass(frozen=True)
class CostCard:
    month: str
    total: str
    lines: list[Line]
    figure: dict[str, Any]
    days: list[tuple[str, str]]


def card(costs: WorkspaceMonth) -> CostCard:
    grid = costs.grid
    whole = gross(map(grid.of_component, grid.components))
    figure = stacked_days(grid, costs.month, places=_PLACES)
    figure["layout"]["yaxis"] |= {"nticks": 4}
    return CostCard(
        month=f"{costs.month.first:%B}",
        total=dollars(grid.total, _PLACES),
        lines=[_line(costs, component, whole) for component in grid.components],
        figure=figure,
        days=[(f"{d.day} {d:%B}", dollars(grid.of_day(d), _PLACES)) for d in reversed(grid.days)],
    )


def _line(costs: WorkspaceMonth, component: str, whole: int) -> Line:
    nano, micros = costs.grid.of_component(component), costs.micros.get(component, 0)
    return Line(
        name=label(component),
        series=_SERIES.get(component, component),
        hours=f"{timedelta(microseconds=micros) / timedelta(hours=1):,.2f} h"
        if micros
        else _NOTHING,
        price=f"${nano * _HOUR / micros / NANO:.6f} per h" if micros else _NOTHING,
        share=f"{share(nano, whole)} %" if nano > 0 else _NOTHING,
        amount=dollars(nano, _PLACES),
    )
