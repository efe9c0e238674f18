"""The slower loops: counters, stuck machines, midnight cuts, the engine's retention.

Each may run twice and returns how much it did.
"""

import time
from datetime import datetime, timedelta

from sqlalchemy import select

from jarvis_admin.domain.lifecycle import LASTING, MachineState, patience
from jarvis_admin.jobs import engine
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Fleet, Workspace
from jarvis_admin.services import archive_costs, fleet, metering, prices, turn

_RETENTION = timedelta(days=30)
_COSTS_AGE = timedelta(minutes=15)
_COSTS_BATCH = 200
_BREATH_SECONDS = 0.1
_COUNT_EVERY_SECONDS = 10.0  # a count of 100,000 takes a second of the write lock


class Counters:
    """Renews the fleet's counters when its revision has moved, and each minute anyway."""

    _EVERY = timedelta(minutes=1)

    def __init__(self, context: Context) -> None:
        self._context = context
        self._revision = -1
        self._at: datetime | None = None
        self._rest = timedelta()  # ten times as long as the last count took

    def renew(self) -> bool:
        now = self._context.clock()
        with self._context.sessions() as session:
            revision = session.get_one(Fleet, fleet.FLEET_ID).revision
        if revision == self._revision and self._at and now - self._at < self._EVERY:
            return False
        if self._at and now - self._at < self._rest:
            return False
        begun = time.monotonic()
        with self._context.sessions.begin() as session:
            fleet.recount(session, now)
        self._rest = timedelta(seconds=10 * (time.monotonic() - begun))
        self._revision, self._at = revision, now
        return True


def mark_stuck(context: Context) -> int:
    """A transitional state past its patience needs a person; the row says so."""
    now = context.clock()
    with context.sessions.begin() as session:
        moving = session.scalars(
            select(Workspace).where(
                Workspace.destroyed_at.is_(None),
                Workspace.state.not_in([*LASTING, MachineState.PROVISIONING]),
                Workspace.problem == "",
            )
        )
        stuck = [row for row in moving if now - row.state_since > patience(row.state)]
        for row in stuck:
            minutes = int((now - row.state_since).total_seconds() // 60)
            row.problem = f"Stuck in {row.state} for {minutes} min."
        if stuck:
            fleet.bump(session)
    return len(stuck)


def cut_intervals(context: Context) -> int:
    """Close yesterday, and what ran at the old prices: intervals open over either are cut there.

    The burn rates are renewed with the first cut, every 10 s of a long one and at the end: until
    then a page counts the end of yesterday twice for what was cut since.
    """
    now = context.clock()
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    with context.sessions() as session:
        books = prices.load(session)
    news = sorted(b.effective_from for b in books if midnight < b.effective_from <= now)
    return sum(_cut_at(context, instant, now) for instant in [midnight, *news])


def _cut_at(context: Context, instant: datetime, now: datetime) -> int:
    total, counted = 0, 0.0
    while True:
        with context.sessions.begin() as session:
            cut = metering.cut_open(session, instant, prices.load(session))
            if not cut:
                break
            for workspace in session.scalars(select(Workspace).where(Workspace.id.in_(cut))):
                metering.refresh_row(session, workspace, now)
            if time.monotonic() - counted > _COUNT_EVERY_SECONDS:
                fleet.recount(session, now)
                counted = time.monotonic()
            fleet.bump(session)
        total += len(cut)
        # SQLite's queue of writers is not fair: beats and clicks must get their turn.
        time.sleep(_BREATH_SECONDS)
    if total:
        with context.sessions.begin() as session:
            fleet.recount(session, now)
            fleet.bump(session)
    return total


def renew_costs(context: Context) -> int:
    """The stored month-to-date figures order and filter the list: bring the oldest up to date.

    What a page shows is exact anyway; 200 rows every few seconds keep the order true.
    """
    now = context.clock()
    with context.sessions.begin() as session:
        turn.take(session)
        stale = session.scalars(
            select(Workspace)
            .where(Workspace.destroyed_at.is_(None), Workspace.metered_at < now - _COSTS_AGE)
            .order_by(Workspace.metered_at)
            .limit(_COSTS_BATCH)
        ).all()
        for workspace in stale:
            metering.refresh_row(session, workspace, now)
    return len(stale)


def bill_archives(context: Context) -> int:
    """The ledger follows the rows of archives, whoever wrote them."""
    total = 0
    while True:
        with context.sessions.begin() as session:
            settled = archive_costs.settle(session, context.clock())
        if not settled:
            return total
        total += settled
        time.sleep(_BREATH_SECONDS)


def forget_old_work(context: Context) -> int:
    oldest, total = (context.clock() - _RETENTION).isoformat(), 0
    while forgotten := engine.forget(oldest):
        total += forgotten
        time.sleep(_BREATH_SECONDS)
    return total
