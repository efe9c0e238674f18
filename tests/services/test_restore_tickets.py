"""Tickets of restores: what is found out before any machine is made, and what is left after."""

import hashlib
import io
import random
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.earlier import Earlier
from archiver.making import Maker
from archiver.manifest import Reader, Writer
from archiver.packing import Packer
from archiver.restore_ticket import RestoreTicket, read
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Archive
from jarvis_admin.services import restore_tickets
from jarvis_admin.services.archive_checks import Unsound
from jarvis_admin.services.archive_tickets import manifest_key, pack_key
from jarvis_admin.services.archives import KeyRing
from jarvis_admin.storage import ObjectStore, open_store
from tests.factories import make_settings

RING = KeyRing(bytes(range(32)))
SMALL_PACK = 10_000
HOME = "jv-test/users/1"


@pytest.fixture
def store(tmp_path: Path) -> ObjectStore:
    (tmp_path / "store").mkdir()
    return open_store(make_settings(object_store_url=f"file://{tmp_path}/store"))


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    (tmp_path / "tree" / "b").mkdir(parents=True)
    for number, name in enumerate(("a", "b/c", "d")):
        (tmp_path / "tree" / name).write_bytes(random.Random(number).randbytes(300_000))
    return tmp_path / "tree"


def make_archive(store: ObjectStore, tree: Path, name: str, base: str = "") -> Archive:
    folder, scroll, earlier = f"{HOME}/{name}", io.BytesIO(), Earlier()
    if base:
        sealed = store.stream(manifest_key(f"{HOME}/{base}"))
        earlier = Earlier(Reader(sealed, RING.of(base).manifest, base))

    def send(number: int, sealed: bytearray) -> None:
        store.put(pack_key(folder, number), bytes(sealed))

    with Packer(RING.of(name).packs, name, send, SMALL_PACK) as packer:
        writer = Writer(scroll, RING.of(name).manifest, name)
        Maker(bytes(tree), packer, earlier).make(writer)
    store.put(manifest_key(folder), scroll.getvalue())
    digest = hashlib.sha256(scroll.getvalue()).hexdigest()
    return Archive(id=name, folder=folder, manifest_sha256=digest)


def keys_in(store: ObjectStore) -> set[str]:
    return {one.key for one in store.list(HOME)}


def test_a_ticket_is_read_as_it_was_written(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")

    ticket = restore_tickets.issue(store, archive, RING, "ab", ["b", "not-utf8-\udcff"])

    assert read({"JARVIS_RESTORE": ticket.to_json()}) == ticket
    assert isinstance(ticket, RestoreTicket)
    assert (ticket.archive, ticket.root, ticket.only) == ("a1", "/volume", ("b", "not-utf8-\udcff"))
    assert ticket.packs_keys == {"a1": RING.of("a1").packs}


def test_it_opens_the_archives_whose_packs_are_needed_and_no_other(
    store: ObjectStore, tree: Path
) -> None:
    make_archive(store, tree, "a1")
    (tree / "a").write_bytes(b"changed")
    second = make_archive(store, tree, "a2", "a1")

    whole = restore_tickets.issue(store, second, RING, "ab")
    part = restore_tickets.issue(store, second, RING, "cd", ["a"])

    assert whole.packs_keys == {name: RING.of(name).packs for name in ("a1", "a2")}
    assert part.packs_keys == {"a2": RING.of("a2").packs}


def test_pages_are_sealed_and_name_no_pack_in_the_open(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")

    ticket = restore_tickets.issue(store, archive, RING, "ab")

    page = urlsplit(ticket.pages_url).path.lstrip("/")
    assert page == f"{HOME}/a1/restore-ab-001"
    assert b"pack" not in store.get(page)


def test_two_restores_share_no_page_and_are_withdrawn_apart(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")
    before = keys_in(store)
    restore_tickets.issue(store, archive, RING, "ab")
    restore_tickets.issue(store, archive, RING, "abc")

    restore_tickets.withdraw(store, archive.folder, "ab")
    assert keys_in(store) - before == {f"{HOME}/a1/restore-abc-001"}
    restore_tickets.withdraw(store, archive.folder, "abc")
    restore_tickets.withdraw(store, archive.folder, "abc")
    assert keys_in(store) == before


def test_an_empty_volume_needs_no_pages(store: ObjectStore, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    archive = make_archive(store, tmp_path / "empty", "a1")

    ticket = restore_tickets.issue(store, archive, RING, "ab")

    assert (ticket.pages_url, ticket.packs_keys) == ("", {})


def test_a_manifest_that_is_gone_is_found(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")
    store.delete(manifest_key(archive.folder))

    with pytest.raises(Unsound, match="a1/manifest is not in the object store"):
        restore_tickets.issue(store, archive, RING, "ab")


def test_a_changed_manifest_is_found(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")
    sealed = bytearray(store.get(manifest_key(archive.folder)))
    sealed[-1] ^= 1
    store.put(manifest_key(archive.folder), bytes(sealed))

    with pytest.raises(Unsound, match="manifest of a1 was changed"):
        restore_tickets.issue(store, archive, RING, "ab")


def test_a_manifest_that_opens_but_is_another_is_found(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")
    make_archive(store, tree, "a1")

    with pytest.raises(Unsound, match="not the one that was stored"):
        restore_tickets.issue(store, archive, RING, "ab")


def test_another_key_is_found(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")

    with pytest.raises(Unsound, match="has another key"):
        restore_tickets.issue(store, archive, KeyRing(bytes(32)), "ab")


def test_a_pack_that_is_gone_or_cut_off_is_found(store: ObjectStore, tree: Path) -> None:
    make_archive(store, tree, "a1")
    (tree / "d").write_bytes(b"changed")
    second = make_archive(store, tree, "a2", "a1")
    pack = pack_key(f"{HOME}/a1", 1)

    store.put(pack, store.get(pack)[:-1])
    with pytest.raises(Unsound, match=r"a1/pack-00001 has .* bytes, which is not what was stored"):
        restore_tickets.issue(store, second, RING, "ab")
    store.delete(pack)
    with pytest.raises(Unsound, match="a1/pack-00001 is not in the object store"):
        restore_tickets.issue(store, second, RING, "ab")
    assert restore_tickets.issue(store, second, RING, "ab", ["d"])


def test_too_many_paths_are_refused_and_leave_nothing(store: ObjectStore, tree: Path) -> None:
    archive = make_archive(store, tree, "a1")
    before = keys_in(store)

    with pytest.raises(Invalid, match="too many paths"):
        restore_tickets.issue(store, archive, RING, "ab", ["x" * 200 + str(n) for n in range(600)])
    assert keys_in(store) == before


@pytest.mark.parametrize("key", ["", "../x", "AB", "a" * 33])
def test_a_key_of_another_shape_names_no_restore(store: ObjectStore, key: str) -> None:
    with pytest.raises(Invalid, match="does not name a restore"):
        restore_tickets.withdraw(store, f"{HOME}/a1", key)
