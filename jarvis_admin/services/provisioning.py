"""A user's workspace from its first row to its end; the calls to Fly are in jobs/."""

import hashlib
import hmac
import secrets
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.config import Settings
from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.models import Machine, Snapshot, User, Volume, Workspace
from jarvis_admin.services import (
    fleet,
    keeping,
    metering,
    parking,
    prices,
    search,
    transitions,
    turn,
)


def replay_secret(secret_key: str, app_name: str) -> str:
    """What the router shows a user's machine; derived, so it is stored nowhere."""
    return hmac.new(secret_key.encode(), f"replay:{app_name}".encode(), hashlib.sha256).hexdigest()


def draft_workspace(session: Session, user: User, settings: Settings, now: datetime) -> Workspace:
    """The row that exists before Fly is called."""
    mark = Mark(settings.fleet, settings.environment)
    workspace = Workspace(
        user=user,
        plan=user.plan,
        app_name=mark.app_name(user.handle, secrets.token_hex(2)),
        handle=user.handle,
        state=MachineState.PROVISIONING,
        state_since=now,
        region=user.region,
        size=user.plan.size,
        image=settings.guest_image,
        volume_gb=user.plan.volume_gb,
        created_at=now,
        last_active_at=now,
        metered_at=now,
    )
    session.add(workspace)
    session.flush()
    search.index(session, workspace, user)
    return workspace


def placed(
    session: Session, workspace_id: int, machine_id: str, volume_id: str, region: str
) -> None:
    """Fly has given us the ids: keep them at once."""
    workspace = session.get_one(Workspace, workspace_id)
    workspace.machine_id = machine_id
    workspace.volume_id = volume_id
    workspace.region = region
    workspace.problem = ""
    search.index(session, workspace, workspace.user)
    fleet.bump(session)


def failed(session: Session, workspace_id: int, why: str, now: datetime) -> None:
    """What was made is gone again: back to the bare row, which says why."""
    turn.take(session)
    workspace = session.get_one(Workspace, workspace_id)
    _end_billing(session, workspace, now)
    workspace.machine_id = workspace.volume_id = None
    workspace.state = MachineState.PROVISIONING
    workspace.state_since = now
    workspace.problem = why[:500]
    fleet.bump(session)


def destroyed(session: Session, workspace_id: int, now: datetime) -> None:
    """The app is gone at Fly: end its billing, free the handle, keep the history."""
    turn.take(session)
    workspace = session.get_one(Workspace, workspace_id)
    if workspace.destroyed_at is not None:
        return
    _end_billing(session, workspace, now)
    workspace.state = MachineState.DESTROYED
    workspace.state_since = workspace.destroyed_at = now
    workspace.problem = ""
    search.forget(session, workspace)
    parking.destroyed(session, workspace.id, now)
    fleet.bump(session)


def _end_billing(session: Session, workspace: Workspace, now: datetime) -> None:
    books = prices.load(session)
    for machine in session.scalars(select(Machine).where(Machine.workspace_id == workspace.id)):
        since = transitions.ensure_ended(session, machine, now, by_us=True)
        metering.rebill_machine(session, machine, since or now, books)
    volumes = select(Volume).where(Volume.workspace_id == workspace.id, Volume.deleted_at.is_(None))
    for volume in session.scalars(volumes):
        volume.deleted_at = now
        volume.state = "destroyed"
    snapshots = select(Snapshot).where(
        Snapshot.workspace_id == workspace.id, Snapshot.ended_at.is_(None)
    )
    for snapshot in session.scalars(snapshots):  # the app's deletion ends them, too
        snapshot.ended_at = min(now, snapshot.expires_at)
    session.flush()
    for resource_id in keeping.open_at_fly(session, workspace.id):
        keeping.end(session, resource_id, now, books)
    metering.refresh_row(session, workspace, now)
