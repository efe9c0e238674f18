"""Restore, reset and the way back, end to end: real workers, real machines, real files."""

from datetime import timedelta
from itertools import count
from pathlib import Path

import pytest
from sqlalchemy import select, update

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.restores import Kind
from jarvis_admin.errors import Conflict
from jarvis_admin.jobs import guests
from jarvis_admin.jobs import parking as loops
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Archive, Interval, Operation, Restore, Snapshot, Workspace
from jarvis_admin.services import parking, restores, timeline
from jarvis_admin.services.restores import Asked
from tests.archiver import trees
from tests.jobs.conftest import archives_of
from tests.jobs.worker_process import House, eventually, now

_numbers = count(1)


@pytest.fixture
def alice(house: House) -> int:
    workspace_id = house.add_workspace(f"rest{next(_numbers)}")
    house.done(workspace_id, K.PROVISION)
    return workspace_id


def disk(house: House, volume_id: str | None) -> Path:
    return house.cloud.state / "volumes" / str(volume_id)


def files(house: House, workspace_id: int) -> Path:
    return disk(house, house.workspace(workspace_id).volume_id)


def ask(house: House, workspace_id: int, asked: Asked) -> Restore:
    with house.sessions.begin() as session:
        return restores.request(
            session,
            session.get_one(Workspace, workspace_id),
            asked,
            asked_by="a test",
            reason="to see it",
            now=now(),
            enqueue=house.enqueue,
        )


def done(house: House, workspace_id: int, asked: Asked) -> Restore:
    row = ask(house, workspace_id, asked)
    operation = house.finished(row.operation_id, within=60)
    assert operation.state == "done", operation.error
    with house.sessions() as session:
        return session.get_one(Restore, row.id)


def snapshot_of(house: House, workspace_id: int) -> str:
    house.done(workspace_id, K.BACKUP)
    with house.sessions() as session:
        found = select(Snapshot.id).where(Snapshot.workspace_id == workspace_id)
        return session.scalars(found.order_by(Snapshot.created_at.desc())).first()


def at_fly(house: House, workspace_id: int) -> tuple[dict[str, str], set[str]]:
    """The machines with their states, and the volumes."""
    app = house.workspace(workspace_id).app_name
    machines = {m.id: m.state for m in house.fly.machines.list(app)}
    return machines, {v.id for v in house.fly.volumes.list(app) if not v.gone}


def urls_left(house: House, workspace_id: int) -> list[str]:
    """Of restoring machines, in the store: there are none when a restore is over."""
    with house.sessions() as session:
        folders = select(Archive.folder).where(Archive.workspace_id == workspace_id)
        places = [archives_of(house.cloud) / folder for folder in session.scalars(folders)]
    return [page.name for place in places for page in place.glob("restore-*")]


def test_a_snapshot_comes_back_and_the_present_files_are_parked(house: House, alice: int) -> None:
    trees.build(files(house, alice) / "tree")
    point = snapshot_of(house, alice)
    as_it_was = trees.look(files(house, alice) / "tree")
    before = house.workspace(alice)
    (files(house, alice) / "tree" / "wrecked").write_text("by an upgrade")

    row = done(house, alice, Asked(Kind.RESTORE, snapshot_id=point))

    after = house.workspace(alice)
    assert trees.look(files(house, alice) / "tree") == as_it_was
    assert (after.machine_id, after.volume_id) == (row.machine_id, row.volume_id)
    assert (row.parked_machine_id, row.parked_volume_id) == (before.machine_id, before.volume_id)
    assert (disk(house, row.parked_volume_id) / "tree" / "wrecked").exists()
    assert row.safety_snapshot_id
    machines, volumes = at_fly(house, alice)
    assert machines == {after.machine_id: "started", before.machine_id: "stopped"}
    assert volumes == {after.volume_id, before.volume_id}
    assert house.fly.machines.get(after.app_name, before.machine_id).cordoned
    assert not house.fly.machines.get(after.app_name, after.machine_id).cordoned
    assert after.state == "started"


def test_the_way_back_and_back_again(house: House, alice: int) -> None:
    (files(house, alice) / "old").write_text("old")
    first = done(house, alice, Asked(Kind.FRESH_FILES))
    assert not (files(house, alice) / "old").exists()
    (files(house, alice) / "new").write_text("new")

    back = done(house, alice, Asked(Kind.UNDO, undoes=first))

    row = house.workspace(alice)
    assert (row.machine_id, row.volume_id) == (first.parked_machine_id, first.parked_volume_id)
    assert (files(house, alice) / "old").exists()
    assert at_fly(house, alice)[0] == {row.machine_id: "started", first.machine_id: "stopped"}
    with house.sessions() as session:
        ended = session.get_one(Restore, first.id)
        assert (ended.parking_end, parking.is_parked(back)) == ("returned", True)

    done(house, alice, Asked(Kind.UNDO, undoes=back))

    assert (files(house, alice) / "new").exists()
    assert house.workspace(alice).machine_id == first.machine_id


