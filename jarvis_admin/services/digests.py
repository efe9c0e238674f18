"""The weekly digest, one for each role: what that role may see, and nothing else.

Made on Monday at 07:00 UTC of the seven days before; as an alert with a key, so it is made once.
"""

from collections.abc import Callable, Sequence
from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jarvis_admin.domain.budgets import percent_of
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.rights import Role
from jarvis_admin.models import Alert
from jarvis_admin.services import (
    alerts,
    budget_standing,
    budgets,
    digest_parts,
    fleet,
    operation_list,
    overview,
)
from jarvis_admin.services.alerts import Kind

_MOST_LINES = 10
_HOUR = 7
_STILL_WORTH_SENDING = timedelta(days=2)  # after a worker that was down over Monday morning
_LONGEST = 4000


def due(now: datetime) -> datetime | None:
    """The Monday morning whose digest is to be made, if it is not too long ago."""
    monday = (now - timedelta(days=now.weekday())).replace(
        hour=_HOUR, minute=0, second=0, microsecond=0
    )
    return monday if monday <= now < monday + _STILL_WORTH_SENDING else None


def make(session: Session, now: datetime) -> int:
    """How many were made: all that are due and not made yet."""
    monday = due(now)
    if monday is None:
        return 0
    year, week, _ = monday.isocalendar()
    period = f"{year}-W{week:02d}"
    keys = {f"digest:{role}:{period}": role for role in Role}
    missing = alerts.unraised(session, list(keys))
    made = [
        alerts.raise_once(session, _digest(session, keys[key], key, period, monday, now))
        for key in keys
        if key in missing
    ]
    return sum(made)


def _digest(
    session: Session, role: Role, key: str, period: str, monday: datetime, now: datetime
) -> Alert:
    last = monday - timedelta(days=7)
    sunday = monday - timedelta(days=1)
    days = f"{last.day} {last:%b} – {sunday.day} {sunday:%b}"
    text = "\n\n".join(_join(*part) for part in _WRITERS[role](session, now) if part[1])
    return Alert(
        key=key,
        kind=Kind.DIGEST,
        at=now,
        period=period,
        scope="role",
        subject=role,
        title=f"Week for {role}: {days}",
        text=_cut(text),
    )


Part = tuple[str, Sequence[str]]


def _for_admin(session: Session, now: datetime) -> list[Part]:
    counts = fleet.counts_by_state(session)
    states = [
        f"{count:,} {state}"
        for state, count in sorted(counts.items())
        if state != overview.STUCK and count
    ]
    return [
        ("Fleet", [", ".join(states)] if states else ["No machines."]),
        ("Needs somebody", _troubled(session, now)),
        ("Failed operations", _failed(session, now)),
        ("Costs", [_week(session, now)]),
    ]


def _for_finance(session: Session, now: datetime) -> list[Part]:
    told = budget_standing.outlook(session, "fleet", "", now)
    month = (
        f"{now:%B}: ${dollars(told.actual_nano)} so far, "
        f"${dollars(told.expected_nano)} expected at its end."
    )
    return [
        ("Costs", [_week(session, now), month]),
        ("Budgets", _budgets(session)),
        ("Changed most", _movers(session, now)),
    ]


def _for_support(session: Session, now: datetime) -> list[Part]:
    held = [
        f"{row.handle}: {row.level.replace('_', ' ')} ({row.kind.replace('_', ' ')})"
        for row in digest_parts.braked(session, _MOST_LINES)
    ]
    return [
        ("Held back by a quota", held or ["Nobody."]),
        ("Needs somebody", _troubled(session, now)),
        ("Failed operations", _failed(session, now)),
    ]


_WRITERS: dict[Role, Callable[[Session, datetime], list[Part]]] = {
    Role.ADMIN: _for_admin,
    Role.FINANCE: _for_finance,
    Role.SUPPORT: _for_support,
}


def _troubled(session: Session, now: datetime) -> list[str]:
    rows = overview.needs(session, now).workspaces
    return [f"{row.handle}: {row.problem}" for row in rows[:_MOST_LINES]] or ["No machine."]


def _failed(session: Session, now: datetime) -> list[str]:
    rows = operation_list.failed_since(session, now - timedelta(days=7), _MOST_LINES)
    found = [f"{row.handle}: {row.kind}, {row.created_at:%d %b %H:%M} UTC" for row in rows]
    return found or ["None."]


def _week(session: Session, now: datetime) -> str:
    found = digest_parts.weeks(session, now.date())
    change = found.last_nano - found.before_nano
    more = "more" if change >= 0 else "less"
    return (
        f"Last week ${dollars(found.last_nano)}, the week before ${dollars(found.before_nano)}: "
        f"${dollars(abs(change))} {more}."
    )


def _budgets(session: Session) -> list[str]:
    found = [
        f"{budgets.name_of(row.scope, row.key)}: ${dollars(row.actual_nano)} of "
        f"${dollars(row.amount_nano)} ({percent_of(row.actual_nano, row.amount_nano)} %), "
        f"${dollars(row.expected_nano)} expected"
        for row in budgets.every(session)
    ]
    return found or ["No budget is set."]


def _movers(session: Session, now: datetime) -> list[str]:
    return [
        f"{row.handle}: ${dollars(row.before_nano)} → ${dollars(row.last_nano)}"
        for row in digest_parts.movers(session, now.date(), 5)
    ] or ["Nobody's costs changed."]


def _join(head: str, lines: Sequence[str]) -> str:
    return "\n".join([head, *(f"- {line}" for line in lines)])


def _cut(text: str) -> str:
    return text if len(text) <= _LONGEST else text[: _LONGEST - 2] + " …"
