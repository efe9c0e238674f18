"""Alerts: raised once, whoever raises them, and put before the channels that want to hear."""

from collections.abc import Sequence
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

from sqlalchemy import select, tuple_
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from jarvis_admin.errors import NotFound
from jarvis_admin.models import Alert
from jarvis_admin.services import deliveries

PAGE = 50


class Kind(StrEnum):
    """What a channel may ask for."""

    BUDGET = "budget"  # a threshold on actual cost was reached
    FORECAST = "forecast"  # the month is expected to end beyond a threshold
    UNUSUAL = "unusual"  # a user's day costs far more than usual
    DIGEST = "digest"  # the week, for a role


class Cursor(NamedTuple):
    at: datetime
    id: int


def unraised(session: Session, keys: Sequence[str]) -> set[str]:
    """Those that nobody has raised yet; one statement."""
    if not keys:
        return set()
    return set(keys) - set(session.scalars(select(Alert.key).where(Alert.key.in_(keys))))


def raise_once(session: Session, alert: Alert) -> bool:
    """False: it was raised before, or just now by another worker; then nothing is sent."""
    try:
        with session.begin_nested():
            session.add(alert)
            session.flush()
    except IntegrityError:
        return False
    if not alert.quiet:
        deliveries.queue(session, alert)
    return True


def newest(
    session: Session, *, kind: str = "", cursor: Cursor | None = None
) -> tuple[Sequence[Alert], Cursor | None]:
    """A page of what fired; one statement."""
    found = select(Alert).order_by(Alert.at.desc(), Alert.id.desc()).limit(PAGE + 1)
    if kind:
        found = found.where(Alert.kind == kind)
    if cursor is not None:
        found = found.where(tuple_(Alert.at, Alert.id) < tuple_(cursor.at, cursor.id))
    rows = session.scalars(found).all()
    last = rows[PAGE - 1] if len(rows) > PAGE else None
    return rows[:PAGE], Cursor(last.at, last.id) if last else None


def get(session: Session, alert_id: int) -> Alert:
    row = session.get(Alert, alert_id)
    if row is None:
        raise NotFound("There is no such alert.")
    return row
