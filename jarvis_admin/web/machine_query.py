"""The query of the Machines page as the screen shows it: tabs, chips, counters, sorted heads."""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from urllib.parse import urlencode

from jarvis_admin.domain.lifecycle import MachineState, is_moving
from jarvis_admin.domain.query import (
    Op,
    Query,
    QueryError,
    Sort,
    Term,
    Word,
    describe,
    describe_word,
)
from jarvis_admin.services.workspace_terms import FIELDS, MOVING, STUCK
from jarvis_admin.services.workspaces import FIRST_ORDER, Cursor

# Name in the query, words in the head, whether the column is one of numbers.
COLUMNS = (
    ("user", "User", False),
    ("state", "State", False),
    ("region", "Region", False),
    ("size", "Size", False),
    ("image", "Image", False),
    ("active", "Last active", True),
    ("cost", "{month}, $", True),
)
# Large first is what somebody who sorts by cost wants to see.
_DESCENDING_FIRST = frozenset({"cost", "active"})

_TABS = (
    ("All", ""),
    ("Stuck", "state:stuck"),
    ("Running, idle > 4 h", "state:started idle>4h"),
    ("Asleep > 30 d", "state:suspended,stopped idle>30d"),
    ("Changed in the last hour", "since<1h"),
)


PATH = "/machines"  # a page of the list holds thirty of its addresses: not worth a lookup each
# Allowed in a query, and what a person would type there.
_PLAIN = ":,~<>"


@dataclass(frozen=True)
class Link:
    text: str
    url: str
    current: bool = False
    count: str = ""
    look: str = ""


@dataclass(frozen=True)
class Head:
    name: str
    text: str
    url: str
    order: str  # aria-sort, or empty
    numeric: bool


def address(query: Query | str = "", cursor: Cursor | None = None) -> str:
    """All of a list's state is in its address."""
    asked = {"q": str(query)} if str(query) else {}
    if cursor is not None:
        asked["before" if cursor.backwards else "after"] = f"{cursor.value}~{cursor.id}"
    return f"{PATH}?{urlencode(asked, safe=_PLAIN)}" if asked else PATH


def tabs(query: Query) -> list[Link]:
    asked = str(replace(query, sort=None))
    return [Link(text, address(q), current=q == asked) for text, q in _TABS]


def chips(query: Query) -> list[Link]:
    """Each part in words; its address is the query without it."""
    parts = [Link(describe(t, FIELDS[t.field]), address(query.without(t))) for t in query.terms]
    words = [Link(describe_word(w), address(query.without(w))) for w in query.words]
    return parts + words


def counters(query: Query, counts: Mapping[str, int]) -> list[Link]:
    """How many are in which state in the whole fleet; each cell filters by its state."""
    moving = sum(n for state, n in counts.items() if state != STUCK and is_moving(state))
    everything = sum(n for state, n in counts.items() if state != STUCK)
    cells = [
        ("All", "", everything, ""),
        ("Started", MachineState.STARTED, counts.get(MachineState.STARTED, 0), ""),
        ("Suspended", MachineState.SUSPENDED, counts.get(MachineState.SUSPENDED, 0), ""),
        ("Stopped", MachineState.STOPPED, counts.get(MachineState.STOPPED, 0), ""),
        ("Moving", MOVING, moving, ""),
        ("Failed", MachineState.FAILED, counts.get(MachineState.FAILED, 0), "failed"),
        ("Stuck", STUCK, counts.get(STUCK, 0), "stuck"),
    ]
    rest = query.without_field("state")
    asked = [term for term in query.terms if term.field == "state"]
    links = []
    for text, state, count, look in cells:
        wanted = [Term("state", Op.IS, (str(state),))] if state else []
        url = address(rest.with_term(wanted[0]) if wanted else rest)
        # The number is the whole fleet's: All is where one stands only when nothing narrows it.
        current = wanted == asked if wanted else not (query.terms or query.words)
        links.append(Link(text, url, current, f"{count:,}", look if count else ""))
    return links


def heads(query: Query, month: str) -> list[Head]:
    sort = query.sort or FIRST_ORDER
    return [_head(query, sort, *column, month) for column in COLUMNS]


def narrower(query: Query) -> list[Link]:
    """For an empty list: the same question with one part less."""
    parts: list[Term | Word] = [*query.terms, *query.words]
    return [Link(str(part), address(query.without(part))) for part in parts]


def mended(error: QueryError, text: str) -> Link | None:
    """The query as it was probably meant."""
    return Link(error.suggestion, address(error.mended(text))) if error.suggestion else None


def _head(query: Query, sort: Sort, name: str, text: str, numeric: bool, month: str) -> Head:
    current = sort.field == name
    descending = not sort.descending if current else name in _DESCENDING_FIRST
    order = ("descending" if sort.descending else "ascending") if current else ""
    url = address(query.sorted_by(name, descending))
    return Head(name, text.format(month=month), url, order, numeric)
