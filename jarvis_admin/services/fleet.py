"""The fleet as a whole: its revision, its counters, what its open intervals cost by the second."""

from datetime import datetime

from sqlalchemy import delete, func, insert, select, update
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.models import AuditHead, Fleet, FleetBurn, FleetCount, Interval, Workspace

FLEET_ID = 1


def prepare(session: Session) -> None:
    """Put the rows that must always be there; safe to run again."""
    if session.get(Fleet, FLEET_ID) is None:
        session.add(Fleet(id=FLEET_ID, revision=0))
    if session.get(AuditHead, 1) is None:
        session.add(AuditHead(id=1, hash="", entries=0))
    session.flush()


def bump(session: Session) -> None:
    """Something a live page could show has changed: every stored ETag is now old."""
    session.execute(update(Fleet).values(revision=Fleet.revision + 1))


def recount(session: Session, now: datetime) -> None:
    """Renew the counters and the burn rates; one pass over an index each, in the worker only."""
    _recount_states(session)
    _renew_burn(session, now)


def _recount_states(session: Session) -> None:
    counted = session.execute(
        select(Workspace.region, Workspace.state, func.count())
        .where(Workspace.destroyed_at.is_(None))
        .group_by(Workspace.region, Workspace.state)
    ).all()
    stuck = session.execute(
        select(Workspace.region, func.count())
        .where(Workspace.problem != "", Workspace.destroyed_at.is_(None))
        .group_by(Workspace.region)
    ).all()
    session.execute(delete(FleetCount))
    rows = [{"region": r, "state": s, "count": n} for r, s, n in counted]
    rows += [{"region": r, "state": "stuck", "count": n} for r, n in stuck]
    if rows:
        session.execute(insert(FleetCount), rows)


def _renew_burn(session: Session, now: datetime) -> None:
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    accrued: dict[str, tuple[int, int]] = {}
    opened = session.execute(
        select(Interval.component, Interval.rate_pico, Interval.started_at, func.count())
        .where(Interval.ended_at.is_(None))
        .group_by(Interval.component, Interval.rate_pico, Interval.started_at)
    )
    for component, rate, started_at, count in opened:
        total, burn = accrued.get(component, (0, 0))
        since = max(started_at, midnight)
        if since < now:
            total += count * amount_nano(rate, now - since)
        accrued[component] = total, burn + count * rate
    session.execute(delete(FleetBurn))
    rows = [
        {"component": c, "rate_pico": burn, "accrued_nano": total, "as_of": now}
        for c, (total, burn) in accrued.items()
    ]
    if rows:
        session.execute(insert(FleetBurn), rows)


def counts_by_state(session: Session) -> dict[str, int]:
    """How many live workspaces per state, with `stuck` beside the states; counts nothing."""
    rows = session.execute(
        select(FleetCount.state, func.sum(FleetCount.count)).group_by(FleetCount.state)
    )
    counts = {state: int(n) for state, n in rows}
    counts.pop(MachineState.DESTROYED, None)
    return counts
