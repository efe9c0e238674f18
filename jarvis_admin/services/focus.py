"""A month as rows of FOCUS 1.2, the FinOps format: one a workspace, day and component.

What belongs to no workspace follows as one row a day and component, so that BilledCost adds up
to the month to the nanodollar. Read and written in pieces: memory does not grow with the fleet.
"""

import csv
import io
from collections import defaultdict
from collections.abc import Iterator, Sequence
from datetime import date
from typing import Any

from sqlalchemy import Row, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.focus import COLUMNS, Of, row
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.pricing import Component
from jarvis_admin.models import (
    FleetDay,
    LedgerEntry,
    Plan,
    UsageDay,
    User,
    Workspace,
    WorkspaceMonth,
)

_AT_ONCE = 200

_w, _u, _m = Workspace.__table__.c, UsageDay.__table__.c, WorkspaceMonth.__table__.c
_f, _e = FleetDay.__table__.c, LedgerEntry.__table__.c


def csv_lines(session: Session, month: Month) -> Iterator[str]:
    """The file, head first, in pieces of a few hundred rows."""
    yield _written([COLUMNS])
    piece: list[Sequence[str]] = []
    for charge in rows(session, month):
        piece.append(charge)
        if len(piece) >= _AT_ONCE:
            yield _written(piece)
            piece = []
    yield _written(piece)


def rows(session: Session, month: Month) -> Iterator[Sequence[str]]:
    """Three statements for every 200 workspaces; closed intervals and booked entries only."""
    seen: dict[tuple[date, str], list[int]] = defaultdict(lambda: [0, 0])
    for owners in _workspaces(session, month):
        used = session.execute(
            select(_u.workspace_id, _u.day, _u.component, _u.micros, _u.amount_nano)
            .where(_u.workspace_id.in_(list(owners)))
            .where(_u.day >= month.first, _u.day < month.following.first)
            .order_by(_u.workspace_id, _u.day, _u.component)
        )
        sent = _sent(session, list(owners), month)
        for workspace_id, day, component, micros, nano in used:
            sums = seen[day, component]
            sums[0] += micros
            sums[1] += nano
            bytes_ = sent.get((workspace_id, day), 0) if component == Component.EGRESS else 0
            yield row(month, day, component, micros, nano, owners[workspace_id], bytes_)
    fleet = session.execute(
        select(_f.day, _f.component, _f.micros, _f.amount_nano)
        .where(_f.day >= month.first, _f.day < month.following.first)
        .order_by(_f.day, _f.component)
    )
    for day, component, micros, nano in fleet:
        of_workspaces = seen[day, component]
        if nano != of_workspaces[1]:
            rest = nano - of_workspaces[1]
            yield row(month, day, component, micros - of_workspaces[0], rest, Of())


def _sent(session: Session, ids: list[int], month: Month) -> dict[tuple[int, date], int]:
    """Bytes by workspace and day: roll-ups keep only what they cost."""
    found = session.execute(
        select(_e.workspace_id, _e.day, func.sum(_e.quantity))
        .where(_e.workspace_id.in_(ids), _e.kind == Kind.EGRESS)
        .where(_e.day >= month.first, _e.day < month.following.first)
        .group_by(_e.workspace_id, _e.day)
    )
    return {(workspace_id, day): int(sent) for workspace_id, day, sent in found}


def _workspaces(session: Session, month: Month) -> Iterator[dict[int, Of]]:
    """Those with a cost in the month, in pieces."""
    after = 0
    while True:
        found = session.execute(
            select(_w.id, _w.app_name, _w.handle, _w.region, Plan.key, User.user_group, _w.user_id)
            .select_from(WorkspaceMonth)
            .join(Workspace, _w.id == _m.workspace_id)
            .join(Plan, Plan.id == _w.plan_id)
            .outerjoin(User, User.id == _w.user_id)
            .where(_m.month == month.first, _m.workspace_id > after)
            .order_by(_m.workspace_id)
            .limit(_AT_ONCE)
        ).all()
        if not found:
            return
        yield {each.id: _of(each) for each in found}
        after = found[-1].id


def _of(found: Row[Any]) -> Of:
    owner = "user" if found.user_id is not None else "pool"
    group = found.user_group or ""
    return Of(found.app_name, found.handle, found.region, found.key, group, owner)


def _written(lines: Sequence[Sequence[str]]) -> str:
    file = io.StringIO(newline="")
    csv.writer(file).writerows(lines)
    return file.getvalue()
