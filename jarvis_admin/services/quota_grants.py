"""More for a user until a date, or no quota at all for a while; each with a reason and a trace."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.quotas.kinds import UNITS, Kind, written
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import Exemption, Grant, User
from jarvis_admin.services import audit

_SHOWN = 50
# A slip of the finger is no present: a month has 744 hours, Fly's largest machine 128 GB.
_MOST: Mapping[Kind, int] = {
    kind: amount * UNITS[kind].factor
    for kind, amount in {
        Kind.RUNNING: 744,
        Kind.DOLLARS: 1000,
        Kind.WAKES: 1000,
        Kind.STORAGE: 500,
        Kind.MEMORY: 128,
        Kind.BACKUPS: 1000,
    }.items()
}


def grant(
    session: Session,
    user: User,
    kind: Kind,
    amount: int,
    *,
    until: datetime,
    reason: str,
    by: str,
    now: datetime,
) -> Grant:
    if amount <= 0:
        raise Invalid("A grant adds something: the amount must be more than 0.")
    if amount > _MOST[kind]:
        raise Invalid(f"{UNITS[kind].title}: a grant is at most {written(kind, _MOST[kind])}.")
    _check(until, reason, now)
    row = Grant(
        user_id=user.id,
        kind=kind,
        amount=amount,
        since=now,
        until=until,
        reason=reason,
        granted_by=by,
    )
    session.add(row)
    details = {"kind": str(kind), "amount": amount, "until": until.isoformat()}
    _told(session, now, by, "quota_grant", user, reason, details)
    return row


def revoke_grant(session: Session, user: User, grant_id: int, *, by: str, now: datetime) -> Grant:
    row = session.get(Grant, grant_id)
    if row is None or row.user_id != user.id:
        raise NotFound(f"{user.handle} has no such grant.")
    _refuse_if_over(row, "grant", now)
    row.revoked_at, row.revoked_by = now, by
    _told(session, now, by, "quota_revoke", user, row.reason, {"kind": row.kind})
    return row


def exempt(
    session: Session, user: User, *, until: datetime, reason: str, by: str, now: datetime
) -> Exemption:
    _check(until, reason, now)
    row = Exemption(user_id=user.id, since=now, until=until, reason=reason, given_by=by)
    session.add(row)
    _told(session, now, by, "quota_exempt", user, reason, {"until": until.isoformat()})
    return row


def end_exemption(
    session: Session, user: User, exemption_id: int, *, by: str, now: datetime
) -> Exemption:
    row = session.get(Exemption, exemption_id)
    if row is None or row.user_id != user.id:
        raise NotFound(f"{user.handle} has no such exemption.")
    _refuse_if_over(row, "exemption", now)
    row.revoked_at, row.revoked_by = now, by
    _told(session, now, by, "quota_unexempt", user, row.reason, {})
    return row


def grants_of(session: Session, user: User) -> Sequence[Grant]:
    """Newest first, those that are over too."""
    mine = select(Grant).where(Grant.user_id == user.id)
    return session.scalars(mine.order_by(Grant.id.desc()).limit(_SHOWN)).all()


def exemptions_of(session: Session, user: User) -> Sequence[Exemption]:
    mine = select(Exemption).where(Exemption.user_id == user.id)
    return session.scalars(mine.order_by(Exemption.id.desc()).limit(_SHOWN)).all()


def _check(until: datetime, reason: str, now: datetime) -> None:
    if until <= now:
        raise Invalid("The end lies in the past: choose a later day.")
    if not 3 <= len(reason) <= 500:
        raise Invalid("A reason of 3 to 500 characters goes into the audit trail.")


def _refuse_if_over(row: Grant | Exemption, what: str, now: datetime) -> None:
    if row.revoked_at is not None:
        raise Conflict(f"This {what} was taken back already, by {row.revoked_by}.")
    if row.until <= now:
        raise Conflict(f"This {what} is over already.")


def _told(
    session: Session,
    now: datetime,
    by: str,
    action: str,
    user: User,
    reason: str,
    details: Mapping[str, Any],
) -> None:
    session.flush()
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=user.handle,
        reason=reason,
        details=details,
    )
