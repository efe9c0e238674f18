"""Restore and reset: always onto a new volume and a new machine; the old ones are parked.

At least once per step. Until the change-over the user works on what they had; whatever ends it
before that removes what was made and leaves the workspace as it was. After it, `jobs/undo.py`
is the way back. A host that is down is stepped over: its volume is replaced by the newest
backup, in the nearest region with room.
"""

from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.domain.restores import Kind
from jarvis_admin.jobs import changeover
from jarvis_admin.jobs import restore_steps as steps
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Cancelled, Step, StepFailed


@operation(OperationKind.RESTORE)
def restore(step: Step, _workspace_id: int) -> None:
    _carry_out(step)


@operation(OperationKind.RESET)
def reset(step: Step, _workspace_id: int) -> None:
    _carry_out(step)


def _carry_out(step: Step) -> None:
    restore_id, said, running = step("Read what was asked", changeover.read, step.operation_id)
    kind = Kind(said)
    try:
        step("Clear what an earlier try left", steps.clear_up, restore_id)
        if kind is Kind.FRESH_MACHINE:
            step("Put the present machine to rest", changeover.rest_present, restore_id)
        _keep_present(step, restore_id, kind)
        step("Make a new volume", steps.make_volume, restore_id)
        step("Fill it and compare every file", steps.fill, restore_id)
        step("Start a new machine", steps.make_machine, restore_id)
        step("Wait until it answers", steps.await_answer, restore_id)
        step.commit()
        step("Put the old machine to rest", changeover.rest_present, restore_id)
    except (StepFailed, Cancelled) as ended:
        step.commit()
        step("Leave all as it was", changeover.give_up, restore_id, running, str(ended))
        raise
    step("Change over and park the old", changeover.switch, restore_id)
    step("Let visitors in", changeover.admit, restore_id)


def _keep_present(step: Step, restore_id: str, kind: Kind) -> None:
    known = step("Look at the present files", steps.note_snapshots, restore_id)
    if known is not None:
        step("Copy the present files", steps.copy_present, restore_id, known)
    elif kind is Kind.FRESH_MACHINE:
        step("Take the newest backup instead", steps.choose_newest, restore_id)
