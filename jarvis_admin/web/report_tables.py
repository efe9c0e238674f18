"""The tables of a report: what stands under its chart and in its file, from the same figures."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, timedelta

from jarvis_admin.domain.money import csv_dollars, dollars
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.periods import Step
from jarvis_admin.domain.pricing import Component
from jarvis_admin.services.costs import IDLE
from jarvis_admin.services.reports import Group, Report
from jarvis_admin.web import csv_files, report_bands, report_lines
from jarvis_admin.web.cost_tables import amount, change, gross, share
from jarvis_admin.web.report_bands import Band
from jarvis_admin.web.report_query import Asked

_LINKED_ROWS = 35  # with more, only heads and sums are links: the page would be all addresses


@dataclass(frozen=True)
class Cell:
    text: str
    url: str = ""


@dataclass(frozen=True)
class StepRow:
    start: date
    label: str
    settling: bool  # not over
    url: str
    cells: list[Cell]
    total: str
    before: str
    change: str


@dataclass(frozen=True)
class BandRow:
    band: Band
    url: str
    who: str
    now: str
    before: str
    change: str
    percent: float


def step_rows(report: Report, bands: Sequence[Band], asked: Asked, today: date) -> list[StepRow]:
    """The newest first."""
    linked = len(report.starts) <= _LINKED_ROWS
    rows = []
    for start in reversed(report.starts):
        first, last = _ends(start, asked)
        at = {"from": first.isoformat(), "to": last.isoformat(), "step": ""}
        total, before = report.of_start(start), report.before_start(start)
        rows.append(
            StepRow(
                start,
                _label(start, asked.step),
                first <= today <= last,
                asked.address(**at) if asked.period.days > 1 else who_all(asked),
                [_cell(report, start, band, asked, at if linked else {}) for band in bands],
                dollars(total),
                dollars(before),
                change(total - before),
            )
        )
    return rows


def band_rows(report: Report, bands: Sequence[Band], asked: Asked) -> list[BandRow]:
    """The dearest first."""
    whole = gross(report.of_band(band.key) for band in bands)
    rows = [
        (
            report.of_band(band.key),
            BandRow(
                band,
                _into(report, asked, band.key, {}),
                _who(report, asked, band.key, {}),
                amount(report.of_band(band.key)),
                amount(report.before_band(band.key)),
                change(report.of_band(band.key) - report.before_band(band.key)),
                share(report.of_band(band.key), whole),
            ),
        )
        for band in bands
    ]
    return [row for _, row in sorted(rows, key=lambda pair: -pair[0])]


def file_head(bands: Sequence[Band], asked: Asked) -> list[str]:
    names = [f"{csv_files.text(_column(band, asked.group))}_usd" for band in bands]
    compared = ["before_usd", "change_usd"] if asked.compare else []
    return ["day_utc" if asked.step is Step.DAY else "month", *names, "total_usd", *compared]


def file_rows(report: Report, bands: Sequence[Band], asked: Asked) -> list[list[str]]:
    """As on the screen, newest first, with all nine places."""
    rows = []
    for start in reversed(report.starts):
        total, before = report.of_start(start), report.before_start(start)
        compared = [csv_dollars(before), csv_dollars(total - before)] if asked.compare else []
        written = start.isoformat() if asked.step is Step.DAY else str(Month.of(start))
        cells = [csv_dollars(report.at(start, band.key)) for band in bands]
        rows.append([written, *cells, csv_dollars(total), *compared])
    return rows


def _column(band: Band, group: Group) -> str:
    return band.label.lower().replace(" ", "_").replace(",", "") if band.key else f"no_{group}"


def _cell(report: Report, start: date, band: Band, asked: Asked, at: dict[str, str]) -> Cell:
    nano = report.at(start, band.key)
    return Cell(amount(nano), _into(report, asked, band.key, at) if nano and at else "")


def _into(report: Report, asked: Asked, band: str, at: dict[str, str]) -> str:
    """A report of the same sum; who it is, where no report can tell it further apart."""
    found = report_bands.into(asked.query, asked.group, band)
    if found is None:
        return ""
    query, group = found
    if group is None or _part(report, asked.group, band):
        return _who(report, asked, band, at)
    return asked.address(group=group, q=str(query), **at)


def who_all(asked: Asked) -> str:
    """None of it is told apart; a condition on bands leaves out what only bands know."""
    return "" if asked.narrowing.costs else report_lines.who(asked, asked.query)


def _who(report: Report, asked: Asked, band: str, at: dict[str, str]) -> str:
    found = report_bands.into(asked.query, asked.group, band)
    part = _part(report, asked.group, band)
    return report_lines.who(asked, found[0], part=part, **at) if found else ""


def _part(report: Report, group: Group, band: str) -> str:
    """Compute is one to the cube: what of it nobody used is known by user and day alone."""
    if group is not Group.COMPONENT or IDLE not in report.bands:
        return ""
    return {IDLE: IDLE, Component.COMPUTE: report_lines.USED}.get(band, "")


def _ends(start: date, asked: Asked) -> tuple[date, date]:
    """The first and last day of a step, as far as the period has it."""
    if asked.step is Step.DAY:
        return start, start
    last = Month.of(start).following.first - timedelta(days=1)
    return max(start, asked.period.first), min(last, asked.period.last)


def _label(start: date, step: Step) -> str:
    return f"{start:%a} {start.day} {start:%b}" if step is Step.DAY else f"{start:%B %Y}"