def test_a_fresh_machine_keeps_every_file(house: House, alice: int) -> None:
    trees.build(files(house, alice) / "tree")
    as_it_was = trees.look(files(house, alice) / "tree")

    row = done(house, alice, Asked(Kind.FRESH_MACHINE))

    assert trees.look(files(house, alice) / "tree") == as_it_was
    assert row.parked_volume_id != row.volume_id == house.workspace(alice).volume_id


def test_factory_new_forgets_size_and_files(house: House, alice: int) -> None:
    (files(house, alice) / "old").write_text("old")
    with house.sessions.begin() as session:
        session.get_one(Workspace, alice).volume_gb += 1

    done(house, alice, Asked(Kind.FACTORY))

    row = house.workspace(alice)
    with house.sessions() as session:
        plan = session.merge(row).plan
        assert (row.size, row.volume_gb) == (plan.size, plan.volume_gb)
    assert not (files(house, alice) / "old").exists()


@pytest.mark.parametrize("asleep", [K.SUSPEND, K.STOP])
def test_it_works_on_a_machine_that_sleeps(house: House, alice: int, asleep: K) -> None:
    house.done(alice, asleep)

    done(house, alice, Asked(Kind.FRESH_FILES))

    assert house.workspace(alice).state == "started"


def test_the_end_of_parking_deletes_only_what_is_parked(house: House, alice: int) -> None:
    row = done(house, alice, Asked(Kind.FRESH_FILES))

    end(house, row)

    now_there = house.workspace(alice)
    assert at_fly(house, alice) == ({now_there.machine_id: "started"}, {now_there.volume_id})
    with house.sessions() as session:
        assert session.get_one(Restore, row.id).parking_end == "ended"
        states = timeline.states(session, alice, now() - timedelta(hours=1), now())
        opened = session.scalars(
            select(Interval.resource_id).where(
                Interval.workspace_id == alice, Interval.ended_at.is_(None)
            )
        ).all()
    assert states[-1].state == "started"
    assert {row.parked_machine_id, row.parked_volume_id}.isdisjoint(opened)
    with pytest.raises(Conflict, match="no way back"):
        ask(house, alice, Asked(Kind.UNDO, undoes=load(house, row)))


def end(house: House, row: Restore) -> None:
    with house.sessions.begin() as session:
        operation = parking.request_end(
            session,
            session.get_one(Restore, row.id),
            how="ended",
            asked_by="a test",
            now=now(),
            enqueue=house.enqueue,
            unproven="a test goes on without a backup",
        )
    operation = house.finished(operation.id)
    assert operation.state == "done", operation.error


def load(house: House, row: Restore) -> Restore:
    with house.sessions() as session:
        return session.get_one(Restore, row.id)


def test_a_dead_host_costs_what_came_after_the_last_backup(house: House, alice: int) -> None:
    (files(house, alice) / "kept").write_text("kept")
    snapshot_of(house, alice)
    before = house.workspace(alice)
    house.cloud.set_faults(unreachable_machines=[before.machine_id])

    row = done(house, alice, Asked(Kind.FRESH_MACHINE))

    assert (files(house, alice) / "kept").exists()
    assert row.safety_snapshot_id is None
    assert house.workspace(alice).state == "started"
    house.cloud.set_faults()
    eventually(lambda: at_fly(house, alice)[0][before.machine_id] == "stopped", within=30)


def test_a_dead_region_is_left(house: House, alice: int) -> None:
    (files(house, alice) / "kept").write_text("kept")
    snapshot_of(house, alice)
    home = house.workspace(alice).region
    house.cloud.set_faults(unreachable_regions=[home])

    done(house, alice, Asked(Kind.FRESH_MACHINE))

    assert house.workspace(alice).region != home
    assert (files(house, alice) / "kept").exists()


def test_no_room_leaves_everything_as_it_was(house: House, alice: int) -> None:
    before = house.workspace(alice)
    house.cloud.set_faults(full_volume_regions=["fra", "ams", "cdg", "lhr", "arn"])

    row = ask(house, alice, Asked(Kind.FRESH_MACHINE))

    operation = house.finished(row.operation_id, within=60)
    assert "Fly has no room in" in operation.error
    after = house.workspace(alice)
    assert (after.machine_id, after.volume_id) == (before.machine_id, before.volume_id)
    assert at_fly(house, alice) == ({before.machine_id: "started"}, {before.volume_id})
    assert not house.fly.machines.get(after.app_name, before.machine_id).cordoned
    assert load(house, row).state == "failed"


def test_a_full_host_is_told_of_and_loses_nothing(house: House, alice: int) -> None:
    before = house.workspace(alice)
    house.cloud.set_faults(full_regions=["fra", "ams", "cdg", "lhr", "arn"])

    row = ask(house, alice, Asked(Kind.FRESH_MACHINE))

    operation = house.finished(row.operation_id, within=60)
    assert "Fly has no room in" in operation.error
    assert "The old machine could not be woken again" in load(house, row).error
    assert at_fly(house, alice) == ({before.machine_id: "stopped"}, {before.volume_id})
    house.cloud.set_faults()
    house.done(alice, K.START)


