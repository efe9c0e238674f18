"""Samples take bounded memory: all of the last hour, some of fifteen days."""

from itertools import pairwise

from localfly.prometheus.series import Stored

DAY = 86_400
EVERY = 15


def filled(days: int) -> tuple[Stored, float]:
    series = Stored({"__name__": "work"})
    end = days * DAY
    for at in range(EVERY, end + 1, EVERY):
        series.append(at, at * 10)
    return series, end


def test_the_last_hour_is_complete_and_what_is_older_is_thinned():
    series, end = filled(2)

    assert len(series.between(end - 3600, end)) == 240
    assert {later.at - at.at for at, later in pairwise(series.between(0, DAY))} == {120}


def test_a_thinned_counter_still_climbs_to_the_right_value():
    series, _ = filled(2)

    sample = series.latest(0, DAY)

    assert sample.value == sample.at * 10
    assert DAY - sample.at < 120


def test_after_fifteen_days_it_is_forgotten():
    series, end = filled(17)

    assert series.latest(0, 1.5 * DAY) is None
    assert series.latest(0, 2.5 * DAY) is not None
    assert len(series.between(0, end)) < 11_500
    assert not series.expired(end)
    assert series.expired(end + 15 * DAY)


def test_time_does_not_run_backwards():
    series = Stored({})
    series.append(10, 1)
    series.append(10, 2)
    series.append(9, 3)

    assert [tuple(sample) for sample in series.between(0, 20)] == [(10, 1)]
