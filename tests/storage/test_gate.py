"""Signed URLs of the local folder: each opens one object, one way, for a while."""

import http.client
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from archiver.web import get, put
from jarvis_admin.storage import ObjectStore
from jarvis_admin.storage.permits import Permit, Permits

MINUTE = timedelta(minutes=1)


def ask(verb: str, url: str, body: bytes | None = None, **headers: str) -> tuple[int, bytes]:
    parts = urlsplit(url)
    connection = http.client.HTTPConnection(parts.netloc, timeout=5)
    connection.request(verb, f"{parts.path}?{parts.query}", body, headers)
    answer = connection.getresponse()
    return answer.status, answer.read()


def test_what_one_puts_another_gets(store: ObjectStore) -> None:
    put(store.url("PUT", "users/1/note", MINUTE), b"content", 7)

    assert b"".join(get(store.url("GET", "users/1/note", MINUTE))) == b"content"
    assert store.get("users/1/note") == b"content"


def test_a_put_again_replaces(store: ObjectStore) -> None:
    url = store.url("PUT", "note", MINUTE)

    for content in (b"a longer content", b"short"):
        assert ask("PUT", url, content) == (200, b"")

    assert store.get("note") == b"short"


def test_a_lost_connection_can_be_taken_up(store: ObjectStore) -> None:
    store.put("note", b"0123456789")
    url = store.url("GET", "note", MINUTE)

    assert ask("GET", url, Range="bytes=4-") == (206, b"456789")


@pytest.mark.parametrize("verb", ["GET", "POST", "DELETE", "HEAD", "PATCH"])
def test_a_url_to_put_opens_nothing_else(store: ObjectStore, verb: str) -> None:
    store.put("note", b"content")

    assert ask(verb, store.url("PUT", "note", MINUTE)) == (403, b"")


def test_a_url_of_one_object_opens_no_other(store: ObjectStore) -> None:
    store.put("mine", b"m")
    store.put("theirs", b"t")

    assert ask("GET", store.url("GET", "mine", MINUTE).replace("mine", "theirs"))[0] == 403


@pytest.mark.parametrize(
    "change",
    [
        ("until=", "until=9"),
        ("limit=", "limit=9"),
        ("signature=", "signature=0"),
        ("until=", "x="),
        ("until=", "until=x"),
    ],
)
def test_a_changed_url_opens_nothing(store: ObjectStore, change: tuple[str, str]) -> None:
    store.put("note", b"content")

    assert ask("GET", store.url("GET", "note", MINUTE).replace(*change)) == (403, b"")


def test_a_url_ends(store: ObjectStore) -> None:
    store.put("note", b"content")

    assert ask("GET", store.url("GET", "note", timedelta(seconds=-1))) == (403, b"")


def test_more_than_the_limit_is_not_taken(store: ObjectStore, folder: Path) -> None:
    url = store.url("PUT", "note", MINUTE, limit=10)

    assert ask("PUT", url, b"eleven byte")[0] == 413
    assert ask("PUT", url, b"ten bytes!")[0] == 200


def test_a_body_that_breaks_off_leaves_nothing(store: ObjectStore, folder: Path) -> None:
    url = urlsplit(store.url("PUT", "note", MINUTE))
    connection = http.client.HTTPConnection(url.netloc, timeout=5)
    connection.putrequest("PUT", f"{url.path}?{url.query}")
    connection.putheader("Content-Length", "100")
    connection.endheaders(b"only this")
    connection.sock.shutdown(1)

    assert connection.getresponse().status == 400
    assert not list(folder.iterdir())


@pytest.mark.parametrize("key", ["../outside", "/etc/passwd", "a/../../outside", "", "."])
def test_even_a_signature_leads_nowhere_outside(gate: str, tmp_path: Path, key: str) -> None:
    from tests.factories import make_settings

    (tmp_path / "outside").write_text("secret")
    url = Permits(make_settings().secret_key).url(gate, Permit("GET", key, 2**40, 10))

    assert ask("GET", url)[0] in (403, 404)


def test_a_full_disk_is_an_answer(store: ObjectStore, folder: Path) -> None:
    (folder / "a").write_text("a file where a folder is needed")

    assert ask("PUT", store.url("PUT", "a/b", MINUTE), b"x") == (507, b"")
