"""Whole runs of the archiver, over HTTP into a folder and back; the same tree through `tar | zstd`
and back."""

import json
import os
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType

from archiver import restore_ticket
from archiver.manifest import Sums
from archiver.ticket import VARIABLE
from bench.peak import bytes_until_end
from jarvis_admin.config import Settings
from jarvis_admin.models import Archive
from jarvis_admin.services import archive_checks, archive_tickets, restore_tickets
from jarvis_admin.services.archives import KeyRing
from jarvis_admin.storage import ObjectStore, open_store
from jarvis_admin.storage.gate import make_server
from jarvis_admin.storage.permits import Permits

_ROOT = Path(__file__).parents[1]
_RING = KeyRing(bytes(range(32)))
_REFERENCE = "reference.tar.zst"


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
    _hashes: dict[str, str] = field(default_factory=dict)  # of the manifests, by archive

    def archive(self, tree: Path, name: str, base: str = "") -> Run:
        before, folder = None, f"bench/{name}"
        if base:
            before = archive_tickets.base(self.store, base, f"bench/{base}", _RING.of(base))
        ticket = archive_tickets.issue(self.store, name, folder, _RING.of(name), 4, before)
        seconds, megabytes = _measured(ticket.to_json(), tree, VARIABLE)
        arrived = archive_checks.check_arrival(self.store, name, folder, _RING.of)
        self._hashes[name] = arrived.manifest_sha256
        return Run(seconds, megabytes, arrived.stored_bytes, arrived.sums)

    def restore(self, name: str, target: Path) -> tuple[float, float]:
        """Seconds and megabytes of memory, with the comparison of every path."""
        row = Archive(id=name, folder=f"bench/{name}", manifest_sha256=self._hashes[name])
        ticket = restore_tickets.issue(self.store, row, _RING, "be")
        target.mkdir()
        found = _measured(ticket.to_json(), target, restore_ticket.VARIABLE, "restore")
        restore_tickets.withdraw(self.store, row.folder, "be")
        return found

    def reference(self, tree: Path) -> float:
        """Seconds of `tar | zstd` onto the same disk, with as little safety as that has."""
        begun = time.monotonic()
        target = self.folder / _REFERENCE
        tar = ["tar", "-C", str(tree), "-cf", "-", "."]
        with target.open("wb") as file, subprocess.Popen(tar, stdout=subprocess.PIPE) as reading:
            subprocess.run(["zstd", "-q", "-3"], stdin=reading.stdout, stdout=file, check=True)
            os.fsync(file.fileno())
        return time.monotonic() - begun

    def reference_back(self, target: Path) -> float:
        """Seconds of `zstd -d | tar x` of the last reference."""
        target.mkdir()
        begun = time.monotonic()
        unzip = ["zstd", "-dcq", str(self.folder / _REFERENCE)]
        with subprocess.Popen(unzip, stdout=subprocess.PIPE) as reading:
            subprocess.run(["tar", "-xpC", str(target)], stdin=reading.stdout, check=True)
        os.sync()  # as the restore does
        return time.monotonic() - begun


def _measured(ticket: str, root: Path, variable: str, *words: str) -> tuple[float, float]:
    """Seconds of the run, and megabytes of memory at most."""
    line = {**json.loads(ticket), "root": str(root)}
    begun = time.monotonic()
    process = subprocess.Popen(
        [sys.executable, "-m", "archiver", *words],
        env={**os.environ, variable: json.dumps(line)},
        cwd=_ROOT,
        stderr=subprocess.DEVNULL,
        text=True,
    )
    peak = bytes_until_end(process, every=0.1)  # a look takes some milliseconds
    assert process.returncode == 0, f"{words} ended with {process.returncode}"
    return time.monotonic() - begun, peak / 2**20


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
