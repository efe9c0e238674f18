"""Every durable operation. Importing this module declares them to the engine."""

from jarvis_admin.jobs.archive import archive
from jarvis_admin.jobs.backup import backup
from jarvis_admin.jobs.destroy import destroy
from jarvis_admin.jobs.drill import drill
from jarvis_admin.jobs.power import restart, start, stop, suspend
from jarvis_admin.jobs.provision import provision
from jarvis_admin.jobs.restore import reset, restore
from jarvis_admin.jobs.scratch import end_scratch, scratch
from jarvis_admin.jobs.undo import end_parking, undo

__all__ = [
    "archive",
    "backup",
    "destroy",
    "drill",
    "end_parking",
    "end_scratch",
    "provision",
    "reset",
    "restart",
    "restore",
    "scratch",
    "start",
    "stop",
    "suspend",
    "undo",
]
