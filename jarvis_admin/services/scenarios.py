"""Saved and recent scenarios: asked for, worked off in slices, kept, compared, deleted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import delete, or_, select, update
from sqlalchemy.orm import Session, defer

from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.tally import Tally
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import Plan, Scenario
from jarvis_admin.services import audit, what_if
from jarvis_admin.services.histories import Window

WAITING = ("queued", "running")
SHORTEST, LONGEST = 7, 90  # days
MOST_COMPARED = 4
_LISTED = 100
_FORGOTTEN_AFTER = timedelta(days=7)
_MOST_WAITING = 20


def ask(
    session: Session,
    *,
    name: str,
    author: str,
    query: str,
    days: int,
    policy: Policy,
    now: datetime,
) -> Scenario:
    """Put it in the queue of the worker; Invalid when it would change or replay nothing."""
    if not policy.to_json():
        raise Invalid("Change at least one thing: as it is, nothing would differ.")
    if not SHORTEST <= days <= LONGEST:
        raise Invalid(f"History is replayed for {SHORTEST} to {LONGEST} days.")
    waiting = session.scalars(select(Scenario.id).where(Scenario.state.in_(WAITING))).all()
    if len(waiting) >= _MOST_WAITING:
        raise Conflict(f"{len(waiting)} scenarios are waiting already; let some of them finish.")
    total = what_if.count(session, query, now)
    if not total:
        raise Invalid("No machine matches this query.")
    scenario = Scenario(
        name=name,
        author=author,
        created_at=now,
        query=query,
        since=now.date() - timedelta(days=days),
        until=now.date(),
        policy=policy.to_json(),
        state="queued",
        total=total,
    )
    session.add(scenario)
    session.flush()
    audit.record(
        session,
        at=now,
        actor=author,
        action="scenario.ask",
        subject=name,
        details={"query": query, "days": days, "policy": scenario.policy},
    )
    return scenario


def get(session: Session, number: int) -> Scenario:
    found = session.get(Scenario, number)
    if found is None:
        raise NotFound("There is no such scenario; unsaved ones are forgotten after a week.")
    return found


def listed(session: Session) -> Sequence[Scenario]:
    """Saved ones and those of the last week, newest first; without their results."""
    newest = select(Scenario).order_by(Scenario.id.desc()).limit(_LISTED)
    return session.scalars(newest.options(defer(Scenario.tally))).all()


def picked(session: Session, numbers: Sequence[int]) -> Sequence[Scenario]:
    """In the order they were asked for; those that are gone are left out."""
    some = list(dict.fromkeys(numbers))[:MOST_COMPARED]
    found = session.scalars(select(Scenario).where(Scenario.id.in_(some))).all()
    return sorted(found, key=lambda one: some.index(one.id))


def sizes_in_use(session: Session) -> Sequence[str]:
    """Those of the plans, to choose from."""
    return sorted(set(session.scalars(select(Plan.size))))


def save(session: Session, scenario: Scenario, name: str, *, by: str, now: datetime) -> None:
    if not name:
        raise Invalid("Give it a name, so that others know what it tries.")
    scenario.name, scenario.saved = name, True
    audit.record(
        session, at=now, actor=by, action="scenario.save", subject=name, details=scenario.policy
    )


def remove(session: Session, scenario: Scenario, *, by: str, now: datetime) -> None:
    audit.record(session, at=now, actor=by, action="scenario.delete", subject=scenario.name)
    session.delete(scenario)


@dataclass(frozen=True)
class Slice:
    """Where the work on a scenario stands."""

    id: int
    query: str
    policy: Policy
    window: Window
    asked_at: datetime
    cursor: int
    done: int
    tally: Tally


def next_slice(session: Session) -> Slice | None:
    """Of the oldest that is not finished; one that a dead worker left goes on where it stood."""
    row = session.scalars(
        select(Scenario).where(Scenario.state.in_(WAITING)).order_by(Scenario.id).limit(1)
    ).first()
    if row is None:
        return None
    return Slice(
        row.id,
        row.query,
        Policy.from_json(row.policy),
        Window(row.since, row.until),
        row.created_at,
        row.cursor,
        row.done,
        Tally.from_json(row.tally),
    )


def keep(session: Session, slice_: Slice, cursor: int, done: int) -> bool:
    """Write down how far it is; False: somebody else did meanwhile, or it was deleted."""
    return _change(
        session, slice_, state="running", cursor=cursor, done=done, tally=slice_.tally.to_json()
    )


def finish(session: Session, slice_: Slice, done: int, now: datetime) -> bool:
    return _change(
        session,
        slice_,
        state="done",
        done=done,
        total=done,
        tally=slice_.tally.to_json(),
        finished_at=now,
    )


def fail(session: Session, slice_: Slice, error: str, now: datetime) -> bool:
    return _change(session, slice_, state="failed", error=error[:500], finished_at=now)


def forget(session: Session, now: datetime) -> int:
    """Drop what nobody saved within a week."""
    gone = session.execute(
        delete(Scenario).where(
            Scenario.saved.is_(False), Scenario.created_at < now - _FORGOTTEN_AFTER
        )
    )
    return int(gone.rowcount)  # type: ignore[attr-defined]


def _change(session: Session, slice_: Slice, **values: object) -> bool:
    # Two workers may hold the loop for a moment: only who continues from this cursor counts.
    changed = session.execute(
        update(Scenario)
        .where(Scenario.id == slice_.id, Scenario.cursor == slice_.cursor)
        .where(or_(Scenario.state == "queued", Scenario.state == "running"))
        .values(**values)
    )
    return bool(changed.rowcount)  # type: ignore[attr-defined]
