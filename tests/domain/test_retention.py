"""What survives a policy: examples one can count by hand, and what holds for any list."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.domain.retention import Backup, Why, judge

BERLIN = ZoneInfo("Europe/Berlin")
NONE = {"keep_last": 0, "keep_daily": 0, "keep_weekly": 0, "keep_monthly": 0}
# The first is a Monday.
FIRST = datetime(2026, 6, 1, 1, 0, tzinfo=UTC)


def policy(**given: int) -> BackupPolicy:
    return BackupPolicy(**{**NONE, **given})


def daily(days: int, **given) -> list[Backup]:
    return [Backup(f"day{n}", FIRST + timedelta(days=n), **given) for n in range(days)]


def kept(backups, rules, zone=BERLIN) -> list[str]:
    return [one.backup.id for one in judge(backups, rules, zone) if one.kept]


def whys(backups, rules, backup_id: str) -> list[Why]:
    found = {one.backup.id: one for one in judge(backups, rules, BERLIN)}
    return [reason.why for reason in found[backup_id].reasons]


@pytest.mark.parametrize(
    ("rules", "survivors"),
    [
        pytest.param({"keep_last": 3}, ["day29", "day28", "day27"], id="last"),
        pytest.param({"keep_daily": 2}, ["day29", "day28"], id="daily"),
        # The thirtieth day is a Tuesday; Sundays are day 27, 20, 13.
        pytest.param({"keep_weekly": 3}, ["day29", "day27", "day20"], id="weekly"),
        pytest.param({"keep_monthly": 5}, ["day29"], id="monthly"),
        pytest.param({"keep_last": 1, "keep_weekly": 2}, ["day29", "day27"], id="both"),
    ],
)
def test_thirty_daily_ones(rules, survivors) -> None:
    assert kept(daily(30), policy(**rules)) == survivors


def test_of_a_day_the_newest_stays_and_a_day_without_one_is_not_counted() -> None:
    backups = [
        Backup("early", FIRST),
        Backup("late", FIRST + timedelta(hours=9)),
        Backup("a week on", FIRST + timedelta(days=7)),
    ]

    assert kept(backups, policy(keep_daily=2)) == ["a week on", "late"]


def test_a_day_is_one_of_the_users_own() -> None:
    """23:30 in Berlin and 00:30: two days there, one in UTC."""
    backups = [
        Backup("evening", datetime(2026, 6, 1, 21, 30, tzinfo=UTC)),
        Backup("night", datetime(2026, 6, 1, 22, 30, tzinfo=UTC)),
    ]

    assert kept(backups, policy(keep_daily=2)) == ["night", "evening"]
    assert kept(backups, policy(keep_daily=2), ZoneInfo("UTC")) == ["night"]


def test_one_that_is_kept_for_several_reasons_names_them_all() -> None:
    rules = policy(keep_last=1, keep_daily=1, keep_weekly=1, keep_monthly=1)

    (verdict,) = judge([Backup("only", FIRST, proven=True, protected=True)], rules, BERLIN)

    assert [reason.words for reason in verdict.reasons] == [
        "protected by hand",
        "the newest good one",
        "the newest proven one",
        "the last one",
        "1 June",
        "week 23 of 2026",
        "June 2026",
    ]


def test_a_protected_one_stays() -> None:
    backups = [*daily(5), Backup("dear", FIRST - timedelta(days=400), protected=True)]

    assert kept(backups, policy(keep_last=1)) == ["day4", "dear"]


def test_the_newest_proven_one_stays_until_a_newer_one_is_proven() -> None:
    backups = [*daily(9), Backup("proven", FIRST - timedelta(days=90), proven=True)]
    assert kept(backups, policy(keep_last=1)) == ["day8", "proven"]

    backups.append(Backup("newer", FIRST - timedelta(days=1), proven=True))

    assert kept(backups, policy(keep_last=1)) == ["day8", "newer"]


def test_what_is_damaged_counts_for_nothing_but_stays_until_something_newer_is_sound() -> None:
    backups = [*daily(3), Backup("damaged", FIRST + timedelta(days=3), good=False)]
    assert kept(backups, policy(keep_last=1)) == ["damaged", "day2"]
    assert whys(backups, policy(keep_last=1), "damaged") == [Why.UNREPLACED]

    backups.append(Backup("sound", FIRST + timedelta(days=4)))

    assert kept(backups, policy(keep_last=1)) == ["sound"]


def test_what_others_build_upon_stays_as_long_as_they_do() -> None:
    whole = Backup("whole", FIRST)
    second = Backup("second", FIRST + timedelta(days=1), needs=frozenset({"whole"}))
    third = Backup("third", FIRST + timedelta(days=2), needs=frozenset({"whole", "second"}))
    rules = policy(keep_last=1)

    assert kept([whole, second, third], rules) == ["third", "second", "whole"]
    assert whys([whole, second, third], rules, "whole") == [Why.NEEDED]
    found = judge([whole, second, third], rules, BERLIN)
    assert found[-1].reasons[0].words == "the one of 3 June builds upon it"

    fresh = Backup("fresh", FIRST + timedelta(days=3))
    assert kept([whole, second, third, fresh], rules) == ["fresh"]


@st.composite
def lists(draw) -> list[Backup]:
    count = draw(st.integers(0, 40))
    hours = draw(st.lists(st.integers(0, 20_000), min_size=count, max_size=count, unique=True))
    found: list[Backup] = []
    for number, hour in enumerate(sorted(hours)):
        earlier = [one.id for one in found]
        needs = draw(st.sets(st.sampled_from(earlier), max_size=4)) if earlier else set()
        closed = needs.union(*(one.needs for one in found if one.id in needs))
        found.append(
            Backup(
                f"b{number}",
                FIRST + timedelta(hours=hour),
                good=draw(st.booleans()),
                proven=draw(st.booleans()),
                protected=draw(st.booleans()) and draw(st.booleans()),
                needs=frozenset(closed),
            )
        )
    return draw(st.permutations(found))


COUNTS = st.integers(0, 12)
POLICIES = st.builds(
    BackupPolicy, keep_last=COUNTS, keep_daily=COUNTS, keep_weekly=COUNTS, keep_monthly=COUNTS
)
ZONES = st.sampled_from([ZoneInfo("UTC"), BERLIN, ZoneInfo("Asia/Kolkata")])


@given(lists(), POLICIES, ZONES)
def test_the_ways_back_always_survive(backups, rules, zone) -> None:
    survivors = set(kept(backups, rules, zone))
    good = sorted((one for one in backups if one.good), key=lambda one: one.at)

    assert {one.id for one in backups if one.protected} <= survivors
    if good:
        assert good[-1].id in survivors
    proven = [one for one in good if one.proven]
    if proven:
        assert proven[-1].id in survivors


@given(lists(), POLICIES, ZONES)
def test_nothing_survives_without_what_it_builds_upon(backups, rules, zone) -> None:
    survivors = set(kept(backups, rules, zone))
    known = {one.id: one for one in backups}

    for one in survivors:
        assert known[one].needs <= survivors


@given(lists(), POLICIES, ZONES)
def test_pruning_twice_prunes_nothing_more(backups, rules, zone) -> None:
    once = [one.backup for one in judge(backups, rules, zone) if one.kept]

    assert kept(once, rules, zone) == [one.id for one in once]


@given(lists(), POLICIES, st.integers(1, 20), ZONES)
def test_a_more_generous_policy_keeps_at_least_as_much(backups, rules, more, zone) -> None:
    generous = BackupPolicy(
        keep_last=rules.keep_last + more,
        keep_daily=rules.keep_daily + more,
        keep_weekly=rules.keep_weekly,
        keep_monthly=rules.keep_monthly + more,
    )

    assert set(kept(backups, rules, zone)) <= set(kept(backups, generous, zone))


@given(lists(), POLICIES, ZONES)
def test_no_more_is_kept_by_count_than_was_asked_for(backups, rules, zone) -> None:
    reasons = [reason.why for one in judge(backups, rules, zone) for reason in one.reasons]

    assert reasons.count(Why.LAST) <= rules.keep_last
    assert reasons.count(Why.DAILY) <= rules.keep_daily
    assert reasons.count(Why.WEEKLY) <= rules.keep_weekly
    assert reasons.count(Why.MONTHLY) <= rules.keep_monthly
