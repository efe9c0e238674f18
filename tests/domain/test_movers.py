"""Why a month cost more: parts that add up."""

from random import Random

import pytest

from jarvis_admin.domain.distribution import histogram, percentile
from jarvis_admin.domain.movers import Use, Why, explain
from jarvis_admin.domain.pricing import Component

HOUR = 3600 * 10**6


def test_longer_hours_at_the_same_price_are_hours():
    parts = explain({"compute": Use(10 * HOUR, 100)}, {"compute": Use(15 * HOUR, 150)})

    assert parts[Why.HOURS] == 50
    assert parts[Why.SIZE] == 0


def test_the_same_hours_of_a_larger_machine_are_size():
    parts = explain({"compute": Use(10 * HOUR, 100)}, {"compute": Use(10 * HOUR, 170)})

    assert parts[Why.SIZE] == 70
    assert parts[Why.HOURS] == 0


def test_somebody_new_is_hours_and_somebody_gone_takes_them_away():
    used = {"compute": Use(HOUR, 9), "volume": Use(HOUR, 5), "egress": Use(0, 3)}

    assert list(explain({}, used).values()) == [9, 0, 5, 3, 0]
    assert list(explain(used, {}).values()) == [-9, 0, -5, -3, 0]


@pytest.mark.parametrize("seed", range(50))
def test_parts_always_add_up(seed: int):
    rng = Random(seed)
    months = [
        {
            component: Use(
                rng.randrange(0, 3) * rng.randrange(10**13), rng.randrange(-(10**12), 10**13)
            )
            for component in Component
            if rng.random() < 0.7
        }
        for _ in range(2)
    ]
    before, now = (sum(use.nano for use in month.values()) for month in months)

    assert sum(explain(*months).values()) == now - before


@pytest.mark.parametrize("seed", range(20))
def test_a_histogram_counts_everybody_once(seed: int):
    rng = Random(seed)
    amounts = sorted(int(10 ** rng.uniform(0, 13)) for _ in range(rng.randrange(1, 400)))

    bins = histogram(amounts)

    assert sum(each.count for each in bins) == len(amounts)
    assert sum(each.nano for each in bins) == sum(amounts)
    for each in bins:
        inside = [
            n for n in amounts if (each.low or 0) <= n and (each.high is None or n < each.high)
        ]
        assert len(inside) == each.count
    assert bins[0].count
    assert bins[-1].count


def test_percentiles_are_by_nearest_rank():
    amounts = [10, 20, 30, 40]

    assert [percentile(amounts, p) for p in (1, 25, 26, 50, 99, 100)] == [10, 10, 20, 20, 40, 40]
    assert histogram([]) == []
