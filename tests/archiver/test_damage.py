"""A changed byte, a missing end, a swapped object, a wrong key: each found, each in a sentence."""

from pathlib import Path

import pytest

from archiver.errors import Damaged
from archiver.sealed import FRAME, seal, unseal
from archiver.unpacking import unpack
from tests.archiver.shelf import KEY, Shelf

OTHER = bytes(32)
SIZES = (0, 1, FRAME - 1, FRAME, FRAME + 1, 2 * FRAME, 3 * FRAME + 7)


@pytest.fixture
def shelf(tmp_path: Path) -> Shelf:
    tree = tmp_path / "tree"
    tree.mkdir()
    (tree / "note").write_bytes(bytes(range(256)) * 9000)
    shelf = Shelf()
    shelf.archive(tree, "one", size=100_000)
    return shelf


def read_all(shelf: Shelf, target: Path) -> None:
    target.mkdir()
    unpack(shelf.reader("one"), shelf.contents(), bytes(target))


@pytest.mark.parametrize("size", SIZES)
def test_what_was_sealed_opens(size: int) -> None:
    plain = bytes(n % 251 for n in range(size))
    sealed = seal(plain, KEY, "a thing")

    pieces = [sealed[begin : begin + 70_001] for begin in range(0, len(sealed), 70_001)]

    assert b"".join(unseal(pieces, KEY, "a thing")) == plain


@pytest.mark.parametrize("size", SIZES)
def test_no_beginning_of_it_opens(size: int) -> None:
    sealed = seal(bytes(size), KEY, "a thing")
    edges = {0, 3, 36, 40, len(sealed) - 1, len(sealed) - 16, *range(36, len(sealed), FRAME + 16)}

    for end in sorted(edges - {len(sealed)}):
        with pytest.raises(Damaged):
            list(unseal([sealed[:end]], KEY, "a thing"))


def test_more_at_the_end_does_not_open() -> None:
    with pytest.raises(Damaged):
        list(unseal([seal(b"x", KEY, "a thing"), b"more"], KEY, "a thing"))


def test_any_changed_byte_is_found() -> None:
    sealed = bytearray(seal(b"some text", KEY, "a thing"))
    for at in range(len(sealed)):
        sealed[at] ^= 1
        with pytest.raises(Damaged):
            list(unseal([bytes(sealed)], KEY, "a thing"))
        sealed[at] ^= 1


def test_the_same_bytes_never_look_the_same() -> None:
    assert seal(b"x" * 99, KEY, "a thing") != seal(b"x" * 99, KEY, "a thing")


def test_another_key_and_another_name_do_not_open() -> None:
    sealed = seal(b"some text", KEY, "a thing")

    for key, name in ((OTHER, "a thing"), (KEY, "another thing")):
        with pytest.raises(Damaged, match="was changed, was cut off, or has another key"):
            list(unseal([sealed], key, name))


def test_a_changed_pack_is_found(shelf: Shelf, tmp_path: Path) -> None:
    sealed = bytearray(shelf.packs["one", 1])
    sealed[len(sealed) // 2] ^= 1
    shelf.packs["one", 1] = bytes(sealed)

    with pytest.raises(Damaged, match="pack 1 of one was changed"):
        read_all(shelf, tmp_path / "back")


def test_a_pack_that_was_cut_off_is_found(shelf: Shelf, tmp_path: Path) -> None:
    shelf.packs["one", 1] = shelf.packs["one", 1][:-20]

    with pytest.raises(Damaged):
        read_all(shelf, tmp_path / "back")


def test_a_manifest_with_another_key_is_found(shelf: Shelf) -> None:
    with pytest.raises(Damaged, match="manifest of one"):
        shelf.reader("one", OTHER).read_to_end()


def test_a_manifest_that_was_cut_off_is_found(shelf: Shelf) -> None:
    shelf.manifests["one"] = shelf.manifests["one"][:-1]

    with pytest.raises(Damaged):
        shelf.reader("one").read_to_end()
