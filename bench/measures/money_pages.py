"""Costs and overview: few users and few days against many of both."""

from collections.abc import Iterator

from bench.load import Target, medians
from bench.report import Line
from bench.workbench import Workbench, counted

_RATIO, _MILLISECONDS = 1.5, 10.0
_PAGES = {"costs page": "/costs", "overview": "/"}


def measure(bench: Workbench) -> Iterator[Line]:
    sizes = bench.sizes
    ends = dict(zip(("few", "many"), zip(sizes.users, sizes.days, strict=True), strict=True))
    targets = [
        Target(f"{name} {end}", bench.console(bench.fleet(users, days)), [path])
        for end, (users, days) in ends.items()
        for name, path in _PAGES.items()
    ]
    found = medians(targets, sizes.rounds, sizes.requests)
    few, many = (f"{counted(users)} x {days} d" for users, days in ends.values())
    for name in _PAGES:
        ours, reference = found[f"{name} many"], found[f"{name} few"]
        yield Line(f"{name}, p50", many, ours, "ms", reference, few, _RATIO)
        yield Line(f"{name}, p50", many, ours, "ms", target=_MILLISECONDS)
