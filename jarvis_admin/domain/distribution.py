"""How amounts spread over users: a histogram with round edges, and percentiles."""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from jarvis_admin.domain.money import NANO

PERCENTS = (10, 25, 50, 75, 90, 95, 99, 100)
# Dollars in steps of 1, 2, 5: costs spread over several powers of ten.
_EDGES = (
    *(digit * 10**power for power in range(7, 12) for digit in (1, 2, 5)),  # from a cent on
    1_000 * NANO,
)


@dataclass(frozen=True)
class Bin:
    """Amounts from `low` up to, but without, `high`; None: no end."""

    low: int | None
    high: int | None
    count: int
    nano: int


def histogram(amounts: Sequence[int]) -> list[Bin]:
    """`amounts` in rising order; bins from the first to the last that holds any."""
    cuts = [0, *(_rank(amounts, edge) for edge in _EDGES), len(amounts)]
    lows = (None, *_EDGES)
    highs = (*_EDGES, None)
    bins = [
        Bin(low, high, end - begin, sum(amounts[begin:end]))
        for low, high, begin, end in zip(lows, highs, cuts, cuts[1:], strict=False)
    ]
    filled = [n for n, each in enumerate(bins) if each.count]
    return bins[filled[0] : filled[-1] + 1] if filled else []


def percentile(amounts: Sequence[int], percent: int) -> int:
    """The smallest amount that so many percent do not exceed (nearest rank)."""
    rank = -(-percent * len(amounts) // 100)
    return amounts[max(rank, 1) - 1]


def _rank(amounts: Sequence[int], edge: int) -> int:
    return bisect_right(amounts, edge - 1)
