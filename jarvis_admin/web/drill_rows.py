"""Restore drills as their report shows them, on the page and as a file."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for

from jarvis_admin.services.drill_report import STEPS, Report
from jarvis_admin.web import csv_files
from jarvis_admin.web.filters import exact, size

HEAD = [
    "started_utc",
    "finished_utc",
    "user",
    "archive",
    "archive_shows_utc",
    "outcome",
    "files_compared",
    "bytes",
    "boot_ms",
    "asked_by",
    "error",
]
_LOOKS = {"passed": "pass", "failed": "failed", "running": "running"}


@dataclass(frozen=True)
class Row:
    id: str
    handle: str
    look: str
    word: str
    error: str
    files: str
    size: str
    boot: str
    at: datetime
    shows: str
    shows_exact: str
    asked_by: str
    operation: str


@dataclass(frozen=True)
class Step:
    words: str
    count: int
    share: str


def row(one: Any) -> Row:
    done = one.state == "passed"
    return Row(
        id=one.id,
        handle=one.handle,
        look=_LOOKS.get(one.state, "off"),
        word=one.state.capitalize(),
        error=one.error,
        files=f"{one.files:,}" if done else "–",
        size=size(one.bytes) if done else "–",
        boot=f"{one.boot_ms / 1000:.1f} s" if done else "–",
        at=one.started_at,
        shows=f"{one.shows.day} {one.shows:%b %H:%M}",
        shows_exact=exact(one.shows),
        asked_by=one.asked_by,
        operation=url_for("operations.show", operation_id=one.operation_id),
    )


def cells(one: Any) -> list[str]:
    text = csv_files.text
    return [
        one.started_at.isoformat(),
        one.finished_at.isoformat() if one.finished_at else "",
        text(one.handle),
        one.archive_id,
        one.shows.isoformat(),
        one.state,
        str(one.files),
        str(one.bytes),
        str(one.boot_ms),
        text(one.asked_by),
        text(one.error),
    ]


def steps(report: Report) -> list[Step]:
    """How many of the users' backups were proven how recently; the last step is never."""
    found = [
        Step(f"Within {days} days", count, _share(count, report.users))
        for days, count in zip(STEPS, report.proven, strict=True)
    ]
    longer = report.users - report.never - report.proven[-1]
    found.append(Step(f"Longer than {STEPS[-1]} days ago", longer, _share(longer, report.users)))
    found.append(Step("Never", report.never, _share(report.never, report.users)))
    return found


def _share(part: int, whole: int) -> str:
    return f"{100 * part / whole:.0f} %" if whole else "–"
