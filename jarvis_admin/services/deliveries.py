"""Deliveries: one alert to one channel, tried again for two hours, every try on record.

Who sends first moves a delivery to *sending* with a term, in a transaction of its own; so two
workers never send the same one, and one that a dead worker held is taken up after the term.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import StrEnum

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session, joinedload

from jarvis_admin.errors import Conflict, NotFound
from jarvis_admin.models import Alert, Channel, Delivery
from jarvis_admin.services import audit

MOST_ATTEMPTS = 8
LOG_LENGTH = 50
_TERM = timedelta(minutes=5)
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(minutes=1), timedelta(hours=1)
_DIGEST = "digest"


class State(StrEnum):
    QUEUED = "queued"
    SENDING = "sending"
    SENT = "sent"
    FAILED = "failed"


_OPEN = (State.QUEUED, State.SENDING)


def queue(session: Session, alert: Alert) -> list[Delivery]:
    """One for each channel that wants alerts of this kind; digests go by role, too."""
    channels = session.scalars(select(Channel).order_by(Channel.id))
    made = [
        _new(channel, alert, alert.at)
        for channel in channels
        if alert.kind in channel.kinds and (alert.kind != _DIGEST or alert.subject in channel.roles)
    ]
    session.add_all(made)
    session.flush()
    return made


def queue_test(session: Session, channel: Channel, *, actor: str, now: datetime) -> Delivery:
    """A message that says it is a test; the worker sends it as it sends the others."""
    made = _new(channel, None, now)
    made.asked_by = actor
    session.add(made)
    session.flush()
    audit.record(session, at=now, actor=actor, action="channel tested", subject=channel.name)
    return made


def due(session: Session, now: datetime, limit: int) -> Sequence[int]:
    return session.scalars(
        select(Delivery.id)
        .where(Delivery.state.in_(_OPEN), Delivery.next_try <= now)
        .order_by(Delivery.next_try, Delivery.id)
        .limit(limit)
    ).all()


def claim(session: Session, delivery_id: int, now: datetime) -> Delivery | None:
    """The caller commits before it sends; None: somebody else has it, or it is done."""
    claimed = session.execute(
        update(Delivery)
        .where(Delivery.id == delivery_id, Delivery.state.in_(_OPEN), Delivery.next_try <= now)
        .values(state=State.SENDING, attempts=Delivery.attempts + 1, next_try=now + _TERM)
    )
    if not claimed.rowcount:  # type: ignore[attr-defined]
        return None
    return session.scalars(
        select(Delivery)
        .where(Delivery.id == delivery_id)
        .options(joinedload(Delivery.channel), joinedload(Delivery.alert))
    ).one()


def finish(session: Session, delivery_id: int, attempt: int, error: str, now: datetime) -> None:
    """What became of an attempt; an empty error: it was taken. A later attempt is left alone."""
    row = session.get(Delivery, delivery_id, with_for_update=True)
    if row is None or row.state != State.SENDING or row.attempts != attempt:
        return
    row.error = error[:300]
    # A person waits for a test: one try tells them.
    tries = 1 if row.alert_id is None else MOST_ATTEMPTS
    if error and attempt < tries:
        row.state, row.next_try = State.QUEUED, now + pause(attempt)
        return
    row.state = State.FAILED if error else State.SENT
    row.finished_at, row.next_try = now, None


def retry(session: Session, delivery_id: int, *, actor: str, now: datetime) -> Delivery:
    """Once more from the first attempt, at once."""
    row = session.get(Delivery, delivery_id)
    if row is None:
        raise NotFound("There is no such delivery.")
    if row.state in (State.SENT, State.SENDING):
        raise Conflict(f"This delivery is {row.state}; there is nothing to try again.")
    row.state, row.attempts, row.next_try, row.finished_at = State.QUEUED, 0, now, None
    row.asked_by = actor
    subject = session.get_one(Channel, row.channel_id).name
    audit.record(session, at=now, actor=actor, action="delivery retried", subject=subject)
    return row


def log(session: Session, *, channel_id: int | None = None) -> Sequence[Delivery]:
    """The newest; one statement."""
    found = select(Delivery).order_by(Delivery.created_at.desc(), Delivery.id.desc())
    if channel_id is not None:
        found = found.where(Delivery.channel_id == channel_id)
    together = (joinedload(Delivery.channel), joinedload(Delivery.alert))
    return session.scalars(found.options(*together).limit(LOG_LENGTH)).all()


def of_alert(session: Session, alert_id: int) -> Sequence[Delivery]:
    return session.scalars(
        select(Delivery)
        .where(Delivery.alert_id == alert_id)
        .options(joinedload(Delivery.channel))
        .order_by(Delivery.id)
    ).all()


def any_under_way(rows: Sequence[Delivery]) -> bool:
    return any(row.state in _OPEN for row in rows)


def forget(session: Session, before: datetime) -> int:
    """Drop what was finished before then."""
    dropped = session.execute(delete(Delivery).where(Delivery.finished_at < before))
    return int(dropped.rowcount)  # type: ignore[attr-defined]


def pause(attempt: int) -> timedelta:
    """1, 2, 4 … minutes, at most an hour."""
    return min(_FIRST_PAUSE * (1 << (attempt - 1)), _LONGEST_PAUSE)


def _new(channel: Channel, alert: Alert | None, now: datetime) -> Delivery:
    return Delivery(
        channel_id=channel.id,
        alert_id=alert.id if alert else None,
        state=State.QUEUED,
        attempts=0,
        next_try=now,
        created_at=now,
    )
