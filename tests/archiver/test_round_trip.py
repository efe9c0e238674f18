"""What was archived comes back byte by byte; compared without the archiver's own code."""

import os
import subprocess
from pathlib import Path

import zstandard

from archiver.manifest import name_of_pack
from archiver.sealed import unseal
from tests.archiver import trees
from tests.archiver.shelf import KEY, Shelf


def test_everything_comes_back(tree: Path, tmp_path: Path) -> None:
    shelf = Shelf()

    sums = shelf.archive(tree, "one")
    shelf.restore("one", tmp_path / "back")

    assert trees.look(tmp_path / "back") == trees.look(tree)
    assert sums.entries == len(trees.look(tree))


def test_holes_stay_holes(tree: Path, tmp_path: Path) -> None:
    shelf = Shelf()

    shelf.archive(tree, "one")
    shelf.restore("one", tmp_path / "back")

    for name in ("sparse", "all hole"):
        assert (tmp_path / "back" / name).stat().st_blocks <= (tree / name).stat().st_blocks


def test_an_empty_volume_comes_back_empty(tmp_path: Path) -> None:
    (tmp_path / "tree").mkdir(mode=0o750)
    shelf = Shelf()

    sums = shelf.archive(tmp_path / "tree", "one")
    shelf.restore("one", tmp_path / "back")

    assert (sums.files, sums.bytes) == (0, 0)
    assert trees.look(tmp_path / "back") == trees.look(tmp_path / "tree")


def test_plain_tar_reads_what_is_in_the_packs(tree: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.archive(tree, "one")

    (tmp_path / "back").mkdir()
    tar = b"".join(
        zstandard.ZstdDecompressor()
        .decompressobj()
        .decompress(b"".join(unseal([sealed], KEY, name_of_pack(*place))))
        for place, sealed in sorted(shelf.packs.items())
    )
    subprocess.run(["tar", "-xp", "-C", tmp_path / "back"], input=tar, check=True)

    before, after = trees.look(tree), trees.look(tmp_path / "back")
    assert before.keys() == after.keys()
    for path, (mode, uid, gid, _, *content) in before.items():
        assert (after[path][:3], after[path][4:]) == ((mode, uid, gid), tuple(content)), path


def test_unchanged_files_are_not_stored_again(tree: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    first = shelf.archive(tree, "one")
    (tree / "new").write_text("new")
    (tree / "plain.txt").write_bytes(b"changed")
    (tree / "ไทย").unlink()

    second = shelf.archive(tree, "two", base="one")
    shelf.restore("two", tmp_path / "back")

    assert trees.look(tmp_path / "back") == trees.look(tree)
    own = sum(pack.size for pack in second.packs if pack.archive == "two")
    assert own < sum(pack.size for pack in first.packs) / 20
    assert second.reused > 3_000_000


def test_the_third_archive_still_finds_what_the_first_stored(tree: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.archive(tree, "one")
    (tree / "plain.txt").write_bytes(b"changed once")
    shelf.archive(tree, "two", base="one")
    (tree / "plain.txt").write_bytes(b"changed twice")

    third = shelf.archive(tree, "three", base="two")
    shelf.restore("three", tmp_path / "back")

    assert trees.look(tmp_path / "back") == trees.look(tree)
    assert {pack.archive for pack in third.packs} >= {"one", "three"}


def test_a_change_that_looks_like_none_is_found(tree: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.archive(tree, "one")
    large = tree / "large"
    before = large.stat()
    with large.open("r+b") as file:
        file.seek(1_000_000)
        file.write(b"same size, same time")
    os.utime(large, ns=(before.st_atime_ns, before.st_mtime_ns))

    shelf.archive(tree, "two", base="one")
    shelf.restore("two", tmp_path / "back")

    assert trees.look(tmp_path / "back") == trees.look(tree)
