"""The same questions to a large and a small fleet: pages whose size does not depend on it."""

import re
from collections.abc import Iterator
from html import unescape
from urllib.parse import urlencode

from bench import rows
from bench.load import Target, medians
from bench.report import Line
from bench.visitor import Visitor
from bench.workbench import Workbench, counted

_MOST = 1.3
_NEXT = re.compile(rb'href="([^"]+)" rel="next"')
_PAGE = 50
_KEPT = 10  # of the deepest pages, asked in turn


def measure(bench: Workbench) -> Iterator[Line]:
    small, large = bench.sizes.small, bench.sizes.large
    targets = []
    for size in (small, large):
        console = bench.console(bench.fleet(size))
        for name, hits, paths in _questions(console, size):
            targets.append(Target(f"{name} {size}", console, paths, rows=hits))
    found = medians(targets, bench.sizes.rounds, bench.sizes.requests)
    for name, _, _ in _names():
        yield Line(
            f"{name}, p50",
            f"{counted(large)} / {counted(small)}",
            found[f"{name} {large}"],
            "ms",
            found[f"{name} {small}"],
            counted(small),
            _MOST,
        )


def _questions(console: Visitor, size: int) -> Iterator[tuple[str, int, list[str]]]:
    for name, hits, query in _names():
        if name == "deep page":
            yield name, hits, _deep(console, size)
        else:
            asked = query.format(one=rows.machine_id(size // 2))
            yield name, hits, [f"/machines?{urlencode({'q': asked})}" if asked else "/machines"]


def _names() -> list[tuple[str, int, str]]:
    """What is asked, how many rows that is, and how it is written."""
    return [
        ("first page", _PAGE, ""),
        ("deep page", _PAGE, ""),
        ("state filter", _PAGE, "state:suspended"),
        ("search, 60 hits", _PAGE, rows.SIXTY),
        ("search, a tenth of all", _PAGE, rows.TENTH),
        ("search, one hit", 1, "{one}"),
    ]


def _deep(console: Visitor, size: int) -> list[str]:
    """The last few of the pages up to the middle of the fleet, by the page's own link."""
    walked = ["/machines"]
    while len(walked) < max(size // _PAGE // 2, 2):
        found = _NEXT.search(console.get(walked[-1]).body)
        assert found is not None
        walked.append(unescape(found[1].decode()))
    return walked[-_KEPT:][1:]
