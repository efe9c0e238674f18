"""What workspaces did, in rows: intervals with their roll-ups, operations with their steps."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.orm import Session

from jarvis_admin.domain.money import amount_nano
from jarvis_admin.models import Interval, Machine, Operation, OperationStep, Workspace
from jarvis_admin.services import rollups
from tests.factories import NOON

RATE = 5_071_154  # picodollars per second: a shared 2x with 2 GB in fra


def make_machine(session: Session, row: Workspace) -> Machine:
    machine = Machine(
        id=row.machine_id,
        workspace_id=row.id,
        name="workspace",
        state=row.state,
        region=row.region,
        size=row.size,
        image=row.image,
        instance_id="01",
        rootfs_mb=2048,
        created_at=NOON,
        updated_at=NOON,
        seen_at=NOON,
    )
    session.add(machine)
    session.flush()
    return machine


def make_interval(
    session: Session,
    workspace: Workspace,
    start: datetime,
    length: timedelta | None,
    **changes: Any,
) -> Interval:
    """Closed and rolled up; still open without a length."""
    rate = changes.get("rate_pico", RATE)
    row = Interval(
        **{
            "workspace_id": workspace.id,
            "resource_id": workspace.machine_id,
            "component": "compute",
            "state": "started",
            "size": workspace.size,
            "region": workspace.region,
            "started_at": start,
            "ended_at": start + length if length else None,
            "rate_pico": rate,
            "price_version": "2026-08-09",
            "amount_nano": amount_nano(rate, length) if length else None,
            **changes,
        }
    )
    session.add(row)
    session.flush()
    if length:
        rollups.add(session, [row], sign=1)
    return row


def make_operation(
    session: Session, workspace: Workspace, kind: str = "suspend", **changes: Any
) -> Operation:
    """Done, unless the changes say otherwise."""
    at = changes.get("created_at", NOON)
    done = changes.get("state", "done") not in ("queued", "running")
    row = Operation(
        **{
            "id": f"{workspace.id}-{kind}-{at.timestamp():.6f}",
            "workspace": workspace,
            "kind": kind,
            "state": "done",
            "asked_by": "Marta Keller",
            "created_at": at,
            "started_at": at,
            "finished_at": at + timedelta(seconds=5) if done else None,
            **changes,
        }
    )
    session.add(row)
    session.flush()
    return row


def make_step(session: Session, operation: Operation, name: str, **changes: Any) -> OperationStep:
    step = OperationStep(
        **{
            "operation_id": operation.id,
            "position": 1,
            "name": name,
            "state": "running",
            "attempts": 1,
            "started_at": operation.created_at,
            **changes,
        }
    )
    session.add(step)
    session.flush()
    return step
