"""What was done to a fleet lately: as much in a small one as in a large one."""

from datetime import datetime, timedelta

from sqlalchemy import Connection, insert

from jarvis_admin.models import Operation

_KINDS = ("backup", "suspend", "start")


def fill(connection: Connection, count: int, now: datetime) -> None:
    """One each on the first `count` workspaces, all done."""
    rows = []
    for n in range(1, count + 1):
        at = now - timedelta(minutes=7 * n)
        rows.append(
            {
                "id": f"{n}-bench",
                "workspace_id": n,
                "kind": _KINDS[n % len(_KINDS)],
                "state": "done",
                "asked_by": "Marta Keller",
                "created_at": at,
                "started_at": at,
                "finished_at": at + timedelta(seconds=5),
            }
        )
    connection.execute(insert(Operation), rows)
