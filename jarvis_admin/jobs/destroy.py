"""Destroy a workspace: the app with machine, volume, snapshots and network.

Nothing is deleted that does not carry our mark. At least once: what is gone already is done.
"""

from jarvis_admin.domain import guest
from jarvis_admin.domain.lifecycle import OperationKind
from jarvis_admin.fly.errors import FlyNotFound
from jarvis_admin.jobs import removal
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.operation import operation
from jarvis_admin.jobs.steps import Step, StepFailed
from jarvis_admin.jobs.subject import subject
from jarvis_admin.services import provisioning


@operation(OperationKind.DESTROY)
def destroy(step: Step, workspace_id: int) -> None:
    step("Check that it is ours", check_mark, workspace_id)
    step.commit()
    step("Delete the app at Fly", delete_app, workspace_id)
    step("Wait until it is gone", await_gone, workspace_id)


def check_mark(context: Context, workspace_id: int) -> None:
    me = subject(context, workspace_id)
    mark = guest.Mark(context.settings.fleet, context.settings.environment)
    try:
        machines = context.fly.machines.list(me.app)
    except FlyNotFound:
        return
    strangers = [m.id for m in machines if m.config is None or not mark.owns(m.config.metadata)]
    if strangers:
        raise StepFailed(
            f"Machine {strangers[0]} in {me.app} does not carry our mark: nothing was deleted."
        )


def delete_app(context: Context, workspace_id: int) -> None:
    removal.delete_app(context, subject(context, workspace_id).app)


def await_gone(context: Context, workspace_id: int) -> None:
    removal.await_gone(context, subject(context, workspace_id).app)
    with context.sessions.begin() as session:
        provisioning.destroyed(session, workspace_id, context.clock())