def test_a_machine_that_never_answers_leaves_everything_as_it_was(house: House, alice: int) -> None:
    broken = "registry.fly.io/broken:1"
    house.cloud.learn_images({broken: ["sh", "-c", "sleep 1; exit 3"]})
    with house.sessions.begin() as session:
        session.get_one(Workspace, alice).image = broken
    before = house.workspace(alice)

    row = ask(house, alice, Asked(Kind.FRESH_FILES))

    operation = house.finished(row.operation_id, within=60)
    assert operation.state == "failed"
    assert "started and then ended" in operation.error
    after = house.workspace(alice)
    assert after.machine_id == before.machine_id
    assert at_fly(house, alice) == ({before.machine_id: "started"}, {before.volume_id})


def test_a_cancelled_restore_leaves_nothing(house: House, alice: int) -> None:
    before = house.workspace(alice)
    house.cloud.set_faults(status=503, path_contains="/volumes", methods=["POST"])
    row = ask(house, alice, Asked(Kind.FRESH_FILES))
    eventually(lambda: house.operation(row.operation_id).state == "running")

    with house.sessions.begin() as session:
        session.get_one(Operation, row.operation_id).cancel_requested = True

    assert house.finished(row.operation_id).state == "cancelled"
    house.cloud.set_faults()
    assert at_fly(house, alice) == ({before.machine_id: "started"}, {before.volume_id})
    assert load(house, row).error.startswith("Cancelled")


def test_what_is_parked_goes_when_its_time_is_over_and_a_backup_is_proven(
    house: House, alice: int
) -> None:
    row = done(house, alice, Asked(Kind.FRESH_FILES))
    with house.sessions.begin() as session:
        session.get_one(Restore, row.id).parked_until = now() - timedelta(seconds=1)
    context = Context(house.settings, house.sessions, house.fly, enqueue=house.enqueue)

    assert loops.expire(context) == 0, "no backup is proven: nothing is destroyed"

    house.done(alice, K.ARCHIVE)
    with house.sessions.begin() as session:
        session.execute(
            update(Archive).where(Archive.workspace_id == alice).values(proven_at=now())
        )
    loops.expire(context)
    eventually(lambda: load(house, row).parking_end == "expired", within=60)
    assert at_fly(house, alice)[0] == {house.workspace(alice).machine_id: "started"}


def test_what_is_parked_is_billed_as_parked_until_it_is_back(house: House, alice: int) -> None:
    row = done(house, alice, Asked(Kind.FRESH_FILES))

    assert owners(house, alice) == {
        row.machine_id: "user",
        row.volume_id: "user",
        row.parked_machine_id: "parked",
        row.parked_volume_id: "parked",
    }

    done(house, alice, Asked(Kind.UNDO, undoes=row))

    assert owners(house, alice) == {
        row.machine_id: "parked",
        row.volume_id: "parked",
        row.parked_machine_id: "user",
        row.parked_volume_id: "user",
    }


def owners(house: House, workspace_id: int) -> dict[str, str]:
    """Whose cost each machine and volume is now."""
    with house.sessions() as session:
        rows = session.execute(
            select(Interval.resource_id, Interval.owner).where(
                Interval.workspace_id == workspace_id,
                Interval.ended_at.is_(None),
                Interval.component.in_(("compute", "rootfs", "volume")),
            )
        )
        return {row.resource_id: row.owner for row in rows}


def test_a_machine_that_goes_between_our_look_and_our_order_is_gone(
    house: House, alice: int
) -> None:
    """One with auto_destroy does so, a moment after it has ended."""
    me = house.workspace(alice)
    assert me.machine_id is not None
    house.cloud.set_faults(status=404, when="after", methods=["DELETE"], path_contains="/machines/")

    guests.remove(Context(house.settings, house.sessions, house.fly), me.app_name, me.machine_id)

    assert at_fly(house, alice)[0] == {}


def test_what_a_broken_restore_left_at_fly_is_removed(house: House, alice: int) -> None:
    row = done(house, alice, Asked(Kind.FRESH_FILES))
    app, before = house.workspace(alice).app_name, at_fly(house, alice)
    left = house.fly.volumes.create(app, name="rs_0123456789ab", region="fra", size_gb=1)
    with house.sessions.begin() as session:
        session.add(
            Restore(
                id="0123456789ab",
                workspace_id=alice,
                operation_id=f"{alice}-restore-broken",
                kind=Kind.RESTORE,
                target="here",
                state="failed",
                started_at=now(),
                volume_id=left.id,
            )
        )

    loops.clear_left(Context(house.settings, house.sessions, house.fly))

    assert at_fly(house, alice) == before
    with house.sessions() as session:
        assert session.get_one(Restore, "0123456789ab").volume_id is None
        assert parking.is_parked(session.get_one(Restore, row.id)), "this is the way back"


def test_with_the_workspace_goes_what_it_had_parked(house: House, alice: int) -> None:
    row = done(house, alice, Asked(Kind.FRESH_FILES))

    house.done(alice, K.DESTROY)

    assert load(house, row).parking_end == "ended"
    with house.sessions() as session:
        assert row.id not in parking.overdue(session, now() + timedelta(days=99), 999)
