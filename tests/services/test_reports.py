"""Reports add up to the ledger, whatever they are grouped and narrowed by."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from fractions import Fraction
from random import Random

import pytest
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.focus import COLUMNS
from jarvis_admin.domain.money import amount_nano, exact_dollars
from jarvis_admin.domain.periods import Pair, Period, Range, Step
from jarvis_admin.domain.query import QueryError, parse
from jarvis_admin.models import (
    FleetDay,
    IdleDay,
    Interval,
    LedgerEntry,
    UsageDay,
    Workspace,
    WorkspaceMonth,
)
from jarvis_admin.services import (
    distribution,
    focus,
    movers,
    report_days,
    report_terms,
    reports,
    rollups,
    run_hours,
    savings,
)
from jarvis_admin.services.costs import IDLE, UNALLOCATED
from jarvis_admin.services.report_terms import Narrowing
from jarvis_admin.services.reports import OTHERS, Group
from tests.factories import make_plan, make_user, make_workspace
from tests.fleets import RATE, make_interval
from tests.web.reporting import HOUR, LAST, idle, seed

NOW = datetime.now(UTC)
WHOLE = Period.of(Range.LAST_MONTH, NOW.date())
ALL = Narrowing()


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def fleet_total(session: Session) -> int:
    days = FleetDay.day >= WHOLE.first, FleetDay.day < WHOLE.until
    return int(session.scalar(select(func.sum(FleetDay.amount_nano)).where(*days)))


def narrowed(session: Session, text: str) -> Narrowing:
    fields = report_terms.fields(report_terms.plans(session))
    return report_terms.narrowing(session, parse(text, fields), text)


def total(session: Session, group: Group, narrowing: Narrowing, period: Period = WHOLE) -> int:
    return sum(report_days.by_day(session, group, narrowing, period, NOW).sums().values())


@pytest.mark.parametrize("step", Step)
@pytest.mark.parametrize("group", Group)
def test_every_grouping_adds_up_to_the_fleet_days(session: Session, group: Group, step: Step):
    seed(session, 9)
    idle(session, LAST.first, 1234)

    days = report_days.by_day(session, group, ALL, WHOLE, NOW)
    report = reports.shape(days, None, group, step, ALL)

    assert report.total == fleet_total(session) != 0
    assert sum(report.of_start(start) for start in report.starts) == report.total
    assert sum(report.of_band(band) for band in report.bands) == report.total


def test_the_running_day_is_grouped_too_and_open_intervals_are_rounded_one_by_one(
    session: Session,
):
    plans = [make_plan(session, key=key) for key in ("free", "pro")]
    now = NOW.replace(hour=12)
    for number in range(7):
        row = make_workspace(session, user=make_user(session, plan=plans[number % 2]))
        start = now - (HOUR if number < 5 else 2 * HOUR + timedelta(microseconds=number))
        make_interval(session, row, start, None, plan=plans[number % 2].key, rate_pico=RATE + 1)
    opened = session.scalars(select(Interval)).all()
    expected = sum(amount_nano(row.rate_pico, now - row.started_at) for row in opened)

    found = report_days.by_day(
        session, Group.PLAN, ALL, Period.of(Range.THIS_MONTH, now.date()), now
    )

    assert sum(found.sums().values()) == expected
    assert set(found.sums()) == {"free", "pro"}


def test_idle_compute_is_a_part_of_compute(session: Session):
    seed(session, 3)
    before = report_days.by_day(session, Group.COMPONENT, ALL, WHOLE, NOW).sums()
    idle(session, LAST.first, 1234)

    after = report_days.by_day(session, Group.COMPONENT, ALL, WHOLE, NOW).sums()

    assert after[IDLE] == 1234
    assert after["compute"] + after[IDLE] == before["compute"]


def test_what_belongs_to_no_user_is_a_band_of_its_own_everywhere(session: Session):
    seed(session)

    for group in Group:
        sums = report_days.by_day(session, group, ALL, WHOLE, NOW).sums()
        if group is Group.OWNER:
            assert (sums["orphan"], sums["pool"]) == (123_456_789, 7)
        else:
            fleet = 0 if group is Group.COMPONENT else -1_000_000_001
            assert sums[UNALLOCATED] == 123_456_789 + 7 + fleet


@pytest.mark.parametrize("group", Group)
@pytest.mark.parametrize(
    "query",
    ["plan:pro", "region:fra,iad", "component:volume", "size:1x", "group:acme", "owner:pool"],
)
def test_a_condition_and_its_opposite_are_the_whole(session: Session, group: Group, query: str):
    seed(session, 9)

    parts = [total(session, group, narrowed(session, text)) for text in (query, f"-{query}")]

    assert sum(parts) == fleet_total(session)
    assert 0 not in parts


@pytest.mark.parametrize("group", Group)
def test_users_that_are_named_are_answered_from_their_own_intervals(session: Session, group: Group):
    seed(session, 9)
    ids = session.scalars(
        select(Workspace.id).where(Workspace.handle.in_(["user-001", "user-004"]))
    )
    wanted = select(func.sum(UsageDay.amount_nano)).where(UsageDay.workspace_id.in_(ids.all()))

    assert total(session, group, narrowed(session, "user:user-001,user-004")) == int(
        session.scalar(wanted)
    )


def test_idle_of_a_named_user_is_theirs(session: Session):
    seed(session, 3)
    found = session.scalars(select(Workspace).where(Workspace.handle == "user-001")).one()
    session.add(IdleDay(workspace_id=found.id, day=LAST.first + timedelta(days=1), micros=1,
                        amount_nano=99))  # fmt: skip
    session.flush()

    one = report_days.by_day(
        session, Group.COMPONENT, narrowed(session, "user:user-001"), WHOLE, NOW
    )
    other = report_days.by_day(
        session, Group.COMPONENT, narrowed(session, "user:user-002"), WHOLE, NOW
    )

    assert one.sums()[IDLE] == 99
    assert IDLE not in other.sums()


@pytest.mark.parametrize(
    ("text", "sentence", "suggestion"),
    [
        ("plan:pro user:user-01", "There is no user “user-01”", "user:user-001"),
        ("alice", "stands alone", "user:alice"),
        ("-user:user-001", "cannot be left out", ""),
        ("regoin:fra", "There is no field", "region:fra"),
        ("plan:por", "not one of the choices", "plan:pro"),
    ],
)
def test_what_is_not_understood_points_at_the_word(
    session: Session, text: str, sentence: str, suggestion: str
):
    seed(session, 3)

    with pytest.raises(QueryError, match=sentence) as refused:
        narrowed(session, text)

    assert text[refused.value.position :].startswith(refused.value.word)
    assert refused.value.suggestion == suggestion


def test_small_bands_are_folded_and_nothing_is_lost(session: Session):
    seed(session, 3)
    row = session.scalars(select(Workspace)).first()
    for number in range(20):
        make_interval(session, row, LAST.start + 5 * HOUR, HOUR, component="volume",
                      size=f"{number + 2} GB", resource_id=f"v{number}")  # fmt: skip

    days = report_days.by_day(session, Group.SIZE, ALL, WHOLE, NOW)
    report = reports.shape(days, None, Group.SIZE, Step.DAY, ALL)

    assert OTHERS in report.bands
    assert len(report.bands) == 12
    assert report.total == fleet_total(session)


def test_a_cost_condition_hides_bands_and_says_how_much(session: Session):
    seed(session, 9)
    narrowing = narrowed(session, "cost<0.005")

    days = report_days.by_day(session, Group.COMPONENT, narrowing, WHOLE, NOW)
    report = reports.shape(days, None, Group.COMPONENT, Step.DAY, narrowing)

    assert report.total + report.hidden == fleet_total(session)
    assert all(report.of_band(band) < 5_000_000 for band in report.bands)
    assert report.hidden


def test_the_period_before_stands_beside_step_by_step(session: Session):
    seed(session, 3, LAST)
    seed_before = LAST.previous
    row = session.scalars(select(Workspace)).first()
    make_interval(session, row, seed_before.start, HOUR)
    before_period = WHOLE.before(Step.DAY)

    now = report_days.by_day(session, Group.COMPONENT, ALL, WHOLE, NOW)
    before = report_days.by_day(session, Group.COMPONENT, ALL, before_period, NOW)
    report = reports.shape(now, before, Group.COMPONENT, Step.DAY, ALL)

    assert report.total_before == amount_nano(RATE, HOUR)
    assert report.before_start(LAST.first) == amount_nano(RATE, HOUR)
    assert report.before_band("compute") == amount_nano(RATE, HOUR)


def test_movers_explain_their_change_exactly(session: Session):
    seed(session, 9, LAST.previous)
    rng = Random(7)
    for row in session.scalars(select(Workspace)).all():
        for component, size in (("compute", row.size), ("volume", "3 GB"), ("egress", "")):
            make_interval(session, row, LAST.start + rng.randrange(600) * HOUR,
                          rng.randrange(1, 80_000) * timedelta(milliseconds=1),
                          component=component, size=size, rate_pico=rng.randrange(10**7),
                          resource_id=f"{component}{row.id}",
                          plan=row.plan.key)  # fmt: skip

    months = Pair.of_month(LAST)
    by_days = Pair(months.now, Period(Range.OWN, months.before.first, months.before.last))
    pairs = [(pair, g) for pair in (months, by_days) for g in Group]
    of_users = [movers.users(session, pair) for pair in (months, by_days)]
    for found in (*of_users, *(movers.bands(session, g, pair) for pair, g in pairs)):
        assert found.rows
        for row in found.rows:
            assert sum(row.parts.values()) == row.change != 0
        assert found.now == fleet_total(session)
        assert found.others + sum(row.change for row in found.rows) == found.now - found.before
        sizes = [abs(row.change) for row in found.rows]
        assert sizes == sorted(sizes, reverse=True)


def test_run_hours_are_those_of_a_slow_count_by_minutes(session: Session):
    today = datetime(2026, 11, 23, tzinfo=UTC)
    rng, expected = Random(3), {}
    rows = [make_workspace(session) for _ in range(4)]
    for row in rows:
        for day in range(-30, 1):
            begin = today + timedelta(days=day, minutes=rng.randrange(0, 700))
            until = today + timedelta(
                days=day, minutes=rng.choice([rng.randrange(701, 1440), 1440])
            )
            make_interval(session, row, begin, until - begin)
            at = begin
            while at < until and -28 <= day < 0:
                key = at.weekday(), at.hour
                expected[key] = expected.get(key, 0) + 60
                at += timedelta(minutes=1)

    found = run_hours.run_hours(session, today.date())

    assert {
        (day, hour): seconds
        for day, row in enumerate(found.seconds)
        for hour, seconds in enumerate(row)
        if seconds
    } == expected
    assert found.total == sum(expected.values())
    assert Fraction(found.total, 60).denominator == 1


def test_focus_rows_add_up_to_the_month(session: Session):
    seed(session, 9)

    billed = [Decimal(row[COLUMNS.index("BilledCost")]) for row in focus.rows(session, LAST)]

    assert sum(billed) == exact_dollars(fleet_total(session))


def test_savings_know_what_the_fleet_cost_and_what_it_would_have(session: Session):
    seed(session, 9)
    of_users = report_days.by_day(session, Group.OWNER, ALL, WHOLE, NOW).sums()["user"]

    found = savings.savings(session, LAST)

    assert found.actual == of_users
    assert found.always_on > found.actual
    assert sum(kind.saved for kind in found.kinds) == found.always_on - found.actual
    assert distribution.amounts(session, LAST) == sorted(
        session.scalars(select(WorkspaceMonth.amount_nano)).all()
    )


def test_focus_rows_of_traffic_say_how_much(session: Session):
    row = make_workspace(session, handle="talker")
    entry = LedgerEntry(workspace_id=row.id, owner="user", day=LAST.first, kind="egress",
                        component="egress", resource_id="m1", quantity=1_500_000_007,
                        unit="bytes", amount_nano=30_000_000, booked_at=NOW)  # fmt: skip
    session.add(entry)
    session.flush()
    rollups.post(session, [rollups.of_entry(entry, 1)])

    (told,) = [dict(zip(COLUMNS, row, strict=True)) for row in focus.rows(session, LAST)]

    assert (told["PricingQuantity"], told["PricingUnit"]) == ("1.500000007", "GB")
    assert told["SubAccountName"] == "talker"
    assert told["ServiceCategory"] == "Networking"
