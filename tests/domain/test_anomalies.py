"""Which day of a user is unusual."""

from datetime import date, timedelta

from jarvis_admin.domain.anomalies import WINDOW_DAYS, Finding, Rule, find, find_all, median

DAY = date(2026, 11, 20)
RULE = Rule(percent=200, minimum_nano=50)


def test_a_day_far_over_the_median_is_found():
    found = find(RULE, DAY, 301, [100] * 7)

    assert found == Finding(DAY, 301, 100)
    assert found.percent_over == 201


def test_exactly_the_percentage_is_not_yet_unusual():
    assert find(RULE, DAY, 300, [100] * 7) is None


def test_a_small_amount_is_never_unusual_however_many_times_as_much():
    assert find(RULE, DAY, 50, [1] * 7) is None
    assert find(RULE, DAY, 51, [1] * 7) is not None


def test_without_a_week_of_history_nothing_is_usual():
    assert find(RULE, DAY, 10_000, [1] * 6) is None


def test_one_dear_day_before_does_not_hide_another():
    assert find(RULE, DAY, 1000, [100] * 13 + [5000]) is not None


def test_over_nothing_there_is_no_percentage():
    found = find(RULE, DAY, 60, [0] * 7)

    assert found is not None
    assert found.percent_over is None


def test_only_the_last_weeks_count():
    assert find(RULE, DAY, 400, [1000] * 50 + [100] * WINDOW_DAYS) is not None


def test_the_past_is_tried_day_by_day_with_what_was_known_then():
    days = [100] * 10 + [1000] + [100] * 3 + [1000]
    first = DAY - timedelta(days=len(days) - 1)

    found = find_all(RULE, first, days, since=first)

    assert [each.day for each in found] == [first + timedelta(days=10), DAY]
    assert find_all(RULE, first, days, since=DAY)[0].day == DAY


def test_the_median_of_an_even_number_lies_between_the_two():
    assert median([4, 1, 3, 2]) == 2
    assert median([10, 0, 20]) == 10
