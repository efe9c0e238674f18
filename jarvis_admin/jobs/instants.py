"""When an operation began: what tells its own effect at Fly from an older one."""

from datetime import timedelta

from jarvis_admin.jobs.context import Context

_CLOCK_SKEW = timedelta(seconds=5)


def note_time(context: Context, _workspace_id: int) -> float:
    """Epoch seconds from which on an effect counts as ours; two clocks are at work."""
    return (context.clock() - _CLOCK_SKEW).timestamp()
