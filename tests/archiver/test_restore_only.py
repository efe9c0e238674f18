"""A restore of some paths: these, the folders above them, and nothing else."""

import os
from pathlib import Path

import pytest

from archiver.selection import Wish
from tests.archiver import trees
from tests.archiver.depot import Depot


@pytest.mark.parametrize(
    ("only", "more"),
    [
        (["a"], {b"a", b"a/inside"}),
        (["a.b"], {b"a.b"}),
        (["/a/inside/"], {b"a", b"a/inside"}),
        (["日本語のファイル.txt", "soft"], {"日本語のファイル.txt".encode(), b"soft"}),
        (["not-utf8-\udcff\udcfe"], {b"not-utf8-\xff\xfe"}),
        (["a/ins", "no such thing"], set()),
    ],
)
def test_only_some_paths_come(
    depot: Depot, tree: Path, tmp_path: Path, only: list[str], more: set[bytes]
) -> None:
    archive = depot.archive(tree)

    code, told = depot.restore(archive, tmp_path / "back", only)

    assert code == 0, told
    back, whole = trees.look(tmp_path / "back"), trees.look(tree)
    if "a/ins" in only:
        more = {b"a"}  # the folder above what is not there
    assert back == {path: whole[path] for path in {b".", *more}}


def test_a_file_under_its_second_name_comes_with_its_content(depot: Depot, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    (tree / "store").mkdir(parents=True)
    (tree / "used").mkdir()
    for name in "xy":
        (tree / "store" / name).write_text(f"content of {name}")
        for other in "12":
            (tree / "used" / f"{name}{other}").hardlink_to(tree / "store" / name)
    archive = depot.archive(tree)

    code, told = depot.restore(archive, tmp_path / "back", ["used"])

    used = tmp_path / "back" / "used"
    assert code == 0, told
    assert {path.name: path.read_text() for path in used.iterdir()} == {
        f"{name}{other}": f"content of {name}" for name in "xy" for other in "12"
    }
    for name in "xy":
        assert (used / f"{name}1").samefile(used / f"{name}2")
    assert not (tmp_path / "back" / "store").exists()


def test_a_second_run_finds_them_beside_something_else(
    depot: Depot, tree: Path, tmp_path: Path
) -> None:
    archive = depot.archive(tree)
    depot.restore(archive, tmp_path / "back", ["a"])
    (tmp_path / "back" / "another").write_text("mine")

    assert depot.restore(archive, tmp_path / "back", ["a"])[0] == 0
    (tmp_path / "back" / "a" / "more").touch()
    assert depot.restore(archive, tmp_path / "back", ["a"])[0] == 68
    assert (tmp_path / "back" / "another").read_text() == "mine"


def test_a_pack_that_only_others_need_is_not_opened(depot: Depot, tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "a").write_bytes(os.urandom(20 << 20))
    (tree / "b").write_bytes(os.urandom(20 << 20))
    archive = depot.archive(tree)
    errand = depot.restore_ticket(archive, tmp_path / "back", only=["b"])
    depot.path("a1", "pack-00001").unlink()
    (tmp_path / "back").mkdir()

    code, told = depot.run(errand)

    assert code == 0, told
    assert (tmp_path / "back" / "b").read_bytes() == (tree / "b").read_bytes()


def test_a_wish_knows_what_is_below_and_what_is_above() -> None:
    wish = Wish([b"a/b", b"c"])

    assert [wish.wants(path) for path in (b"a/b", b"a/b/x", b"c", b"a", b"a/bb", b"")] == [
        *[True] * 3,
        *[False] * 3,
    ]
    assert [wish.leads_to(path) for path in (b"", b"a", b"a/b", b"c")] == [True, True, False, False]
    assert Wish([]).wants(b"x")
    assert Wish([b""]).wants(b"x")
