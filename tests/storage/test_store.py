"""The store itself, in a local folder."""

import io
from pathlib import Path

import pytest

from jarvis_admin.storage import NoSuchObject, ObjectStore, StoreError, open_store
from tests.factories import make_settings


def test_what_is_put_is_got(store: ObjectStore) -> None:
    store.put("a/b", b"content")

    assert store.get("a/b") == b"content"
    assert b"".join(store.stream("a/b")) == b"content"
    assert store.size("a/b") == 7


def test_a_stream_goes_in_and_out_in_parts(store: ObjectStore) -> None:
    content = bytes(range(256)) * 100_000

    store.put("large", io.BytesIO(content))

    assert b"".join(store.stream("large")) == content


def test_a_list_is_of_one_folder(store: ObjectStore) -> None:
    for key in ("a/1", "a/2", "ab/3"):
        store.put(key, key.encode())

    assert {(one.key, one.size) for one in store.list("a")} == {("a/1", 3), ("a/2", 3)}
    assert not list(store.list("no such folder"))


def test_what_is_deleted_is_gone_and_may_be_deleted_again(store: ObjectStore) -> None:
    store.put("a/b", b"content")

    store.delete("a/b")
    store.delete("a/b")

    with pytest.raises(NoSuchObject, match="The object store has no a/b"):
        store.get("a/b")
    with pytest.raises(NoSuchObject):
        store.size("a/b")
    with pytest.raises(NoSuchObject):
        list(store.stream("a/b"))


def test_a_folder_that_is_no_folder_is_told_in_a_sentence(store: ObjectStore, folder: Path) -> None:
    folder.rmdir()
    folder.write_text("a file")

    with pytest.raises(StoreError, match="The object store could not store a/b"):
        store.put("a/b", b"content")


@pytest.mark.parametrize("url", ["nonsense", "ftp://somewhere/else", "s3:///"])
def test_what_names_no_store_is_refused_at_the_start(url: str) -> None:
    with pytest.raises(StoreError, match="OBJECT_STORE_URL does not name a store"):
        open_store(make_settings(object_store_url=url))


def test_a_folder_that_cannot_be_made_is_refused_at_the_start(folder: Path) -> None:
    folder.rmdir()
    folder.write_text("a file")

    with pytest.raises(StoreError, match="OBJECT_STORE_URL does not name a store"):
        open_store(make_settings(object_store_url=f"file://{folder}"))


def test_a_bucket_that_is_away_is_told_in_a_sentence(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ENDPOINT_URL", "http://127.0.0.1:9")
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "do-not-tell")
    monkeypatch.setenv("AWS_REGION", "auto")
    bucket = open_store(make_settings(object_store_url="s3://archives/prefix"))

    with pytest.raises(StoreError, match="The object store could not read a/b") as told:
        bucket.get("a/b")

    assert "do-not-tell" not in str(told.value)
