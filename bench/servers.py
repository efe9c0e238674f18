"""gunicorn as in production (gthread, workers of 4 threads), on a free port of loopback."""

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.error import URLError
from urllib.request import urlopen

_ROOT = Path(__file__).parents[1]
CONSOLE, FLOOR = "app:app", "bench.floor:app"
_THREADS = 4
_PATIENCE = 30.0  # seconds
_STEP = 0.05


class NotServing(RuntimeError):
    """The server did not come up; its log is in the message."""


@dataclass(frozen=True)
class Server:
    port: int
    pid: int


@contextmanager
def serving(app: str, url: str, workers: int) -> Iterator[Server]:
    with TemporaryDirectory() as folder:
        port = _free_port()
        log = Path(folder) / "log"
        command = [sys.executable, "-m", "gunicorn", app, "--config", "gunicorn.conf.py"]
        with log.open("w") as output:
            process = subprocess.Popen(
                [*command, "--bind", f"127.0.0.1:{port}"],
                cwd=_ROOT,
                env=_environment(url, folder, workers),
                stdout=output,
                stderr=subprocess.STDOUT,
            )
        try:
            _await(process, port, log)
            yield Server(port, process.pid)
        finally:
            process.terminate()
            process.wait(_PATIENCE)


def _environment(url: str, folder: str, workers: int) -> dict[str, str]:
    return {
        **os.environ,
        "DATABASE_URL": url,
        "SECRET_KEY": "for this measurement only, forty characters",
        "FLY_API_TOKEN": "none: nothing here speaks to Fly",
        "FLY_ORG": "my-jarvis",
        "ENVIRONMENT": "bench",
        "SECURE_COOKIES": "false",
        "WEB_CONCURRENCY": str(workers),
        "WEB_THREADS": str(_THREADS),
        "PROMETHEUS_MULTIPROC_DIR": folder,
    }


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


def _await(process: "subprocess.Popen[bytes]", port: int, log: Path) -> None:
    deadline = time.monotonic() + _PATIENCE
    while process.poll() is None and time.monotonic() < deadline:
        try:
            urlopen(f"http://127.0.0.1:{port}/healthz", timeout=_PATIENCE).close()
        except (URLError, ConnectionError):
            time.sleep(_STEP)
        else:
            return
    raise NotServing(log.read_text()[-2000:])
