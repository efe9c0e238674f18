"""The chart of a report: a bar a step and band, the period before as a dotted line, notes above."""

from collections.abc import Sequence
from datetime import date, datetime, timedelta
from typing import Any

from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.periods import Period, Step
from jarvis_admin.services.report_notes import Note
from jarvis_admin.services.reports import Report
from jarvis_admin.web.figures import hover, money_axis
from jarvis_admin.web.report_bands import Band

_HALF_A_DAY = timedelta(hours=12)
_MOST_NAMED = 3
_LONG = 22


def stacked(
    report: Report, bands: Sequence[Band], step: Step, period: Period, notes: Sequence[Note]
) -> dict[str, Any]:
    """Values are whole nanodollars over 10^9, which a float holds exactly."""
    starts = [start.isoformat() for start in report.starts]
    bars: list[dict[str, Any]] = [
        {
            "type": "bar",
            "name": band.label,
            "x": starts,
            "y": [report.at(start, band.key) / NANO for start in report.starts],
            "marker": dict(band.marker),
            **hover([report.at(start, band.key) for start in report.starts]),
        }
        for band in bands
    ]
    if report.before is not None:
        bars.append(_ghost(report, starts))
    return {"data": bars, "layout": _layout(report, step, period, notes)}


def _ghost(report: Report, starts: Sequence[str]) -> dict[str, Any]:
    return {
        "type": "scatter",
        "mode": "lines",
        "name": "The period before",
        "x": list(starts),
        "y": [report.before_start(start) / NANO for start in report.starts],
        "line": {"color": "var(--j-ink-2)", "width": 1.5, "dash": "dot", "shape": "hvh"},
        **hover([report.before_start(start) for start in report.starts]),
    }


def _layout(report: Report, step: Step, period: Period, notes: Sequence[Note]) -> dict[str, Any]:
    named = notes[:_MOST_NAMED]
    return {
        "barmode": "relative" if _has_negative(report) else "stack",
        "bargap": 0.25,
        "xaxis": _x_axis(step, period),
        "yaxis": money_axis(map(report.of_start, report.starts)),
        "margin": {"l": 52, "r": 16, "t": 24 if named else 8, "b": 24},
        "shapes": [_line(note, step) for note in notes],
        "annotations": [_name(note, step, period) for note in named],
    }


def _x_axis(step: Step, period: Period) -> dict[str, Any]:
    if step is Step.MONTH:
        return {"tickformat": "%b %y", "dtick": "M1", "tick0": period.first.isoformat()}
    days = (period.until - period.first).days
    begin = datetime.combine(period.first, datetime.min.time()) - _HALF_A_DAY
    end = datetime.combine(period.until, datetime.min.time()) - _HALF_A_DAY
    return {
        "tickformat": "%-d" if days <= 31 else "%-d %b",
        "nticks": 31 if days <= 31 else 10,
        "range": [begin.strftime("%Y-%m-%dT%H:%M"), end.strftime("%Y-%m-%dT%H:%M")],
    }


def _has_negative(report: Report) -> bool:
    return any(nano < 0 for nano in report.amounts.values())


def _place(note: Note, step: Step) -> str:
    """On a chart of months a note stands at its month."""
    if step is Step.MONTH:
        first: date = step.start_of(note.at.date())
        return first.isoformat()
    return note.at.strftime("%Y-%m-%dT%H:%M")


def _line(note: Note, step: Step) -> dict[str, Any]:
    at = _place(note, step)
    line = {"color": "var(--j-ink-2)", "width": 1, "dash": "dot"}
    return {"type": "line", "x0": at, "x1": at, "yref": "paper", "y0": 0, "y1": 1, "line": line}


def _anchor(note: Note, period: Period) -> str:
    """Near an end of the chart the words grow towards its middle."""
    days, gone = (period.until - period.first).days, (note.at.date() - period.first).days
    return "left" if gone < days / 4 else "right" if gone > days * 3 / 4 else "center"


def _name(note: Note, step: Step, period: Period) -> dict[str, Any]:
    text = note.text if len(note.text) <= _LONG else f"{note.text[:_LONG]}…"
    return {
        "name": "wide",
        "text": text.replace("<", "‹"),  # plotly.js reads markup in texts
        "x": _place(note, step),
        "xanchor": _anchor(note, period),
        "yref": "paper",
        "y": 1,
        "yanchor": "bottom",
        "showarrow": False,
        "font": {"size": 11, "color": "var(--j-ink-2)"},
    }
