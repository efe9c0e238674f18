"""Snapshots and addresses can only be listed app by app: each workspace once a day.

On the way Fly is told how long to keep the volume's snapshots, where it is not what the policy
says.

At least once; a few a round, so that ten thousand of them stay under Fly's limits.
"""

from datetime import timedelta

import structlog
from sqlalchemy import or_, select

from jarvis_admin.fly.errors import FlyError, FlyNotFound
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.subject import Subject, subject
from jarvis_admin.models import Workspace
from jarvis_admin.services import addresses, backup_policies, snapshots

log = structlog.get_logger(__name__)

_EVERY = timedelta(days=1)
_AT_ONCE = 20
_MOST_FAILURES = 3


def take(context: Context) -> int:
    """How many workspaces were looked at."""
    now = context.clock()
    with context.sessions() as session:
        due = session.scalars(
            select(Workspace.id)
            .where(
                Workspace.destroyed_at.is_(None),
                Workspace.volume_id.is_not(None),
                or_(Workspace.inventoried_at.is_(None), Workspace.inventoried_at < now - _EVERY),
            )
            .order_by(Workspace.inventoried_at.asc().nulls_first(), Workspace.id)
            .limit(_AT_ONCE)
        ).all()
    failed = 0
    for workspace_id in due:
        try:
            _list(context, workspace_id)
            failed = 0
        except FlyNotFound:
            log.info("nothing to list", workspace=workspace_id)
        except FlyError as silent:
            log.warning("cannot be listed", workspace=workspace_id, why=str(silent))
            failed += 1
            if failed >= _MOST_FAILURES:
                return 0  # then it is Fly, not a workspace
        with context.sessions.begin() as session:
            session.get_one(Workspace, workspace_id).inventoried_at = now
    return len(due)


def _list(context: Context, workspace_id: int) -> None:
    me = subject(context, workspace_id)
    found = context.fly.snapshots.list(me.app, me.volume_id)
    ips = context.fly.ips.list(me.app)
    _keep_snapshots(context, me)
    with context.sessions.begin() as session:
        now = context.clock()
        snapshots.store(session, workspace_id, me.volume_id, found, now, all_of_them=True)
        addresses.store(session, workspace_id, ips, now)


def _keep_snapshots(context: Context, me: Subject) -> None:
    """A new number of days counts for the snapshots to come."""
    with context.sessions() as session:
        workspace = session.get_one(Workspace, me.workspace_id)
        days = backup_policies.of_workspace(session, workspace).snapshot_days
    if context.fly.volumes.get(me.app, me.volume_id).snapshot_retention != days:
        context.fly.volumes.update(me.app, me.volume_id, snapshot_retention=days)
