"""Limits with their derivation, the grades of the brake, and what is said about them."""

from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_admin.domain.quotas import kinds
from jarvis_admin.domain.quotas.answers import may_back_up, may_start
from jarvis_admin.domain.quotas.brakes import (
    Level,
    Mode,
    Policy,
    idle_allowance,
    standing,
    worst,
)
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.domain.quotas.limits import Exempt, Extra, Limit, Rule, derive_all
from jarvis_admin.domain.quotas.notices import notice
from jarvis_admin.domain.quotas.rehearsal import Day, crossing, first_crossing
from jarvis_admin.errors import Invalid

NOON = datetime(2026, 11, 23, 12, tzinfo=UTC)
DAY = timedelta(days=1)
HOUR = 3600


def limits(**amounts: int) -> dict[Kind, Limit]:
    given = {Kind(name): Rule(amount) for name, amount in amounts.items()}
    return derive_all(plan_name="Pro", plan=given, overrides={}, extras=(), exempt=None, now=NOON)


def extra(amount: int, until: datetime = NOON + DAY, since: datetime = NOON - DAY) -> Extra:
    return Extra(Kind.RUNNING, amount, since, until, "a demo", "Marta Keller")


def derived(**changes: object) -> Limit:
    terms = {
        "plan_name": "Pro",
        "plan": {Kind.RUNNING: Rule(15 * HOUR)},
        "overrides": {},
        "extras": (),
        "exempt": None,
        "now": NOON,
        **changes,
    }
    return derive_all(**terms)[Kind.RUNNING]


@pytest.mark.parametrize(
    ("changes", "amount", "steps"),
    [
        ({}, 15 * HOUR, ["15 h"]),
        ({"plan": {}}, None, ["no limit"]),
        ({"overrides": {Kind.RUNNING: Rule(20 * HOUR, "M")}}, 20 * HOUR, ["15 h", "20 h"]),
        ({"overrides": {Kind.RUNNING: Rule(None, "M")}}, None, ["15 h", "no limit"]),
        ({"extras": (extra(HOUR), extra(2 * HOUR))}, 18 * HOUR, ["15 h", "16 h", "18 h"]),
        ({"extras": (extra(HOUR, until=NOON),)}, 15 * HOUR, ["15 h"]),
        ({"extras": (extra(HOUR, since=NOON + DAY),)}, 15 * HOUR, ["15 h"]),
        (
            {"exempt": Exempt(NOON - DAY, NOON + DAY, "a partner", "M")},
            None,
            ["15 h", "no limit"],
        ),
        ({"exempt": Exempt(NOON - DAY, NOON, "a partner", "M")}, 15 * HOUR, ["15 h"]),
    ],
    ids=[
        "plan",
        "none",
        "own",
        "own-none",
        "grants",
        "grant-over",
        "grant-to-come",
        "exempt",
        "exempt-over",
    ],
)
def test_a_limit_tells_every_step_it_is_made_of(changes, amount, steps) -> None:
    found = derived(**changes)

    assert found.amount == amount
    assert [step.after for step in found.steps] == steps


@pytest.mark.parametrize(
    ("used", "level"),
    [
        (79_999, Level.NONE),
        (80_000, Level.WARN),
        (90_000, Level.SHORTER_IDLE),
        (95_000, Level.AT_IDLE),
        (99_999, Level.AT_IDLE),
        (100_000, Level.SUSPEND_NOW),
    ],
)
def test_the_brake_is_graded(used: int, level: Level) -> None:
    assert standing(Kind.RUNNING, used, 100_000, Policy()).level is level


def test_a_plan_may_let_a_running_machine_overrun() -> None:
    lenient = Policy(overrun_percent=5)

    within = standing(Kind.DOLLARS, 104_999, 100_000, lenient)
    past = standing(Kind.DOLLARS, 105_007, 100_000, lenient)

    assert (within.level, within.overshoot) == (Level.REFUSE_WAKES, 0)
    assert (past.level, past.overshoot) == (Level.SUSPEND_NOW, 7)


@pytest.mark.parametrize(
    ("mode", "level"),
    [(Mode.WARN, Level.WARN), (Mode.GENTLE, Level.REFUSE_WAKES), (Mode.FULL, Level.SUSPEND_NOW)],
)
def test_a_plan_says_how_far_its_brakes_go(mode: Mode, level: Level) -> None:
    assert standing(Kind.RUNNING, 200, 100, Policy(mode=mode)).level is level


def test_too_many_wakes_end_nobodys_work() -> None:
    found = standing(Kind.WAKES, 40, 20, Policy())

    assert found.level is Level.REFUSE_WAKES
    assert idle_allowance(found.level, found.kind, timedelta(minutes=30)) is None


@given(
    used=st.integers(0, 10**12),
    more=st.integers(0, 10**12),
    limit=st.integers(0, 10**12),
    overrun=st.integers(0, 100),
)
def test_more_use_never_loosens_the_brake(used: int, more: int, limit: int, overrun: int) -> None:
    policy = Policy(overrun_percent=overrun)

    before = standing(Kind.DOLLARS, used, limit, policy)
    after = standing(Kind.DOLLARS, used + more, limit, policy)

    assert after.level.rank >= before.level.rank
    assert after.permille >= before.permille
    assert (used < limit) == (not before.level.refuses_wakes)


