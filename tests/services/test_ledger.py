"""Entries, what is kept, what nobody owns, and the proof that the sums are the ledger's."""

import time
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select, update

from jarvis_admin.db import Sessions
from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.fly.codec import decode, encode
from jarvis_admin.fly.types import IpAssignment, OrgMachine
from jarvis_admin.fly.types import Snapshot as FlySnapshot
from jarvis_admin.fly.types import Volume as FlyVolume
from jarvis_admin.models import (
    CostCell,
    FleetDay,
    Interval,
    LedgerEntry,
    Snapshot,
    UsageDay,
    Volume,
    Workspace,
    WorkspaceMonth,
)
from jarvis_admin.services import (
    addresses,
    keeping,
    ledger,
    ledger_checks,
    ledger_proof,
    metering,
    observations,
    orphans,
    prices,
    provisioning,
    snapshots,
    volumes,
)
from tests.factories import NOON, make_user, make_workspace
from tests.fleets import make_interval
from tests.services.fly_shapes import event, launch, machine

DAY = NOON.date()
HOUR = timedelta(hours=1)
GB = 10**9


def entry(workspace: Workspace | None, nano: int, **changes) -> LedgerEntry:
    return LedgerEntry(
        **{
            "workspace_id": workspace.id if workspace else None,
            "owner": "user" if workspace else "fleet",
            "day": DAY,
            "kind": "credit",
            "component": "adjustment",
            "resource_id": "one",
            "amount_nano": nano,
            "booked_at": NOON,
            **changes,
        }
    )


def wrong(session) -> list[str]:
    parts = ledger_proof.chunks(session)
    return [
        f"{one.table} {one.key}" for found in ledger_proof.verify(session, parts) for one in found
    ]


def make_volume(session, workspace: Workspace, **changes) -> Volume:
    volume = Volume(
        **{
            "id": workspace.volume_id,
            "workspace_id": workspace.id,
            "region": "fra",
            "size_gb": 10,
            "state": "created",
            "created_at": NOON - 48 * HOUR,
            **changes,
        }
    )
    session.add(volume)
    session.flush()
    return volume


def test_an_entry_is_in_every_sum_and_counts_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")

        assert ledger.book(session, [entry(alice, -500)]) == 1
        assert ledger.book(session, [entry(alice, -500)]) == 0
        assert ledger.book(session, [entry(alice, -700)]) == 1

        for table in (UsageDay, FleetDay, WorkspaceMonth, CostCell):
            assert session.scalar(select(func.sum(table.amount_nano))) == -700
        assert alice.month_nano == -700
        assert wrong(session) == []


def test_what_is_the_fleets_is_in_no_workspace(sessions: Sessions) -> None:
    with sessions.begin() as session:
        ledger.book(session, [entry(None, 36 * GB, kind="reservation_fee")])

        assert session.scalar(select(func.count()).select_from(UsageDay)) == 0
        cell = session.scalars(select(CostCell)).one()
        assert (cell.owner, cell.amount_nano) == ("fleet", 36 * GB)
        assert wrong(session) == []


@pytest.mark.parametrize("table", [UsageDay, FleetDay, WorkspaceMonth, CostCell])
def test_a_sum_that_is_off_by_a_nanodollar_is_found_and_rebuilt(sessions: Sessions, table) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        make_interval(session, alice, NOON, timedelta(minutes=7, microseconds=123_457))
        ledger.book(session, [entry(alice, 11)])
        assert wrong(session) == []
        session.execute(update(table).values(amount_nano=table.amount_nano + 1))

        assert wrong(session)

        list(ledger_proof.rebuild(session, ledger_proof.chunks(session)))
        assert wrong(session) == []


