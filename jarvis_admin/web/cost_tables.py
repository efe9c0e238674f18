"""Amounts as the cost tables show them: rounded here, once, and nowhere before."""

from dataclasses import dataclass
from datetime import date, datetime

from jarvis_admin.domain.money import dollars
from jarvis_admin.services.costs import Grid, MonthCosts
from jarvis_admin.web.figures import label


@dataclass(frozen=True)
class DayRow:
    day: date
    settling: bool  # the day is not over
    cells: list[str]
    total: str


@dataclass(frozen=True)
class DayTable:
    components: list[tuple[str, str]]  # name in CSS, words
    rows: list[DayRow]  # newest first
    sums: list[str]
    total: str


@dataclass(frozen=True)
class ComponentRow:
    name: str
    label: str
    now: str
    before: str
    change: str
    percent: float


def day_table(grid: Grid, now: datetime) -> DayTable:
    names = grid.components
    return DayTable(
        components=[(name, label(name)) for name in names],
        rows=[
            DayRow(
                day,
                day == now.date(),
                [amount(grid.at(day, name)) for name in names],
                dollars(grid.of_day(day)),
            )
            for day in reversed(grid.days)
        ],
        sums=[dollars(grid.of_component(name)) for name in names],
        total=dollars(grid.total),
    )


def component_table(costs: MonthCosts) -> list[ComponentRow]:
    """The dearest first; what only the month before had is there too."""
    names = dict.fromkeys((*costs.grid.components, *costs.before.components))
    sums = {name: costs.grid.of_component(name) for name in names}
    return [
        ComponentRow(
            name,
            label(name),
            amount(nano),
            amount(costs.before.of_component(name)),
            change(nano - costs.before.of_component(name)),
            share(nano, costs.grid.total),
        )
        for name, nano in sorted(sums.items(), key=lambda item: -item[1])
    ]


def amount(nano: int) -> str:
    return dollars(nano) if nano else "–"


def change(nano: int) -> str:
    written = dollars(nano)
    return f"+{written}" if nano > 0 and written.strip("0.,") else written


def share(part: int, whole: int) -> float:
    """In percent with one place; what a bar shows. What takes something off has no share."""
    return round(min(max(100 * part / whole, 0.0), 100.0), 1) if whole > 0 else 0.0


def compared(now: int, before: int, to_what: str) -> str:
    """`12.1 % more than in October`, or empty when there is nothing to compare with."""
    if not before:
        return ""
    percent = 100 * (now - before) / before
    if abs(percent) < 0.05:
        return f"as much as {to_what}"
    return f"{abs(percent):,.1f} % {'more' if percent > 0 else 'less'} than {to_what}"
