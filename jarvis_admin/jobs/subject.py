"""What a step needs to know of its workspace, read in a transaction of its own."""

from dataclasses import dataclass

from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Workspace


@dataclass(frozen=True)
class Subject:
    workspace_id: int
    handle: str
    app: str
    machine_id: str
    volume_id: str
    region: str
    size: str
    image: str
    volume_gb: int
    idle_policy: str
    snapshot_retention_days: int


def subject(context: Context, workspace_id: int) -> Subject:
    """Ids that Fly has not given yet are empty."""
    with context.sessions() as session:
        row = session.get_one(Workspace, workspace_id)
        return Subject(
            workspace_id=row.id,
            handle=row.handle,
            app=row.app_name,
            machine_id=row.machine_id or "",
            volume_id=row.volume_id or "",
            region=row.region,
            size=row.size,
            image=row.image,
            volume_gb=row.volume_gb,
            idle_policy=row.plan.idle_policy,
            snapshot_retention_days=row.plan.snapshot_retention_days,
        )
