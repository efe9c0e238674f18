"""Transitions: each change of a machine's state, recorded once, from Fly's own events.

What Fly's events do not tell (they keep about the last twenty) is inferred from the state seen,
with source "seen" and marked estimated.
"""

from collections.abc import Iterable
from datetime import datetime, timedelta
from zlib import crc32

from sqlalchemy import delete, func, select, true
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.fly.types import Event
from jarvis_admin.models import Machine, Transition

# Fly's event statuses that are no state of a machine of their own.
_STATE_OF_STATUS = {"pending": "creating"}
# Kinds of events that come with a new config.
_NEW_CONFIG = frozenset({"launch", "update"})


def record(session: Session, machine: Machine, events: Iterable[Event]) -> datetime | None:
    """Append the events not seen before; the instant of the earliest new one, or None."""
    wanted = {event.id: event for event in events if event.status}
    known = set(
        session.scalars(
            select(Transition.event_id).where(
                Transition.machine_id == machine.id, Transition.event_id.in_(wanted)
            )
        )
    )
    fresh = sorted(
        (event for event_id, event in wanted.items() if event_id not in known),
        key=lambda event: (event.at, event.id),
    )
    told = [_transition(machine, event) for event in fresh]
    before = latest(session, machine.id)
    if before is not None and told and not known:
        # Nothing in Fly's list is known to us: it was cut off, and what came before is lost.
        told[0].estimated = True
    _as_it_was(before, told)
    _replace_guesses(session, machine, told)
    session.add_all(told)
    session.flush()
    return fresh[0].at if fresh else None


def _as_it_was(before: Transition | None, told: list[Transition]) -> None:
    """Events tell no size: what came before the change of it was billed with the old one.

    Fly launches a machine anew with each new config. Without such an event the change lies
    anywhere among them: all count as the new size, and are estimated.
    """
    if before is None or not told or _shape(before) == _shape(told[0]):
        return
    changed = next((n for n, row in enumerate(told) if row.kind in _NEW_CONFIG), None)
    if changed is None:
        told[0].estimated = True
        return
    for row in told[:changed]:
        row.size, row.region, row.rootfs_mb = _shape(before)


def _shape(row: Transition | Machine) -> tuple[str, str, int]:
    return row.size, row.region, row.rootfs_mb


def is_reshaped(last: Transition, machine: Machine) -> bool:
    """The machine has another size, place or image than its last transition was billed with."""
    return _shape(last) != _shape(machine)


def _replace_guesses(session: Session, machine: Machine, told: list[Transition]) -> None:
    """Now that Fly tells when it entered a state, what we had inferred of it goes."""
    if told:
        session.execute(
            delete(Transition).where(
                Transition.machine_id == machine.id,
                Transition.source == "seen",
                Transition.state.in_({row.state for row in told}),
                Transition.at >= told[0].at,
            )
        )


def latest(session: Session, machine_id: str) -> Transition | None:
    return session.scalars(
        select(Transition)
        .where(Transition.machine_id == machine_id)
        .order_by(Transition.at.desc(), Transition.id.desc())
        .limit(1)
    ).one_or_none()


def entered(session: Session, machine_id: str, last: Transition) -> datetime:
    """Since when the machine is in the state of its last transition, repetitions counted as one."""
    before = (
        select(func.max(Transition.at))
        .where(Transition.machine_id == machine_id, Transition.state != last.state)
        .scalar_subquery()
    )
    first = session.scalar(
        select(func.min(Transition.at)).where(
            Transition.machine_id == machine_id,
            Transition.state == last.state,
            func.coalesce(Transition.at >= before, true()),
        )
    )
    return first or last.at


def seen(session: Session, machine: Machine, state: str, *, at: datetime) -> Transition:
    """Record a state that no event told of; `at` is a bound, not the instant."""
    transition = Transition(
        workspace_id=machine.workspace_id,
        machine_id=machine.id,
        event_id=f"seen-{at.timestamp():.6f}-{crc32(repr((state, *_shape(machine))).encode()):x}",
        at=at,
        kind="seen",
        state=state,
        size=machine.size,
        region=machine.region,
        rootfs_mb=machine.rootfs_mb,
        source="seen",
        estimated=True,
    )
    machine.state = state
    session.add(transition)
    session.flush()
    return transition


def ensure_ended(
    session: Session, machine: Machine, now: datetime, *, by_us: bool = False
) -> datetime | None:
    """See to it that the last transition is the machine's end; from when on to bill anew.

    None: Fly had told of it. `by_us`: we have waited for it ourselves, so the instant is known;
    what the sync loop may have guessed in the meantime is a guess no more.
    """
    last = latest(session, machine.id)
    ended = last is not None and last.state == MachineState.DESTROYED
    if last is not None and ended and not (by_us and last.estimated):
        return None
    if last is None or not ended:
        last = seen(session, machine, MachineState.DESTROYED, at=max(now, last.at) if last else now)
    if by_us:
        last.kind, last.source, last.estimated = "destroy", "user", False
        session.flush()
    return last.at - timedelta(microseconds=1)


def _transition(machine: Machine, event: Event) -> Transition:
    return Transition(
        workspace_id=machine.workspace_id,
        machine_id=machine.id,
        event_id=event.id,
        at=event.at,
        kind=event.kind[:16],
        state=state_after(event)[:16],
        size=machine.size,
        region=machine.region,
        rootfs_mb=machine.rootfs_mb,
        source=event.source[:16],
        detail=_detail(event),
    )


def state_after(event: Event) -> str:
    """The state of a machine that an event leads to."""
    crashed = event.exit is not None and event.exit.restarting
    if crashed or (event.kind, event.status) == ("restart", "stopping"):
        return "restarting"
    return _STATE_OF_STATUS.get(event.status, event.status)


def _detail(event: Event) -> str:
    ended = event.exit
    if ended is None or ended.requested_stop:
        return ""
    if ended.oom_killed:
        return "out of memory"
    said = f"exit code {ended.guest_exit_code or ended.exit_code}"
    return f"{said}, restarted by Fly" if ended.restarting else said
