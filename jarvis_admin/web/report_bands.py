"""The bands of a report: words, colours, and what to ask to see into one."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_admin.domain.owners import STRAY, Owner
from jarvis_admin.domain.owners import UNALLOCATED as UNALLOCATED_OWNERS
from jarvis_admin.domain.periods import Period
from jarvis_admin.domain.query import Op, Query, Term
from jarvis_admin.domain.regions import REGIONS
from jarvis_admin.services.costs import IDLE, UNALLOCATED
from jarvis_admin.services.report_terms import NONE
from jarvis_admin.services.reports import OTHERS, Group
from jarvis_admin.web import figures, machine_rows

_OWNERS = {
    Owner.USER: "Users",
    Owner.PARKED: "Parked volumes",
    Owner.POOL: "Pool stock",
    Owner.ORPHAN: "Orphans",
    Owner.FLEET: "The fleet as a whole",
}
_NOBODY = {Group.PLAN: "No plan", Group.USER_GROUP: "No group", Group.REGION: "No region"}
# How deep a look goes: what to group by once a band is chosen.
_NEXT = (Group.COMPONENT, Group.PLAN, Group.REGION, Group.SIZE, Group.USER_GROUP)
_SERIES = 7


@dataclass(frozen=True)
class Band:
    key: str
    label: str
    series: str  # the name of its colour in CSS
    marker: Mapping[str, Any]  # for plotly.js


def bands(names: tuple[str, ...], group: Group, plans: Mapping[str, str]) -> list[Band]:
    return [
        Band(name, label(name, group, plans), *_look(name, group, place))
        for place, name in enumerate(names)
    ]


def label(name: str, group: Group, plans: Mapping[str, str]) -> str:
    special = {IDLE: "Idle compute", UNALLOCATED: "Unallocated", OTHERS: "All others"}
    if name in special:
        return special[name]
    if group is Group.COMPONENT:
        return "Compute, used" if name == "compute" else figures.label(name)
    if group is Group.SIZE:
        component, _, size = name.partition(" ")
        return f"{figures.label(component)} {machine_rows.size_label(size)}".rstrip()
    if group is Group.OWNER:
        return owner(name)
    if group is Group.REGION and name in REGIONS:
        return f"{name} {REGIONS[name].city}"
    return plans.get(name, name) or _NOBODY.get(group, "None")


def owner(name: str) -> str:
    return {str(owner): words for owner, words in _OWNERS.items()}.get(name, name)


def into(query: Query, group: Group, name: str) -> tuple[Query, Group | None] | None:
    """The report that shows what a band is made of; None for what was folded together.

    No group when all were gone through: what is left is who it is.
    """
    if name == OTHERS:
        return None
    for term in _terms(group, name):
        kept = _owners(query, term) if term.field == "owner" else term
        query = query.without_field(term.field).with_term(kept)
    asked = {term.field for term in query.terms}
    left = [each for each in _NEXT if each.value not in asked and each is not group]
    if name == UNALLOCATED and group is not Group.OWNER:
        return query, Group.OWNER
    return query, left[0] if left else None


def _owners(query: Query, wanted: Term) -> Term:
    """Of a band's owners those the query had already left."""
    left = {str(value) for value in wanted.values}
    for term in query.terms:
        if term.field == "owner":
            named = {str(value) for value in term.values}
            left = left - named if term.negated else left & named
    return _is("owner", *sorted(left)) if left else wanted


def _terms(group: Group, name: str) -> list[Term]:
    if name == UNALLOCATED:
        stray = STRAY if group is Group.COMPONENT else UNALLOCATED_OWNERS
        return [_is("owner", *sorted(stray))]
    if group is Group.OWNER:
        return [_is("owner", name)]
    if group is Group.COMPONENT:
        component = "compute" if name == IDLE else name
        return [_is("component", component), _is("owner", Owner.FLEET, Owner.USER)]
    if group is Group.SIZE:
        component, _, size = name.partition(" ")
        sized = [_is("size", size)] if size else []
        return [_is("component", component), *sized, _is("owner", Owner.USER)]
    return [_is(group.value, name or NONE), _is("owner", Owner.USER)]


def _is(field: str, *values: str) -> Term:
    return Term(field, Op.IS, tuple(str(value) for value in values))


def _look(name: str, group: Group, place: int) -> tuple[str, Mapping[str, Any]]:
    if group is Group.COMPONENT or name == UNALLOCATED:
        return ("active" if name == "compute" else name), figures.marker(name)
    number = place % _SERIES + 1
    faint = place >= _SERIES
    look: dict[str, Any] = {"color": f"var(--j-c{number})", "line": {"width": 0}}
    if faint:
        look["opacity"] = 0.55
    return f"c{number}{'-faint' * faint}", look


def period_link(group: Group, name: str, period: Period) -> dict[str, str]:
    """The parameters of the report that shows a band's days beside those before."""
    found = into(Query(), group, name)
    query, next_group = found or (Query(), Group.COMPONENT)
    return {
        "group": (next_group or Group.COMPONENT).value,
        "from": period.first.isoformat(),
        "to": period.last.isoformat(),
        "compare": "before",
        "q": str(query),
    }