def test_the_hardest_brake_decides() -> None:
    found = worst(limits(running=100, wakes=10), {Kind.RUNNING: 85, Kind.WAKES: 10}, Policy())

    assert found is not None
    assert (found.kind, found.level) == (Kind.WAKES, Level.REFUSE_WAKES)


def test_nothing_limited_is_no_brake() -> None:
    assert worst(limits(), {Kind.RUNNING: 10**9}, Policy()) is None


@pytest.mark.parametrize(
    ("level", "minutes"),
    [(Level.WARN, None), (Level.SHORTER_IDLE, 15), (Level.AT_IDLE, 5), (Level.SUSPEND_NOW, 5)],
)
def test_the_brake_shortens_the_idle_time(level: Level, minutes: int | None) -> None:
    found = idle_allowance(level, Kind.RUNNING, timedelta(minutes=30))

    assert found == (None if minutes is None else timedelta(minutes=minutes))


@pytest.mark.parametrize(
    ("amounts", "usage", "rule", "words"),
    [
        ({}, {}, None, "may start a machine of 4 GB"),
        ({"memory": 2048}, {}, Kind.MEMORY, "up to 2 GB: 4 GB cannot be started"),
        (
            {"running": 15 * HOUR},
            {Kind.RUNNING: 15 * HOUR},
            Kind.RUNNING,
            "15 of 15 running hours this month: cannot wake the machine before 1 December 2026",
        ),
        (
            {"dollars": 4 * 10**9},
            {Kind.DOLLARS: 5 * 10**9},
            Kind.DOLLARS,
            "$5.00 of $4.00 this month",
        ),
        (
            {"wakes": 3},
            {Kind.WAKES: 3},
            Kind.WAKES,
            "3 of 3 wakes today: cannot wake the machine before 24 November 2026",
        ),
    ],
    ids=["nothing", "size", "hours", "dollars", "wakes"],
)
def test_whether_a_machine_may_start_is_told_with_the_rule(amounts, usage, rule, words) -> None:
    answer = may_start(4096, limits(**amounts), usage, Policy(), NOON)

    assert (answer.allowed, answer.rule) == (rule is None, rule)
    assert words in answer.sentence


def test_backups_beyond_the_limit_are_refused() -> None:
    assert may_back_up(4, limits(backups=5), Policy()).allowed
    assert "keeps 5 of 5 backups" in may_back_up(5, limits(backups=5), Policy()).sentence


def test_the_user_is_told_what_happened_and_when_it_ends() -> None:
    told = notice(standing(Kind.RUNNING, 15 * HOUR, 15 * HOUR, Policy()), NOON)

    assert told is not None
    assert told.title == "Your computer is paused"
    assert "You have used 15 of 15 running hours in November." in told.text
    assert "from 1 December 2026, 00:00 UTC, or as soon as support grants you more" in told.text
    data = told.as_data()
    assert data["ends_at"] == "2026-12-01T00:00:00Z"
    assert (data["used"], data["limit"], data["level"]) == (54_000, 54_000, "suspend_now")


def test_there_is_nothing_to_tell_below_the_warning() -> None:
    assert notice(standing(Kind.RUNNING, 1, 100, Policy()), NOON) is None


@pytest.mark.parametrize(
    ("kind", "text", "amount"),
    [
        (Kind.RUNNING, "12.5", 45_000),
        (Kind.DOLLARS, "$4.20", 4_200_000_000),
        (Kind.MEMORY, "4", 4096),
        (Kind.WAKES, "1,000", 1000),
        (Kind.RUNNING, "1,000.50", 3_601_800),
    ],
)
def test_what_is_typed_is_read_and_shown_again(kind: Kind, text: str, amount: int) -> None:
    assert kinds.read(kind, text) == amount
    assert kinds.read(kind, kinds.typed(kind, amount)) == amount


@pytest.mark.parametrize("text", ["", "many", "-1", "1e99", "nan", "0.3"])
def test_what_is_no_amount_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(Invalid, match="Wakes"):
        kinds.read(Kind.WAKES, text)


@pytest.mark.parametrize(
    ("kind", "text", "words"),
    [
        (Kind.RUNNING, "2,5", "write 2.5."),
        (Kind.DOLLARS, "$1,50", "write $1.50."),
        (Kind.RUNNING, "1,00,000", "write it like 1,000.5."),
        (Kind.RUNNING, "1e2", "is not a number of hours"),
    ],
)
def test_a_decimal_comma_is_no_separator_of_thousands(kind: Kind, text: str, words: str) -> None:
    with pytest.raises(Invalid) as refused:
        kinds.read(kind, text)

    assert words in str(refused.value)


def test_a_rehearsal_finds_the_moment_within_the_day() -> None:
    days = [Day(date(2026, 10, n), 4 * HOUR, 10**9) for n in (1, 2, 3, 4)]

    found = crossing(Kind.RUNNING, 10 * HOUR, days)

    assert found is not None
    assert found.at == datetime(2026, 10, 3, 12, tzinfo=UTC)
    assert found.past == 6 * HOUR
    assert crossing(Kind.RUNNING, 17 * HOUR, days) is None


def test_a_rehearsal_takes_the_limit_that_is_met_first() -> None:
    days = [Day(date(2026, 10, n), 4 * HOUR, 10**9) for n in (1, 2, 3, 4)]

    found = first_crossing({Kind.RUNNING: 15 * HOUR, Kind.DOLLARS: 2 * 10**9}, days)

    assert found is not None
    assert found.kind is Kind.DOLLARS
