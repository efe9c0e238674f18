"""One worker at a time runs a loop."""

from jarvis_admin.db import Sessions
from jarvis_admin.jobs import lease
from tests.jobs.clockwork import Clock, make_context


def test_the_first_holder_keeps_it_and_others_wait(sessions: Sessions) -> None:
    context = make_context(sessions, Clock())

    assert lease.hold(context, "sync", "worker-1")
    assert lease.hold(context, "sync", "worker-1")
    assert not lease.hold(context, "sync", "worker-2")
    assert lease.hold(context, "sweep", "worker-2")


def test_a_dead_holder_loses_it_after_its_term(sessions: Sessions) -> None:
    clock = Clock()
    context = make_context(sessions, clock)
    lease.hold(context, "sync", "worker-1")

    clock.forward(seconds=lease.TERM.total_seconds() + 1)

    assert lease.hold(context, "sync", "worker-2")
    assert not lease.hold(context, "sync", "worker-1")
