"""The users' archive keys: made, unwrapped, wrapped anew under another master key.

The chain: the master key wraps a random key of each user; from it each archive's own two keys
are derived (packs, manifest). Whoever makes an archive gets those two and no more.
"""

import base64
import binascii
import secrets
from dataclasses import dataclass
from datetime import datetime

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from archiver.sealed import derive
from jarvis_admin.config import Settings
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import User, UserKey

_NONCE = 12


@dataclass(frozen=True)
class MasterKeys:
    """`before` is there while a rotation is under way."""

    now: bytes
    before: bytes | None = None

    def matching(self, check: str) -> bytes | None:
        known = (key for key in (self.now, self.before) if key is not None)
        return next((key for key in known if check_of(key) == check), None)


@dataclass(frozen=True)
class ArchiveKeys:
    packs: bytes
    manifest: bytes


def master_keys(settings: Settings) -> MasterKeys:
    """A laptop without one derives it from SECRET_KEY."""
    before = settings.backup_master_key_before
    return MasterKeys(
        now=_read(settings.backup_master_key, "BACKUP_MASTER_KEY")
        if settings.backup_master_key
        else derive(settings.secret_key.encode(), "jarvis-admin backup master key"),
        before=_read(before, "BACKUP_MASTER_KEY_BEFORE") if before else None,
    )


def current(session: Session, user: User, masters: MasterKeys, now: datetime) -> UserKey:
    """The user's key, made when there is none. Conflict when it cannot be opened: better found
    before an archive is made with it than after."""
    row = session.scalars(
        select(UserKey).where(UserKey.user_id == user.id, UserKey.retired_at.is_(None))
    ).one_or_none()
    if row is None:
        row = _new(user, masters.now, now)
        session.add(row)
        session.flush()
    open_key(row, masters)
    return row


def open_key(row: UserKey, masters: MasterKeys) -> bytes:
    """Raises Conflict with the sentence for an operator."""
    master = masters.matching(row.master_check)
    if master is None:
        raise Conflict(
            f"Key {row.check} was wrapped by master key {row.master_check}, the present one is "
            f"{check_of(masters.now)}: set the old one as BACKUP_MASTER_KEY_BEFORE."
        )
    sealed = base64.b64decode(row.wrapped)
    try:
        key = AESGCM(master).decrypt(sealed[:_NONCE], sealed[_NONCE:], _bound_to(row.user_id))
    except InvalidTag as error:
        raise Conflict(f"Key {row.check} was changed in the database.") from error
    if check_of(key) != row.check:
        raise Conflict(f"Key {row.check} is not the key it says it is.")
    return key


def keys_of(user_key: bytes, archive_id: str) -> ArchiveKeys:
    own = derive(user_key, f"archive {archive_id}")
    return ArchiveKeys(packs=derive(own, "packs"), manifest=derive(own, "manifest"))


def rotate(session: Session, masters: MasterKeys, now: datetime, limit: int = 500) -> int:
    """Wrap with the present master key what another one wrapped; call again until it is 0.

    No archive is touched: what changes is the wrapping.
    """
    present = check_of(masters.now)
    rows = session.scalars(
        select(UserKey).where(UserKey.master_check != present).order_by(UserKey.id).limit(limit)
    ).all()
    for row in rows:
        key = open_key(row, masters)
        row.wrapped = _wrap(key, masters.now, row.user_id)
        row.master_check, row.wrapped_at = present, now
    session.flush()
    return len(rows)


def unreadable(session: Session, masters: MasterKeys) -> int:
    """Keys that no master key of ours opens: by what their rows say, without opening each."""
    known = [check_of(key) for key in (masters.now, masters.before) if key is not None]
    lost = select(func.count()).select_from(UserKey).where(UserKey.master_check.not_in(known))
    return session.scalar(lost) or 0


def check_of(key: bytes) -> str:
    return derive(key, "check").hex()[:16]


def _new(user: User, master: bytes, now: datetime) -> UserKey:
    key = secrets.token_bytes(32)
    return UserKey(
        user_id=user.id,
        wrapped=_wrap(key, master, user.id),
        check=check_of(key),
        master_check=check_of(master),
        created_at=now,
        wrapped_at=now,
    )


def _wrap(key: bytes, master: bytes, user_id: int) -> str:
    nonce = secrets.token_bytes(_NONCE)
    sealed = AESGCM(master).encrypt(nonce, key, _bound_to(user_id))
    return base64.b64encode(nonce + sealed).decode()


def _bound_to(user_id: int) -> bytes:
    """One user's key in another's row does not open."""
    return f"user {user_id}".encode()


def _read(text: str, setting: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except (binascii.Error, ValueError):
        key = b""
    if len(key) != 32:
        raise Invalid(f"{setting} must be 32 random bytes in base64.")
    return key
