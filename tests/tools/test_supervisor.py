"""What `make run` stands on: restart after a crash, everything stopped, no orphans."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psutil
import pytest

ROOT = Path(__file__).parents[2]

# Two children: one that has a child of its own, one that crashes at once.
HOUSE = """
import sys
from tools.supervisor import Child, Supervisor
supervisor = Supervisor()
mother = "import subprocess, sys, time; subprocess.Popen([sys.executable, '-c', " \
    "'import time; time.sleep(600)']); time.sleep(600)"
deaf = "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); time.sleep(600)"
supervisor.start(Child("mother", [sys.executable, "-c", mother], {}))
supervisor.start(Child("crasher", [sys.executable, "-c", "print('born'); raise SystemExit(3)"], {}))
if sys.argv[1:] == ["deaf"]:
    supervisor.start(Child("deaf", [sys.executable, "-c", deaf], {}))
supervisor.watch()
supervisor.stop()
"""


def start(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-c", HOUSE, *arguments],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        stdout=subprocess.PIPE,
        text=True,
    )


def family(process: subprocess.Popen[str]) -> list[psutil.Process]:
    return psutil.Process(process.pid).children(recursive=True)


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_a_signal_stops_all_of_it_and_leaves_no_orphan(number: int) -> None:
    house = start()
    time.sleep(1.5)
    born = family(house)
    assert len(born) >= 2

    house.send_signal(number)

    assert house.wait(timeout=10) == 0
    house.stdout.close()
    assert psutil.wait_procs(born, timeout=2)[1] == []


def test_what_crashes_is_started_again_and_said(capfd: pytest.CaptureFixture[str]) -> None:
    house = start()
    time.sleep(3.5)
    house.terminate()
    said, _ = house.communicate(timeout=10)

    assert said.count("crasher  | born") >= 2
    assert "crasher  | ended with 3; starting it again" in said


def test_a_process_deaf_to_the_signal_is_killed_within_ten_seconds() -> None:
    house = start("deaf")
    time.sleep(1)
    born = family(house)

    house.terminate()

    house.communicate(timeout=11)
    assert psutil.wait_procs(born, timeout=2)[1] == []
