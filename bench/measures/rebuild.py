"""The sums of a whole ledger, proven and made anew: time and memory, beside the least SQL."""

from collections.abc import Iterator

from bench import ledger_sums, proofs
from bench.ledger import Ledger
from bench.report import Line
from bench.workbench import Workbench, counted
from jarvis_admin.db import open_engine

_PER_ROW, _MEGABYTES = 1.5, 256.0
_WORKS = {"verify": proofs.verify, "rebuild": proofs.rebuild}


def measure(bench: Workbench) -> Iterator[Line]:
    """What is proven first is what the finance pages show."""
    sizes = bench.sizes
    ends = list(zip(sizes.users, sizes.ledger_days, strict=True))
    few, many = (bench.ledger(*end) for end in ends)
    title, size = (f"{counted(users)} x {days} d" for users, days in ends)
    for name, work in _WORKS.items():
        before = _sums(many)
        small, large = proofs.alone(work, few.url), proofs.alone(work, many.url)
        if _sums(many) != before:
            raise RuntimeError(f"{name} has changed sums that were right")
        yield Line(f"costs {name}", size, large.seconds, "s", many.summing, "bulk SQL")
        ours, reference = 1e6 * large.seconds / many.rows, 1e6 * small.seconds / few.rows
        yield Line(f"costs {name}, a ledger row", size, ours, "us", reference, title, _PER_ROW)
        yield Line(
            f"costs {name}, its peak memory",
            size,
            large.megabytes,
            "MB",
            small.megabytes,
            title,
            _MEGABYTES,
            absolute=True,
        )


def _sums(ledger: Ledger) -> object:
    engine = open_engine(ledger.url).execution_options(read_only=True)
    with engine.connect() as connection:
        found = ledger_sums.fingerprint(connection)
    engine.dispose()
    return found
