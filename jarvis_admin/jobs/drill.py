"""A restore drill: an archive is restored into a machine of its own, compared, booted, destroyed.

All of it in an app made for it, so that one deletion ends everything; the user's own app is not
touched. At least once per step; each looks for its own effect first. Whatever ends it early, the
app goes and the drill's row says why; the archive is blamed only for what is its own fault. What
even that leaves behind, `jobs/drill_loop.py` removes.
"""

from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.jobs import drill_steps as steps
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Cancelled, Step, StepFailed
from jarvis_admin.jobs.unpacking import NotRestorable


@operation(OperationKind.DRILL)
def drill(step: Step, _workspace_id: int) -> None:
    drill_id = step("Read which archive", steps.begin, step.operation_id)
    try:
        step("Make an app for it", steps.make_app, drill_id)
        volume_id = step("Make an empty volume", steps.make_volume, drill_id)
        step("Unpack it and compare every file", steps.unpack, drill_id, volume_id)
        since = step("Note the time", steps.note_time)
        machine_id = step("Boot the user's image on it", steps.boot, drill_id, volume_id)
        boot_ms = step(
            "Wait for its own health check", steps.await_healthy, drill_id, machine_id, since
        )
        step.commit()
    except (StepFailed, Cancelled) as ended:
        step.commit()
        blamed = isinstance(ended, NotRestorable)
        step("Note why it failed", steps.note_failure, drill_id, str(ended), blamed)
        step("Remove the app", steps.remove, drill_id)
        raise
    step("Stamp the archive", steps.stamp, drill_id, boot_ms)
    step("Remove the app", steps.remove, drill_id)
