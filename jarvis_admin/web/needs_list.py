"""What needs somebody, worst first: a sentence, an age and one action each."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import url_for
from sqlalchemy import Row

from jarvis_admin.domain import regions
from jarvis_admin.services.overview import MOST_NEEDS, Needs
from jarvis_admin.web.filters import exact, seconds
from jarvis_admin.web.live import Live
from jarvis_admin.web.machine_rows import title_of


@dataclass(frozen=True)
class Need:
    id: str
    look: str
    title: str
    sentence: str
    url: str
    action: str
    since: datetime | None
    age: str
    exact: str


@dataclass(frozen=True)
class Shown:
    needs: list[Need]
    more: str  # in words, when not everything is shown


def prepare(found: Needs, seen: Live, now: datetime) -> Shown:
    needs = [
        *_silence(seen, now),
        *(_stuck(row, now) for row in found.workspaces[:MOST_NEEDS]),
        *(_failed(row, now) for row in found.operations[:MOST_NEEDS]),
    ]
    cut = len(found.workspaces) > MOST_NEEDS or len(found.operations) > MOST_NEEDS
    return Shown(needs, "and more" if cut else "")


def _silence(seen: Live, now: datetime) -> list[Need]:
    pulse = seen.pulse
    if seen.late:
        since = pulse.fault_since or pulse.synced_at
        said = f"{pulse.fault} " if pulse.fault else ""
        sentence = f"{said}Machines are shown as last known; operations wait and try again."
        return [_need("fly", "stuck", f"{seen.late}.", sentence, "", "", since, now)]
    if pulse.dark_regions:
        title = f"Fly reports trouble in {pulse.dark_regions.replace(',', ', ')}."
        url = url_for("machines.index", q=f"region:{pulse.dark_regions}")
        sentence = "Machines there are shown as last known."
        return [_need("dark", "warn", title, sentence, url, "Show them", None, now)]
    return []


def _stuck(row: Row[Any], now: datetime) -> Need:
    place = f"{row.state} in {regions.city(row.region)}"
    billed = ", still billed" if row.rate_pico else ""
    url = url_for("machine.show", handle=row.handle)
    sentence = f"{row.problem.rstrip('.')}. It is {place}{billed}."
    return _need(
        f"w-{row.handle}", "stuck", row.handle, sentence, url, "Open", row.state_since, now
    )


def _failed(row: Row[Any], now: datetime) -> Need:
    title = f"{title_of(row.kind)} of {row.handle} failed"
    url = url_for("operations.show", operation_id=row.id)
    since = row.finished_at or row.created_at
    return _need(f"o-{row.id}", "warn", title, row.error, url, "See why", since, now)


def _need(
    key: str,
    look: str,
    title: str,
    sentence: str,
    url: str,
    action: str,
    since: datetime | None,
    now: datetime,
) -> Need:
    age = seconds((now - since).total_seconds()) if since else ""
    return Need(key, look, title, sentence, url, action, since, age, exact(since) if since else "")
