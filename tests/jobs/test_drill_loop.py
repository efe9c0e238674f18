"""The schedule of drills, and the broom: nothing but what a drill's row names is swept away."""

from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from sqlalchemy import select

from jarvis_admin.domain.lifecycle import OperationState
from jarvis_admin.jobs import drill_loop, ledger
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Archive, Drill, Operation, Workspace
from jarvis_admin.services import drills
from jarvis_admin.storage import open_store
from localfly.testing import LocalFly
from tests.factories import make_workspace
from tests.jobs.conftest import open_house
from tests.jobs.worker_process import House, eventually, now
from tests.services.test_archives import make_stored


@pytest.fixture
def house(database_url: str, cloud: LocalFly, tmp_path: Path) -> Iterator[House]:
    house = open_house(database_url, cloud)
    yield house
    house.close()


@pytest.fixture
def context(house: House) -> Context:
    return Context(
        house.settings,
        house.sessions,
        house.fly,
        store=open_store(house.settings),
        enqueue=lambda _session, _operation: None,
    )


def add(house: House, *handles: str) -> None:
    with house.sessions.begin() as session:
        for handle in handles:
            make_stored(session, make_workspace(session, handle=handle))


def asked(house: House) -> list[Operation]:
    with house.sessions() as session:
        return list(session.scalars(select(Operation)))


def test_as_many_are_asked_for_as_may_run_at_once(house: House, context: Context) -> None:
    add(house, "alice", "bob", "carol")

    assert drill_loop.ask_due(context) == 1
    assert drill_loop.ask_due(context) == 0

    (operation,) = asked(house)
    assert (operation.kind, operation.asked_by) == ("drill", "schedule")
    assert operation.reason == "the backup policy wants a proof"


def test_the_next_one_follows_when_one_has_ended(house: House, context: Context) -> None:
    add(house, "alice", "bob")
    drill_loop.ask_due(context)
    with house.sessions.begin() as session:
        first = session.scalars(select(Operation)).one()
        first.state = "done"
        drill = drills.begin(session, first.id, house.settings, now())
        drills.passed(session, drill.id, boot_ms=1, now=now())

    assert drill_loop.ask_due(context) == 1
    assert drill_loop.ask_due(context) == 0
    assert len({one.workspace_id for one in asked(house)}) == 2


def test_without_a_store_nothing_is_asked_for(house: House, context: Context) -> None:
    add(house, "alice")

    assert drill_loop.ask_due(Context(house.settings, house.sessions, house.fly)) == 0


def test_only_apps_of_drills_that_are_over_are_swept_away(house: House, context: Context) -> None:
    add(house, "alice", "bob")
    apps = {}
    with house.sessions.begin() as session:
        for archive in session.scalars(select(Archive)):
            handle = session.get_one(Workspace, archive.workspace_id).handle
            operation = drills.ask(
                session, archive, asked_by="a test", now=now(), enqueue=context.enqueue
            )
            apps[handle] = drills.begin(session, operation.id, house.settings, now()).app_name
        broken = session.scalars(select(Drill).where(Drill.app_name == apps["alice"])).one()
        session.get_one(Operation, broken.operation_id).state = "failed"
    namesake = f"jv-test-drill-{house.engine.dialect.name[:4]}"
    mine = [*apps.values(), namesake]
    for name in mine:
        house.fly.apps.create(name, network=name)

    assert drill_loop.sweep(context) == 1

    eventually(lambda: apps["alice"] not in {app.name for app in house.fly.apps.list()})
    left = {app.name for app in house.fly.apps.list()}
    assert {apps["bob"], namesake} <= left, "one still runs, one is of a user called drill"
    with house.sessions() as session:
        ended = session.scalars(select(Drill).where(Drill.app_name == apps["alice"])).one()
        assert (ended.state, ended.error) == ("failed", "It was broken off.")
        assert ended.finished_at - ended.started_at < timedelta(minutes=1)


def test_the_end_of_a_drill_leaves_alone_what_another_operation_is_after(
    house: House, context: Context
) -> None:
    add(house, "alice")
    drill_loop.ask_due(context)
    with house.sessions.begin() as session:
        session.scalars(select(Workspace)).one().desired_state = "started"

    ledger.finish(context, asked(house)[0].id, OperationState.DONE, "")

    with house.sessions() as session:
        assert session.scalars(select(Workspace)).one().desired_state == "started"
