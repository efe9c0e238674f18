"""The week in words, for each role."""

from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import Alert, Channel, Delivery
from jarvis_admin.services import digests, fleet
from tests.factories import NOON, make_user, make_workspace
from tests.fleets import make_operation
from tests.services.money_days import make_budget, spend

MONDAY = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)


def make(sessions: Sessions, now: datetime = MONDAY) -> int:
    with sessions.begin() as session:
        return digests.make(session, now)


def text_for(sessions: Sessions, role: str) -> str:
    with sessions() as session:
        return session.scalars(select(Alert).where(Alert.subject == role)).one().text


@pytest.mark.parametrize(
    ("now", "count"),
    [
        (MONDAY - timedelta(seconds=1), 0),
        (MONDAY, 3),
        (MONDAY + timedelta(hours=30), 3),
        (MONDAY + timedelta(days=2), 0),
    ],
)
def test_digests_are_made_on_monday_morning(sessions: Sessions, now: datetime, count: int):
    assert make(sessions, now) == count


def test_a_week_is_told_once(sessions: Sessions):
    make(sessions)

    assert make(sessions, MONDAY + timedelta(minutes=1)) == 0
    assert make(sessions, MONDAY + timedelta(days=7)) == 3


def test_finance_reads_of_money(sessions: Sessions):
    with sessions.begin() as session:
        row = make_workspace(session, user=make_user(session, handle="alice"))
        spend(session, row, MONDAY.date() - timedelta(days=3), 12)
        spend(session, row, MONDAY.date() - timedelta(days=10), 5)
        make_budget(session, actual_nano=40 * 10**9)
    make(sessions)

    said = text_for(sessions, "finance")

    assert "Last week $12.00, the week before $5.00: $7.00 more." in said
    assert "Fleet: $40.00 of $100.00 (40 %)" in said
    assert "alice: $5.00 → $12.00" in said


def test_support_reads_who_needs_help_and_nothing_of_money(sessions: Sessions):
    with sessions.begin() as session:
        row = make_workspace(
            session, user=make_user(session, handle="alice"), problem="Stuck in starting for 6 min."
        )
        spend(session, row, MONDAY.date() - timedelta(days=3), 12)
        make_operation(session, row, state="failed", created_at=MONDAY - timedelta(days=1))
    make(sessions)

    said = text_for(sessions, "support")

    assert "alice: Stuck in starting for 6 min." in said
    assert "alice: suspend, 22 Nov 07:00 UTC" in said
    assert "$" not in said


def test_admin_reads_of_the_fleet(sessions: Sessions):
    with sessions.begin() as session:
        make_workspace(session)
        fleet.recount(session, NOON)
    make(sessions)

    assert "1 started" in text_for(sessions, "admin")


def test_only_channels_of_the_role_get_it(sessions: Sessions):
    with sessions.begin() as session:
        for name, kinds, roles in [
            ("finance", ["digest"], ["finance"]),
            ("both", ["digest", "budget"], ["finance", "support"]),
            ("alerts", ["budget"], []),
        ]:
            session.add(
                Channel(
                    name=name,
                    sealed="-",
                    shown="Mail",
                    kinds=kinds,
                    roles=roles,
                    created_by="Lea",
                    created_at=NOON,
                )
            )
    make(sessions)

    with sessions() as session:
        sent = session.execute(
            select(Channel.name, Alert.subject)
            .join_from(Delivery, Channel, Channel.id == Delivery.channel_id)
            .join(Alert, Alert.id == Delivery.alert_id)
        ).all()
    assert sorted(sent) == [("both", "finance"), ("both", "support"), ("finance", "finance")]
