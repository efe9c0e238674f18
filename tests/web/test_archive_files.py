"""/machines/<handle>/archives/<id>/files, /file and /tar."""

import hashlib
import io
import os
import re
import tarfile
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from flask import Flask
from sqlalchemy import select

from archiver.entries import Entry
from archiver.manifest import Reader
from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions
from jarvis_admin.models import Archive, AuditEntry, UserKey, Workspace
from jarvis_admin.services import archive_checks, archive_index, archives
from jarvis_admin.services.archive_checks import Unsound
from jarvis_admin.services.archive_tickets import manifest_key, pack_key
from jarvis_admin.storage import open_store
from jarvis_admin.web import downloads
from jarvis_admin.web.stores import object_store
from tests.archived import make_archive
from tests.archiver import trees
from tests.factories import make_workspace
from tests.web.conftest import SignIn
from tests.web.console import Console

ODD = b"not-utf8-\xff\xfe"


@pytest.fixture
def settings(app: Flask) -> Settings:
    found: Settings = app.extensions["settings"]
    return found


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    root = tmp_path / "tree"
    trees.build(root)
    return root


@pytest.fixture
def alice(sessions: Sessions) -> Workspace:
    with sessions.begin() as session:
        return make_workspace(session, handle="alice")


@pytest.fixture
def archive(sessions: Sessions, settings: Settings, alice: Workspace, tree: Path) -> Archive:
    with sessions.begin() as session:
        return make_archive(session, session.merge(alice), settings, tree)


@pytest.fixture
def at(archive: Archive) -> str:
    return f"/machines/alice/archives/{archive.id}"


def stored(settings: Settings, key: str) -> Path:
    return Path(settings.object_store_url.removeprefix("file://")) / key


def spoil(path: Path, at: int = -20) -> None:
    """Near the end: what lies before it still opens."""
    content = bytearray(path.read_bytes())
    content[at] ^= 1
    path.write_bytes(content)


def entries(sessions: Sessions) -> list[AuditEntry]:
    with sessions() as session:
        return list(session.scalars(select(AuditEntry).order_by(AuditEntry.id)))


def test_the_top_lists_folders_first_with_all_there_is_to_know(admin: Console, at: str) -> None:
    page = admin.get(f"{at}/files").text

    rows = re.findall(r'<tr><th scope="row"[^>]*><bdi>(?:<a[^>]*>)?([^<]+)', page)
    assert rows[:4] == ["a", "closed", "deep", "empty folder"]
    assert "日本語のファイル.txt" in rows
    assert "not-utf8-�FF�FE" in rows
    assert "new�0Aline" in rows
    assert "drwx--x--t" in page
    assert "-rwsr-xr-x" in page
    assert "5.00 MB" in page
    assert "→ <bdi>/etc/passwd</bdi>" in page


def test_folders_lead_down_and_crumbs_up(admin: Console, at: str) -> None:
    page = admin.get(f"{at}/files?path=deep/er").text

    assert f'href="{at}/files?path=deep/er/{"and" * 40}"' in page
    assert f'href="{at}/files?path=deep"' in page
    assert f'href="{at}/files"' in page


def test_search_finds_in_every_folder_whatever_the_case(admin: Console, at: str) -> None:
    page = admin.get(f"{at}/files?q=DEEPEST").text

    assert f"deep/er/{'and' * 40}/deepest/leaf" in page
    assert "plain.txt" not in page
    assert "No path has" in admin.get(f"{at}/files?q=nowhere").text


def test_a_large_folder_comes_in_pages(
    admin: Console, sessions: Sessions, settings: Settings, alice: Workspace, tmp_path: Path
) -> None:
    root = tmp_path / "many"
    (root / "f & g").mkdir(parents=True)
    for number in range(archive_index.PAGE + 1):
        (root / "f & g" / f"{number:04}").touch()
    with sessions.begin() as session:
        many = make_archive(session, session.merge(alice), settings, root)
    at = f"/machines/alice/archives/{many.id}/files"

    first = admin.get(f"{at}?path=f%20%26%20g").text
    following = re.search(r'href="([^"]+)" rel="next"', first)
    assert following is not None
    second = admin.get(following[1].replace("&amp;", "&")).text

    assert first.count('<th scope="row"') == archive_index.PAGE
    assert f"{archive_index.PAGE:04}" in second
    assert second.count('<th scope="row"') == 1
    assert f'href="{at}?path=f%20%26%20g">First page' in second
    assert admin.get(f"{at}?after=x").status_code == 422


