"""Amounts as the cost tables show them: rounded here, once, and nowhere before."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from functools import lru_cache
from typing import NamedTuple

from markupsafe import Markup, escape

from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.pricing import Component
from jarvis_admin.services.costs import Grid, MonthCosts
from jarvis_admin.web.figures import label, label_in

# Where a band of these days leads to; empty for all of them, and when it leads nowhere.
Address = Callable[[date, date, str], str]


@dataclass(frozen=True)
class Figure:
    text: str
    url: str = ""

    @property
    def html(self) -> Markup:
        """Written here: a table has hundreds of them."""
        text = escape(self.text)
        if not self.url:
            return text
        return Markup(f'<a class="j-explain" href="{escape(self.url)}">{text}</a>')  # noqa: S704


class DayRow(NamedTuple):
    day: date
    settling: bool  # the day is not over
    cells: Markup  # of the table's row, the total too


@dataclass(frozen=True)
class DayTable:
    components: list[tuple[str, str]]  # name in CSS, words
    rows: list[DayRow]  # newest first
    sums: list[Figure]
    total: Figure


@dataclass(frozen=True)
class ComponentRow:
    name: str
    label: str
    now: str
    before: str
    change: str
    percent: float
    url: str
    idle: str  # of it, what nobody used


def _nowhere(_first: date, _last: date, _band: str) -> str:
    return ""


def day_table(grid: Grid, now: datetime, address: Address = _nowhere) -> DayTable:
    """Of a running day only the total leads on: whose its open part is, only its lines know."""
    names, today = grid.components, now.date()
    first, last = (grid.days[0], grid.days[-1]) if grid.days else (today, today)
    return DayTable(
        components=[(name, label_in(grid, name)) for name in names],
        rows=[
            _day_row(
                day, day == today, tuple((name, grid.at(day, name)) for name in names), address
            )
            for day in reversed(grid.days)
        ],
        sums=[
            Figure(
                dollars(grid.of_component(name)), address(first, last, name) if last < today else ""
            )
            for name in names
        ],
        total=Figure(dollars(grid.total), address(first, last, "")),
    )


@lru_cache(maxsize=512)  # a month has thirty, and those of days that are over hardly change
def _day_row(
    day: date, settling: bool, bands: tuple[tuple[str, int], ...], address: Address
) -> DayRow:
    cells = [
        Figure(amount(nano), address(day, day, name) if nano and not settling else "")
        for name, nano in bands
    ]
    cells.append(Figure(dollars(sum(nano for _, nano in bands)), address(day, day, "")))
    table_cells = (Markup('<td class="j-num">{}</td>').format(cell.html) for cell in cells)
    return DayRow(day, settling, Markup().join(table_cells))


def component_table(
    costs: MonthCosts, idle: int = 0, address: Address = _nowhere
) -> list[ComponentRow]:
    """The dearest first; what only the month before had is there too."""
    names = dict.fromkeys((*costs.grid.components, *costs.before.components))
    sums = {name: costs.grid.of_component(name) for name in names}
    whole = gross(sums.values())
    return [
        ComponentRow(
            name,
            label(name),
            amount(nano),
            amount(costs.before.of_component(name)),
            change(nano - costs.before.of_component(name)),
            share(nano, whole),
            address(costs.grid.days[0], costs.grid.days[-1], name) if nano else "",
            dollars(idle) if name == Component.COMPUTE and idle else "",
        )
        for name, nano in sorted(sums.items(), key=lambda item: -item[1])
    ]


def amount(nano: int) -> str:
    return dollars(nano) if nano else "–"


def change(nano: int) -> str:
    written = dollars(nano)
    return f"+{written}" if nano > 0 and written.strip("0.,") else written


def gross(parts: Iterable[int]) -> int:
    """What shares are of: a credit may be larger than all that it is taken off."""
    return sum(part for part in parts if part > 0)


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
