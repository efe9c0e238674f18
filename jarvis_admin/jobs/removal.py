"""Deleting an app at Fly with all that is in it, and waiting until it is gone."""

import time
from datetime import timedelta

from jarvis_admin.fly.errors import Deadline, FlyNotFound
from jarvis_admin.jobs.context import Context

_WITHIN = timedelta(minutes=2)
_LOOK_EVERY_SECONDS = 0.5


def delete_app(context: Context, app: str) -> None:
    """Fly answers before it is done; what is gone already is fine."""
    try:
        context.fly.apps.delete(app, force=True)
    except FlyNotFound:
        return


def await_gone(context: Context, app: str) -> None:
    """Its name is free again after this. Raises Deadline after two minutes."""
    give_up = time.monotonic() + _WITHIN.total_seconds()
    while time.monotonic() < give_up:
        try:
            context.fly.apps.get(app)
        except FlyNotFound:
            return
        time.sleep(_LOOK_EVERY_SECONDS)
    raise Deadline(what=f"the deletion of {app}")
