"""`python -m archiver restore`, from the store onto a volume; compared without our own code."""

import os
import random
from pathlib import Path

from tests.archiver import trees
from tests.archiver.depot import Depot

MOST_MEMORY = 128 * 1024 * 1024


def make_many(tree: Path, folders: int, files: int) -> None:
    for folder in range(folders):
        (tree / f"folder {folder}").mkdir(parents=True)
        for number in range(files):
            path = tree / f"folder {folder}" / f"a file with a longer name {number}"
            path.write_bytes(b"%d in %d" % (number, folder))


def test_everything_comes_back(depot: Depot, tree: Path, tmp_path: Path) -> None:
    archive = depot.archive(tree)

    code, told = depot.restore(archive, tmp_path / "back")

    assert (code, told.split(maxsplit=1)[1]) == (
        0,
        "paths stand on the volume as the archive holds them.\n",
    )
    assert trees.look(tmp_path / "back") == trees.look(tree)
    for name in ("sparse", "all hole"):
        assert (tmp_path / "back" / name).stat().st_blocks <= (tree / name).stat().st_blocks


def test_an_empty_volume_comes_back_empty(depot: Depot, tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir(mode=0o750)
    archive = depot.archive(tmp_path / "tree")

    code, told = depot.restore(archive, tmp_path / "back")

    assert code == 0, told
    assert trees.look(tmp_path / "back") == trees.look(tmp_path / "tree")


def test_three_generations_are_put_together(depot: Depot, tree: Path, tmp_path: Path) -> None:
    depot.archive(tree, "a1")
    (tree / "plain.txt").write_bytes(b"changed once")
    (tree / "new").write_text("new")
    depot.archive(tree, "a2", "a1")
    (tree / "script.sh").write_bytes(b"changed too")
    (tree / "ไทย").unlink()
    third = depot.archive(tree, "a3", "a2")

    code, told = depot.restore(third, tmp_path / "back")

    assert code == 0, told
    assert trees.look(tmp_path / "back") == trees.look(tree)


def test_the_folder_that_every_file_system_has_is_no_matter(
    depot: Depot, tree: Path, tmp_path: Path
) -> None:
    archive = depot.archive(tree)
    (tmp_path / "back" / "lost+found").mkdir(parents=True)

    code, told = depot.restore(archive, tmp_path / "back")

    assert code == 0, told
    back = trees.look(tmp_path / "back")
    assert back.pop(b"lost+found")
    assert back == trees.look(tree)


def test_a_socket_is_left_out_under_all_its_names(depot: Depot, tree: Path, tmp_path: Path) -> None:
    os.mknod(tree / "socket", 0o140600)
    os.link(tree / "socket", tree / "its other name")
    archive = depot.archive(tree)

    code, told = depot.restore(archive, tmp_path / "back")

    assert code == 0, told
    assert trees.look(tree).keys() - trees.look(tmp_path / "back").keys() == {
        b"socket",
        b"its other name",
    }


def test_many_names_need_little_memory(depot: Depot, tmp_path: Path) -> None:
    make_many(tmp_path / "tree", 20, 500)
    archive = depot.archive(tmp_path / "tree")
    (tmp_path / "back").mkdir()

    peak = depot.peak(depot.restore_ticket(archive, tmp_path / "back"))

    print(peak)
    assert peak < MOST_MEMORY


def test_what_packs_well_needs_little_memory_too(depot: Depot, tmp_path: Path) -> None:
    """A file of zeros without holes is a few kilobytes in its pack."""
    tree = tmp_path / "tree"
    tree.mkdir()
    with (tree / "zeros").open("wb") as file:
        for _ in range(400):
            file.write(bytes(1 << 20))
    (tree / "noise").write_bytes(random.Random(3).randbytes(60 << 20))
    archive = depot.archive(tree)
    (tmp_path / "back").mkdir()

    peak = depot.peak(depot.restore_ticket(archive, tmp_path / "back"))

    print(peak)
    assert peak < MOST_MEMORY


def test_fifteen_generations_need_little_memory(depot: Depot, tmp_path: Path) -> None:
    """Each has a pack that is open all the time: the files of all of them alternate."""
    tree, rng = tmp_path / "tree", random.Random(4)
    tree.mkdir()
    names = [f"{number:04}" for number in range(600)]
    for name in names:
        (tree / name).write_bytes(rng.randbytes(9_000))
    archive = depot.archive(tree, "a0")
    for generation in range(1, 15):
        for name in names[generation::15]:
            (tree / name).write_bytes(rng.randbytes(9_000 + generation))
        archive = depot.archive(tree, f"a{generation}", f"a{generation - 1}")
    (tmp_path / "back").mkdir()

    peak = depot.peak(depot.restore_ticket(archive, tmp_path / "back"))

    print(peak)
    assert peak < MOST_MEMORY
    assert trees.look(tmp_path / "back") == trees.look(tree)
