"""Rows of the Machines list as the template unpacks them: markup, escaped here and once.

Fifty rows print two thousand values. Letting the template escape each of them, mostly words of
our own and the same handle twenty times, costs more than everything else on the page.
"""

from collections.abc import Iterable
from datetime import datetime
from functools import lru_cache
from typing import Any

from markupsafe import escape

from jarvis_admin.domain.lifecycle import OperationKind, is_moving
from jarvis_admin.domain.metering import month_to_date
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.size import Size
from jarvis_admin.errors import Invalid
from jarvis_admin.services.operations import TITLES
from jarvis_admin.web.filters import exact, seconds
from jarvis_admin.web.machine_query import PATH
from jarvis_admin.web.machine_verbs import buttons

_SEEN_NOW = 60
_FLAG = 28
_LASTING_LOOKS = {
    "started": "started",
    "suspended": "suspended",
    "stopped": "stopped",
    "created": "stopped",
    "failed": "failed",
    "destroyed": "off",
}


def prepare(rows: Iterable[Any], now: datetime) -> list[tuple[Any, ...]]:
    return [_prepare(now, *row) for row in rows]


def _prepare(
    now: datetime,
    _id: int,
    handle: str,
    state: str,
    since: datetime,
    problem: str,
    region: str,
    size: str,
    image: str,
    active: datetime,
    month_nano: int,
    rate_pico: int,
    metered_at: datetime,
    user: str | None,
    plan: str,
    operation: str | None,
    operation_state: str | None,
    braked: str,
) -> tuple[Any, ...]:
    idle = (now - active).total_seconds()
    title = escaped(title_of(operation)) if operation else ""
    safe, said = str(escape(handle)), escaped(state)
    return (
        f"{PATH}/{safe}",
        safe,
        str(escape(f"{user or 'No user yet'} · {plan}")),
        str(escape(problem)) if problem else "",
        str(escape(shorten(problem))) if problem else "",
        look(state, problem),
        "Stuck" if problem else said.capitalize(),
        seconds((now - since).total_seconds()),
        f"{said} since {exact(since)}",
        escaped(region),
        escaped(size_label(size)),
        escaped(tag(image)),
        "now" if idle < _SEEN_NOW else seconds(idle),
        exact(active),
        dollars(month_to_date(month_nano, rate_pico, metered_at, now)),
        title,
        "queued" if operation_state == "queued" else "running",
        buttons(state, size, title, braked),
    )


# Few different ones in a whole fleet.
@lru_cache(maxsize=1024)
def escaped(text: str) -> str:
    return str(escape(text))


def shorten(problem: str) -> str:
    """For a flag; all of it is in the title."""
    return problem if len(problem) <= _FLAG else f"{problem[:_FLAG]}…"


def look(state: str, problem: str) -> str:
    """The data-state CSS knows: word, colour and shape follow from it."""
    if problem:
        return "stuck"
    return _LASTING_LOOKS.get(state, "moving" if is_moving(state) else "stopped")


def word(state: str, problem: str) -> str:
    return "Stuck" if problem else state.capitalize()


def title_of(kind: str) -> str:
    return TITLES[OperationKind(kind)] if kind in _KINDS else kind


_KINDS = frozenset(OperationKind)


@lru_cache(maxsize=256)
def size_label(slug: str) -> str:
    try:
        return Size.parse(slug).label
    except Invalid:
        return slug


@lru_cache(maxsize=256)
def tag(image: str) -> str:
    """`registry.fly.io/jarvis-workspace:2026.08.3@sha256:…` is called 2026.08.3."""
    named = image.partition("@")[0].rpartition("/")[2]
    return named.partition(":")[2] or named
