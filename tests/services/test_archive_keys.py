"""The users' archive keys."""

import base64

import pytest
from sqlalchemy import select, update
from sqlalchemy.exc import IntegrityError

from jarvis_admin.db import Sessions
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import UserKey
from jarvis_admin.services import archive_keys
from jarvis_admin.services.archive_keys import MasterKeys
from tests.factories import NOON, make_settings, make_user

OLD, NEW = bytes(range(32)), bytes(range(1, 33))


def test_a_user_has_one_key_and_it_stays(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user = make_user(session)
        first = archive_keys.current(session, user, MasterKeys(OLD), NOON)
        again = archive_keys.current(session, user, MasterKeys(OLD), NOON)

        assert first is again
        assert len(archive_keys.open_key(first, MasterKeys(OLD))) == 32


def test_the_database_holds_no_second_current_key(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user = make_user(session)
        key = archive_keys.current(session, user, MasterKeys(OLD), NOON)
        row = {name: getattr(key, name) for name in ("wrapped", "check", "master_check", "user_id")}
        session.add(UserKey(**row, created_at=NOON, wrapped_at=NOON))
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_users_and_archives_have_keys_of_their_own(sessions: Sessions) -> None:
    with sessions.begin() as session:
        rows = [
            archive_keys.current(session, make_user(session), MasterKeys(OLD), NOON)
            for _ in range(2)
        ]
        keys = [archive_keys.open_key(row, MasterKeys(OLD)) for row in rows]

    derived = {archive_keys.keys_of(key, archive) for key in keys for archive in ("a", "b")}
    parts = {part for one in derived for part in (one.packs, one.manifest)}
    assert len(parts | set(keys)) == 10


def test_a_rotation_keeps_the_keys_and_changes_their_wrapping(sessions: Sessions) -> None:
    with sessions.begin() as session:
        rows = [
            archive_keys.current(session, make_user(session), MasterKeys(OLD), NOON)
            for _ in range(3)
        ]
        keys = [archive_keys.open_key(row, MasterKeys(OLD)) for row in rows]

        counts = [
            archive_keys.rotate(session, MasterKeys(NEW, OLD), NOON, limit=2) for _ in range(3)
        ]

        assert counts == [2, 1, 0]
        assert [archive_keys.open_key(row, MasterKeys(NEW)) for row in rows] == keys
        with pytest.raises(Conflict):
            archive_keys.open_key(rows[0], MasterKeys(OLD))


def test_a_lost_master_key_is_counted_and_named(sessions: Sessions) -> None:
    with sessions.begin() as session:
        row = archive_keys.current(session, make_user(session), MasterKeys(OLD), NOON)

        assert archive_keys.unreadable(session, MasterKeys(OLD)) == 0
        assert archive_keys.unreadable(session, MasterKeys(NEW, OLD)) == 0
        assert archive_keys.unreadable(session, MasterKeys(NEW)) == 1
        with pytest.raises(Conflict, match=f"wrapped by master key {row.master_check}"):
            archive_keys.open_key(row, MasterKeys(NEW))


def test_a_key_in_another_users_row_does_not_open(sessions: Sessions) -> None:
    with sessions.begin() as session:
        mine, theirs = (
            archive_keys.current(session, make_user(session), MasterKeys(OLD), NOON)
            for _ in range(2)
        )
        session.execute(update(UserKey).where(UserKey.id == mine.id).values(wrapped=theirs.wrapped))
        session.expire_all()

        row = session.scalars(select(UserKey).where(UserKey.id == mine.id)).one()
        with pytest.raises(Conflict, match="was changed in the database"):
            archive_keys.open_key(row, MasterKeys(OLD))


@pytest.mark.parametrize("text", ["short", "not base64!", base64.b64encode(bytes(31)).decode()])
def test_a_master_key_of_another_shape_is_refused(text: str) -> None:
    with pytest.raises(Invalid, match="BACKUP_MASTER_KEY must be 32 random bytes"):
        archive_keys.master_keys(make_settings(backup_master_key=text))


def test_a_laptop_has_a_master_key_of_its_own() -> None:
    mine = archive_keys.master_keys(make_settings())
    other = archive_keys.master_keys(make_settings(secret_key="another one, forty characters"))

    assert len({mine.now, other.now}) == 2
