"""The store in a bucket: S3 over HTTP, each signature checked by somebody else's arithmetic."""

import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import httpx
import pytest

from archiver.manifest import Reader
from archiver.ticket import VARIABLE
from archiver.unpacking import Packs, unpack
from archiver.web import get, put
from jarvis_admin.services import archive_checks, archive_tickets
from jarvis_admin.services.archive_keys import ArchiveKeys
from jarvis_admin.storage import NoSuchObject, ObjectStore, StoreError, open_store
from tests.archiver import trees
from tests.factories import make_settings
from tests.storage import bucket

ROOT = Path(__file__).parents[2]
MINUTE = timedelta(minutes=1)
KEYS = ArchiveKeys(packs=bytes(32), manifest=bytes(range(32)))


@pytest.fixture(scope="module")
def address() -> Iterator[str]:
    command = [sys.executable, "-m", "tests.storage.bucket"]
    with subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


@pytest.fixture
def aws(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in {
        "AWS_ENDPOINT_URL": address,
        "AWS_ACCESS_KEY_ID": bucket.KEY_ID,
        "AWS_SECRET_ACCESS_KEY": bucket.SECRET,
        "AWS_REGION": bucket.REGION,
    }.items():
        monkeypatch.setenv(name, value)


@pytest.fixture
def store(aws: None) -> ObjectStore:
    return open_store(make_settings(object_store_url=f"s3://{bucket.BUCKET}/production"))


def test_objects_come_and_go(store: ObjectStore) -> None:
    store.put("a/b", b"content")

    assert store.get("a/b") == b"content"
    assert store.size("a/b") == 7
    assert [(one.key, one.size) for one in store.list("a")] == [("a/b", 7)]
    store.delete("a/b")
    store.delete("a/b")
    with pytest.raises(NoSuchObject, match="The object store has no a/b"):
        store.get("a/b")


def test_a_large_one_goes_in_parts(store: ObjectStore) -> None:
    content = os.urandom(12_000_000)

    store.put("large", io.BytesIO(content))

    assert b"".join(store.stream("large")) == content


def test_wrong_keys_are_refused_in_a_sentence(
    store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "another")
    stranger = open_store(make_settings(object_store_url=f"s3://{bucket.BUCKET}/production"))

    with pytest.raises(StoreError, match="The object store could not store a/b"):
        stranger.put("a/b", b"content")


def test_a_url_opens_one_object_one_way_for_a_while(store: ObjectStore) -> None:
    url = store.url("PUT", "users/1/note", MINUTE)

    put(url, b"content", 7)

    assert b"".join(get(store.url("GET", "users/1/note", MINUTE))) == b"content"
    assert httpx.get(url).status_code == 403
    assert httpx.put(url.replace("note", "other"), content=b"x").status_code == 403
    assert bucket.SECRET not in url


def test_the_archiver_needs_none_of_our_keys(store: ObjectStore, tmp_path: Path) -> None:
    trees.build(tmp_path / "tree")
    (tmp_path / "tree" / "random").write_bytes(os.urandom(20_000_000))
    ticket = json.loads(archive_tickets.issue(store, "a1", "u/a1", KEYS, 1, None).to_json())
    bare = {name: value for name, value in os.environ.items() if not name.startswith("AWS_")}

    ended = subprocess.run(
        [sys.executable, "-m", "archiver"],
        env={**bare, VARIABLE: json.dumps({**ticket, "root": os.fsdecode(tmp_path / "tree")})},
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert ended.returncode == 0, ended.stderr

    archive_checks.check_arrival(store, "a1", "u/a1", lambda _archive: KEYS)
    sealed = store.stream(archive_tickets.manifest_key("u/a1"))
    packs = Packs(archive_checks.fetcher(store, "u/a1"), lambda _archive: KEYS.packs)
    (tmp_path / "back").mkdir()
    unpack(Reader(sealed, KEYS.manifest, "a1"), packs, bytes(tmp_path / "back"))
    assert trees.look(tmp_path / "back") == trees.look(tmp_path / "tree")