@pytest.mark.parametrize(
    "name",
    [
        b"plain.txt",
        "日本語のファイル.txt".encode(),
        ODD,
        b"new\nline",
        b"x" * 255,
        b"empty",
        b"large",
        b"hard link",
        b"sparse",
        b"all hole",
        b"deep/er/" + b"and" * 40 + b"/deepest/leaf",
    ],
)
def test_a_file_comes_back_byte_by_byte(admin: Console, at: str, tree: Path, name: bytes) -> None:
    quoted = "".join(f"%{byte:02X}" for byte in name)

    answer = admin.get(f"{at}/file?path={quoted}")

    wanted = Path(os.fsdecode(os.fsencode(tree) + b"/" + name)).read_bytes()
    assert answer.status_code == 200
    assert hashlib.sha256(answer.data).digest() == hashlib.sha256(wanted).digest()
    assert answer.content_length == len(wanted)


def test_a_download_is_saved_and_never_shown(admin: Console, at: str) -> None:
    headers = admin.get(f"{at}/file?path=not-utf8-%FF%FE").headers

    assert headers["Content-Type"] == "application/octet-stream"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert headers["Cache-Control"] == "no-store"
    assert headers["Content-Disposition"].startswith('attachment; filename="not-utf8-_FF_FE"')


def test_all_files_as_a_tar_are_the_very_tree(
    admin: Console, at: str, tree: Path, tmp_path: Path
) -> None:
    answer = admin.get(f"{at}/tar")

    assert re.search(
        r'filename="alice-\d{4}-\d\d-\d\d\.tar"', answer.headers["Content-Disposition"]
    )
    with tarfile.open(fileobj=io.BytesIO(answer.data)) as tar:
        tar.extractall(tmp_path / "back", filter="fully_trusted")
    back, there = trees.look(tmp_path / "back"), trees.look(tree)
    # Whole seconds only: a tar for everybody. The manifest knows more.
    assert back.keys() == there.keys()
    assert (tmp_path / "back" / "large").read_bytes() == (tree / "large").read_bytes()
    assert (tmp_path / "back" / "sparse").read_bytes() == (tree / "sparse").read_bytes()


def test_a_folder_as_a_tar_has_its_own_name_and_whole_files(
    admin: Console, sessions: Sessions, settings: Settings, alice: Workspace, tmp_path: Path
) -> None:
    root = tmp_path / "linked"
    (root / "a").mkdir(parents=True)
    (root / "b" / "c").mkdir(parents=True)
    (root / "a" / "file").write_text("one of three")
    (root / "b" / "c" / "same").hardlink_to(root / "a" / "file")
    (root / "b" / "own").write_text("own")
    (root / "b" / "other name").hardlink_to(root / "b" / "own")
    with sessions.begin() as session:
        linked = make_archive(session, session.merge(alice), settings, root)

    answer = admin.get(f"/machines/alice/archives/{linked.id}/tar?path=b")

    with tarfile.open(fileobj=io.BytesIO(answer.data)) as tar:
        tar.extractall(tmp_path / "back", filter="data")
    assert sorted(p.name for p in (tmp_path / "back").iterdir()) == ["b"]
    assert (tmp_path / "back" / "b" / "c" / "same").read_text() == "one of three"
    assert (tmp_path / "back" / "b" / "own").read_text() == "own"
    assert (tmp_path / "back" / "b" / "other name").read_text() == "own"


def test_files_of_an_earlier_archive_are_found_where_they_lie(
    admin: Console,
    sessions: Sessions,
    settings: Settings,
    archive: Archive,
    alice: Workspace,
    tree: Path,
) -> None:
    with sessions.begin() as session:
        second = make_archive(
            session, session.merge(alice), settings, tree, now=archive.started_at + timedelta(1)
        )

    answer = admin.get(f"/machines/alice/archives/{second.id}/file?path=large")

    assert second.needs == [archive.id]
    assert answer.data == (tree / "large").read_bytes()


def test_looking_is_audited_once_and_each_download_by_its_path(
    admin: Console, sessions: Sessions, at: str, archive: Archive
) -> None:
    admin.get(f"{at}/files")
    admin.get(f"{at}/files?path=deep")
    admin.get(f"{at}/file?path=not-utf8-%FF%FE")
    admin.get(f"{at}/tar?path=deep/er")

    trail = entries(sessions)
    assert [(row.action, row.actor, row.subject) for row in trail] == [
        ("files_listed", "Admin Person", "alice"),
        ("file_downloaded", "Admin Person", "alice"),
        ("folder_downloaded", "Admin Person", "alice"),
    ]
    assert [row.details for row in trail] == [
        {"archive": archive.id},
        {"path": "not-utf8-�FF�FE", "archive": archive.id},
        {"path": "deep/er", "archive": archive.id},
    ]
    assert "File downloaded" in admin.get("/audit").text


