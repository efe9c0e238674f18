"""Readings of Fly's counters each minute: traffic to bill, signs of life, and what was idle.

Each may run twice: a counter that was read already has not grown since.
"""

from datetime import timedelta

import structlog

from jarvis_admin.fly.errors import FlyError
from jarvis_admin.jobs.context import Context
from jarvis_admin.services import fleet, idle, prices, snapshots, traffic

log = structlog.get_logger(__name__)

_DAYS_THAT_MAY_CHANGE = 3


def read_counters(context: Context) -> int:
    """How many machines of ours were told of; 0 too when Fly's metrics cannot be read."""
    if context.metrics is None:
        return 0
    try:
        sent, busy = context.metrics.sent_bytes(), context.metrics.cpu_seconds()
    except FlyError as silent:
        log.warning("metrics cannot be read", why=str(silent))
        return 0
    with context.sessions.begin() as session:
        count = traffic.record(session, sent, busy, context.clock(), prices.load(session))
        fleet.bump(session)
    return count


def settle_days(context: Context) -> int:
    """What is known of a day only after it: idle compute, and shares of the free gigabytes."""
    now, changed = context.clock(), 0
    for age in range(_DAYS_THAT_MAY_CHANGE + 1):
        day = (now - timedelta(days=age)).date()
        with context.sessions.begin() as session:
            changed += idle.recompute(session, day, idle.watched(session, day))
            idle.sum_up(session, day)
            changed += snapshots.share_free(session, day, now, prices.load(session))
    with context.sessions.begin() as session:
        while snapshots.end_expired(session, now):
            session.flush()
    return changed
