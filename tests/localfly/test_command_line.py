"""The command line, as a process of its own."""

import os
import signal
import subprocess
import sys
from contextlib import contextmanager

import httpx

from tests.localfly.fleet import Fleet, eventually


@contextmanager
def _serving(state, *options, token="from-the-environment"):
    command = [sys.executable, "-m", "localfly", "serve", "--listen", "127.0.0.1:0"]
    command += ["--state", str(state), "--timings", "fast", "--no-rate-limit", *options]
    env = {**os.environ, "LOCALFLY_TOKEN": token}
    with subprocess.Popen(command, env=env, stdout=subprocess.PIPE, text=True) as process:
        try:
            line = process.stdout.readline()
            assert line.startswith("Local Fly listens on http://127.0.0.1:")
            headers = {"Authorization": f"Bearer {token}"}
            with httpx.Client(base_url=line.split()[4], headers=headers, timeout=20) as http:
                yield process, Fleet(http, "my-jarvis")
        finally:
            process.kill()


def _alive(pid):
    """Whether the process exists and is not merely waiting to be buried."""
    ps = subprocess.run(["ps", "-o", "stat=", "-p", str(pid)], capture_output=True, text=True)
    return ps.stdout.strip() != "" and not ps.stdout.startswith("Z")


def test_sigterm_ends_it_soon_and_takes_every_machine_along(tmp_path):
    with _serving(tmp_path) as (process, fleet):
        with_child = {"exec": ["sh", "-c", "sleep 600 & wait"]}
        machine, frozen = fleet.started(config={"init": with_child}), fleet.started()
        frozen.do("suspend", "suspended")
        pids = _group(machine.address()["pid"]) + _group(frozen.address()["pid"])
        assert len(pids) == 3

        process.send_signal(signal.SIGTERM)

        assert process.wait(timeout=5) == 0
        assert not any(_alive(pid) for pid in pids)


def test_kill_9_leaves_no_orphan_behind(tmp_path):
    with _serving(tmp_path) as (process, fleet):
        # The one in a private view of its volume, the other frozen.
        (running, _), frozen = fleet.with_volume(), fleet.started()
        frozen.guest()  # frozen before its launcher is done, it could not notice the end
        frozen.do("suspend", "suspended")
        pids = [running.address()["pid"], frozen.address()["pid"]]

        process.kill()
        process.wait()

        eventually(lambda: not any(_alive(pid) for pid in pids), seconds=5)


def test_what_kill_9_left_is_reaped_at_the_next_start(tmp_path):
    with _serving(tmp_path) as (process, fleet):
        with_child = {"exec": ["sh", "-c", "sleep 600 & wait"]}
        machine = fleet.started(config={"init": with_child, "restart": {"policy": "no"}})
        eventually(lambda: len(_group(machine.address()["pid"])) == 2)
        pids = _group(machine.address()["pid"])
        process.kill()
        process.wait()

    with _serving(tmp_path):
        assert not any(_alive(pid) for pid in pids)


def test_a_registered_image_runs_its_command_and_strict_refuses_the_rest(tmp_path):
    images = tmp_path / "images.toml"
    images.write_text(
        '[images]\n"registry.fly.io/box" = ["sh", "-c", "exec sleep 600"]\n'
        '"registry.fly.io/box:special" = "sleep 900"\n'
    )
    with _serving(tmp_path / "state", "--images", str(images), "--strict-images") as (_, fleet):
        app = fleet.app()
        plain = fleet.started(app, {"image": "registry.fly.io/box@sha256:0"})
        special = fleet.started(app, {"image": "registry.fly.io/box:special"})

        assert _command(plain) == "sleep 600"
        assert _command(special) == "sleep 900"
        refusal = fleet.create(app, {"image": "nginx"})
        assert refusal.status_code == 400
        assert "MANIFEST_UNKNOWN" in refusal.json()["error"]


def test_a_second_one_on_the_same_state_is_refused(tmp_path):
    with _serving(tmp_path) as (_, fleet):
        machine = fleet.started()
        command = [sys.executable, "-m", "localfly", "serve", "--listen", "127.0.0.1:0"]

        second = subprocess.run(
            [*command, "--state", str(tmp_path)], capture_output=True, text=True, timeout=10
        )

        assert second.returncode == 1
        assert "another Local Fly runs on" in second.stderr
        assert machine.guest().status_code == 200


def _command(machine):
    (row,) = machine.http.get(f"{machine.path}/ps").json()
    return row["command"]


def _group(leader):
    ps = subprocess.run(["ps", "-axo", "pid=,pgid="], capture_output=True, text=True)
    rows = [line.split() for line in ps.stdout.splitlines()]
    return [int(pid) for pid, pgid in rows if int(pgid) == leader]
