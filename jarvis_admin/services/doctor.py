"""Is this installation well? One check a line, each with its evidence."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Engine, func, select
from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.errors import JarvisError
from jarvis_admin.fly import FlyClient
from jarvis_admin.models import Fleet, WorkerBeat
from jarvis_admin.services import archive_keys, audit, fleet, prices, schema
from jarvis_admin.storage import open_store


@dataclass(frozen=True)
class Finding:
    name: str
    ok: bool
    evidence: str


def examine(engine: Engine, fly: FlyClient, settings: Settings, now: datetime) -> list[Finding]:
    with Session(engine) as session:
        return [
            _check("database", lambda: _schema(engine)),
            _check("prices", lambda: _prices(session)),
            _check("worker", lambda: _worker(session, now - settings.worker_dead_after)),
            _check("sync", lambda: _sync(session)),
            _check("fly", lambda: _fly(fly)),
            _check("audit", lambda: _audit(session)),
            _check("archives", lambda: _archives(session, settings)),
        ]


def _check(name: str, look: Callable[[], tuple[bool, str]]) -> Finding:
    try:
        return Finding(name, *look())
    except (JarvisError, SQLAlchemyError) as error:
        return Finding(name, False, str(error).splitlines()[0])


def _schema(engine: Engine) -> tuple[bool, str]:
    if schema.is_current(engine):
        return True, "schema is the newest"
    return False, "schema is behind: run `flask --app app database upgrade`"


def _prices(session: Session) -> tuple[bool, str]:
    books = prices.load(session)
    return bool(books), ", ".join(book.version for book in books) or "no price book"


def _worker(session: Session, oldest: datetime) -> tuple[bool, str]:
    alive = session.scalar(
        select(func.count()).select_from(WorkerBeat).where(WorkerBeat.at > oldest)
    )
    return bool(alive), f"{alive} beating"


def _sync(session: Session) -> tuple[bool, str]:
    row = session.get_one(Fleet, fleet.FLEET_ID)
    if row.fault:
        return False, f"since {row.fault_since:%Y-%m-%d %H:%M} UTC: {row.fault}"
    return row.synced_at is not None, f"last read {row.synced_at:%Y-%m-%d %H:%M:%S} UTC" if (
        row.synced_at
    ) else "Fly was never read"


def _fly(fly: FlyClient) -> tuple[bool, str]:
    tokens = fly.tokens.current()
    return bool(tokens), f"token is good for {', '.join(t.org_slug for t in tokens)}"


def _audit(session: Session) -> tuple[bool, str]:
    broken = audit.first_broken(session)
    return broken is None, "chain is whole" if broken is None else f"broken at entry {broken}"


def _archives(session: Session, settings: Settings) -> tuple[bool, str]:
    """A store that answers, and keys that open: found out before somebody needs an archive."""
    lost = archive_keys.unreadable(session, archive_keys.master_keys(settings))
    if lost:
        return False, f"{lost} users' keys are wrapped by another BACKUP_MASTER_KEY"
    open_store(settings).probe()
    return True, f"store answers at {settings.object_store_url}, every key opens"
