"""The loops of backups on a real Local Fly with a real worker; the clock is ours."""

from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.jobs import backups, inventory
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Archive, BackupStanding, Operation, Workspace
from jarvis_admin.services import backup_policies
from jarvis_admin.storage import open_store
from tests.jobs.clockwork import Clock
from tests.jobs.conftest import archives_of
from tests.jobs.worker_process import House, now

DAY = timedelta(days=1)
SAID = {"by": "a test", "reason": "a test"}
KEEP_ONE = {"keep_last": 1, "keep_daily": 0, "keep_weekly": 0, "keep_monthly": 0}


@pytest.fixture
def clock() -> Clock:
    return Clock(now())


@pytest.fixture
def house(database_url: str, open_on: Callable[[str], House]) -> House:
    """On either database, with a worker whose own schedule is switched off."""
    house = open_on(database_url)
    house.start_worker()
    return house


@pytest.fixture
def context(house: House, clock: Clock) -> Context:
    store = open_store(house.settings)
    return Context(
        house.settings, house.sessions, house.fly, clock, store=store, enqueue=house.enqueue
    )


def provisioned(house: House, handle: str) -> int:
    workspace_id = house.add_workspace(f"{handle}-{house.engine.dialect.name}")
    house.done(workspace_id, K.PROVISION)
    return workspace_id


def asked(house: House) -> list[Operation]:
    with house.sessions() as session:
        found = select(Operation).where(Operation.asked_by == backups.SCHEDULE)
        return list(session.scalars(found.order_by(Operation.created_at)))


def set_policy(house: House, workspace_id: int, **terms: int) -> None:
    with house.sessions.begin() as session:
        row = session.get_one(Workspace, workspace_id)
        backup_policies.set_for_user(session, row, terms, now=now(), **SAID)


def stored(house: House, workspace_id: int) -> list[Archive]:
    with house.sessions() as session:
        found = select(Archive).where(Archive.workspace_id == workspace_id)
        return list(session.scalars(found.order_by(Archive.started_at)))


def test_what_is_due_is_archived_once_and_old_ones_are_cleared_away(
    house: House, context: Context, clock: Clock
) -> None:
    alice = provisioned(house, "alice")
    set_policy(
        house, alice, every_hours=1, keep_last=1, keep_daily=0, keep_weekly=0, keep_monthly=0
    )
    assert backups.keep_up(context) == 0, "it is new"

    clock.forward(hours=2)
    assert backups.keep_up(context) == 1
    assert backups.keep_up(context) == 0, "it is under way"
    (operation,) = asked(house)
    assert house.finished(operation.id).state == "done"
    assert (operation.kind, operation.asked_by) == ("archive", "schedule")
    clock.at = now()
    assert backups.keep_up(context) == 0, "it was just made"

    # What it builds upon stays; what does not need it lets it go.
    (first,) = stored(house, alice)
    clock.forward(hours=2)
    assert backups.keep_up(context) == 1
    assert house.finished(asked(house)[-1].id).state == "done"
    house.kill_worker()  # its own loops would clear away as well
    backups.keep_up(context)
    assert backups.prune(context) == 0
    with house.sessions.begin() as session:
        session.execute(update(Archive).where(Archive.id != first.id).values(needs=[]))
        session.execute(update(BackupStanding).values(pruned_at=None))

    assert backups.prune(context) == 1
    assert stored(house, alice)[0].gone_at == clock.at
    folder = archives_of(house.cloud)
    assert not list((folder / first.folder).glob("*"))
    assert list((folder / stored(house, alice)[1].folder).glob("*"))


def test_a_failed_one_is_tried_again_with_patience(
    house: House, context: Context, clock: Clock
) -> None:
    provisioned(house, "bert")
    clock.forward(hours=3)
    folder = archives_of(house.cloud)
    folder.rename(folder.with_name("away"))
    folder.write_text("a file where the folder should be")
    try:
        assert backups.keep_up(context) == 1
        assert house.finished(asked(house)[0].id).state == "failed"
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)

    clock.at = now() + timedelta(minutes=10)
    assert backups.keep_up(context) == 0
    clock.forward(hours=3)
    assert backups.keep_up(context) == 1
    assert house.finished(asked(house)[1].id).state == "done"


def test_no_more_are_begun_than_the_fleet_may_have_at_once(
    house: House, context: Context, clock: Clock
) -> None:
    for number in range(3):
        provisioned(house, f"carl{number}")
    context = replace(context, settings=replace(house.settings, archives_at_once=2))
    house.kill_worker()
    clock.forward(hours=3)

    assert backups.keep_up(context) == 2
    assert backups.keep_up(context) == 0
    off = replace(context, settings=replace(house.settings, archives_at_once=0))
    assert backups.keep_up(off) == 0


def test_without_a_store_nothing_is_begun_but_everything_stands(
    house: House, context: Context, clock: Clock
) -> None:
    provisioned(house, "dora")
    house.kill_worker()  # by its clock nothing is late
    clock.forward(days=1)

    assert backups.keep_up(replace(context, store=None)) == 0

    with house.sessions() as session:
        assert session.scalars(select(BackupStanding.trouble)).all() == ["never"]


def test_a_store_that_is_away_leaves_what_goes_for_the_next_round(
    house: House, context: Context, tmp_path: Path
) -> None:
    emil = provisioned(house, "emil")
    house.done(emil, K.ARCHIVE)
    house.kill_worker()  # its own loops would clear away as well
    with house.sessions.begin() as session:
        session.execute(update(Archive).values(state="going"))
    folder = archives_of(house.cloud)
    folder.rename(folder.with_name("away"))
    folder.write_text("a file where the folder should be")
    try:
        assert backups.prune(context) == 0
    finally:
        folder.unlink()
        folder.with_name("away").rename(folder)
    assert stored(house, emil)[0].gone_at is None

    assert backups.prune(context) == 1


def test_fly_is_told_how_long_to_keep_snapshots_only_when_it_differs(
    house: House, context: Context
) -> None:
    fanny = provisioned(house, "fanny")
    set_policy(house, fanny, snapshot_days=9)
    row = house.workspace(fanny)

    inventory.take(context)

    assert house.fly.volumes.get(row.app_name, row.volume_id).snapshot_retention == 9
    house.cloud.forget_calls()
    with house.sessions.begin() as session:
        session.get_one(Workspace, fanny).inventoried_at = None
    inventory.take(context)
    assert [path for method, path, _ in house.cloud.api_calls if method == "PUT"] == []
