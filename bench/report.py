"""What was measured, a line each: ours, its reference, their ratio, the target, the verdict."""

import os
import platform
import sqlite3
from collections.abc import Sequence
from dataclasses import dataclass

_HEAD = ("measure", "size", "ours", "reference", "ratio", "target", "")
_WIDTHS = (34, 16, 9, 20, 6, 9, 4)


@dataclass(frozen=True)
class Line:
    """`target` is the most that is allowed: of the ratio when there is one, else of `ours`."""

    name: str
    size: str
    ours: float
    unit: str
    reference: float | None = None
    reference_name: str = ""
    target: float | None = None
    absolute: bool = False  # the target is for `ours` although there is a reference

    @property
    def ratio(self) -> float | None:
        return self.ours / self.reference if self.reference else None

    @property
    def verdict(self) -> str:
        """Empty for what is only told."""
        if self.target is None:
            return ""
        held = self.ours if self.absolute or self.ratio is None else self.ratio
        return "ok" if held <= self.target else "over"

    def cells(self) -> tuple[str, ...]:
        of_ours = self.absolute or self.reference is None
        unit = f" {self.unit}" if of_ours else "x"
        return (
            self.name,
            self.size,
            f"{_figure(self.ours)} {self.unit}",
            f"{self.reference_name} {_figure(self.reference)}" if self.reference else "",
            "" if self.ratio is None else f"{self.ratio:.2f}",
            "" if self.target is None else f"<= {self.target:g}{unit}",
            self.verdict,
        )


def machine(database: str) -> str:
    """Where the figures come from: without it they say nothing."""
    return (
        f"{os.cpu_count()} cores, {platform.system()} {platform.machine()}, "
        f"Python {platform.python_version()}, SQLite {sqlite3.sqlite_version}, on {database}, "
        f"load {os.getloadavg()[0]:.1f}"
    )


def head() -> str:
    return f"{table_row(_HEAD)}\n{table_row(['-' * width for width in _WIDTHS])}"


def table_row(cells: Sequence[str]) -> str:
    padded = [cell.ljust(width) for cell, width in zip(cells, _WIDTHS, strict=True)]
    return "  ".join(padded).rstrip()


def _figure(value: float) -> str:
    return f"{value:.2f}" if value < 100 else f"{value:,.0f}"