def test_another_person_who_looks_is_another_entry(
    admin: Console, sign_in: SignIn, sessions: Sessions, at: str
) -> None:
    for person in (admin, sign_in("support")):
        person.get(f"{at}/files")

    assert [row.actor for row in entries(sessions)] == ["Admin Person", "Support Person"]


def test_a_damaged_file_is_refused_before_a_byte_is_sent(
    admin: Console, settings: Settings, at: str, archive: Archive
) -> None:
    spoil(stored(settings, pack_key(archive.folder, 1)), at=100)

    answer = admin.get(f"{at}/file?path=a/inside")

    assert answer.status_code == 409
    assert "pack 1 of" in answer.text


def test_a_large_file_that_is_damaged_at_its_end_never_arrives_whole(
    admin: Console, sessions: Sessions, settings: Settings, alice: Workspace, tmp_path: Path
) -> None:
    root = tmp_path / "large"
    root.mkdir()
    (root / "random").write_bytes(os.urandom(3_000_000))
    with sessions.begin() as session:
        row = make_archive(session, session.merge(alice), settings, root)
    spoil(stored(settings, pack_key(row.folder, row.packs)))
    answer = admin.client.get(f"/machines/alice/archives/{row.id}/file?path=random", buffered=False)
    received: list[int] = []

    with pytest.raises(Unsound):
        received.extend(len(piece) for piece in answer.iter_encoded())

    assert sum(received) < answer.content_length == 3_000_000


def test_a_file_that_is_not_what_its_hash_says_loses_its_last_piece(
    admin: Console, sessions: Sessions, settings: Settings, archive: Archive, at: str
) -> None:
    """A manifest and packs that open, and do not agree."""
    with sessions() as session:
        ring = archives.keys(session, session.merge(archive), settings)
    index = archive_index.Index(_lying(settings, archive, ring))
    admin.client.application.extensions["archive_shelf"].get(archive.id, lambda: index)

    assert admin.get(f"{at}/file?path=a.b").status_code == 409
    with pytest.raises(Unsound, match="is not what was archived"):
        _ = admin.get(f"{at}/tar").data


def _lying(settings: Settings, archive: Archive, ring: archives.KeyRing) -> Iterator[Entry]:
    sealed = open_store(settings).stream(manifest_key(archive.folder))
    for entry in Reader(sealed, ring.of(archive.id).manifest, archive.id):
        if entry.path == b"a.b":
            entry.sha256 = "00" * 32
        yield entry


def test_a_third_download_waits_for_its_turn(admin: Console, at: str) -> None:
    open_ones = [
        admin.client.get(f"{at}/file?path=large", buffered=False)
        for _ in range(downloads._MOST_AT_ONCE)
    ]

    refused = admin.get(f"{at}/file?path=large")
    for one in open_ones:
        one.close()

    assert refused.status_code == 409
    assert "downloads are under way" in refused.text
    assert admin.get(f"{at}/file?path=large").status_code == 200


@pytest.mark.parametrize(
    ("view", "status", "why"),
    [
        ("files?path=nowhere", 404, "There is no nowhere in this archive."),
        ("files?path=plain.txt", 409, "plain.txt is a file, not a folder."),
        ("files?path=../../etc", 404, "There is no ../../etc in this archive."),
        ("file?path=deep", 409, "deep is a folder: only files can be downloaded."),
        ("file?path=soft", 409, "soft is a link"),
        ("file?path=", 409, "is a folder"),
        ("tar?path=plain.txt", 409, "is a file, not a folder"),
        ("file?path=%00", 404, "There is no �00"),
    ],
)
def test_what_cannot_be_shown_is_refused_with_a_sentence(
    admin: Console, at: str, view: str, status: int, why: str
) -> None:
    answer = admin.get(f"{at}/{view}")

    assert answer.status_code == status
    assert why in answer.text


def test_an_archive_of_somebody_else_is_not_found(
    admin: Console, sessions: Sessions, archive: Archive
) -> None:
    with sessions.begin() as session:
        make_workspace(session, handle="bob")

    for other in (archive.id, "0123456789abcdef", "%00", "a%20b"):
        answer = admin.get(f"/machines/bob/archives/{other}/files")
        assert answer.status_code == 404
        assert "bob has no archive" in answer.text
    assert admin.get(f"/machines/nobody/archives/{archive.id}/files").status_code == 404
    assert entries(sessions) == []


