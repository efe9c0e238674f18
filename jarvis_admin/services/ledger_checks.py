"""What can never be true of a ledger, whatever its sums say."""

from collections.abc import Iterator, Sequence
from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import Archive, Interval, Volume, Workspace

_i, _w, _v, _a = (model.__table__.c for model in (Interval, Workspace, Volume, Archive))


def contradictions(session: Session, workspaces: Sequence[int] | None) -> Iterator[str]:
    """Of these workspaces, or of what belongs to none: a sentence for each."""
    mine = _i.workspace_id.is_(None) if workspaces is None else _i.workspace_id.in_(workspaces)
    for resource_id, at in session.execute(_overlapping(mine)):
        yield f"{resource_id} is billed twice from {at:%Y-%m-%d %H:%M:%S.%f} UTC on."
    opened = select(_i.resource_id).where(mine, _i.ended_at.is_(None))
    after_death = opened.join(Workspace.__table__, _w.id == _i.workspace_id).where(
        _w.destroyed_at.is_not(None), _i.component != Component.ARCHIVE
    )
    for number in session.scalars(after_death):
        yield f"{number} is billed though its workspace is destroyed."
    after_deletion = opened.join(Volume.__table__, _v.id == _i.resource_id).where(
        _v.deleted_at.is_not(None), _i.workspace_id.is_not(None)
    )
    for number in session.scalars(after_deletion):
        yield f"Volume {number} is billed though it is deleted."
    after_removal = opened.join(Archive.__table__, _a.id == _i.resource_id).where(
        _a.gone_at.is_not(None)
    )
    for number in session.scalars(after_removal):
        yield f"Archive {number} is billed though it is deleted."


def _overlapping(mine: Any) -> Any:
    """Where an interval begins before the one in front of it ended, or while that is open."""
    order: dict[str, Any] = {"partition_by": _i.resource_id, "order_by": (_i.started_at, _i.id)}
    rows = (
        select(
            _i.resource_id,
            _i.started_at,
            func.lag(_i.ended_at).over(**order).label("ended"),
            func.lag(_i.started_at).over(**order).label("before"),
        )
        .where(mine)
        .subquery()
    )
    overlaps = rows.c.before.is_not(None) & (
        rows.c.ended.is_(None) | (rows.c.ended > rows.c.started_at)
    )
    return select(rows.c.resource_id, rows.c.started_at).where(overlaps)
