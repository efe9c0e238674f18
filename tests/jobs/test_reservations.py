"""The loop that books reservations."""

from datetime import date, timedelta

from sqlalchemy import func, select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.price_list import Block
from jarvis_admin.jobs import reservations as loop
from jarvis_admin.models import LedgerEntry
from jarvis_admin.services import reservations
from tests.factories import NOON
from tests.jobs.clockwork import Clock, make_context


def test_each_day_is_booked_once_it_is_over(sessions: Sessions):
    clock = Clock(NOON)
    context = make_context(sessions, clock)
    block = Block("shared", 36 * NANO, 5 * NANO)
    wanted = reservations.Wanted("fra", block, 1, NOON.date(), None, "", "bought today")
    with sessions.begin() as session:
        reservations.add(session, wanted, by="Marta", now=NOON)

    booked = []
    for _ in range(3):
        booked.append([loop.book(context), loop.book(context)])
        clock.forward(days=1)

    assert booked == [[0, 0], [1, 0], [1, 0]]
    with sessions() as session:
        assert session.scalar(select(func.max(LedgerEntry.day))) == NOON.date() + timedelta(days=1)
        assert session.scalar(select(func.min(LedgerEntry.day))) == date(2026, 11, 23)
