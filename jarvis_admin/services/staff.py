"""Staff accounts, their passwords, and the browsers they are signed in with."""

import hashlib
import secrets
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import lru_cache

from argon2 import PasswordHasher
from argon2.exceptions import VerifyMismatchError
from sqlalchemy import Connection, bindparam, delete, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.rights import Right, Role, rights_of
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import Fleet, Staff, StaffSession
from jarvis_admin.services import pulse
from jarvis_admin.services.pulse import Pulse

SESSION_LENGTH = timedelta(hours=12)
SHORTEST_PASSWORD = 12

_staff, _sessions = Staff.__table__, StaffSession.__table__
_find = (
    select(_staff.c.id, _staff.c.name, _staff.c.email, _staff.c.roles, *pulse.COLUMNS)
    .join_from(_sessions, _staff, _sessions.c.staff_id == _staff.c.id)
    .outerjoin(Fleet.__table__, pulse.THE_FLEET)
    .where(
        _sessions.c.token_hash == bindparam("hash"),
        _sessions.c.expires_at > bindparam("now"),
        _staff.c.active,
    )
)

_rights_of = lru_cache(maxsize=64)(rights_of)  # few combinations of roles, asked for by every page

_hasher = PasswordHasher()
# Verified for an unknown e-mail, so that the time of an answer does not tell who works here.
_NOBODY = _hasher.hash(secrets.token_hex())


@dataclass(frozen=True)
class SignedIn:
    """Who is behind a request: what Flask-Login calls the current user."""

    id: int
    name: str
    email: str
    roles: tuple[str, ...]
    rights: frozenset[Right]
    token: str
    is_authenticated: bool = True
    is_active: bool = True
    is_anonymous: bool = False

    def get_id(self) -> str:
        return self.token

    def may(self, right: Right) -> bool:
        return right in self.rights


def add(
    session: Session, email: str, name: str, password: str, roles: Iterable[str], now: datetime
) -> Staff:
    email = _plain(email)
    if session.scalar(select(Staff.id).where(Staff.email == email)) is not None:
        raise Conflict(f"{email} already has an account.")
    person = Staff(
        email=email,
        name=name.strip(),
        password_hash=_hash(password),
        roles=[Role(role).value for role in roles],
        created_at=now,
    )
    session.add(person)
    session.flush()
    return person


def set_password(session: Session, person: Staff, password: str) -> None:
    """Also signs the person out everywhere: whoever knew the old password is out."""
    person.password_hash = _hash(password)
    session.execute(delete(StaffSession).where(StaffSession.staff_id == person.id))


def check(session: Session, email: str, password: str) -> Staff | None:
    """The active account this e-mail and password open; None: they do not match one."""
    person = session.scalar(select(Staff).where(Staff.email == _plain(email)))
    try:
        _hasher.verify(person.password_hash if person else _NOBODY, password)
    except VerifyMismatchError:
        return None
    return person if person and person.active else None


def open_session(
    session: Session, person: Staff, *, address: str, browser: str, now: datetime
) -> str:
    """The secret for the cookie; only its hash is kept."""
    token = secrets.token_urlsafe(32)
    session.execute(delete(StaffSession).where(StaffSession.expires_at <= now))
    session.add(
        StaffSession(
            token_hash=_digest(token),
            staff_id=person.id,
            created_at=now,
            expires_at=now + SESSION_LENGTH,
            address=address[:64],
            browser=browser[:255],
        )
    )
    return token


def find_session(
    connection: Connection, token: str, now: datetime
) -> tuple[SignedIn, Pulse] | None:
    """Who asks, and how the fleet is: every page wants both, and each statement costs the same.

    On a connection: the session's own bookkeeping would cost as much as the query.
    """
    row = connection.execute(_find, {"hash": _digest(token), "now": now}).first()
    if row is None:
        return None
    id_, name, email, roles, revision, *rest = row
    person = SignedIn(id_, name, email, tuple(roles), _rights_of(tuple(roles)), token)
    return person, Pulse() if revision is None else Pulse(revision, *rest)


def close_session(session: Session, token: str) -> None:
    session.execute(delete(StaffSession).where(StaffSession.token_hash == _digest(token)))


def _hash(password: str) -> str:
    if len(password) < SHORTEST_PASSWORD:
        raise Invalid(f"A password needs at least {SHORTEST_PASSWORD} characters.")
    return _hasher.hash(password)


def _plain(email: str) -> str:
    return email.strip().lower()


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()
