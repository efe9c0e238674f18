"""What the fleet and its users cost: closed days, open intervals, pages of users."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta

import pytest
from sqlalchemy.orm import Session

from jarvis_admin.db import Sessions
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import Invalid, NotFound
from jarvis_admin.models import FleetBurn, FleetDay, UsageDay
from jarvis_admin.services import costs, prices, user_costs, user_usage
from jarvis_admin.services.costs import Burn, Grid
from jarvis_admin.services.user_lines import Only
from tests.domain.books import shipped_figures
from tests.factories import NOON, make_plan, make_user, make_workspace
from tests.fleets import RATE, make_interval, make_machine

NOVEMBER, OCTOBER = Month(date(2026, 11, 1)), Month(date(2026, 10, 1))
DAY, HOUR = timedelta(days=1), timedelta(hours=1)


@pytest.fixture
def session(sessions: Sessions) -> Iterator[Session]:
    with sessions() as session:
        yield session


def closed(session: Session, day: date, component: str, nano: int) -> None:
    session.add(FleetDay(day=day, component=component, micros=0, amount_nano=nano))
    session.flush()


def test_a_month_is_its_closed_days_and_what_is_open_up_to_now(session: Session):
    closed(session, date(2026, 11, 1), "volume", 7)
    closed(session, date(2026, 11, 23), "compute", 100)
    session.add(FleetBurn(component="compute", rate_pico=2000, accrued_nano=50, as_of=NOON))
    session.flush()

    found = costs.month_costs(session, NOVEMBER, NOON + timedelta(seconds=10))

    assert found.grid.at(date(2026, 11, 23), "compute") == 100 + 50 + 20
    assert found.grid.total == 177
    assert found.rate_pico == 2000
    assert found.grid.days[0] == date(2026, 11, 1)
    assert found.grid.days[-1] == date(2026, 11, 23)


def test_a_month_that_is_over_knows_nothing_of_what_is_open(session: Session):
    closed(session, date(2026, 10, 31), "volume", 7)
    session.add(FleetBurn(component="compute", rate_pico=2000, accrued_nano=50, as_of=NOON))
    session.flush()

    found = costs.month_costs(session, OCTOBER, NOON)

    assert found.grid.total == 7
    assert found.rate_pico == 0
    assert len(found.grid.days) == 31


def test_the_month_before_is_compared_to_the_same_moment(session: Session):
    closed(session, date(2026, 10, 22), "volume", 1000)
    closed(session, date(2026, 10, 23), "volume", 1000)
    closed(session, date(2026, 10, 24), "volume", 1000)

    found = costs.month_costs(session, NOVEMBER, NOON)

    assert found.before.total == 1500
    assert found.before_whole.total == 3000


def test_open_intervals_of_a_silent_worker_are_spread_over_the_days_since():
    evening = datetime(2026, 11, 21, 18, tzinfo=UTC)
    burn = Burn("compute", 10**9, 5, evening)

    spread = costs.spread([burn], evening + timedelta(days=1, hours=12))

    assert spread == {
        (date(2026, 11, 21), "compute"): 5 + 6 * 3600 * 10**6,
        (date(2026, 11, 22), "compute"): 24 * 3600 * 10**6,
        (date(2026, 11, 23), "compute"): 6 * 3600 * 10**6,
    }


def test_every_sum_of_a_grid_is_the_same_money():
    days = (date(2026, 11, 1), date(2026, 11, 2))
    grid = Grid(days, {(days[0], "volume"): 1, (days[1], "volume"): 2, (days[1], "novel"): 3})

    assert grid.components == ("volume", "novel")
    assert sum(grid.of_day(day) for day in days) == grid.total == 6
    assert sum(grid.of_component(name) for name in grid.components) == grid.total


def test_the_books_in_force_are_named(session: Session):
    shipped = prices.import_first_book(session)
    figures = {
        **shipped_figures(),
        "version": "2026-11-15",
        "effective_from": "2026-11-15T00:00:00Z",
    }
    prices.import_book(session, figures)

    named = {
        month: [book.version for book in costs.books(session, month)]
        for month in (OCTOBER, NOVEMBER, NOVEMBER.following)
    }

    assert named == {
        OCTOBER: [shipped.version],
        NOVEMBER: [shipped.version, "2026-11-15"],
        NOVEMBER.following: ["2026-11-15"],
    }


def test_the_dearest_come_first_and_pages_show_everybody_once(session: Session):
    plan = make_plan(session)
    for number in range(user_costs.PAGE + 7):
        row = make_workspace(session, user=make_user(session, plan=plan))
        make_interval(session, row, NOON - 30 * DAY, timedelta(hours=1 + number % 9))

    first = user_costs.dearest(session, OCTOBER, None, NOON)
    second = user_costs.dearest(session, OCTOBER, first.next, NOON)

    seen = [row.workspace_id for page in (first, second) for row in page.rows]
    amounts = [row.amount_nano for page in (first, second) for row in page.rows]
    assert len(seen) == len(set(seen)) == user_costs.PAGE + 7
    assert amounts == sorted(amounts, reverse=True)
    assert second.next is None


def test_the_running_month_is_live(session: Session):
    row = make_workspace(session, month_nano=1000, rate_pico=10**9, metered_at=NOON - HOUR)
    make_interval(session, row, NOON - DAY, HOUR)

    (shown,) = user_costs.dearest(session, NOVEMBER, None, NOON).rows

    assert shown.amount_nano == 1000 + 3600 * 10**6
    assert shown.before_nano is None


def test_on_the_first_day_of_a_month_the_order_is_that_of_the_last(session: Session):
    new_year = datetime(2026, 12, 1, 0, 5, tzinfo=UTC)
    small = make_workspace(session, handle="small")
    large = make_workspace(session, handle="large")
    gone = make_workspace(session, handle="gone", destroyed_at=NOON, state="destroyed")
    for row, hours in ((small, 1), (large, 5), (gone, 9)):
        make_interval(session, row, NOON - DAY, hours * HOUR)

    page = user_costs.dearest(session, NOVEMBER.following, None, new_year)

    assert [row.handle for row in page.rows] == ["large", "small"]


def test_who_was_destroyed_still_costs_what_they_cost(session: Session):
    gone = make_workspace(
        session, handle="gone", state="destroyed", destroyed_at=NOON, month_nano=5, metered_at=NOON
    )
    interval = make_interval(session, gone, NOON - HOUR, HOUR)

    past = user_costs.beginning_with(session, NOVEMBER, "go", None, NOON + 20 * DAY)
    running = user_costs.dearest(session, NOVEMBER, None, NOON)

    assert [row.amount_nano for row in past.rows] == [interval.amount_nano]
    assert [row.amount_nano for row in running.rows] == [5]


def test_a_search_by_the_start_of_a_handle_goes_through_every_match_once(session: Session):
    plan = make_plan(session)
    for number in range(user_costs.PAGE + 3):
        make_workspace(session, user=make_user(session, plan=plan, handle=f"al-{number:03d}"))
    make_workspace(session, handle="bo")

    first = user_costs.beginning_with(session, NOVEMBER, "al", None, NOON)
    second = user_costs.beginning_with(session, NOVEMBER, "al", first.next, NOON)

    handles = [row.handle for page in (first, second) for row in page.rows]
    assert handles == [f"al-{number:03d}" for number in range(user_costs.PAGE + 3)]
    assert second.next is None


def test_the_file_has_everybody_with_a_cost(session: Session):
    make_interval(session, make_workspace(session, handle="bo"), NOON - 30 * DAY, HOUR)
    gone = make_workspace(session, handle="al", state="destroyed", destroyed_at=NOON)
    make_interval(session, gone, NOON - 30 * DAY, 2 * HOUR)
    make_workspace(session, handle="new")

    past = [row.handle for row in user_costs.everyone(session, OCTOBER, NOON)]
    running = [row.handle for row in user_costs.everyone(session, NOVEMBER, NOON)]

    assert past == ["al", "bo"]
    assert running == ["bo", "new"]


def test_a_damaged_cursor_is_refused(session: Session):
    with pytest.raises(Invalid, match="first page"):
        user_costs.dearest(session, NOVEMBER, user_costs.Cursor("x", 1), NOON)


def test_a_users_month_is_explained_to_the_nanodollar(session: Session):
    row = make_workspace(session, handle="alice")
    make_machine(session, row)
    one = make_interval(session, row, NOON - 2 * DAY, timedelta(seconds=7, microseconds=1))
    two = make_interval(session, row, NOON - DAY, HOUR, component="rootfs", estimated=True)
    make_interval(session, row, NOON - HOUR, None)

    page = user_usage.month_of(session, "alice", Only(NOVEMBER), None, NOON)

    assert page.open_nano == RATE * 3600 // 1000
    assert page.closed_nano == one.amount_nano + two.amount_nano
    assert page.proven
    assert sum(line.amount_nano for line in page.lines) == page.total_nano
    assert sum(part.amount_nano for part in page.parts) == page.total_nano
    assert [line.end for line in page.lines] == [None, two.ended_at, one.ended_at]
    assert (page.intervals, page.estimated) == (3, 1)


def test_a_roll_up_that_disagrees_shows(session: Session):
    row = make_workspace(session, handle="alice")
    make_interval(session, row, NOON - DAY, HOUR)
    session.get_one(UsageDay, (row.id, date(2026, 11, 22), "compute")).amount_nano += 1
    session.flush()

    assert not user_usage.month_of(session, "alice", Only(NOVEMBER), None, NOON).proven


def test_what_has_been_open_since_last_month_counts_from_the_first(session: Session):
    row = make_workspace(session, handle="alice")
    make_machine(session, row)
    make_interval(session, row, NOVEMBER.start - DAY, None)

    now = NOVEMBER.start + HOUR
    this = user_usage.month_of(session, "alice", Only(NOVEMBER), None, now)
    last = user_usage.month_of(session, "alice", Only(OCTOBER), None, now)

    assert [line.micros for line in this.lines] == [3600 * 10**6]
    assert [line.micros for line in last.lines] == [24 * 3600 * 10**6]
    assert [line.end for line in last.lines] == [NOVEMBER.start]


def test_every_workspace_that_had_the_handle_is_explained(session: Session):
    user = make_user(session, handle="alice")
    gone = make_workspace(
        session, user=user, state="destroyed", destroyed_at=NOON, machine_id="m0", app_name="a0"
    )
    live = make_workspace(session, user=user)
    make_interval(session, gone, NOON - 2 * DAY, HOUR)
    make_interval(session, live, NOON - DAY, HOUR)

    page = user_usage.month_of(session, "alice", Only(NOVEMBER), None, NOON)

    assert page.intervals == 2
    assert page.proven


def test_pages_of_intervals_show_each_once(session: Session):
    row = make_workspace(session, handle="alice")
    make_machine(session, row)
    for number in range(user_usage.PAGE + 5):
        make_interval(session, row, OCTOBER.start + number * HOUR, timedelta(seconds=1 + number))
    make_interval(session, row, NOVEMBER.start - HOUR, None)

    first = user_usage.month_of(session, "alice", Only(OCTOBER), None, NOON)
    second = user_usage.month_of(session, "alice", Only(OCTOBER), first.next, NOON)

    lines = [*first.lines, *second.lines]
    assert len({line.start for line in lines}) == len(lines) == user_usage.PAGE + 6
    assert sum(line.amount_nano for line in lines) == first.total_nano == second.total_nano
    assert second.next is None


def test_nobody_of_that_handle_is_not_found(session: Session):
    with pytest.raises(NotFound, match="no user ghost"):
        user_usage.month_of(session, "ghost", Only(NOVEMBER), None, NOON)
