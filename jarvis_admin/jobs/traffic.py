"""Readings of Fly's counters each minute: traffic to bill, signs of life, and what was idle.

Each may run twice: a counter that was read already has not grown since.
"""

from datetime import date, timedelta

import structlog

from jarvis_admin.fly.errors import FlyError
from jarvis_admin.jobs.context import Context
from jarvis_admin.services import fleet, idle, prices, snapshots, traffic

log = structlog.get_logger(__name__)

_AT_ONCE = 200
# Late events reach back no further than Fly keeps them; a worker may have been away for weeks.
_IDLE_DAYS, _SHARED_DAYS = 3, 35


def read_counters(context: Context) -> int:
    """How many machines of ours were told of; 0 too when Fly's metrics cannot be read."""
    if context.metrics is None:
        return 0
    asked = context.clock()
    try:
        sent, busy = context.metrics.sent_bytes(), context.metrics.cpu_seconds()
    except FlyError as silent:
        log.warning("metrics cannot be read", why=str(silent))
        return 0
    count, numbers = 0, sorted(sent)
    for start in range(0, len(numbers), _AT_ONCE):
        some = {number: sent[number] for number in numbers[start : start + _AT_ONCE]}
        with context.sessions.begin() as session:
            count += traffic.record(session, some, busy, asked, prices.load(session))
            fleet.bump(session)
    return count


def settle_days(context: Context) -> int:
    """What is known of a day only after it: idle compute, and shares of the free gigabytes.

    In small transactions, so that nobody waits long for their turn.
    """
    now, changed = context.clock(), 0
    ended = 1
    while ended:
        with context.sessions.begin() as session:
            ended = snapshots.end_expired(session, now)
    for age in range(_IDLE_DAYS):
        changed += _settle_idle(context, (now - timedelta(days=age)).date())
    for age in range(_SHARED_DAYS):
        day = (now - timedelta(days=age)).date()
        with context.sessions.begin() as session:
            changed += snapshots.share_free(session, day, now, prices.load(session))
    return changed


def _settle_idle(context: Context, day: date) -> int:
    changed = 0
    with context.sessions() as session:
        watched = idle.watched(session, day)
    for start in range(0, len(watched), _AT_ONCE):
        with context.sessions.begin() as session:
            changed += idle.recompute(session, day, watched[start : start + _AT_ONCE])
    with context.sessions.begin() as session:
        idle.sum_up(session, day)
    return changed