def test_archives_of_a_users_earlier_machine_are_still_theirs(
    admin: Console, sessions: Sessions, alice: Workspace, at: str
) -> None:
    with sessions.begin() as session:
        old = session.merge(alice)
        old.state, old.destroyed_at = "destroyed", datetime.now(UTC)
        session.flush()
        make_workspace(session, user=old.user, app_name="jv-test-alice-2", machine_id="m-2")

    assert admin.get(f"{at}/files").status_code == 200


def test_one_that_failed_or_is_gone_says_so(
    admin: Console, sessions: Sessions, archive: Archive, at: str
) -> None:
    with sessions.begin() as session:
        session.get_one(Archive, archive.id).gone_at = datetime(2026, 11, 3, tzinfo=UTC)
    assert "was removed from the store on 03 November 2026" in admin.get(f"{at}/files").text

    with sessions.begin() as session:
        row = session.get_one(Archive, archive.id)
        row.state, row.error = "failed", "The store was full."
    answer = admin.get(f"{at}/files")

    assert answer.status_code == 409
    assert "This archive is failed: it has no files to look at. The store was full." in answer.text


def test_a_lost_key_is_a_sentence(
    admin: Console, sessions: Sessions, archive: Archive, at: str
) -> None:
    admin.get(f"{at}/files")
    with sessions.begin() as session:
        session.get_one(UserKey, archive.key_id).master_check = "0123456789abcdef"

    answer = admin.get(f"{at}/files")

    assert answer.status_code == 409
    assert "was wrapped by master key 0123456789abcdef" in answer.text


def test_a_lost_or_damaged_manifest_is_a_sentence(
    admin: Console, settings: Settings, archive: Archive, at: str
) -> None:
    manifest = stored(settings, manifest_key(archive.folder))
    spoil(manifest)
    damaged = admin.get(f"{at}/files")
    manifest.unlink()
    gone = admin.get(f"{at}/files")

    assert (damaged.status_code, gone.status_code) == (409, 409)
    assert "was changed, was cut off, or has another key" in damaged.text
    assert "is not in the object store" in gone.text


def test_a_silent_store_is_a_sentence(
    app: Flask, admin: Console, settings: Settings, at: str
) -> None:
    with app.app_context():
        object_store()
    folder = stored(settings, "")
    folder.rename(folder.with_name("away"))
    folder.write_text("a file where the folder should be")

    answer = admin.get(f"{at}/files")

    assert answer.status_code == 502
    assert "The object store could not" in answer.text


@pytest.mark.parametrize("view", ["files", "file?path=plain.txt", "tar"])
def test_finance_reads_no_files(sign_in: SignIn, sessions: Sessions, at: str, view: str) -> None:
    assert sign_in("finance").get(f"{at}/{view}").status_code == 403
    assert entries(sessions) == []


@pytest.mark.parametrize("view", ["files", "file", "tar"])
def test_a_stranger_is_sent_to_sign_in(stranger: Console, at: str, view: str) -> None:
    assert stranger.get(f"{at}/{view}").status_code == 303


@pytest.mark.parametrize("view", ["files", "file", "tar"])
def test_nothing_is_ever_sent_there(admin: Console, at: str, view: str) -> None:
    assert admin.post(f"{at}/{view}").status_code == 405


def test_more_files_cost_no_more_queries(
    admin: Console, at: str, count_statements: Callable[[], AbstractContextManager[list[str]]]
) -> None:
    admin.get(f"{at}/files")
    with count_statements() as for_one:
        admin.get(f"{at}/files?path=a")
    with count_statements() as for_all:
        admin.get(f"{at}/files")

    assert len(for_one) == len(for_all)


def test_names_cannot_write_markup(
    admin: Console, sessions: Sessions, settings: Settings, alice: Workspace, tmp_path: Path
) -> None:
    root = tmp_path / "evil"
    root.mkdir()
    (root / "<script>alert(1)<").mkdir()
    (root / '"><img src=x>').touch()
    with sessions.begin() as session:
        row = make_archive(session, session.merge(alice), settings, root)
    at = f"/machines/alice/archives/{row.id}"

    page = admin.get(f"{at}/files").text

    assert "<script>alert" not in page
    assert "<img" not in page
    assert admin.get(f"{at}/files?path=%3Cscript%3Ealert(1)%3C").status_code == 200
    assert "<i>" not in admin.get(f"{at}/files?q=%3Ci%3E").text


def test_checks_still_find_what_was_made(
    sessions: Sessions, settings: Settings, archive: Archive
) -> None:
    """The archives of these tests are real ones."""
    with sessions() as session:
        ring = archives.keys(session, session.merge(archive), settings)
    assert archive_checks.verify(open_store(settings), archive.id, archive.folder, ring.of)
