"""Brakes: the rows that say who is near or over a limit, kept with what the rules find."""

from collections.abc import Iterable, Mapping
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import ASLEEP
from jarvis_admin.domain.quotas.answers import refusal, used_of
from jarvis_admin.domain.quotas.brakes import Level, Standing
from jarvis_admin.domain.quotas.kinds import Kind, period_end
from jarvis_admin.models import Brake, BrakeEvent, Workspace
from jarvis_admin.services import fleet, quota_accounts, quota_overshoot
from jarvis_admin.services.quota_accounts import Account
from jarvis_admin.services.quota_overshoot import Held

# The list is ordered by it; below a hundredth nobody sees the difference.
_WORTH_WRITING = 10


def held(session: Session, ids: Iterable[int]) -> dict[int, Held]:
    rows = session.execute(
        select(
            Brake.workspace_id,
            Brake.level,
            Brake.kind,
            Brake.permille,
            Brake.limit_amount,
            Brake.used,
            Brake.overshoot,
        ).where(Brake.workspace_id.in_(ids))
    )
    return {row[0]: Held(Level(row[1]), *row[2:]) for row in rows}


def keeps_out(session: Session, workspace_id: int, machine_id: str) -> bool:
    """Whether a brake has this machine cordoned: only the brake's own loop opens it again."""
    row = session.get(Brake, workspace_id)
    return row is not None and row.cordoned_machine == machine_id


def moved(accounts: Mapping[int, Account], before: Mapping[int, Held]) -> list[Account]:
    """Those whose brake says something else than it should."""
    return [one for one in accounts.values() if _differs(one, before.get(one.workspace_id))]


def judge(
    session: Session, account: Account, now: datetime, changed: datetime | None = None
) -> Level:
    """Bring one brake to what the account calls for; safe to repeat. The level now.

    `changed` is when the limits did, where the caller knows.
    """
    found, row = account.standing, session.get(Brake, account.workspace_id, with_for_update=True)
    level = found.level if found else Level.NONE
    before = Level(row.level) if row else Level.NONE
    if row is None and level is Level.NONE:
        return level
    past = quota_overshoot.of(session, account, found, _as_held(row), now, changed)
    if level is not before:
        session.add(_event(account, row, found, past, now))
        fleet.bump(session)
    if level is Level.NONE and row is not None and not row.cordoned:
        session.delete(row)
    else:
        _write(session, account, row, found, past, now)
    session.flush()
    return level


def judge_now(session: Session, workspace: Workspace, now: datetime) -> Level:
    """After a grant or a change of limits: the brake follows in the same transaction."""
    session.flush()
    account = quota_accounts.look_at(session, workspace.id, now)
    return Level.NONE if account is None else judge(session, account, now, now)


def of_workspace(session: Session, workspace_id: int) -> Brake | None:
    return session.get(Brake, workspace_id)


def refusals(session: Session, ids: Iterable[int]) -> dict[int, str]:
    """Why those that are not woken are not, in words that follow the handle."""
    rows = session.execute(
        select(Brake.workspace_id, Brake.reason).where(
            Brake.workspace_id.in_(ids), Brake.reason != ""
        )
    )
    return {row[0]: row[1] for row in rows}


def confirm_cordon(session: Session, workspace_id: int, machine_id: str) -> None:
    """Fly has said so: this machine is cordoned, or (empty) none is any more."""
    row = session.get(Brake, workspace_id, with_for_update=True)
    if row is None:
        return
    row.cordoned_machine, row.cordon_note = machine_id, ""
    if row.level == Level.NONE and not row.cordoned:
        session.delete(row)
    fleet.bump(session)


def sleep_reason(found: Standing) -> str:
    """For the operation that puts the machine to sleep."""
    return f"Quota: has used {used_of(found)}."


def wants_cordon(level: str, state: str) -> bool:
    """A machine that somebody works in is not taken out of routing before it has to sleep."""
    return level == Level.SUSPEND_NOW or (Level(level).refuses_wakes and state in ASLEEP)


def _differs(account: Account, before: Held | None) -> bool:
    found = account.standing
    level = found.level if found else Level.NONE
    if before is None or found is None:
        return level is not Level.NONE if before is None else before.level is not Level.NONE
    return (
        level is not before.level
        or (found.kind, found.limit) != (before.kind, before.limit)
        or abs(found.permille - before.permille) >= _WORTH_WRITING
        or _has_gone_on(account, found, before)
    )


def _has_gone_on(account: Account, found: Standing, before: Held) -> bool:
    if found.level is not Level.SUSPEND_NOW:
        return False
    return quota_overshoot.goes_on(account, found, before) != before.overshoot


def _as_held(row: Brake | None) -> Held | None:
    if row is None or row.level == Level.NONE:
        return None
    level = Level(row.level)
    return Held(level, row.kind, row.permille, row.limit_amount, row.used, row.overshoot)


def _write(
    session: Session,
    account: Account,
    row: Brake | None,
    found: Standing | None,
    past: int,
    now: datetime,
) -> None:
    level = found.level if found else Level.NONE
    if row is None:
        row = Brake(workspace_id=account.workspace_id, level=Level.NONE, since=now, overshoot=0)
        session.add(row)
    if row.level != level:
        row.level, row.since = level, now
    row.overshoot = past
    if found is None:  # nothing limits it any more, but Fly still has it cordoned
        row.reason, row.ends_at, row.permille = "", None, 0
        return
    row.kind, row.used, row.limit_amount = found.kind, found.used, found.limit
    row.permille = found.permille
    row.ends_at = period_end(found.kind, now)
    row.reason = refusal(found, now)[:500] if level.refuses_wakes else ""


def _event(
    account: Account, row: Brake | None, found: Standing | None, past: int, now: datetime
) -> BrakeEvent:
    """A brake that is lifted names the quota that it was about."""
    level = found.level if found else Level.NONE
    event = BrakeEvent(
        workspace_id=account.workspace_id,
        at=now,
        before=row.level if row else Level.NONE,
        level=level,
        overshoot=past,
    )
    if level is Level.NONE and row is not None:
        kind = Kind(row.kind)
        event.kind, event.used = kind, account.usage.get(kind, row.used)
        event.limit_amount = account.limits[kind].amount
    elif found is not None:
        event.kind, event.used, event.limit_amount = found.kind, found.used, found.limit
    return event
