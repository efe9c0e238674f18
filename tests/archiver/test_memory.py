"""The archiver in a process of its own, over HTTP: how much memory it takes, how it ends."""

import os
import random
import subprocess
import sys
from datetime import timedelta
from pathlib import Path

import pytest
import zstandard

from archiver.manifest import unzip
from archiver.ticket import VARIABLE
from jarvis_admin.services import archive_checks, archive_tickets
from tests.archiver import trees
from tests.archiver.depot import RING, ROOT, Depot, folder_of

MOST_MEMORY = 128 * 1024 * 1024
FOLDER = folder_of("a1")


def test_a_gigabyte_with_random_islands_needs_little_memory(depot: Depot, tmp_path: Path) -> None:
    tree, rng = tmp_path / "tree", random.Random(5)
    tree.mkdir()
    islands = {n << 24: rng.randbytes(2 << 20) for n in range(64)}
    trees.make_sparse(tree / "large", 1 << 30, islands)

    peak = depot.peak(depot.ticket(tree))
    print(peak)
    assert peak < MOST_MEMORY
    assert len(list((depot.folder / FOLDER).glob("pack-*"))) > 5


def test_many_names_need_little_memory(depot: Depot, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    for folder in range(20):
        (tree / f"folder {folder}").mkdir(parents=True)
        for number in range(500):
            (tree / f"folder {folder}" / f"a file with a longer name {number}").touch()

    peak = depot.peak(depot.ticket(tree))
    print(peak)
    assert peak < MOST_MEMORY


def test_killed_and_begun_anew_it_makes_the_same_archive(depot: Depot, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    trees.build(tree)
    (tree / "incompressible").write_bytes(random.Random(1).randbytes(60_000_000))
    first = depot.start(depot.ticket(tree))
    while not list((depot.folder / FOLDER).glob("pack-00001")):
        assert first.poll() is None
    first.kill()
    first.communicate()

    code, told = depot.run(depot.ticket(tree))
    arrived = archive_checks.check_arrival(depot.store, "a1", FOLDER, RING.of)
    depot.unpack(tmp_path / "back")

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
        code, told = depot.run(depot.ticket(tmp_path / "tree"))
    finally:
        archive_tickets.LIFETIME = before

    assert code == 77
    assert told == "The store refused urls-001 with status 403.\n"


def test_a_volume_that_is_not_there_ends_it_with_a_sentence(depot: Depot, tmp_path: Path) -> None:
    code, told = depot.run(depot.ticket(tmp_path / "no such tree"))

    assert code == 66
    assert told.startswith("The volume cannot be read")


def test_a_few_bytes_that_hold_very_many_come_in_small_pieces() -> None:
    packed = zstandard.ZstdCompressor(level=3).compress(bytes(200_000_000))

    sizes = [len(piece) for piece in unzip([packed], "a pack")]

    assert sum(sizes) == 200_000_000
    assert max(sizes) <= 1024 * 1024
