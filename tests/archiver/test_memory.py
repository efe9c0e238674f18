"""The archiver in a process of its own, over HTTP: how much memory it takes, how it ends."""

import json
import os
import random
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from archiver.manifest import Reader, unzip
from archiver.ticket import VARIABLE
from archiver.unpacking import Packs, unpack
from jarvis_admin.services import archive_checks, archive_tickets
from jarvis_admin.services.archive_keys import ArchiveKeys
from jarvis_admin.storage import ObjectStore, open_store
from jarvis_admin.storage.gate import make_server
from jarvis_admin.storage.permits import Permits
from tests.archiver import trees
from tests.factories import make_settings

ROOT = Path(__file__).parents[2]
MOST_MEMORY = 128 * 1024 * 1024
KEYS = ArchiveKeys(packs=bytes(range(32)), manifest=bytes(range(1, 33)))
FOLDER = "jv-test/users/1/a1"
# Started by something small: Linux counts what a process was before its exec as its own.
MEASURE = """
import resource, subprocess, sys
ended = subprocess.run([sys.executable, "-m", "archiver"])
print(ended.returncode, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss * 1024)
"""


@dataclass
class Depot:
    store: ObjectStore
    folder: Path

    def start(self, root: Path, *command: str) -> "subprocess.Popen[str]":
        ticket = archive_tickets.issue(self.store, "a1", FOLDER, KEYS, 1, None)
        line = {**json.loads(ticket.to_json()), "root": os.fsdecode(root)}
        return subprocess.Popen(
            [sys.executable, *(command or ("-m", "archiver"))],
            env={**os.environ, VARIABLE: json.dumps(line)},
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def peak(self, root: Path) -> int:
        """Bytes of memory that a whole run takes at most."""
        out, told = self.start(root, "-c", MEASURE).communicate(timeout=100)
        code, peak = map(int, out.split())
        assert code == 0, told
        return peak

    def run(self, root: Path) -> tuple[int, str]:
        process = self.start(root)
        _, told = process.communicate(timeout=100)
        return process.returncode, told

    def restore(self, target: Path) -> None:
        target.mkdir()
        sealed = self.store.stream(archive_tickets.manifest_key(FOLDER))
        packs = Packs(archive_checks.fetcher(self.store, FOLDER), lambda _archive: KEYS.packs)
        unpack(Reader(sealed, KEYS.manifest, "a1"), packs, bytes(target))


@pytest.fixture
def depot(tmp_path: Path) -> Iterator[Depot]:
    folder = tmp_path / "store"
    folder.mkdir()
    settings = make_settings()
    server = make_server(folder, Permits(settings.secret_key), "127.0.0.1", 0)
    threading.Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    opened = open_store(
        make_settings(
            object_store_url=f"file://{folder}",
            object_store_gate=f"http://127.0.0.1:{server.server_port}",
        )
    )
    yield Depot(opened, folder)
    server.shutdown()
    server.server_close()


def test_a_gigabyte_with_random_islands_needs_little_memory(depot: Depot, tmp_path: Path) -> None:
    tree, rng = tmp_path / "tree", random.Random(5)
    tree.mkdir()
    islands = {n << 24: rng.randbytes(2 << 20) for n in range(64)}
    trees.make_sparse(tree / "large", 1 << 30, islands)

    peak = depot.peak(tree)
    print(peak)
    assert peak < MOST_MEMORY
    assert len(list((depot.folder / FOLDER).glob("pack-*"))) > 5


def test_many_names_need_little_memory(depot: Depot, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for folder in range(20):
        (tree / f"folder {folder}").mkdir(parents=True)
        for number in range(500):
            (tree / f"folder {folder}" / f"a file with a longer name {number}").touch()

    peak = depot.peak(tree)
    print(peak)
    assert peak < MOST_MEMORY


def test_killed_and_begun_anew_it_makes_the_same_archive(depot: Depot, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    trees.build(tree)
    (tree / "incompressible").write_bytes(random.Random(1).randbytes(60_000_000))
    first = depot.start(tree)
    while not list((depot.folder / FOLDER).glob("pack-00001")):
        assert first.poll() is None
    first.kill()
    first.communicate()

    code, told = depot.run(tree)
    arrived = archive_checks.check_arrival(depot.store, "a1", FOLDER, lambda _archive: KEYS)
    depot.restore(tmp_path / "back")

    assert code == 0, told
    assert trees.look(tmp_path / "back") == trees.look(tree)
    assert {one.name for one in (depot.folder / FOLDER).iterdir()} == {
        "manifest",
        *(f"pack-{pack.number:05}" for pack in arrived.sums.packs),
    }


@pytest.mark.parametrize(
    ("ticket", "code", "told"),
    [("", 64, "cannot be read"), ("{}", 64, "cannot be read"), ("[1]", 64, "cannot be read")],
)
def test_a_bad_ticket_ends_it_with_a_sentence(ticket: str, code: int, told: str) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "archiver"],
        env={**os.environ, VARIABLE: ticket},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == code
    assert told in ended.stderr
    assert "Traceback" not in ended.stderr


def test_a_ticket_that_is_over_ends_it_with_a_sentence(depot: Depot, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir()
    before, archive_tickets.LIFETIME = archive_tickets.LIFETIME, timedelta(seconds=-1)
    try:
        code, told = depot.run(tmp_path / "tree")
    finally:
        archive_tickets.LIFETIME = before

    assert code == 77
    assert told == "The store refused urls-001 with status 403.\n"


def test_a_volume_that_is_not_there_ends_it_with_a_sentence(depot: Depot, tmp_path: Path) -> None:
    code, told = depot.run(tmp_path / "no such tree")

    assert code == 66
    assert told.startswith("The volume cannot be read")


def test_a_few_bytes_that_hold_very_many_come_in_small_pieces() -> None:
    packed = zstandard.ZstdCompressor(level=3).compress(bytes(200_000_000))

    sizes = [len(piece) for piece in unzip([packed], "a pack")]

    assert sum(sizes) == 200_000_000
    assert max(sizes) <= 1024 * 1024
