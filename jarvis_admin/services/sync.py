"""What Fly shows is brought into our rows.

Two passes, so that a page of 1,000 machines costs little and a crash between them loses nothing:
`apply_page` writes the states that differ and marks those machines unread; `record_machine`
reads one machine's events into transitions, intervals and money, and takes the mark away.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import bindparam, select, update
from sqlalchemy.orm import Session

from jarvis_admin.domain.archiver import is_archiver
from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.fly.types import OrgMachine
from jarvis_admin.models import Machine, Workspace
from jarvis_admin.services import fleet, turn


@dataclass(frozen=True)
class Unread:
    """A machine whose events are to be read."""

    app: str
    machine_id: str
    workspace_id: int


def apply_page(session: Session, page: Iterable[OrgMachine], now: datetime) -> list[Unread]:
    """Write what differs; the machines of our apps that we have no row for yet.

    Machines of apps that no workspace of ours owns are left alone: the sweep reports them. An
    archiver in a user's app is not their machine: its states, wakes and hours are not theirs.
    """
    turn.take(session)
    theirs = {machine.id: machine for machine in page}
    ours = _known(session, list(theirs))
    differing = [m for m in theirs.values() if _is_news(m, ours.get(m.id))]
    _write(session, [m for m in differing if m.id in ours], now)
    strangers = [m for m in differing if m.id not in ours and not is_archiver(m.name)]
    return _unknown(session, strangers)


def unread(session: Session, limit: int = 500) -> list[Unread]:
    rows = session.execute(
        select(Workspace.app_name, Machine.id, Workspace.id)
        .join(Workspace, Workspace.id == Machine.workspace_id)
        .where(Machine.unread)
        .order_by(Machine.id)
        .limit(limit)
    )
    return [Unread(*row) for row in rows]


def mark_risen(session: Session, page: Iterable[OrgMachine]) -> None:
    """A 404 may have been a mistake of Fly's: what lives on there is read anew."""
    alive = [one.id for one in page if one.state != MachineState.DESTROYED]
    session.execute(
        update(Machine)
        .where(Machine.id.in_(alive), Machine.state == MachineState.DESTROYED)
        .where(
            Machine.workspace_id.in_(select(Workspace.id).where(Workspace.destroyed_at.is_(None)))
        )
        .values(unread=True)
    )


def _is_news(machine: OrgMachine, known: tuple[datetime, str] | None) -> bool:
    """The list lags: what is older than our row, or says that the dead live, is no news."""
    if known is None:
        return True
    seen_at, state = known
    fresh = machine.updated_at >= seen_at and state != MachineState.DESTROYED
    return fresh and known != (machine.updated_at, machine.state)


def _known(session: Session, ids: Sequence[str]) -> dict[str, tuple[datetime, str]]:
    rows = session.execute(
        select(Machine.id, Machine.updated_at, Machine.state).where(Machine.id.in_(ids))
    )
    return {machine_id: (updated_at, state) for machine_id, updated_at, state in rows}


def _write(session: Session, machines: Sequence[OrgMachine], now: datetime) -> None:
    if not machines:
        return
    rows = [
        {"key": m.id, "to": m.state[:16], "changed": m.updated_at, "now": now}
        for m in sorted(machines, key=lambda m: m.id)  # one order of locks for all
    ]
    connection = session.connection()
    connection.execute(
        update(Machine)
        .where(Machine.id == bindparam("key"))
        .values(
            state=bindparam("to"),
            updated_at=bindparam("changed"),
            seen_at=bindparam("now"),
            unread=True,
        ),
        rows,
    )
    connection.execute(
        update(Workspace)
        .where(
            Workspace.machine_id == bindparam("key"),
            Workspace.state != bindparam("to"),
            Workspace.destroyed_at.is_(None),
        )
        .values(state=bindparam("to"), state_since=bindparam("changed"), problem=""),
        rows,
    )
    fleet.bump(session)


def _unknown(session: Session, machines: Sequence[OrgMachine]) -> list[Unread]:
    return _owners(session, machines) if machines else []


def _owners(session: Session, machines: Sequence[OrgMachine]) -> list[Unread]:
    """The machines whose app belongs to a live workspace."""
    owners = session.execute(
        select(Workspace.app_name, Workspace.id).where(
            Workspace.app_name.in_({machine.app_name for machine in machines}),
            Workspace.destroyed_at.is_(None),
        )
    )
    ours = {row.app_name: row.id for row in owners}
    return [Unread(m.app_name, m.id, ours[m.app_name]) for m in machines if m.app_name in ours]
