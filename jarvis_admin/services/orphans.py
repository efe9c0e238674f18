"""What is at Fly with our mark but belongs to no workspace: billed to nobody until it is gone.

Its beginning and its end are the sweeps that saw it first and no more, so it is all estimated.
"""

from collections.abc import Iterable, Sequence
from datetime import datetime

from sqlalchemy import select, union_all
from sqlalchemy.orm import Session

from jarvis_admin.domain.guest import Mark
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component, Size
from jarvis_admin.domain.stretches import billed_component
from jarvis_admin.fly.types import OrgMachine
from jarvis_admin.fly.types import Volume as FlyVolume
from jarvis_admin.models import Drill, Interval, Restore, Workspace
from jarvis_admin.services import keeping, prices, turn
from jarvis_admin.services.billing import Labels
from jarvis_admin.services.keeping import Kept

_NOBODY = Labels(None, Owner.ORPHAN)


def machines(
    session: Session, seen: Sequence[OrgMachine], mark: Mark, rootfs_mb: int, now: datetime
) -> list[Kept]:
    """Those of a page that carry our mark in apps that no live workspace of ours owns."""
    marked = [one for one in seen if mark.owns(one.metadata)]
    owned = _owned(session, {one.app_name for one in marked})
    return [
        kept
        for one in marked
        if one.app_name not in owned
        for kept in _of_machine(one, rootfs_mb, now)
    ]


def volumes(session: Session, seen: Sequence[FlyVolume], mark: Mark, now: datetime) -> list[Kept]:
    """Volumes have no metadata: the name of their app tells that they are ours."""
    ours = [one for one in seen if one.app_name.startswith(mark.prefix) and not one.gone]
    owned = _owned(session, {one.app_name for one in ours})
    return [
        Kept(one.id, Component.VOLUME, f"{one.size_gb} GB", one.region, now, estimated=True)
        for one in ours
        if one.app_name not in owned
    ]


def bill(session: Session, found: Iterable[Kept], now: datetime) -> int:
    """Bill what was found and end what was not found any more; how many there are."""
    turn.take(session)
    books = prices.load(session)
    still = {kept.resource_id: kept for kept in found}
    for kept in still.values():
        keeping.keep(session, kept, _NOBODY, now, books)
    opened = session.scalars(
        select(Interval.resource_id).where(
            Interval.ended_at.is_(None), Interval.workspace_id.is_(None)
        )
    ).all()
    for resource_id in opened:
        if resource_id not in still:
            keeping.end(session, resource_id, now, books)
    return len(still)


def _of_machine(one: OrgMachine, rootfs_mb: int, now: datetime) -> Iterable[Kept]:
    component = billed_component(one.state)
    if component is None or one.config is None:
        return
    guest = one.config.guest
    size = Size(guest.cpu_kind, guest.cpus, guest.memory_mb).slug
    if component is Component.ROOTFS:
        size = f"{rootfs_mb} MB"
    yield Kept(one.id, component, size, one.region, now, one.state[:16], estimated=True)


def _owned(session: Session, apps: set[str]) -> set[str]:
    """By a workspace, or by a backup that is looked at: that is billed when it is over."""
    rows = union_all(
        select(Workspace.app_name).where(
            Workspace.app_name.in_(apps), Workspace.destroyed_at.is_(None)
        ),
        select(Drill.app_name).where(Drill.app_name.in_(apps), Drill.state == "running"),
        select(Restore.app_name).where(
            Restore.app_name.in_(apps), Restore.state.in_(("making", "done"))
        ),
    )
    return set(session.scalars(rows))
