"""Medians of what several targets take, asked in turns, so that a noisy minute meets them all."""

import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import cycle, islice
from statistics import median

from bench.visitor import Answer, Visitor

_WARM = 5
_ROW = b'<tr id="m-'


@dataclass(frozen=True)
class Target:
    """Paths asked in turn over one connection.

    With `revalidate` each is asked with the ETag of its last answer, and only a 304 counts.
    """

    name: str
    visitor: Visitor
    paths: Sequence[str]
    headers: Mapping[str, str] = field(default_factory=dict)
    revalidate: bool = False
    rows: int | None = None  # that many machines must be on the page


def medians(targets: Sequence[Target], rounds: int, requests: int) -> dict[str, float]:
    """Milliseconds by name."""
    for target in targets:
        _check(target)
    taken: dict[str, list[float]] = {target.name: [] for target in targets}
    for turn in range(rounds):
        for target in targets if turn % 2 else reversed(targets):
            _ask(target, _WARM)
            taken[target.name] += _ask(target, requests)
    return {name: 1000 * median(seconds) for name, seconds in taken.items()}


def _check(target: Target) -> None:
    for path in target.paths:
        answer = target.visitor.get(path, target.headers)
        found = answer.body.count(_ROW)
        if answer.status != 200 or target.rows not in (None, found):
            raise RuntimeError(f"{target.name}: {path} is {answer.status} with {found} rows")


def _ask(target: Target, count: int) -> list[float]:
    if target.revalidate:
        return _revalidate(target, count)
    return [_good(target, path, 200).seconds for path in islice(cycle(target.paths), count)]


def _revalidate(target: Target, count: int) -> list[float]:
    """An ETag ends with its minute: then a 200 comes in between and brings the next."""
    path = target.paths[0]
    etag = target.visitor.get(path, target.headers).etag
    taken: list[float] = []
    deadline = time.monotonic() + 30
    while len(taken) < count:
        answer = target.visitor.get(path, {**target.headers, "If-None-Match": etag})
        if answer.status == 304:
            taken.append(answer.seconds)
        elif time.monotonic() > deadline:
            raise RuntimeError(f"{target.name}: {path} does not say 304")
        etag = answer.etag
    return taken


def _good(target: Target, path: str, status: int) -> Answer:
    answer = target.visitor.get(path, target.headers)
    if answer.status != status:
        raise RuntimeError(f"{target.name}: {path} is answered {answer.status}")
    return answer
