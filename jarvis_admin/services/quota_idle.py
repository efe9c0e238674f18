"""Which braked machines have shown no sign of life for as long as their brake allows."""

from collections.abc import Iterable, Sequence
from datetime import datetime, timedelta

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.quotas.brakes import idle_allowance
from jarvis_admin.models import Activity, CounterReading
from jarvis_admin.services.quota_accounts import Account

# A machine whose counters nobody has read of late may be at work: it is not called idle.
_FRESH = timedelta(minutes=3)


def too_long(session: Session, accounts: Iterable[Account], now: datetime) -> set[int]:
    """Ids of workspaces; two statements, and none when no brake asks for it."""
    candidates = [
        (one, span)
        for one in accounts
        if (span := _allowance(one)) is not None and now - one.state_since >= span
    ]
    if not candidates:
        return set()
    asked = [one for one, _ in candidates]
    read, alive = _read(session, asked, now), _alive(session, asked)
    return {
        one.workspace_id
        for one, span in candidates
        if one.machine_id in read
        and now - max(alive.get(one.workspace_id, one.state_since), one.state_since) >= span
    }


def _allowance(account: Account) -> timedelta | None:
    found = account.standing
    if found is None or account.state != MachineState.STARTED:
        return None
    return idle_allowance(found.level, found.kind, account.policy.idle)


def _read(session: Session, accounts: Sequence[Account], now: datetime) -> set[str]:
    """Machines whose counters are fresh."""
    return set(
        session.scalars(
            select(CounterReading.machine_id).where(
                CounterReading.machine_id.in_([one.machine_id for one in accounts]),
                CounterReading.at >= now - _FRESH,
            )
        )
    )


def _alive(session: Session, accounts: Sequence[Account]) -> dict[int, datetime]:
    rows = session.execute(
        select(Activity.workspace_id, func.max(Activity.ended_at))
        .where(Activity.workspace_id.in_([one.workspace_id for one in accounts]))
        .group_by(Activity.workspace_id)
    )
    return {row[0]: row[1] for row in rows}
