"""What archives occupy in the object store, billed to their users from arrival to deletion."""

from datetime import datetime

from sqlalchemy import Select, exists, select
from sqlalchemy.orm import Session

from jarvis_admin.models import Archive, Interval, Workspace
from jarvis_admin.services import billing, keeping, metering, prices, turn

_AT_ONCE = 200


def keep(session: Session, archive: Archive, now: datetime) -> None:
    """All of it has arrived, and may be gone again by now; safe to repeat."""
    books = prices.load(session)
    labels = billing.labels_of(session, [archive.workspace_id])[archive.workspace_id]
    keeping.keep(session, keeping.of_archive(archive), labels, now, books)
    if archive.gone_at is not None:
        keeping.end(session, archive.id, archive.gone_at, books)
    metering.refresh_row(session, session.get_one(Workspace, archive.workspace_id), now)


def end(session: Session, archive: Archive, now: datetime) -> None:
    """Its objects were deleted; safe to repeat."""
    assert archive.gone_at is not None
    keeping.end(session, archive.id, archive.gone_at, prices.load(session))
    metering.refresh_row(session, session.get_one(Workspace, archive.workspace_id), now)


def settle(session: Session, now: datetime) -> int:
    """Bill what was stored without being billed, and end what is billed though it is gone.

    Whoever wrote the row, the ledger follows it; call again until there is nothing to do.
    """
    turn.take(session)
    stored, gone = session.scalars(_unbilled()).all(), session.scalars(_outlived()).all()
    for archive in stored:
        keep(session, archive, now)
    for archive in gone:
        end(session, archive, now)
    return len(stored) + len(gone)


def _unbilled() -> Select[Archive]:
    billed = exists().where(Interval.resource_id == Archive.id)
    lasted = Archive.gone_at.is_(None) | (Archive.gone_at > Archive.finished_at)
    return select(Archive).where(Archive.state == "stored", lasted, ~billed).limit(_AT_ONCE)


def _outlived() -> Select[Archive]:
    billed = exists().where(Interval.resource_id == Archive.id, Interval.ended_at.is_(None))
    return select(Archive).where(Archive.gone_at.is_not(None), billed).limit(_AT_ONCE)
