"""Archives of workspaces: begun, stored, failed, found again."""

import secrets
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.domain.retention import MOST_GENERATIONS
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Archive, UserKey, Workspace
from jarvis_admin.services import archive_costs, archive_keys, fleet, turn
from jarvis_admin.services.archive_checks import Arrived
from jarvis_admin.services.archive_keys import ArchiveKeys


def begin(session: Session, workspace: Workspace, settings: Settings, now: datetime) -> Archive:
    """The row of the archive that is being made, found or made. Conflict without a user, or
    when the user's key cannot be opened."""
    known = _making(session, workspace.id)
    if known is not None:
        return known
    if workspace.user is None:
        raise Conflict("A machine without a user has nothing to archive.")
    masters = archive_keys.master_keys(settings)
    key = archive_keys.current(session, workspace.user, masters, now)
    base = newest(session, workspace.id, key.id, lock=True)
    if base is not None and base.generation >= MOST_GENERATIONS:
        base = None
    archive_id = secrets.token_hex(8)
    archive = Archive(
        id=archive_id,
        workspace_id=workspace.id,
        key_id=key.id,
        state="making",
        folder=f"{settings.fleet}-{settings.environment}/users/{workspace.user.id}/{archive_id}",
        base_id=base.id if base else None,
        generation=base.generation + 1 if base else 0,
        started_at=now,
    )
    session.add(archive)
    session.flush()
    fleet.bump(session)
    return archive


def newest(
    session: Session, workspace_id: int, key_id: int | None = None, *, lock: bool = False
) -> Archive | None:
    """The last good one, of this key if one is given.

    Locked for what is to build upon it: until the caller's commit it is not cleared away.
    """
    found = select(Archive).where(
        Archive.workspace_id == workspace_id,
        Archive.state == "stored",
        Archive.error == "",
        Archive.gone_at.is_(None),
    )
    if key_id is not None:
        found = found.where(Archive.key_id == key_id)
    found = found.order_by(Archive.started_at.desc()).limit(1)
    return session.scalars(found.with_for_update() if lock else found).first()


def of_workspace(session: Session, workspace_id: int, limit: int = 60) -> Sequence[Archive]:
    """Newest first, failed ones too."""
    return session.scalars(
        select(Archive)
        .where(
            Archive.workspace_id == workspace_id,
            or_(Archive.gone_at.is_(None), Archive.state == "failed"),
        )
        .order_by(Archive.started_at.desc())
        .limit(limit)
    ).all()


def needed_by(session: Session, archive: Archive) -> list[str]:
    """Archives that use its packs: while there are any, its objects must stay."""
    rows = session.scalars(
        select(Archive).where(
            Archive.workspace_id == archive.workspace_id,
            Archive.state.in_(("stored", "making")),
            Archive.gone_at.is_(None),
            Archive.id != archive.id,
        )
    )
    return sorted(row.id for row in rows if _uses(session, row, archive.id))


def _uses(session: Session, row: Archive, archive_id: str) -> bool:
    """One in the making may come to use all that the archive it is compared with uses."""
    if row.state == "stored":
        return archive_id in row.needs
    base = session.get(Archive, row.base_id) if row.base_id else None
    return base is not None and archive_id in {base.id, *base.needs}


def stored_ids(session: Session) -> list[str]:
    """Of every archive whose objects should be there, longest unverified first."""
    return list(
        session.scalars(
            select(Archive.id)
            .where(Archive.state == "stored", Archive.gone_at.is_(None))
            .order_by(Archive.verified_at.asc().nulls_first(), Archive.started_at)
        )
    )


def keys(session: Session, archive: Archive, settings: Settings) -> "KeyRing":
    row = session.get_one(UserKey, archive.key_id)
    return KeyRing(archive_keys.open_key(row, archive_keys.master_keys(settings)))


class KeyRing:
    """One user's keys, by archive."""

    def __init__(self, user_key: bytes) -> None:
        self._user_key = user_key

    def of(self, archive_id: str) -> ArchiveKeys:
        return archive_keys.keys_of(self._user_key, archive_id)


def stored(session: Session, archive_id: str, arrived: Arrived, now: datetime) -> None:
    """Everything is there, with the right sizes and hashes."""
    turn.take(session)
    archive = session.get_one(Archive, archive_id)
    archive.state, archive.error = "stored", ""
    archive.finished_at = now
    archive.entries, archive.files = arrived.sums.entries, arrived.sums.files
    archive.bytes, archive.reused_bytes = arrived.sums.bytes, arrived.sums.reused
    archive.stored_bytes = arrived.stored_bytes
    archive.manifest_sha256 = arrived.manifest_sha256
    others = {pack.archive for pack in arrived.sums.packs} - {archive_id}
    archive.packs = sum(pack.archive == archive_id for pack in arrived.sums.packs)
    archive.needs = sorted(others)
    session.flush()
    archive_costs.keep(session, archive, now)
    fleet.bump(session)


def gone(session: Session, archive_id: str, now: datetime) -> None:
    """Its objects were deleted: the store bills them no more."""
    turn.take(session)
    archive = session.get_one(Archive, archive_id)
    archive.gone_at = archive.gone_at or now
    session.flush()
    archive_costs.end(session, archive, now)
    fleet.bump(session)


def failed(session: Session, archive_id: str, why: str, now: datetime) -> None:
    archive = session.get_one(Archive, archive_id)
    archive.state, archive.error = "failed", why[:500]
    archive.finished_at = archive.gone_at = now
    fleet.bump(session)


def doubt_base(session: Session, archive_id: str, problem: str) -> None:
    """What this one builds upon is not what it was: the next archive will be a whole one."""
    archive = session.get_one(Archive, archive_id)
    base = session.get(Archive, archive.base_id) if archive.base_id else None
    if base is not None:
        base.verified_at, base.error = None, problem[:500]
        fleet.bump(session)


def verified(session: Session, archive_id: str, problem: str, now: datetime) -> None:
    """`problem` empty: every byte was read back and is what it was."""
    archive = session.get_one(Archive, archive_id)
    archive.verified_at = None if problem else now
    archive.error = problem[:500]
    fleet.bump(session)


def _making(session: Session, workspace_id: int) -> Archive | None:
    return session.scalars(
        select(Archive).where(Archive.workspace_id == workspace_id, Archive.state == "making")
    ).one_or_none()
