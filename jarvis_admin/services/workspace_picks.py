"""Workspaces picked by hand: which of them an operation would act on, and why not the others."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from sqlalchemy import select
from sqlalchemy.orm import Session, joinedload

from jarvis_admin.domain import lifecycle
from jarvis_admin.domain.lifecycle import ACTIVE_OPERATION, BESIDE, MachineState, OperationKind
from jarvis_admin.domain.size import Size
from jarvis_admin.models import Operation, Workspace
from jarvis_admin.services import quota_brakes

MOST = 50  # a page of the list


@dataclass(frozen=True)
class Skipped:
    workspace: Workspace
    why: str


@dataclass(frozen=True)
class Plan:
    acts: list[Workspace] = field(default_factory=list)
    already: list[Workspace] = field(default_factory=list)
    skipped: list[Skipped] = field(default_factory=list)

    @property
    def running(self) -> list[Workspace]:
        """Those whose user may be working right now."""
        return [workspace for workspace in self.acts if workspace.state == MachineState.STARTED]


def plan(session: Session, handles: Iterable[str], kind: OperationKind) -> Plan:
    """At most three statements, whatever is picked."""
    picked = _live(session, sorted(set(handles))[:MOST])
    ids = [workspace.id for workspace in picked]
    busy = _busy(session, ids)
    braked = quota_brakes.refusals(session, ids) if kind is OperationKind.START else {}
    found = Plan()
    for workspace in picked:
        if workspace.state == lifecycle.desired_after(kind) and kind is not OperationKind.RESTART:
            found.already.append(workspace)
        elif why := _refusal(workspace, kind, busy) or braked.get(workspace.id):
            found.skipped.append(Skipped(workspace, why))
        else:
            found.acts.append(workspace)
    return found


def _refusal(workspace: Workspace, kind: OperationKind, busy: dict[int, str]) -> str | None:
    if workspace.id in busy:
        return f"has a {busy[workspace.id]} under way"
    return lifecycle.refusal(kind, workspace.state, Size.parse(workspace.size).memory_mb)


def _live(session: Session, handles: Sequence[str]) -> Sequence[Workspace]:
    return session.scalars(
        select(Workspace)
        .where(Workspace.handle.in_(handles), Workspace.destroyed_at.is_(None))
        .order_by(Workspace.handle)
        .options(joinedload(Workspace.user))
    ).all()


def _busy(session: Session, ids: Sequence[int]) -> dict[int, str]:
    rows = session.execute(
        select(Operation.workspace_id, Operation.kind).where(
            Operation.workspace_id.in_(ids),
            Operation.state.in_(ACTIVE_OPERATION),
            Operation.kind.not_in(BESIDE),
        )
    )
    return {row.workspace_id: row.kind for row in rows}
