"""The timeline in words: what happened, by whom, and what it says about the time before."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date, datetime
from itertools import groupby
from urllib.parse import urlencode

from flask import url_for

from jarvis_admin.models import AuditEntry, Operation, Transition
from jarvis_admin.services.timeline import Event, Kind, Page
from jarvis_admin.web.filters import clock, day, exact, span
from jarvis_admin.web.machine_rows import look, title_of

_TABS = ((Kind.ALL, "All"), (Kind.STATE, "State"), (Kind.OPERATIONS, "Operations"))
_STAFF = (Kind.STAFF, "Staff")
# What Fly calls the source of an event, after a verb in the passive.
_SOURCES = {"proxy": "by Fly’s proxy", "user": "through the API", "flyd": "by Fly"}


@dataclass(frozen=True)
class Item:
    id: str
    look: str
    clock: str
    exact: str
    strong: str
    text: str


@dataclass(frozen=True)
class Timeline:
    tabs: list[tuple[str, str, bool]]  # words, address, whether it is this one
    days: list[tuple[str, list[Item]]]
    older: str
    newest: str  # address of the first page, when this is a later one


def read(page: Page, kind: Kind, handle: str, now: datetime, later: bool, staff: bool) -> Timeline:
    tabs = [*_TABS, _STAFF] if staff else list(_TABS)
    return Timeline(
        tabs=[(word, _address(handle, each), each is kind) for each, word in tabs],
        days=list(_by_day(page, now)),
        older=_address(handle, kind, page.older) if page.older else "",
        newest=_address(handle, kind) if later else "",
    )


def _address(handle: str, kind: Kind, before: datetime | None = None) -> str:
    asked = {"show": str(kind)} if kind is not Kind.ALL else {}
    if before is not None:
        asked["before"] = before.isoformat()
    base = url_for("machine.show", handle=handle)
    return f"{base}?{urlencode(asked)}" if asked else base


def _by_day(page: Page, now: datetime) -> Iterator[tuple[str, list[Item]]]:
    for on, events in groupby(page.events, key=lambda event: event.at.date()):
        yield _date(on, now.date()), [_item(event) for event in events]


def _date(on: date, today: date) -> str:
    named = {0: "Today, ", 1: "Yesterday, "}.get((today - on).days, "")
    return f"{named}{day(on, today)}"


def _item(event: Event) -> Item:
    row = event.row
    if isinstance(row, Transition):
        return _shown(event, f"t-{row.id}", look(row.state, ""), *_state(event, row))
    if isinstance(row, Operation):
        return _shown(event, f"o-{row.id}", row.state, *_operation(row))
    return _shown(event, f"a-{row.id}", "live", *_entry(row))


def _shown(event: Event, name: str, shown: str, strong: str, text: str) -> Item:
    return Item(name, shown, clock(event.at), exact(event.at), strong, text)


def _state(event: Event, row: Transition) -> tuple[str, str]:
    woken = row.state == "started" and row.source == "proxy"
    strong = "Woken by a visit" if woken else row.state.capitalize()
    parts = [] if woken else [_SOURCES.get(row.source, "seen by the console")]
    if event.began is not None and event.before != row.state:
        parts.append(f"after {span(event.at - event.began)} {event.before}")
    if row.detail:
        parts.append(row.detail)
    if row.estimated:
        parts.append("instant estimated: Fly’s events have a gap")
    return strong, ", ".join(parts)


def _operation(row: Operation) -> tuple[str, str]:
    said = f"asked by {row.asked_by}" + (f", {row.reason}" if row.reason else "")
    if row.error:
        said = f"{said}; {row.error}"
    elif row.started_at and row.finished_at:
        said = f"{said}; took {span(row.finished_at - row.started_at)}"
    return f"{title_of(row.kind)} {row.state}", said


def _entry(row: AuditEntry) -> tuple[str, str]:
    return row.action.replace("_", " ").capitalize(), (
        f"by {row.actor}" + (f": {row.reason}" if row.reason else "")
    )
