"""A worker that others may think dead ends itself before it touches Fly."""

import subprocess
import sys
from datetime import timedelta
from pathlib import Path

from jarvis_admin.db import Sessions
from jarvis_admin.jobs.fence import FENCED_EXIT, Fence
from tests.jobs.clockwork import Clock, make_context

ROOT = Path(__file__).parents[2]


def test_who_beats_is_among_the_living_until_the_limit(sessions: Sessions) -> None:
    clock = Clock()
    context = make_context(sessions, clock)
    Fence("worker-1", timedelta(seconds=60)).beat(context)
    other = Fence("worker-2", timedelta(seconds=60))

    assert other.living(context) == {"worker-1", "worker-2"}

    clock.forward(seconds=61)
    assert other.living(context) == {"worker-2"}


def test_a_worker_without_a_recent_beat_ends_itself_before_an_effect() -> None:
    script = (
        "import time; from datetime import timedelta; from jarvis_admin.jobs.fence import Fence; "
        "fence = Fence('me', timedelta(seconds=0.5)); fence.check(); time.sleep(0.6); "
        "fence.check(); print('acted')"
    )

    ended = subprocess.run([sys.executable, "-c", script], cwd=ROOT, capture_output=True, text=True)

    assert ended.returncode == FENCED_EXIT
    assert "acted" not in ended.stdout
