"""Machines of ours in a user's app, archivers for instance, and their volumes: billed when over.

They are nobody's story: no transition, no wake, no hour of a quota knows of them. That is why
all they cost has a component of its own, and is not compute, rootfs and volume: the sums by day
tell components apart and nothing else.
"""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime

from sqlalchemy import exists, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import Component
from jarvis_admin.domain.stretches import Change, Stretch, stretches_of
from jarvis_admin.fly.types import Event
from jarvis_admin.models import Interval, Workspace
from jarvis_admin.services import billing, metering, prices, transitions, turn

ARCHIVER = "archiver"

_EVER = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True)
class Helper:
    """A machine in a workspace's app that is not the workspace's."""

    workspace_id: int
    machine_id: str
    size: str  # Size.slug
    region: str
    rootfs_mb: int
    since: datetime  # it cannot have begun before
    role: str = ARCHIVER  # what its intervals say instead of a state


def bill_machine(session: Session, helper: Helper, events: Sequence[Event], over: datetime) -> None:
    """From Fly's own events, and not beyond `over`; safe to repeat, the last word counts.

    Without events all the time it can have been there is billed, as an estimate, unless events
    have told better before.
    """
    told = [event for event in events if event.status]
    stretches = list(_told(helper, told, over) if told else _guessed(helper, over))
    _bill(session, helper.workspace_id, helper.machine_id, stretches, over, better=bool(told))


def bill_volume(
    session: Session,
    workspace_id: int,
    volume_id: str,
    size_gb: int,
    region: str,
    since: datetime,
    over: datetime,
) -> None:
    """The volume it worked on, from its creation to its deletion; a later end counts."""
    stretch = Stretch(Component.HELPER, ARCHIVER, f"{size_gb} GB", region, since, over)
    _bill(session, workspace_id, volume_id, [stretch], over, better=True)


def _bill(
    session: Session,
    workspace_id: int,
    resource_id: str,
    stretches: Iterable[Stretch],
    over: datetime,
    *,
    better: bool,
) -> None:
    """What is billed already stays, unless this is known better."""
    turn.take(session)
    known = session.scalar(select(exists().where(Interval.resource_id == resource_id)))
    if known and not better:
        return
    held = billing.reopen(session, resource_id, _EVER)
    labels = billing.labels_of(session, [workspace_id])[workspace_id]
    labels_at = billing.held_or_now(held, labels)
    billing.bill(session, resource_id, stretches, prices.load(session), labels_at)
    metering.refresh_row(session, session.get_one(Workspace, workspace_id), over)


def _told(helper: Helper, told: Iterable[Event], over: datetime) -> Iterator[Stretch]:
    """Passing states cost what `started` does, so only awake and asleep are told apart."""
    changes = [
        Change(
            event.id,
            event.at,
            transitions.state_after(event),
            helper.size,
            helper.region,
            helper.rootfs_mb,
        )
        for event in told
    ]
    last: Stretch | None = None
    for stretch in stretches_of(changes):
        piece = replace(
            stretch,
            component=Component.HELPER,
            state=helper.role,
            end=min(stretch.end or over, over),
        )
        if last is not None and (last.size, last.end) == (piece.size, piece.start):
            last = replace(last, end=piece.end)
            continue
        if last is not None:
            yield last
        last = piece
    if last is not None:
        yield last


def _guessed(helper: Helper, over: datetime) -> Iterator[Stretch]:
    yield Stretch(
        Component.HELPER, helper.role, helper.size, helper.region, helper.since, over, True
    )
