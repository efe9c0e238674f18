"""A store with its gate, and archivers in processes of their own that work with it over HTTP."""

import hashlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from archiver import restore_ticket
from archiver.manifest import Reader
from archiver.ticket import VARIABLE
from archiver.unpacking import Packs, unpack
from bench.peak import bytes_until_end
from jarvis_admin.models import Archive
from jarvis_admin.services import archive_checks, archive_tickets, restore_tickets
from jarvis_admin.services.archives import KeyRing
from jarvis_admin.storage import ObjectStore

ROOT = Path(__file__).parents[2]
RING = KeyRing(bytes(range(32)))

# A variable of the environment, and the ticket in it.
Errand = tuple[str, str]


def folder_of(name: str) -> str:
    return f"jv-test/users/1/{name}"


@dataclass
class Depot:
    store: ObjectStore
    folder: Path

    def ticket(self, root: Path, name: str = "a1", base: str = "") -> Errand:
        before = None
        if base:
            before = archive_tickets.base(self.store, base, folder_of(base), RING.of(base))
        keys, folder = RING.of(name), folder_of(name)
        issued = archive_tickets.issue(self.store, name, folder, keys, 1, before)
        return VARIABLE, _onto(root, issued.to_json())

    def archive(self, root: Path, name: str = "a1", base: str = "") -> Archive:
        code, told = self.run(self.ticket(root, name, base))
        assert code == 0, told
        folder = folder_of(name)
        archive_checks.check_arrival(self.store, name, folder, RING.of)
        digest = hashlib.sha256(self.path(name, "manifest").read_bytes()).hexdigest()
        return Archive(id=name, folder=folder, manifest_sha256=digest)

    def restore_ticket(
        self, archive: Archive, target: Path, key: str = "ab", only: Sequence[str] = ()
    ) -> Errand:
        issued = restore_tickets.issue(self.store, archive, RING, key, only)
        return restore_ticket.VARIABLE, _onto(target, issued.to_json())

    def restore(self, archive: Archive, target: Path, only: Sequence[str] = ()) -> tuple[int, str]:
        target.mkdir(exist_ok=True)
        return self.run(self.restore_ticket(archive, target, only=only))

    def run(self, errand: Errand) -> tuple[int, str]:
        process = self.start(errand)
        _, told = process.communicate(timeout=100)
        return process.returncode, told

    def peak(self, errand: Errand) -> int:
        """Bytes of memory that a whole run takes at most."""
        process = self.start(errand)
        peak = bytes_until_end(process, every=0.01)
        _, told = process.communicate()
        assert process.returncode == 0, told
        return peak

    def start(self, errand: Errand) -> "subprocess.Popen[str]":
        variable, ticket = errand
        verb = ["restore"] if variable == restore_ticket.VARIABLE else []
        return subprocess.Popen(
            [sys.executable, "-m", "archiver", *verb],
            env={**os.environ, variable: ticket},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def unpack(self, target: Path, name: str = "a1") -> None:
        """Without a process."""
        target.mkdir()
        sealed = self.store.stream(archive_tickets.manifest_key(folder_of(name)))
        fetch = archive_checks.fetcher(self.store, folder_of(name))
        packs = Packs(fetch, lambda archive: RING.of(archive).packs)
        unpack(Reader(sealed, RING.of(name).manifest, name), packs, bytes(target))

    def path(self, name: str, thing: str) -> Path:
        return self.folder / folder_of(name) / thing


def _onto(root: Path, ticket: str) -> str:
    return json.dumps({**json.loads(ticket), "root": os.fsdecode(root)})
