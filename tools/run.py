"""`make run`: everything on a laptop, with a demo fleet, against Local Fly."""

import json
import os
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Mapping
from pathlib import Path

from tools import env
from tools.supervisor import Child, Supervisor

_PYTHON = sys.executable
_READY_WITHIN_SECONDS = 90


def main() -> None:
    settings = env.prepare()
    port = env.console_port()
    url = f"http://127.0.0.1:{port}"
    _fresh_folder(Path(settings["PROMETHEUS_MULTIPROC_DIR"]))
    supervisor = Supervisor()
    try:
        supervisor.start(_local_fly(settings))
        supervisor.start(_gate(settings))  # at once: its port was free a moment ago
        _flask(settings, "database", "upgrade")
        if not _answers(f"{settings['FLY_API_URL']}/v1/platform/regions", supervisor):
            sys.exit("Local Fly did not come up; its output is above.")
        _flask(settings, "demo", "seed", "--sign-ins", str(env.SIGN_INS))
        supervisor.start(_worker(settings))
        supervisor.start(_console(settings, port))
        if _answers(f"{url}/readyz", supervisor):
            _welcome(url)
        supervisor.watch()
    finally:
        supervisor.stop()


def _local_fly(settings: Mapping[str, str]) -> Child:
    """Its token goes through the environment: arguments can be read by everybody."""
    listen = settings["FLY_API_URL"].removeprefix("http://")
    command = [_PYTHON, "-m", "localfly", "serve", "--listen", listen]
    command += ["--state", str(env.INSTANCE / "localfly"), "--org", settings["FLY_ORG"]]
    command += ["--scrape-interval", "5"]  # a demo should not wait for its figures
    return Child("localfly", command, {"LOCALFLY_TOKEN": settings["FLY_API_TOKEN"]})


def _gate(settings: Mapping[str, str]) -> Child:
    return Child("gate", [_PYTHON, "-m", "jarvis_admin.storage"], settings)


def _worker(settings: Mapping[str, str]) -> Child:
    return Child("worker", [_PYTHON, "-m", "jarvis_admin.jobs"], settings)


def _console(settings: Mapping[str, str], port: int) -> Child:
    command = [_PYTHON, "-m", "gunicorn", "app:app", "--config", "gunicorn.conf.py"]
    return Child("console", [*command, "--bind", f"127.0.0.1:{port}"], settings)


def _flask(settings: Mapping[str, str], *arguments: str) -> None:
    command = [_PYTHON, "-m", "flask", "--app", "app", *arguments]
    subprocess.run(command, env={**os.environ, **settings}, check=True)  # noqa: S603


def _fresh_folder(folder: Path) -> None:
    """Counters of processes that are gone would be added to today's."""
    folder.mkdir(parents=True, exist_ok=True)
    for old in folder.glob("*.db"):
        old.unlink()


def _answers(url: str, supervisor: Supervisor) -> bool:
    """Anything but silence and a 5xx: Local Fly wants a token, and says so."""
    deadline = time.monotonic() + _READY_WITHIN_SECONDS
    while time.monotonic() < deadline and not supervisor.stopping:
        try:
            urllib.request.urlopen(url, timeout=2).close()  # noqa: S310 (our own address)
        except urllib.error.HTTPError as answer:
            if answer.code < 500:
                return True
        except OSError:
            pass
        else:
            return True
        time.sleep(0.2)
    return False


def _welcome(url: str) -> None:
    print(f"\nJarvis Admin is ready: {url}\n")
    if env.SIGN_INS.exists():
        for one in json.loads(env.SIGN_INS.read_text()):
            print(f"  {one['role']:8}  {one['email']:24}  {one['password']}")
    print("\nCtrl-C stops everything; the fleet is kept. `make clean` forgets it.\n", flush=True)


if __name__ == "__main__":
    main()
