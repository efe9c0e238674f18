"""What ends a restore: found, told in a sentence, with a code of its own."""

import json
import os
import resource
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

from archiver.errors import Differs
from archiver.restore_ticket import VARIABLE
from jarvis_admin.models import Archive
from tests.archiver import trees
from tests.archiver.depot import ROOT, Depot, Errand
from tests.archiver.shelf import Shelf


@pytest.fixture
def archive(depot: Depot, tree: Path) -> Archive:
    return depot.archive(tree)


@pytest.fixture
def errand(depot: Depot, archive: Archive, tmp_path: Path) -> Errand:
    (tmp_path / "back").mkdir()
    return depot.restore_ticket(archive, tmp_path / "back")


def changed(errand: Errand, **fields: object) -> Errand:
    variable, ticket = errand
    return variable, json.dumps({**json.loads(ticket), **fields})


def test_a_tampered_pack_ends_it(depot: Depot, errand: Errand) -> None:
    pack = depot.path("a1", "pack-00001")
    sealed = bytearray(pack.read_bytes())
    sealed[len(sealed) // 2] ^= 1
    pack.write_bytes(sealed)

    assert depot.run(errand) == (
        65,
        "pack 1 of a1 was changed, was cut off, or has another key.\n",
    )


@pytest.mark.parametrize("left", [0, 20, 300_000, 1_000_000, -1])
def test_a_truncated_pack_ends_it(depot: Depot, errand: Errand, left: int) -> None:
    pack = depot.path("a1", "pack-00001")
    pack.write_bytes(pack.read_bytes()[:left])

    code, told = depot.run(errand)

    assert code == 65
    assert "cut off" in told


def test_a_truncated_manifest_ends_it(depot: Depot, errand: Errand) -> None:
    manifest = depot.path("a1", "manifest")
    manifest.write_bytes(manifest.read_bytes()[:-1])

    code, told = depot.run(errand)

    assert (code, told.count("manifest of a1 was changed, was cut off")) == (65, 1)


def test_a_wrong_key_ends_it(depot: Depot, errand: Errand) -> None:
    other = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="

    assert depot.run(changed(errand, manifest_key=other))[0] == 65
    code, told = depot.run(changed(errand, packs_keys={"a1": other}))
    assert (code, told.count("has another key")) == (65, 1)


def test_a_pack_that_is_gone_ends_it(depot: Depot, errand: Errand) -> None:
    depot.path("a1", "pack-00001").unlink()

    assert depot.run(errand) == (77, "The store refused pack-00001 with status 404.\n")


def test_a_store_that_is_not_there_ends_it(errand: Errand, tmp_path: Path) -> None:
    """Without the pauses, which are longer than anybody waits for a test."""
    variable, ticket = changed(errand, manifest_url="http://127.0.0.1:9/manifest")
    program = "from archiver import web; web._PAUSES = (0.01,); from archiver.__main__ import main"
    ended = subprocess.run(
        [sys.executable, "-c", f"{program}; raise SystemExit(main(['restore']))"],
        env={**os.environ, variable: ticket},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )

    assert ended.returncode == 69
    assert ended.stderr.startswith("The store did not take or give manifest: ")
    assert not list((tmp_path / "back").iterdir())


@pytest.mark.parametrize("ticket", ["", "{}", "[1]", "7", '{"packs_keys": []}'])
def test_a_bad_ticket_ends_it(depot: Depot, ticket: str) -> None:
    assert depot.run((VARIABLE, ticket)) == (64, f"The ticket in {VARIABLE} cannot be read.\n")


def test_a_ticket_that_lacks_a_pack_or_a_key_ends_it(depot: Depot, errand: Errand) -> None:
    code, told = depot.run(changed(errand, pages_url=""))
    assert (code, told) == (64, "The ticket lacks pack 1 of a1.\n")
    code, told = depot.run(changed(errand, packs_keys={}))
    assert (code, told) == (64, "The ticket lacks the key of a1.\n")


def test_a_volume_that_is_too_small_ends_it(depot: Depot, errand: Errand) -> None:
    """No file may grow beyond two megabytes: the kernel's refusal is like that of a full disk."""
    process = depot.start(errand)
    resource.prlimit(process.pid, resource.RLIMIT_FSIZE, (2_000_000, 2_000_000))
    _, told = process.communicate(timeout=60)

    assert process.returncode == 73
    assert told.startswith("There is no room left: ")


@pytest.mark.skipif(os.geteuid() != 0, reason="only root mounts file systems")
def test_a_full_volume_ends_it(depot: Depot, errand: Errand, tmp_path: Path) -> None:
    mount = ["mount", "-t", "tmpfs", "-o", "size=2m", "none", tmp_path / "back"]
    if subprocess.run(mount, check=False, capture_output=True).returncode:
        pytest.skip("nothing may be mounted here")
    try:
        code, told = depot.run(errand)
    finally:
        subprocess.run(["umount", tmp_path / "back"], check=True)

    assert (code, told.count("No space left on device")) == (73, 1)


def test_a_volume_that_is_not_there_ends_it(depot: Depot, errand: Errand) -> None:
    code, told = depot.run(changed(errand, root="/no/such/volume"))

    assert code == 66
    assert told.startswith("The volume cannot be read or written: ")


Change = Callable[[Path], object]
CHANGES: dict[str, Change] = {
    "'empty' has another mode": lambda back: (back / "empty").chmod(0o640),
    "'empty' has another owner": lambda back: os.chown(back / "empty", 77, -1),
    "'secret' has another content": lambda back: _rewrite(back / "secret", "t"),
    "'secret' has another size": lambda back: _rewrite(back / "secret", "ss"),
    "'soft' leads elsewhere": lambda back: _relink(back / "soft", "small"),
    "'large' is of another kind": lambda back: _part(back / "large"),
    "'a/more' is not in the archive": lambda back: _add(back / "a", "more"),
    "'zzz' is not in the archive": lambda back: _add(back, "zzz"),
    "'script.sh' is missing": lambda back: _remove(back, "script.sh"),
    "'plain.txt' has another time": lambda back: os.utime(back / "plain.txt", ns=(1, 2)),
}


def _kept_time(path: Path, change: Callable[[], object]) -> None:
    before = path.lstat().st_mtime_ns
    change()
    os.utime(path, ns=(before, before), follow_symlinks=False)


def _rewrite(path: Path, text: str) -> None:
    _kept_time(path, lambda: path.write_text(text))


def _relink(path: Path, target: str) -> None:
    def change() -> None:
        path.unlink()
        path.symlink_to(target)

    _kept_time(path.parent, lambda: _kept_time(path, change))


def _part(path: Path) -> None:
    """A file of its own instead of a second name."""

    def change() -> None:
        whole = path.read_bytes()
        path.unlink()
        path.write_bytes(whole)

    _kept_time(path.parent, lambda: _kept_time(path, change))


def _add(folder: Path, name: str) -> None:
    _kept_time(folder, lambda: (folder / name).touch())


def _remove(folder: Path, name: str) -> None:
    _kept_time(folder, lambda: (folder / name).unlink())


@pytest.mark.skipif(os.geteuid() != 0, reason="owners count for root alone")
@pytest.mark.parametrize("told", CHANGES)
def test_any_difference_is_found(told: str, tree: Path, tmp_path: Path) -> None:
    shelf = Shelf()
    shelf.archive(tree, "one")
    shelf.restore("one", tmp_path / "back")
    assert shelf.compare("one", tmp_path / "back") == len(trees.look(tree))
    CHANGES[told](tmp_path / "back")

    with pytest.raises(Differs, match=told):
        shelf.compare("one", tmp_path / "back")
