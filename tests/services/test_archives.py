"""Archives as rows: one at a time, built upon the last good one."""

from datetime import timedelta

import pytest
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from archiver.manifest import Pack, Sums
from jarvis_admin.db import Sessions
from jarvis_admin.errors import Conflict
from jarvis_admin.models import Archive, Workspace
from jarvis_admin.services import archives
from jarvis_admin.services.archive_checks import Arrived
from tests.factories import NOON, make_settings, make_workspace

SETTINGS = make_settings()


def make_stored(session: Session, workspace: Workspace, hours: int = 0, **sums: int) -> Archive:
    now = NOON + timedelta(hours=hours)
    row = archives.begin(session, workspace, SETTINGS, now)
    packs = [Pack(row.id, 1, 10, "00")]
    if row.base_id is not None:
        packs.append(Pack(row.base_id, 1, 10, "00"))
    arrived = Arrived(Sums(**sums, packs=packs), stored_bytes=10, manifest_sha256="ab")
    archives.stored(session, row.id, arrived, now)
    session.flush()
    return row


def test_a_step_that_runs_again_finds_its_own_row(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)

        first = archives.begin(session, workspace, SETTINGS, NOON)
        again = archives.begin(session, workspace, SETTINGS, NOON)

        assert first is again
        assert first.folder == f"jv-test/users/{workspace.user_id}/{first.id}"


def test_the_database_holds_one_in_the_making(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        row = archives.begin(session, workspace, SETTINGS, NOON)
        session.add(
            Archive(
                id="another",
                workspace_id=workspace.id,
                key_id=row.key_id,
                state="making",
                folder="x",
                started_at=NOON,
            )
        )
        with pytest.raises(IntegrityError):
            session.flush()
        session.rollback()


def test_the_next_one_builds_upon_the_last_good_one(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        first = make_stored(session, workspace)
        bad = archives.begin(session, workspace, SETTINGS, NOON + timedelta(hours=1))
        archives.failed(session, bad.id, "It failed.", NOON)

        second = make_stored(session, workspace, 2)

        assert (first.base_id, first.generation, first.needs) == (None, 0, [])
        assert (second.base_id, second.generation, second.needs) == (first.id, 1, [first.id])
        assert archives.newest(session, workspace.id) is second


def test_one_that_was_found_damaged_is_not_built_upon(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        first = make_stored(session, workspace)
        archives.verified(session, first.id, "pack 1 was changed.", NOON)

        assert make_stored(session, workspace, 1).base_id is None


def test_after_many_a_whole_one_is_made(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)

        made = [make_stored(session, workspace, hour) for hour in range(16)]

        assert [row.generation for row in made] == [*range(15), 0]


def test_the_longest_unverified_comes_first(sessions: Sessions) -> None:
    with sessions.begin() as session:
        one, two, three = (make_stored(session, make_workspace(session), n) for n in range(3))
        archives.verified(session, one.id, "", NOON + timedelta(days=2))
        archives.verified(session, two.id, "", NOON + timedelta(days=1))

        assert archives.stored_ids(session) == [three.id, two.id, one.id]


def test_a_machine_of_nobody_has_nothing_to_archive(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        workspace.user = None

        with pytest.raises(Conflict, match="nothing to archive"):
            archives.begin(session, workspace, SETTINGS, NOON)


def test_what_another_one_needs_is_known(sessions: Sessions) -> None:
    with sessions.begin() as session:
        workspace = make_workspace(session)
        first, second = (make_stored(session, workspace, hour) for hour in range(2))
        third = archives.begin(session, workspace, SETTINGS, NOON + timedelta(hours=2))

        assert archives.needed_by(session, first) == sorted([second.id, third.id])
        assert archives.needed_by(session, second) == [third.id]
        assert archives.needed_by(session, third) == []
