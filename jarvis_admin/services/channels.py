"""Channels: where alerts go. An address is sealed at once and opened only to send."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin import notify
from jarvis_admin.config import Settings
from jarvis_admin.domain.rights import Role
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import Channel
from jarvis_admin.services import audit, sealing
from jarvis_admin.services.alerts import Kind

# Where a developer's own machine may be the receiver.
_TRYING_OUT = ("development", "test", "demo")


def every(session: Session) -> Sequence[Channel]:
    return session.scalars(select(Channel).order_by(Channel.name)).all()


def get(session: Session, channel_id: int) -> Channel:
    row = session.get(Channel, channel_id)
    if row is None:
        raise NotFound("There is no such channel; it may have been deleted.")
    return row


def add(
    session: Session,
    settings: Settings,
    *,
    name: str,
    address: str,
    kinds: Sequence[str],
    roles: Sequence[str],
    actor: str,
    now: datetime,
) -> Channel:
    name, address = name.strip(), address.strip()
    if not 1 <= len(name) <= 80:
        raise Invalid("Give the channel a name of at most 80 characters.")
    notify.check(address, inside_too=settings.environment in _TRYING_OUT)
    _check_wants(kinds, roles)
    if session.scalar(select(Channel.id).where(Channel.name == name)) is not None:
        raise Conflict(f"There is a channel {name} already.")
    row = Channel(
        name=name,
        sealed=sealing.seal(settings.secret_key, address),
        shown=notify.shown(address),
        kinds=list(kinds),
        roles=list(roles),
        created_by=actor,
        created_at=now,
    )
    session.add(row)
    session.flush()
    details = {"to": row.shown, "kinds": row.kinds, "roles": row.roles}
    audit.record(
        session, at=now, actor=actor, action="channel added", subject=name, details=details
    )
    return row


def delete(session: Session, channel_id: int, *, actor: str, now: datetime) -> str:
    """With its deliveries: nothing of the address remains. Its name."""
    row = get(session, channel_id)
    details = {"to": row.shown}
    audit.record(
        session, at=now, actor=actor, action="channel deleted", subject=row.name, details=details
    )
    session.delete(row)
    session.flush()
    return row.name


def _check_wants(kinds: Sequence[str], roles: Sequence[str]) -> None:
    if not kinds or not set(kinds) <= set(Kind):
        raise Invalid("Say which alerts the channel gets: at least one kind.")
    if not set(roles) <= set(Role):
        raise Invalid("A digest is for admin, finance or support.")
    if (Kind.DIGEST in kinds) != bool(roles):
        raise Invalid("A weekly digest needs a role to be written for, and only a digest does.")
