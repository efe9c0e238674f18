"""Users whose day costs far more than usual, on real roll-ups."""

from datetime import timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.anomalies import Rule
from jarvis_admin.domain.money import NANO
from jarvis_admin.errors import Invalid
from jarvis_admin.models import Alert, AuditEntry, UnusualRule, Workspace
from jarvis_admin.services import unusual, unusual_rules
from jarvis_admin.services.unusual_rules import RuleWish
from tests.factories import NOON, make_plan, make_user, make_workspace
from tests.services.money_days import spend

TODAY = NOON.date()
YESTERDAY = TODAY - timedelta(days=1)


@pytest.fixture
def alice(sessions: Sessions) -> int:
    """Twenty days of one dollar each, up to the day before yesterday."""
    with sessions.begin() as session:
        plan = make_plan(session, key="pro")
        row = make_workspace(session, user=make_user(session, handle="alice", plan=plan))
        for n in range(2, 22):
            spend(session, row, TODAY - timedelta(days=n), 1)
        return row.id


def add_rule(sessions: Sessions, **given) -> int:
    with sessions.begin() as session:
        row = UnusualRule(**{"percent": 200, "minimum_nano": 2 * NANO, "created_at": NOON, **given})
        session.add(row)
        session.flush()
        return row.id


def watch(sessions: Sessions, now=NOON) -> int:
    with sessions() as reader:
        found = unusual.look(reader, now)
    with sessions.begin() as session:
        return unusual.tell(session, found, now)


def test_yesterday_far_over_usual_fires_once(sessions: Sessions, alice: int):
    add_rule(sessions)
    with sessions.begin() as session:
        spend(session, session.get_one(Workspace, alice), YESTERDAY, 4)

    assert watch(sessions) == 1
    assert watch(sessions, NOON + timedelta(minutes=10)) == 0

    with sessions() as session:
        alert = session.scalars(select(Alert)).one()
    assert alert.title == "alice: unusual usage on 22 November"
    assert alert.text == ("alice has cost $4.00 on 22 November, 300 % over the usual $1.00 a day.")
    assert (alert.kind, alert.period, alert.subject) == ("unusual", "2026-11-22", "alice")


def test_a_usual_day_and_a_small_one_are_quiet(sessions: Sessions, alice: int):
    add_rule(sessions)
    with sessions.begin() as session:
        spend(session, session.get_one(Workspace, alice), YESTERDAY, 2.9)

    assert watch(sessions) == 0


def test_a_machine_that_runs_away_is_found_on_the_same_day(sessions: Sessions, alice: int):
    """What runs is in no roll-up yet: the workspace's own row tells of it."""
    add_rule(sessions)
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        spend(session, row, YESTERDAY, 1)
        row.month_nano = 21 * NANO  # all of the month's closed days
        row.metered_at = NOON
        row.rate_pico = 10**12 // 3600  # a dollar an hour

    assert watch(sessions, NOON + timedelta(hours=3)) == 0
    assert watch(sessions, NOON + timedelta(hours=5)) == 1

    with sessions() as session:
        assert "so far on 23 November" in session.scalars(select(Alert)).one().text


@pytest.mark.parametrize(("plan", "count"), [("pro", 1), ("team", 0)])
def test_a_rule_may_be_for_one_plan(sessions: Sessions, alice: int, plan: str, count: int):
    add_rule(sessions, plan=plan)
    with sessions.begin() as session:
        spend(session, session.get_one(Workspace, alice), YESTERDAY, 4)

    assert watch(sessions) == count


def test_a_snoozed_rule_is_quiet_until_its_end(sessions: Sessions, alice: int):
    add_rule(sessions, snoozed_until=NOON + timedelta(hours=1))
    with sessions.begin() as session:
        spend(session, session.get_one(Workspace, alice), YESTERDAY, 4)

    assert watch(sessions) == 0
    assert watch(sessions, NOON + timedelta(hours=1)) == 1


def test_right_after_midnight_yesterday_is_not_judged_yet(sessions: Sessions, alice: int):
    add_rule(sessions)
    with sessions.begin() as session:
        spend(session, session.get_one(Workspace, alice), TODAY, 4)
        session.get_one(Workspace, alice).month_nano = 0
    midnight = NOON.replace(hour=0) + timedelta(days=1)

    assert watch(sessions, midnight + timedelta(minutes=5)) == 0
    assert watch(sessions, midnight + timedelta(minutes=20)) == 1


def test_the_last_thirty_days_are_tried_without_saving(sessions: Sessions, alice: int):
    with sessions.begin() as session:
        row = session.get_one(Workspace, alice)
        spend(session, row, YESTERDAY, 9)
        spend(session, row, TODAY - timedelta(days=5), 5, resource_id="more")

    with sessions() as session:
        found = unusual.back_test(session, Rule(200, 2 * NANO), "", NOON)
        nobody = unusual.back_test(session, Rule(200, 2 * NANO), "team", NOON)

    assert [(each.handle, each.finding.day) for each in found] == [
        ("alice", YESTERDAY),
        ("alice", TODAY - timedelta(days=5)),
    ]
    assert [each.finding.amount_nano for each in found] == [9 * NANO, 6 * NANO]
    assert nobody == []


@pytest.mark.parametrize(
    "changes", [{"percent": 0}, {"minimum_nano": 0}, {"plan": "gold"}, {"owner_id": 99}]
)
def test_what_makes_no_rule_is_refused(sessions: Sessions, changes):
    wish = RuleWish(
        **{"plan": "", "percent": 50, "minimum_nano": NANO, "owner_id": None, **changes}
    )
    with sessions() as session, pytest.raises(Invalid):
        unusual_rules.save(session, wish, actor="Lea", now=NOON)


def test_every_change_of_a_rule_is_on_record(sessions: Sessions):
    with sessions.begin() as session:
        wish = RuleWish("", 50, NANO, None)
        row = unusual_rules.save(session, wish, actor="Lea", now=NOON)
        until = NOON + timedelta(days=1)
        unusual_rules.snooze(session, row.id, until, reason="launch", actor="Lea", at=NOON)
        unusual_rules.snooze(session, row.id, None, reason="", actor="Lea", at=NOON)
        unusual_rules.delete(session, row.id, actor="Lea", now=NOON)

    with sessions() as session:
        said = session.scalars(select(AuditEntry.action).order_by(AuditEntry.id)).all()
    assert said == ["rule made", "rule snoozed", "rule woken", "rule deleted"]