def test_a_volume_that_grows_costs_more_from_then_on(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", volume_gb=10)
        volume = make_volume(session, alice)
        keeping.keep_volume(session, volume, NOON, prices.load(session))
        seen = fly_volume(alice, size_gb=20)

        assert volumes.apply_page(session, [seen], NOON) == 1
        assert volumes.apply_page(session, [seen], NOON + HOUR) == 0

        rows = session.scalars(select(Interval).order_by(Interval.started_at)).all()
        assert [row.size for row in rows] == ["10 GB", "10 GB", "10 GB", "20 GB"]
        assert (rows[-1].started_at, rows[-1].ended_at) == (NOON, None)
        assert alice.volume_gb == 20
        assert wrong(session) == []


def test_a_soft_deleted_volume_costs_nothing_more(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        volume = make_volume(session, alice)
        keeping.keep_volume(session, volume, NOON, prices.load(session))

        volumes.apply_page(session, [fly_volume(alice, state="pending_destroy")], NOON)

        assert keeping_open(session) == []
        assert volume.deleted_at == NOON


def test_a_second_volume_in_a_users_app_is_parked(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")

        volumes.apply_page(session, [fly_volume(alice, id="vol_old")], NOON)

        [row] = keeping_open(session)
        assert (row.owner, row.workspace_id, row.resource_id) == ("parked", alice.id, "vol_old")


def test_the_free_gigabytes_are_shared_by_what_snapshots_cost(sessions: Sessions) -> None:
    """15 GB stored for a day, 10 GB of it free: a third is paid, by each in proportion."""
    with sessions.begin() as session:
        alice, bob = make_workspace(session, handle="alice"), make_workspace(session, handle="bob")
        midnight = NOON.replace(hour=0)
        for owner, size in ((alice, 10 * GB), (bob, 5 * GB)):
            make_volume(session, owner)
            snapshots.store(
                session, owner.id, owner.volume_id, [fly_snapshot(owner, size, midnight)], NOON
            )
        while metering.cut_open(session, midnight + 24 * HOUR, prices.load(session)):
            pass

        books = prices.load(session)
        assert snapshots.share_free(session, DAY, NOON + 24 * HOUR, books) == 2
        assert snapshots.share_free(session, DAY, NOON + 25 * HOUR, books) == 0

        paid = dict(
            session.execute(
                select(UsageDay.workspace_id, UsageDay.amount_nano).where(UsageDay.day == DAY)
            ).all()
        )
        whole = amount_nano(books[0].snapshot_rate(15 * GB), timedelta(days=1))
        assert sum(paid.values()) == pytest.approx(whole / 3, rel=1e-4)
        assert paid[alice.id] == pytest.approx(2 * paid[bob.id], rel=1e-4)
        assert wrong(session) == []


def test_a_snapshot_ends_with_its_retention_or_when_fly_lists_it_no_more(
    sessions: Sessions,
) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        make_volume(session, alice)
        old, new = NOON - timedelta(days=6), NOON - timedelta(days=1)
        seen = [fly_snapshot(alice, GB, old), fly_snapshot(alice, GB, new)]
        snapshots.store(session, alice.id, alice.volume_id, seen, NOON)

        assert snapshots.end_expired(session, NOON) == 1
        snapshots.store(session, alice.id, alice.volume_id, [], NOON, all_of_them=True)

        ended = session.scalars(select(Snapshot.ended_at).order_by(Snapshot.created_at)).all()
        assert ended == [old + timedelta(days=5), NOON]
        assert keeping_open(session) == []
        assert wrong(session) == []


def test_an_address_is_billed_while_it_is_assigned(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        v4 = IpAssignment(ip="192.0.2.1", kind="v4", created_at=NOON - HOUR)
        addresses.store(session, alice.id, [v4], NOON)
        [row] = keeping_open(session)
        assert (row.component, row.size, row.started_at) == ("address", "v4", NOON - HOUR)

        addresses.store(session, alice.id, [], NOON)

        assert keeping_open(session) == []


def test_orphans_are_billed_to_nobody_until_they_are_gone(sessions: Sessions) -> None:
    mark = Mark("jv", "test")
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        listed = [org_machine(alice.app_name, "m-1"), org_machine("jv-test-gone-1", "m-2")]
        strange = FlyVolume(**{**volume_fields("vol_2"), "app_name": "jv-test-gone-1"})
        found = orphans.machines(session, listed, mark, 2048, NOON)
        found += orphans.volumes(session, [strange], mark, NOON)

        assert orphans.bill(session, found, NOON) == 2
        rows = keeping_open(session)
        assert {(row.resource_id, row.owner, row.workspace_id) for row in rows} == {
            ("m-2", "orphan", None),
            ("vol_2", "orphan", None),
        }
        assert all(row.estimated for row in rows)

        assert orphans.bill(session, [], NOON + HOUR) == 0
        assert keeping_open(session) == []
        unowned = session.scalars(select(CostCell.amount_nano)).all()
        assert len(unowned) == 2
        assert min(unowned) > 0
        assert wrong(session) == []


def test_a_resized_machine_pays_its_new_price_from_its_launch_on(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", machine_id="m-alice")
        told = launch(NOON - 5 * HOUR)
        observations.record_machine(session, alice.id, machine(told), rootfs_mb=2048, now=NOON)
        told += [
            event(NOON - 2 * HOUR, "exit", "stopped"),
            event(NOON - HOUR, "update", "created"),
            event(NOON - HOUR / 2, "start", "started"),
        ]
        bigger = {
            "image": "registry.fly.io/jarvis-workspace:latest",
            "guest": {"cpu_kind": "shared", "cpus": 2, "memory_mb": 2048},
        }
        grown = machine(told, config=bigger)
        observations.record_machine(session, alice.id, grown, rootfs_mb=2048, now=NOON)

        rows = session.scalars(
            select(Interval).where(Interval.component == "compute").order_by(Interval.started_at)
        ).all()
        assert [(row.size, row.started_at) for row in rows] == [
            ("shared-cpu-1x:512MB", NOON - 5 * HOUR + timedelta(seconds=3)),
            ("shared-cpu-2x:2048MB", NOON - HOUR / 2),
        ]
        assert alice.size == "shared-cpu-2x:2048MB"


def test_a_late_event_reopens_only_the_days_it_touches(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", machine_id="m-alice")
        start = NOON - timedelta(days=4)
        told = launch(start)
        observations.record_machine(session, alice.id, machine(told), rootfs_mb=2048, now=NOON)
        for age in (3, 2, 1, 0):
            metering.cut_open(session, midnight_of(age), prices.load(session))
        before = days(session)
        told.append(event(NOON - timedelta(days=1, hours=1), "suspend", "suspended"))

        observations.record_machine(session, alice.id, machine(told), rootfs_mb=2048, now=NOON)

        changed = {day for day, nano in days(session).items() if before.get(day) != nano}
        assert changed == {(NOON - timedelta(days=1)).date()}
        assert wrong(session) == []


def test_a_new_price_book_is_felt_from_the_second_it_is_in_force(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", machine_id="m-alice")
        observations.record_machine(
            session, alice.id, machine(launch(NOON - HOUR)), rootfs_mb=2048, now=NOON
        )
        old = session.scalars(select(Interval).where(Interval.component == "compute")).one()
        rate, books = old.rate_pico, prices.load(session)
        dearer = type(books[0])(
            **{
                **vars(books[0]),
                "version": "dearer",
                "effective_from": NOON,
                "memory_gb_second": 2 * books[0].memory_gb_second,
            }
        )

        metering.cut_open(session, NOON, [*books, dearer])

        rows = session.scalars(
            select(Interval).where(Interval.component == "compute").order_by(Interval.started_at)
        ).all()
        assert [(row.price_version, row.ended_at) for row in rows] == [
            (books[0].version, NOON),
            ("dearer", None),
        ]
        assert rows[1].rate_pico > rate


def test_past_days_keep_the_plan_they_were_billed_with(sessions: Sessions) -> None:
    with sessions.begin() as session:
        user = make_user(session, handle="alice", user_group="acme")
        alice = make_workspace(session, user=user, machine_id="m-alice")
        first = alice.plan.key
        observations.record_machine(
            session, alice.id, machine(launch(NOON - 20 * HOUR)), rootfs_mb=2048, now=NOON
        )
        metering.cut_open(session, midnight_of(0), prices.load(session))
        alice.plan = make_user(session).plan
        session.flush()

        told = [*launch(NOON - 20 * HOUR)]
        told.append(event(NOON - HOUR, "suspend", "suspended"))
        observations.record_machine(session, alice.id, machine(told), rootfs_mb=2048, now=NOON)

        plans = dict(session.execute(select(CostCell.day, CostCell.plan).distinct()).all())
        assert plans[date(2026, 11, 22)] == first
        assert {row.user_group for row in session.scalars(select(CostCell))} == {"acme"}
        assert wrong(session) == []


def midnight_of(days_ago: int):
    return NOON.replace(hour=0) - timedelta(days=days_ago)


def days(session) -> dict[date, int]:
    return dict(
        session.execute(
            select(UsageDay.day, func.sum(UsageDay.amount_nano))
            .where(UsageDay.component != "volume")
            .group_by(UsageDay.day)
        ).all()
    )


def keeping_open(session) -> list[Interval]:
    return list(session.scalars(select(Interval).where(Interval.ended_at.is_(None))))


def volume_fields(volume_id: str) -> dict:
    return {
        "id": volume_id,
        "name": "workspace",
        "state": "created",
        "region": "fra",
        "size_gb": 10,
        "created_at": NOON - 48 * HOUR,
    }


def fly_volume(workspace: Workspace, **changes) -> FlyVolume:
    fields = volume_fields(workspace.volume_id or "")
    return FlyVolume(**{**fields, "app_name": workspace.app_name, **changes})


def fly_snapshot(workspace: Workspace, size: int, at) -> FlySnapshot:
    return FlySnapshot(
        id=f"vs_{workspace.handle}_{at:%d}",
        status="created",
        size=size,
        retention_days=5,
        created_at=at,
    )


def org_machine(app: str, machine_id: str) -> OrgMachine:
    body = {
        "id": machine_id,
        "app_name": app,
        "state": "started",
        "region": "fra",
        "created_at": NOON - HOUR,
        "updated_at": NOON - HOUR,
        "config": {"image": "i", "metadata": {"jarvis_fleet": "jv", "jarvis_env": "test"}},
    }
    return decode(encode(body), OrgMachine)


def test_what_outlives_its_workspace_at_fly_is_an_orphan(sessions: Sessions) -> None:
    mark = Mark("jv", "test")
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", machine_id="m-alice")
        observations.record_machine(
            session, alice.id, machine(launch(NOON - HOUR)), rootfs_mb=2048, now=NOON
        )
        provisioning.destroyed(session, alice.id, NOON)
        assert keeping_open(session) == []

        found = orphans.machines(
            session, [org_machine(alice.app_name, "m-alice")], mark, 2048, NOON + HOUR
        )
        orphans.bill(session, found, NOON + HOUR)

        [row] = keeping_open(session)
        assert (row.owner, row.workspace_id, row.started_at) == ("orphan", None, NOON + HOUR)
        assert wrong(session) == []


def test_a_destroyed_workspace_pays_for_nothing(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", machine_id="m-alice")
        observations.record_machine(
            session, alice.id, machine(launch(NOON - HOUR)), rootfs_mb=2048, now=NOON
        )
        v4 = IpAssignment(ip="192.0.2.1", kind="v4", created_at=NOON - HOUR)
        addresses.store(session, alice.id, [v4], NOON)
        taken = [fly_snapshot(alice, GB, NOON - HOUR)]
        snapshots.store(session, alice.id, alice.volume_id, taken, NOON)

        provisioning.destroyed(session, alice.id, NOON)

        assert keeping_open(session) == []
        assert session.scalars(select(Snapshot.ended_at)).one() == NOON
        assert alice.rate_pico == 0


def test_a_share_of_what_turned_out_to_cost_nothing_is_taken_back(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        make_volume(session, alice)
        midnight = NOON.replace(hour=0)
        row = fly_snapshot(alice, GB, midnight)
        snapshots.store(session, alice.id, alice.volume_id, [row], NOON)
        books = prices.load(session)
        metering.cut_open(session, midnight + 24 * HOUR, books)
        snapshots.share_free(session, DAY, NOON + 24 * HOUR, books)
        assert total_of(session) == 0

        keeping.end(session, row.id, midnight, books)  # it was never there
        snapshots.share_free(session, DAY, NOON + 25 * HOUR, books)

        assert total_of(session) == 0
        assert session.scalars(select(LedgerEntry.amount_nano)).all() == [0]
        assert wrong(session) == []


def total_of(session) -> int:
    return int(session.scalar(select(func.sum(UsageDay.amount_nano)).where(UsageDay.day == DAY)))


def test_an_end_that_meets_the_cut_at_midnight_is_not_lost(sessions: Sessions) -> None:
    midnight = NOON.replace(hour=0)
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", machine_id="m-alice")
        begun = machine(launch(midnight - HOUR))
        observations.record_machine(session, alice.id, begun, rootfs_mb=2048, now=midnight)
        number = alice.id

    def destroy() -> None:
        with sessions.begin() as session:
            provisioning.destroyed(session, number, midnight + HOUR)

    with ThreadPoolExecutor(1) as pool:
        with sessions.begin() as session:
            metering.cut_open(session, midnight, prices.load(session))
            ending = pool.submit(destroy)
            time.sleep(0.3)
        ending.result(timeout=10)

    with sessions() as session:
        assert keeping_open(session) == []
        assert wrong(session) == []


def test_what_can_never_be_true_is_found(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        make_interval(session, alice, NOON, HOUR)
        make_interval(session, alice, NOON + HOUR, HOUR)
        assert list(ledger_checks.contradictions(session, [alice.id])) == []

        make_interval(session, alice, NOON + HOUR / 2, HOUR)
        make_interval(session, alice, NOON, None, resource_id="other")
        alice.destroyed_at = NOON
        session.flush()

        found = " ".join(ledger_checks.contradictions(session, [alice.id]))
        assert "m-alice is billed twice from 2026-11-23 12:30:00" in found
        assert "other is billed though its workspace is destroyed" in found


def test_the_last_instant_of_a_second_is_proven_to_the_microsecond(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        start = NOON + timedelta(seconds=59, microseconds=999_700)
        make_interval(session, alice, start, timedelta(seconds=7, microseconds=5))
        midnight = NOON.replace(hour=0)
        late = midnight - timedelta(microseconds=200)
        make_interval(session, alice, late, midnight - late, resource_id="late")

        assert wrong(session) == []
