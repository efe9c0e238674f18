"""Credits, refunds and corrections: in the sums at once, countered, never changed."""

from collections.abc import Iterator
from datetime import date, timedelta

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import AuditEntry, CostCell, FleetDay, LedgerEntry, WorkspaceMonth
from jarvis_admin.services import adjustments, ledger, ledger_list
from jarvis_admin.services.adjustments import Wanted
from jarvis_admin.services.ledger_list import Asked
from tests.factories import NOON, make_workspace

TODAY = NOON.date()
DAY = timedelta(days=1)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def wanted(**given: object) -> Wanted:
    return Wanted(
        **{
            "kind": Kind.CREDIT,
            "amount_nano": -(5 * 10**9),
            "day": TODAY,
            "handle": "alice",
            "reason": "an outage",
            **given,
        }
    )


def book(session: Session, key: str = "k1", **given: object) -> LedgerEntry:
    return adjustments.book(session, wanted(**given), key=key, by="Marta", now=NOON)


def test_a_credit_is_in_every_sum_at_once(session: Session):
    workspace = make_workspace(session, handle="alice")

    entry = book(session)

    assert (entry.owner, entry.plan) == ("user", workspace.plan.key)
    month = session.get_one(WorkspaceMonth, (date(2026, 11, 1), workspace.id))
    assert month.amount_nano == workspace.month_nano == -5 * 10**9
    assert session.get_one(FleetDay, (TODAY, "adjustment")).amount_nano == -5 * 10**9
    (said,) = session.scalars(select(AuditEntry)).all()
    assert (said.action, said.subject, said.reason) == ("book_credit", "alice", "an outage")


def test_a_form_that_is_sent_twice_is_booked_once(session: Session):
    make_workspace(session, handle="alice")

    assert book(session).id == book(session).id

    assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 1


def test_a_correction_of_the_fleet_belongs_to_nobody(session: Session):
    entry = book(
        session,
        kind=Kind.CORRECTION,
        amount_nano=7,
        handle="",
        day=date(2026, 10, 31),
    )

    assert (entry.workspace_id, entry.owner) == (None, "fleet")
    assert session.scalar(select(func.sum(CostCell.amount_nano))) == 7


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"day": TODAY + DAY}, "may be booked from 2026-11-01 to 2026-11-23"),
        ({"day": date(2026, 10, 31)}, "may be booked from 2026-11-01"),
        ({"kind": Kind.CORRECTION, "day": date(2026, 9, 30)}, "from 2026-10-01"),
        ({"amount_nano": 0}, "changes nothing"),
        ({"amount_nano": 5}, "takes off"),
        ({"amount_nano": -(10**15)}, "At most"),
        ({"kind": Kind.EGRESS}, "Choose a credit"),
        ({"handle": "nobody"}, "no user nobody"),
        ({"reason": "x"}, "Give a reason"),
    ],
)
def test_what_cannot_be_booked_is_said(session: Session, given: dict[str, object], said: str):
    make_workspace(session, handle="alice")

    with pytest.raises(Invalid, match=said):
        book(session, **given)
    assert session.scalar(select(func.count()).select_from(LedgerEntry)) == 0


def test_the_opposite_counters_once(session: Session):
    make_workspace(session, handle="alice")
    entry = book(session)

    opposite = adjustments.counter(session, entry.id, reason="a slip", by="Marta", now=NOON)

    assert (opposite.amount_nano, opposite.day, opposite.kind) == (5 * 10**9, TODAY, "credit")
    assert session.get_one(FleetDay, (TODAY, "adjustment")).amount_nano == 0
    assert session.get_one(LedgerEntry, entry.id).amount_nano == -5 * 10**9
    with pytest.raises(Conflict, match="countered already"):
        adjustments.counter(session, entry.id, reason="again", by="Marta", now=NOON)
    with pytest.raises(Conflict, match="counters another"):
        adjustments.counter(session, opposite.id, reason="again", by="Marta", now=NOON)


def test_a_counter_in_a_later_month_leaves_the_old_month_alone(session: Session):
    make_workspace(session, handle="alice")
    entry = book(session)

    later = NOON + 20 * DAY
    opposite = adjustments.counter(session, entry.id, reason="a slip", by="Marta", now=later)

    assert opposite.day == later.date()
    assert session.get_one(FleetDay, (TODAY, "adjustment")).amount_nano == -5 * 10**9


def traffic(session: Session, workspace_id: int, day: date) -> LedgerEntry:
    return LedgerEntry(
        workspace_id=workspace_id,
        owner="user",
        day=day,
        kind=Kind.EGRESS,
        component="egress",
        resource_id=f"m{workspace_id}",
        quantity=5,
        unit="B",
        amount_nano=1,
        price_version="",
        reason="",
        booked_by="",
        plan="",
        user_group="",
        region="fra",
        booked_at=NOON,
    )


def test_what_the_worker_counts_is_not_countered(session: Session):
    entry = traffic(session, make_workspace(session).id, TODAY)
    ledger.book(session, [entry])

    with pytest.raises(Conflict, match="book a correction instead"):
        adjustments.counter(session, entry.id, reason="a slip", by="Marta", now=NOON)


def test_pages_show_each_entry_once_newest_first(session: Session):
    alice = make_workspace(session, handle="alice")
    rows = [make_workspace(session).id for _ in range(5)]
    days = [date(2026, 11, 1) + n * DAY for n in range(23)]
    ledger.book(session, [traffic(session, row, day) for row in rows for day in days])
    book(session)
    book(session, key="k2")
    everything = Asked(Month.of(NOON), frozenset(), "")

    seen, cursor = [], None
    while True:
        page = ledger_list.page(session, everything, cursor, NOON)
        seen += [(row.day, row.kind, row.id) for row in page.rows]
        cursor = page.next
        if cursor is None:
            break
    theirs = ledger_list.page(session, Asked(Month.of(NOON), frozenset(), "alice"), None, NOON)
    kinds = ledger_list.page(session, Asked(Month.of(NOON), ledger_list.BOOKED, ""), None, NOON)
    before = ledger_list.page(session, Asked(Month.of(NOON).previous, frozenset(), ""), None, NOON)

    assert len(seen) == len(set(seen)) == 117
    assert seen == sorted(seen, reverse=True)
    assert {row.handle for row in theirs.rows} == {alice.handle}
    assert [row.kind for row in kinds.rows] == ["credit", "credit"]
    assert before.rows == []
