"""The Machines page beside the floor's page of the same rows, and its 304 beside its 200."""

from collections.abc import Iterator

from bench.load import Target, medians
from bench.report import Line
from bench.workbench import Workbench, counted

_PAGE_OVER_FLOOR = 2.5
_UNCHANGED_OVER_FRAGMENT = 0.3
_FRAGMENT = {"HX-Request": "true"}


def measure(bench: Workbench) -> Iterator[Line]:
    sizes = bench.sizes
    url = bench.fleet(sizes.large)
    console, floor = bench.console(url), bench.floor(url)
    found = medians(
        [
            Target("page", console, ["/machines"], rows=50),
            Target("floor", floor, ["/machines"], rows=50),
            Target("fragment", console, ["/machines"], _FRAGMENT, rows=50),
            Target("unchanged", console, ["/machines"], _FRAGMENT, revalidate=True, rows=50),
        ],
        sizes.rounds,
        sizes.requests,
    )
    size = counted(sizes.large)
    yield Line(
        "machines page, 50 rows, p50",
        size,
        found["page"],
        "ms",
        found["floor"],
        "floor",
        _PAGE_OVER_FLOOR,
    )
    yield Line("its live fragment, p50", size, found["fragment"], "ms", found["page"], "page")
    yield Line(
        "304 of the fragment, p50",
        size,
        found["unchanged"],
        "ms",
        found["fragment"],
        "its 200",
        _UNCHANGED_OVER_FRAGMENT,
    )
