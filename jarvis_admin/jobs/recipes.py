"""Every durable operation. Importing this module declares them to the engine."""

from jarvis_admin.jobs.archive import archive
from jarvis_admin.jobs.backup import backup
from jarvis_admin.jobs.destroy import destroy
from jarvis_admin.jobs.power import restart, start, stop, suspend
from jarvis_admin.jobs.provision import provision

__all__ = ["archive", "backup", "destroy", "provision", "restart", "start", "stop", "suspend"]
