"""The quota loops: every 5 s the brakes follow the use, and Fly's cordon follows the brakes.

`enforce` looks at whoever can have moved: machines that are billed as running, whoever is braked
already, and once a minute everybody, for limits that were changed and money that grows asleep.
It reads in batches of 500 and writes only what is different, so that ten thousand workspaces
cost a few statements a batch. `cordon` speaks to Fly, in a loop of its own: a silent Fly holds
up no brake, and what Fly has not confirmed is tried again in the next round.

At least once: both compare before they write, and look at the machine before they change it. A
worker that is killed leaves nothing that the next round does not find.
"""

from collections.abc import Sequence
from datetime import datetime, timedelta

import structlog
from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain import lifecycle
from jarvis_admin.domain.lifecycle import MachineState, OperationState
from jarvis_admin.domain.quotas.brakes import Level
from jarvis_admin.errors import Conflict
from jarvis_admin.fly.errors import FlyError, FlyNotFound
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Brake, Operation, Workspace
from jarvis_admin.services import operations, quota_accounts, quota_brakes, quota_idle, quota_usage
from jarvis_admin.services.quota_accounts import Account

_EVERYBODY_EVERY = timedelta(minutes=1)
_AFTER_A_FAILURE = timedelta(minutes=1)
_MOST_CORDONS = 50  # a round
_MOST_FAILURES = 3
_NOTE = 500
_ASKED_BY = "system"

log = structlog.get_logger(__name__)


class Enforcement:
    """Remembers only when everybody was last looked at."""

    def __init__(self) -> None:
        self._everybody_at: datetime | None = None

    def round(self, context: Context) -> int:
        now = context.clock()
        due = self._everybody_at is None or now - self._everybody_at >= _EVERYBODY_EVERY
        done = enforce(context, everybody=due)
        if due:
            self._everybody_at = now
        return done


def enforce(context: Context, *, everybody: bool = False) -> int:
    """One round; how many brakes changed or machines were sent to sleep."""
    with _reading(context) as session:
        ids = quota_accounts.everybody(session) if everybody else quota_accounts.running(session)
        ids |= quota_accounts.braked(session)
    return sum(_enforce(context, batch) for batch in quota_accounts.in_batches(ids))


def _enforce(context: Context, ids: Sequence[int]) -> int:
    now = context.clock()
    with _reading(context) as session:
        accounts = quota_accounts.look(session, ids, now)
        moved = quota_brakes.moved(accounts, quota_brakes.held(session, ids))
        idle = quota_idle.too_long(session, accounts.values(), now)
    for account in moved:
        with context.sessions.begin() as session:
            level = quota_brakes.judge(session, account, now)
        log.info("brake", handle=account.handle, becomes=level)
    asleep = [one for one in accounts.values() if _must_sleep(one) or one.workspace_id in idle]
    return len(moved) + sum(_put_to_sleep(context, one, now) for one in asleep)


def _must_sleep(account: Account) -> bool:
    found = account.standing
    awake = account.state == MachineState.STARTED
    return awake and found is not None and found.level is Level.SUSPEND_NOW


def _put_to_sleep(context: Context, account: Account, now: datetime) -> bool:
    """Ask for it as anybody would; busy with another operation, it is tried in the next round."""
    kind = lifecycle.main_action(account.state, quota_usage.memory_of(account.size))
    found = account.standing
    if kind is None or found is None:
        return False
    try:
        with context.sessions.begin() as session:
            if _failed_lately(session, account.workspace_id, now):
                return False
            workspace = session.get_one(Workspace, account.workspace_id)
            operations.request_operation(
                session,
                workspace,
                kind,
                asked_by=_ASKED_BY,
                reason=quota_brakes.sleep_reason(found),
                now=now,
                enqueue=context.enqueue,
            )
    except Conflict as busy:
        log.info("brake waits", handle=account.handle, why=str(busy))
        return False
    return True


def _failed_lately(session: Session, workspace_id: int, now: datetime) -> bool:
    """Fly has refused for good a moment ago: asking every round would only fill the list."""
    found = session.scalar(
        select(Operation.id).where(
            Operation.workspace_id == workspace_id,
            Operation.created_at > now - _AFTER_A_FAILURE,
            Operation.asked_by == _ASKED_BY,
            Operation.state.in_((OperationState.FAILED, OperationState.CANCELLED)),
        )
    )
    return found is not None


def cordon(context: Context) -> int:
    """Take braked machines out of Fly's routing and put the others back; how many changed."""
    with _reading(context) as session:
        waiting = [one for one in _brakes(session) if _is_due(*one)]
    done = failed = 0
    for brake, workspace in waiting[:_MOST_CORDONS]:
        try:
            _settle(context, brake, workspace)
            done += 1
        except FlyError as silent:
            failed += 1
            _note(context, brake.workspace_id, str(silent))
            if failed >= _MOST_FAILURES:
                log.warning("cordons given up for this round", why=str(silent))
                break
    return done


def _brakes(session: Session) -> Sequence[tuple[Brake, Workspace]]:
    refusing = [level for level in Level if level.refuses_wakes]
    rows = session.execute(
        select(Brake, Workspace)
        .join(Workspace, Workspace.id == Brake.workspace_id)
        .where(or_(Brake.level.in_(refusing), Brake.cordoned_machine != ""))
        .order_by(Brake.since)
    )
    return [(brake, workspace) for brake, workspace in rows]


def _is_due(brake: Brake, workspace: Workspace) -> bool:
    wanted = _wanted(brake, workspace)
    if not wanted:
        return brake.cordoned
    # A machine that runs in spite of it was uncordoned by somebody else: look again.
    awake = workspace.state == MachineState.STARTED
    return brake.cordoned_machine != workspace.machine_id or awake


def _wanted(brake: Brake, workspace: Workspace) -> bool:
    gone = workspace.destroyed_at is not None or workspace.machine_id is None
    return not gone and quota_brakes.wants_cordon(brake.level, workspace.state)


def _settle(context: Context, brake: Brake, workspace: Workspace) -> None:
    wanted = _wanted(brake, workspace)
    machine_id = (workspace.machine_id if wanted else brake.cordoned_machine) or ""
    machines = context.fly.machines
    try:
        if machines.get(workspace.app_name, machine_id).cordoned is not wanted:
            verb = machines.cordon if wanted else machines.uncordon
            verb(workspace.app_name, machine_id)
            log.info("cordon" if wanted else "uncordon", handle=workspace.handle)
    except FlyNotFound:
        wanted = False  # no machine, no route to it
    with context.sessions.begin() as session:
        quota_brakes.confirm_cordon(session, brake.workspace_id, machine_id if wanted else "")


def _note(context: Context, workspace_id: int, why: str) -> None:
    with context.sessions.begin() as session:
        row = session.get(Brake, workspace_id)
        if row is not None and row.cordon_note != why[:_NOTE]:
            row.cordon_note = why[:_NOTE]


def _reading(context: Context) -> Session:
    """On SQLite a session that takes no write lock."""
    session = context.sessions()
    session.connection(execution_options={"read_only": True})
    return session
