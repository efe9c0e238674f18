"""What backups cost: the archiver's seconds, and what archives occupy in the object store."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import MONTH, PriceBook
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.domain.size import Size
from jarvis_admin.fly.types import Event
from jarvis_admin.models import (
    Archive,
    Interval,
    Machine,
    PriceBookVersion,
    Transition,
    UsageDay,
    Workspace,
)
from jarvis_admin.services import (
    archive_costs,
    archives,
    helpers,
    ledger_checks,
    ledger_proof,
    metering,
    prices,
    provisioning,
    quota_accounts,
)
from jarvis_admin.services.helpers import Helper
from tests.factories import NOON, make_settings, make_workspace
from tests.services.fly_shapes import event, machine
from tests.services.test_archives import make_stored

SECOND, HOUR, DAY = timedelta(seconds=1), timedelta(hours=1), timedelta(days=1)
SIZE = "shared-cpu-2x:512MB"


def life(start: datetime) -> Sequence[Event]:
    """Made, run for ten minutes, gone by itself."""
    return machine(
        [
            event(start, "launch", "created", "user"),
            event(start + 2 * SECOND, "start", "starting"),
            event(start + 3 * SECOND, "start", "started"),
            event(start + 600 * SECOND, "exit", "stopped"),
            event(start + 601 * SECOND, "destroy", "destroyed"),
        ],
        "m-archiver",
    ).events


def helper(workspace: Workspace, since: datetime = NOON) -> Helper:
    return Helper(workspace.id, "m-archiver", SIZE, "fra", 2048, since)


def rows(session: Session) -> Sequence[Interval]:
    return session.scalars(select(Interval).order_by(Interval.started_at)).all()


def wrong(session: Session) -> list[Any]:
    parts = ledger_proof.chunks(session)
    found = [one for some in ledger_proof.verify(session, parts) for one in some]
    for part in parts:
        found += ledger_checks.contradictions(session, part)
    return found


def test_a_helper_is_billed_by_its_events_once(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        for _ in range(2):
            helpers.bill_machine(session, helper(alice), life(NOON), NOON + HOUR)

        found = rows(session)

        assert [(row.size, row.ended_at - row.started_at) for row in found] == [
            ("2048 MB", 2 * SECOND),
            (SIZE, 598 * SECOND),
            ("2048 MB", SECOND),
        ]
        assert {(row.component, row.state, row.owner) for row in found} == {
            ("helper", "archiver", "user")
        }
        book = prices.load(session)[0]
        rates = [
            book.rootfs_rate(2048),
            book.compute_rate(Size.parse(SIZE), "fra"),
            book.rootfs_rate(2048),
        ]
        assert [row.rate_pico for row in found] == rates
        assert not any(row.estimated for row in found)
        assert alice.month_nano == sum(row.amount_nano for row in found)
        assert wrong(session) == []


def test_a_helper_is_nobodys_story(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice", state="suspended")
        helpers.bill_machine(session, helper(alice), life(NOON), NOON + HOUR)

        account = quota_accounts.look_at(session, alice.id, NOON + HOUR)

        assert account is not None
        used = {kind: account.usage[kind] for kind in (Kind.RUNNING, Kind.WAKES, Kind.STORAGE)}
        assert set(used.values()) == {0}
        assert account.usage[Kind.DOLLARS] > 0
        for table in (Transition, Machine):
            assert session.scalar(select(func.count()).select_from(table)) == 0
        components = set(session.scalars(select(UsageDay.component)))
        assert components == {"helper"}


def test_over_midnight_it_is_cut_as_everything_is(sessions: Sessions) -> None:
    midnight = NOON.replace(hour=0)
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        helpers.bill_machine(session, helper(alice), life(midnight - 60 * SECOND), NOON)

        assert len({row.started_at.date() for row in rows(session)}) == 2
        assert wrong(session) == []


def test_one_that_vanished_is_an_estimate_until_its_events_are_known(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        one = helper(alice, NOON - 5 * SECOND)

        helpers.bill_machine(session, one, (), NOON + HOUR)
        (guess,) = rows(session)
        assert (guess.started_at, guess.ended_at) == (NOON - 5 * SECOND, NOON + HOUR)
        assert guess.estimated

        helpers.bill_machine(session, one, life(NOON), NOON + HOUR)
        helpers.bill_machine(session, one, (), NOON + 2 * HOUR)

        assert sum((r.ended_at - r.started_at for r in rows(session)), timedelta()) == 601 * SECOND
        assert wrong(session) == []


def test_one_that_is_not_gone_yet_is_billed_until_it_was_looked_at(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        running = [one for one in life(NOON) if one.status in ("created", "started")]

        helpers.bill_machine(session, helper(alice), running, NOON + 50 * SECOND)

        assert rows(session)[-1].ended_at == NOON + 50 * SECOND
        assert all(row.amount_nano is not None for row in rows(session))


def test_its_volume_is_billed_from_creation_to_deletion(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        told = (session, alice.id, "vol_ar", 10, "fra", NOON)

        helpers.bill_volume(*told, over=NOON + 50 * SECOND)  # Fly did not let it go
        helpers.bill_volume(*told, over=NOON + 60 * SECOND)

        (row,) = rows(session)
        assert (row.component, row.size, row.ended_at) == ("helper", "10 GB", NOON + 60 * SECOND)
        assert row.rate_pico == prices.load(session)[0].volume_rate(10)
        assert wrong(session) == []


def test_an_archive_is_billed_by_its_bytes_while_it_is_kept(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        archive = make_stored(session, alice)

        archives.gone(session, archive.id, NOON + DAY)
        archives.gone(session, archive.id, NOON + 2 * DAY)

        found = rows(session)
        assert archive.gone_at == found[-1].ended_at == NOON + DAY
        assert {(r.component, r.size, r.owner, r.resource_id) for r in found} == {
            ("archive", "10 B", "user", archive.id)
        }
        assert wrong(session) == []


def test_the_price_of_a_gigabyte_month_is_the_books(sessions: Sessions) -> None:
    with sessions.begin() as session:
        book = prices.load(session)[0]
        figures = prices.shipped_figures()
        del figures["object_store"]

        month = amount_nano(book.archive_rate(50 * 10**9), MONTH)

        assert month == pytest.approx(50 * 0.02 * 10**9, rel=1e-5)
        assert PriceBook.from_dict(figures).archive_rate(50 * 10**9) == 0


def test_a_new_book_prices_what_is_kept_from_then_on(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        row = session.scalars(select(PriceBookVersion)).one()
        old = {k: v for k, v in row.figures.items() if k != "object_store"}
        row.figures, row.version = old | {"version": "before"}, "before"
        session.flush()
        archive = make_stored(session, alice)
        begin = NOON + HOUR
        figures = prices.shipped_figures() | {
            "version": "after",
            "effective_from": begin.isoformat(),
        }
        prices.import_book(session, figures)

        assert metering.cut_open(session, begin, prices.load(session)) == {alice.id}

        before, after = rows(session)
        assert (before.price_version, before.rate_pico, before.ended_at) == ("before", 0, begin)
        assert (after.price_version, after.ended_at) == ("after", None)
        assert after.resource_id == archive.id
        assert wrong(session) == []


def test_the_ledger_follows_rows_that_others_wrote(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        kept, dropped, brief = (make_stored(session, alice, hours) for hours in range(3))
        unbilled = archives.begin(session, alice, make_settings(), NOON + 4 * HOUR)
        for row in rows(session):
            if row.resource_id == brief.id:
                session.delete(row)
        dropped.gone_at = brief.gone_at = NOON + 3 * HOUR
        session.flush()
        assert wrong(session) == [f"Archive {dropped.id} is billed though it is deleted."]

        assert archive_costs.settle(session, NOON + 5 * HOUR) == 2
        assert archive_costs.settle(session, NOON + 5 * HOUR) == 0

        ends = {row.resource_id: row.ended_at for row in rows(session)}
        assert ends == {
            kept.id: None,
            dropped.id: NOON + 3 * HOUR,
            brief.id: NOON + 3 * HOUR,
        }
        assert unbilled.id not in ends
        assert wrong(session) == []


def test_archives_outlive_the_app_and_are_billed_on(sessions: Sessions) -> None:
    with sessions.begin() as session:
        alice = make_workspace(session, handle="alice")
        archive = make_stored(session, alice)

        provisioning.destroyed(session, alice.id, NOON + HOUR)

        assert [(row.resource_id, row.ended_at) for row in rows(session)] == [(archive.id, None)]
        assert wrong(session) == []
        assert session.get_one(Archive, archive.id).gone_at is None
