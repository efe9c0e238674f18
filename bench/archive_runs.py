"""One whole run of the archiver, over HTTP into a folder; the same tree through `tar | zstd`."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

from archiver.manifest import Sums
from archiver.ticket import VARIABLE
from jarvis_admin.config import Settings
from jarvis_admin.services import archive_checks, archive_tickets
from jarvis_admin.services.archive_keys import ArchiveKeys
from jarvis_admin.storage import ObjectStore, open_store
from jarvis_admin.storage.gate import make_server
from jarvis_admin.storage.permits import Permits

_ROOT = Path(__file__).parents[1]
_KEYS = ArchiveKeys(packs=bytes(32), manifest=bytes(range(32)))
# Run by something small: Linux counts what a process was before its exec as its own.
_MEASURED = """
import resource, subprocess, sys, time
begun = time.monotonic()
subprocess.run([sys.executable, "-m", "archiver"], check=True, stderr=subprocess.DEVNULL)
used = resource.getrusage(resource.RUSAGE_CHILDREN)
print(time.monotonic() - begun, used.ru_maxrss / 1024)
"""


@dataclass(frozen=True)
class Run:
    seconds: float
    megabytes: float  # of memory, at most
    stored: int
    sums: Sums


@dataclass
class Depot:
    store: ObjectStore
    folder: Path

    def archive(self, tree: Path, name: str, base: str = "") -> Run:
        before = None
        if base:
            before = archive_tickets.base(self.store, base, f"bench/{base}", _KEYS)
        ticket = archive_tickets.issue(self.store, name, f"bench/{name}", _KEYS, 4, before)
        line = {**json.loads(ticket.to_json()), "root": str(tree)}
        ended = subprocess.run(
            [sys.executable, "-c", _MEASURED],
            env={**os.environ, VARIABLE: json.dumps(line)},
            cwd=_ROOT,
            capture_output=True,
            check=True,
        )
        seconds, megabytes = map(float, ended.stdout.split())
        arrived = archive_checks.check_arrival(
            self.store, name, f"bench/{name}", lambda _archive: _KEYS
        )
        return Run(seconds, megabytes, arrived.stored_bytes, arrived.sums)

    def reference(self, tree: Path) -> float:
        """Seconds of `tar | zstd` onto the same disk, with as little safety as that has."""
        begun = time.monotonic()
        target = self.folder / "reference.tar.zst"
        tar = ["tar", "-C", str(tree), "-cf", "-", "."]
        with target.open("wb") as file, subprocess.Popen(tar, stdout=subprocess.PIPE) as reading:
            subprocess.run(["zstd", "-q", "-3"], stdin=reading.stdout, stdout=file, check=True)
            os.fsync(file.fileno())
        return time.monotonic() - begun


@contextmanager
def opened(folder: Path) -> Iterator[Depot]:
    base = Settings(
        secret_key="for measuring only, forty characters long",
        database_url="sqlite://",
        fly_api_url="http://127.0.0.1:9",
        fly_api_token="none",
        fly_org="none",
    )
    server = make_server(folder, Permits(base.secret_key), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    changed = MappingProxyType(
        {
            **vars(base),
            "object_store_url": f"file://{folder}",
            "object_store_gate": f"http://127.0.0.1:{server.server_port}",
        }
    )
    yield Depot(open_store(Settings(**changed)), folder)
    server.shutdown()
    server.server_close()
