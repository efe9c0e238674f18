"""Fees that sum to the year, credits that never exceed compute or month."""

from datetime import date, timedelta

from hypothesis import given
from hypothesis import strategies as st

from jarvis_admin.domain.months import Month
from jarvis_admin.domain.reservations import Terms, anniversary, fee_nano, month_credit, shares

DAY = timedelta(days=1)
NOVEMBER = Month(date(2026, 11, 1))
DAYS = tuple(NOVEMBER.first + n * DAY for n in range(30))
any_day = st.dates(date(2024, 1, 1), date(2035, 12, 31))


def terms(**given: object) -> Terms:
    return Terms(
        **{
            "id": 1,
            "region": "fra",
            "cpu_class": "shared",
            "yearly_nano": 36 * 10**9,
            "credit_nano": 5 * 10**9,
            "first": date(2026, 10, 1),
            "until": None,
            **given,
        }
    )


@given(first=any_day, yearly=st.integers(0, 10**16), years=st.integers(0, 4))
def test_every_year_of_a_reservation_sums_to_its_fee(first: date, yearly: int, years: int):
    one = terms(first=first, yearly_nano=yearly)
    begin, end = anniversary(first, years), anniversary(first, years + 1)

    fees = [fee_nano(one, begin + n * DAY) for n in range((end - begin).days)]

    assert sum(fees) == yearly
    assert max(fees) - min(fees) <= 1 + (yearly > 0)


def test_a_29_february_has_its_years_too():
    one = terms(first=date(2028, 2, 29))
    year = [date(2028, 2, 29) + n * DAY for n in range(366)]

    assert year[-1] == date(2029, 2, 28)
    assert sum(fee_nano(one, day) for day in year) == 36 * 10**9


@given(
    st.lists(st.integers(0, 4 * 10**8), min_size=30, max_size=30),
    st.lists(st.integers(0, 5 * 10**9), min_size=1, max_size=3),
)
def test_credits_exceed_neither_the_days_compute_nor_the_months_credit(
    costs: list[int], monthly: list[int]
):
    compute = {(day, "fra", "shared"): cost for day, cost in zip(DAYS, costs, strict=True)}
    reserved = [terms(id=number, credit_nano=credit) for number, credit in enumerate(monthly)]

    found = shares(reserved, NOVEMBER, DAYS, compute)

    for day, cost in zip(DAYS, costs, strict=True):
        assert 0 <= sum(share.credit_nano for share in found if share.day == day) <= cost
    assert sum(share.credit_nano for share in found) == min(sum(monthly), sum(costs))


def test_the_credit_of_a_month_does_not_roll_over():
    december = NOVEMBER.following
    days = [december.first + n * DAY for n in range(31)]
    compute = {(day, "fra", "shared"): 10**9 for day in days}

    unused = shares([terms()], NOVEMBER, DAYS, {})
    used = shares([terms()], december, days, compute)

    assert sum(share.credit_nano for share in unused) == 0
    assert [share.credit_nano for share in used[:6]] == [10**9] * 5 + [0]


def test_another_region_or_class_gets_nothing():
    compute = {(DAYS[0], "iad", "shared"): 10**9, (DAYS[0], "fra", "performance"): 10**9}

    assert not any(share.credit_nano for share in shares([terms()], NOVEMBER, DAYS, compute))


def test_a_month_reserved_in_part_gets_the_share_of_its_days():
    half = terms(first=date(2026, 11, 16), until=date(2027, 11, 16))

    assert month_credit(half, NOVEMBER) == 5 * 10**9 * 15 // 30
    assert month_credit(half, NOVEMBER.previous) == 0
    assert month_credit(half, NOVEMBER.following) == 5 * 10**9
    assert [share.day for share in shares([half], NOVEMBER, DAYS, {})] == list(DAYS[15:])
