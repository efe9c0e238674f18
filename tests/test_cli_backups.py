"""`backups …`: what it proves, what it finds, and in which sentence."""

import base64
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from flask import Flask
from flask.testing import FlaskCliRunner

from jarvis_admin.console import create_app
from jarvis_admin.models import Archive, UserKey
from jarvis_admin.services import archive_keys
from tests import archived
from tests.archiver import trees
from tests.factories import NOON, make_settings, make_workspace


@pytest.fixture
def app(database_url: str, tmp_path: Path) -> Iterator[Flask]:
    app = create_app(
        make_settings(
            database_url=database_url,
            log_format="console",
            object_store_url=f"file://{tmp_path / 'store'}",
        )
    )
    yield app
    app.extensions["engine"].dispose()


@pytest.fixture
def run(app: Flask) -> FlaskCliRunner:
    return app.test_cli_runner()


def make_archive(app: Flask, tree: Path, handle: str = "alice") -> Archive:
    settings, sessions = app.extensions["settings"], app.extensions["sessions"]
    with sessions.begin() as session:
        workspace = make_workspace(session, handle=handle)
        return archived.make_archive(session, workspace, settings, tree)


@pytest.fixture
def archive(app: Flask, tmp_path: Path) -> Archive:
    trees.build(tmp_path / "tree")
    return make_archive(app, tmp_path / "tree")


def objects(archive: Archive, tmp_path: Path) -> Path:
    return tmp_path / "store" / archive.folder


def test_a_sound_archive_is_proven_and_stamped(
    app: Flask, run: FlaskCliRunner, archive: Archive
) -> None:
    told = run.invoke(args=["backups", "verify"])

    assert told.exit_code == 0, told.output
    assert "1 archives are what they were, to the byte." in told.output
    with app.extensions["sessions"]() as session:
        assert session.get_one(Archive, archive.id).verified_at is not None
    assert "verified" in run.invoke(args=["backups", "list", "alice"]).output


def test_a_tampered_pack_is_found_and_kept_on_the_row(
    app: Flask, run: FlaskCliRunner, archive: Archive, tmp_path: Path
) -> None:
    pack = objects(archive, tmp_path) / "pack-00001"
    content = bytearray(pack.read_bytes())
    content[len(content) // 2] ^= 1
    pack.write_bytes(content)

    told = run.invoke(args=["backups", "verify"])

    assert told.exit_code == 1
    assert f"pack 1 of {archive.id} was changed, was cut off, or has another key." in told.output
    assert "1 of 1 archives are not what they were." in told.output
    with app.extensions["sessions"]() as session:
        row = session.get_one(Archive, archive.id)
        assert (row.verified_at, row.state) == (None, "stored")
        assert "was changed" in row.error


@pytest.mark.parametrize("name", ["manifest", "pack-00001"])
def test_a_truncated_object_is_found(
    run: FlaskCliRunner, archive: Archive, tmp_path: Path, name: str
) -> None:
    path = objects(archive, tmp_path) / name
    path.write_bytes(path.read_bytes()[:-1])

    told = run.invoke(args=["backups", "verify"])

    assert told.exit_code == 1
    assert "was changed, was cut off, or has another key" in told.output


@pytest.mark.parametrize("name", ["manifest", "pack-00001"])
def test_a_missing_object_is_found(
    run: FlaskCliRunner, archive: Archive, tmp_path: Path, name: str
) -> None:
    (objects(archive, tmp_path) / name).unlink()

    told = run.invoke(args=["backups", "verify"])

    assert told.exit_code == 1
    assert f"{name} is not in the object store" in told.output


def test_one_archives_manifest_in_anothers_place_is_found(
    app: Flask, run: FlaskCliRunner, archive: Archive, tmp_path: Path
) -> None:
    other = make_archive(app, tmp_path / "tree", "bob")
    stolen = (objects(other, tmp_path) / "manifest").read_bytes()
    (objects(archive, tmp_path) / "manifest").write_bytes(stolen)

    assert "1 of 2 archives" in run.invoke(args=["backups", "verify"]).output


def test_a_lost_master_key_is_told_by_verify_and_by_the_doctor(
    app: Flask, run: FlaskCliRunner, archive: Archive
) -> None:
    lost = base64.b64encode(bytes(32)).decode()
    app.extensions["settings"] = replace(app.extensions["settings"], backup_master_key=lost)

    told = run.invoke(args=["backups", "verify"])
    doctor = run.invoke(args=["doctor"])

    assert told.exit_code == 1
    assert "set the old one as BACKUP_MASTER_KEY_BEFORE" in told.output
    assert "1 users' keys are wrapped by another BACKUP_MASTER_KEY" in doctor.output


def test_a_rotation_keeps_every_archive_readable(
    app: Flask, run: FlaskCliRunner, archive: Archive
) -> None:
    first = base64.b64encode(bytes(range(32))).decode()
    second = base64.b64encode(bytes(range(1, 33))).decode()
    usual = app.extensions["settings"]
    with app.extensions["sessions"].begin() as session:
        before = session.get_one(UserKey, archive.key_id).wrapped
        now = replace(usual, backup_master_key=first)
        laptops = archive_keys.master_keys(usual).now
        archive_keys.rotate(
            session, archive_keys.MasterKeys(archive_keys.master_keys(now).now, laptops), NOON
        )

    app.extensions["settings"] = replace(
        usual, backup_master_key=second, backup_master_key_before=first
    )
    told = run.invoke(args=["backups", "rotate-key"])
    app.extensions["settings"] = replace(usual, backup_master_key=second)

    assert told.exit_code == 0, told.output
    assert "1 keys were wrapped anew" in told.output
    assert run.invoke(args=["backups", "verify"]).exit_code == 0
    with app.extensions["sessions"]() as session:
        assert session.get_one(UserKey, archive.key_id).wrapped != before


def test_a_store_that_is_away_says_nothing_about_the_archives(
    app: Flask, run: FlaskCliRunner, archive: Archive, tmp_path: Path
) -> None:
    (tmp_path / "store").rename(tmp_path / "away")
    (tmp_path / "store").write_text("no folder")

    told = run.invoke(args=["backups", "verify"])

    assert told.exit_code == 1
    with app.extensions["sessions"]() as session:
        assert session.get_one(Archive, archive.id).error == ""


def test_an_archive_can_be_asked_for(app: Flask, run: FlaskCliRunner) -> None:
    with app.extensions["sessions"].begin() as session:
        make_workspace(session, handle="carol")

    assert "carol is being archived" in run.invoke(args=["backups", "archive", "carol"]).output
    assert run.invoke(args=["backups", "archive", "carol"]).exit_code == 1  # one at a time
    assert run.invoke(args=["backups", "archive", "nobody"]).exit_code == 1


def test_with_nothing_to_drill_it_says_so(run: FlaskCliRunner) -> None:
    told = run.invoke(args=["backups", "drill", "--count", "3"])

    assert told.exit_code == 1
    assert "There is no archive to drill." in told.output
