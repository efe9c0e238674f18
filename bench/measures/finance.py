"""Pages about money on whole ledgers: few users and days against many, beside a raw scan."""

from collections.abc import Iterator
from datetime import UTC, datetime

from bench import raw_scan, rows
from bench.ledger import Ledger
from bench.load import Target, medians
from bench.report import Line
from bench.workbench import Workbench, counted

_RATIO, _MILLISECONDS = 1.5, 10.0
_FEW, _MANY = "few", "many"
_USERS = range(7, 600, 60)  # in every fleet
_PAGES = {
    "costs page": ["/costs"],
    "report by plan, 30 days": ["/costs/reports?group=plan&range=30d"],
    "a user's month": [f"/costs/users/{rows.handle(n)}" for n in _USERS],
}


def measure(bench: Workbench) -> Iterator[Line]:
    sizes = bench.sizes
    ends = dict(zip((_FEW, _MANY), zip(sizes.users, sizes.ledger_days, strict=True), strict=True))
    ledgers = {end: bench.ledger(users, days) for end, (users, days) in ends.items()}
    few, many = (f"{counted(users)} x {days} d" for users, days in ends.values())
    yield from _described(ledgers[_MANY], many)
    targets = [
        Target(f"{name} {end}", bench.console(ledger.url), paths)
        for end, ledger in ledgers.items()
        for name, paths in _PAGES.items()
    ]
    found = medians(targets, sizes.rounds, sizes.requests)
    scan = raw_scan.milliseconds(ledgers[_MANY].url, datetime.now(UTC))
    for name in _PAGES:
        ours, reference = found[f"{name} {_MANY}"], found[f"{name} {_FEW}"]
        yield Line(f"{name}, p50", many, ours, "ms", reference, few, _RATIO)
        yield Line(f"{name}, p50", many, ours, "ms", scan, "raw scan", _MILLISECONDS, absolute=True)


def _described(ledger: Ledger, size: str) -> Iterator[Line]:
    """What the pages stand on, and what it took to make."""
    yield Line("ledger, intervals and entries", size, ledger.rows / 10**6, "million")
    yield Line("its database", size, ledger.megabytes, "MB")
    yield Line("writing its rows, in bulk", size, ledger.loading, "s")
