"""Rows of operation tables as templates show them."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Row

from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION
from jarvis_admin.web.filters import exact, seconds, span
from jarvis_admin.web.machine_rows import title_of


@dataclass(frozen=True)
class OperationRow:
    id: str
    title: str
    handle: str
    look: str
    word: str
    note: str  # where it is, or why it failed
    asked_by: str
    reason: str
    took: str
    asked: str
    asked_exact: str


def prepare(
    rows: Iterable[Row[Any]], now: datetime, steps: Mapping[str, str] | None = None
) -> list[OperationRow]:
    """`steps` names what each active operation is at."""
    at = steps or {}
    return [
        OperationRow(
            id=row.id,
            title=title_of(row.kind),
            handle=row.handle,
            look=row.state,
            word=word(row.state, row.cancel_requested),
            note=row.error or at.get(row.id, ""),
            asked_by=row.asked_by,
            reason=row.reason,
            took=took(row.started_at, row.finished_at, now),
            asked=seconds((now - row.created_at).total_seconds()),
            asked_exact=exact(row.created_at),
        )
        for row in rows
    ]


def word(state: str, cancel_requested: bool) -> str:
    asked = cancel_requested and state in ACTIVE_OPERATION
    return "Cancelling" if asked else state.capitalize()


def took(started_at: datetime | None, finished_at: datetime | None, now: datetime) -> str:
    return span((finished_at or now) - started_at) if started_at else "–"
