"""The demo's money pages are alive, and its sums are the ledger's."""

from sqlalchemy import func, select

from jarvis_admin.db import Sessions
from jarvis_admin.models import CostCell, LedgerEntry
from jarvis_admin.services import demo_prices, price_versions, reservations
from tests.factories import NOON, make_workspace


def test_there_are_prices_to_come_a_reservation_and_a_credit(sessions: Sessions):
    with sessions() as session:
        make_workspace(session, handle="alice")

        demo_prices.add(session, NOON)

        statuses = [one.status for one in price_versions.every(session, NOON)]
        assert statuses == ["coming", "in force"]
        assert len(reservations.every(session)) == 1
        kinds = set(session.scalars(select(LedgerEntry.kind)))
        assert kinds == {"reservation_fee", "credit"}
        booked = session.scalar(select(func.sum(LedgerEntry.amount_nano)))
        assert booked == session.scalar(select(func.sum(CostCell.amount_nano)))
