"""One user's month: its sum by component, and the lines that prove it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import and_, func, or_, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import MachineState
from jarvis_admin.domain.months import Month
from jarvis_admin.errors import NotFound
from jarvis_admin.models import Interval, LedgerEntry, UsageDay, Workspace
from jarvis_admin.services import user_lines
from jarvis_admin.services.user_lines import Cursor, Entry, Line, Only

PAGE = 200

_i, _u, _w = Interval.__table__.c, UsageDay.__table__.c, Workspace.__table__.c
_e = LedgerEntry.__table__.c


@dataclass(frozen=True)
class Part:
    component: str
    micros: int
    amount_nano: int


@dataclass(frozen=True)
class Page:
    """The month's sums, and the lines of what of it was asked for.

    `closed_nano`, of intervals and entries, and the roll-up must be the same number.
    """

    lines: Sequence[Line]
    entries: Sequence[Entry]
    next: Cursor | None
    asked_nano: int  # of everything asked for, on this page or not
    parts: Sequence[Part]
    intervals: int
    estimated: int
    closed_nano: int
    rolled_up_nano: int
    open_nano: int

    @property
    def total_nano(self) -> int:
        return self.closed_nano + self.open_nano

    @property
    def proven(self) -> bool:
        return self.closed_nano == self.rolled_up_nano


def month_of(
    session: Session,
    handle: str,
    only: Only,
    cursor: Cursor | None,
    now: datetime,
) -> Page:
    """Of every workspace that had this handle, destroyed ones too; ten statements at most."""
    owners, whole = _workspaces(session, handle), Only(only.month)
    opened = user_lines.opened(session, owners, whole, now)
    count, estimated, intervals_nano = _sums(session, owners, whole)
    closed_nano = intervals_nano + _booked(session, owners, whole)
    rolled_up = _rolled_up(session, owners, only.month)
    open_nano = sum(line.amount_nano for line in opened)
    open_asked, asked_nano = opened, closed_nano + open_nano
    if only != whole:
        open_asked = user_lines.opened(session, owners, only, now)
        asked_nano = _sums(session, owners, only)[2] + _booked(session, owners, only)
        asked_nano += sum(line.amount_nano for line in open_asked)
    lines, following = user_lines.closed(session, owners, only, cursor, PAGE)
    return Page(
        lines=lines if cursor else [*open_asked, *lines],
        entries=user_lines.entries(session, owners, only),
        next=following,
        asked_nano=asked_nano,
        parts=_with_open(rolled_up, opened),
        intervals=count + len(opened),
        estimated=estimated + sum(line.estimated for line in opened),
        closed_nano=closed_nano,
        rolled_up_nano=sum(part.amount_nano for part in rolled_up),
        open_nano=open_nano,
    )


def _workspaces(session: Session, handle: str) -> Sequence[int]:
    # Each half has an index of its own.
    mine = or_(
        and_(_w.handle == handle, _w.destroyed_at.is_(None)),
        and_(_w.state == MachineState.DESTROYED, _w.handle == handle),
    )
    found = session.scalars(select(_w.id).where(mine)).all()
    if not found:
        raise NotFound(f"There is no user {handle[:63]}.")
    return found


def _sums(session: Session, owners: Sequence[int], only: Only) -> tuple[int, int, int]:
    """Of the closed intervals: how many, how many estimated, what they cost."""
    row = session.execute(
        select(
            func.count(),
            func.count().filter(_i.estimated),
            func.coalesce(func.sum(_i.amount_nano), 0),
        ).where(*user_lines.within(owners, only))
    ).one()
    return row[0], row[1], int(row[2])


def _booked(session: Session, owners: Sequence[int], only: Only) -> int:
    found = select(func.coalesce(func.sum(_e.amount_nano), 0)).where(
        *user_lines.booked(owners, only)
    )
    return int(session.scalar(found) or 0)


def _rolled_up(session: Session, owners: Sequence[int], month: Month) -> list[Part]:
    rows = session.execute(
        select(_u.component, func.sum(_u.micros), func.sum(_u.amount_nano))
        .where(_u.workspace_id.in_(owners))
        .where(_u.day >= month.first, _u.day < month.following.first)
        .group_by(_u.component)
    )
    return [Part(component, int(micros), int(nano)) for component, micros, nano in rows]


def _with_open(rolled_up: Sequence[Part], opened: Sequence[Line]) -> list[Part]:
    """The dearest component first."""
    sums = {part.component: (part.micros, part.amount_nano) for part in rolled_up}
    for line in opened:
        micros, nano = sums.get(line.component, (0, 0))
        sums[line.component] = micros + line.micros, nano + line.amount_nano
    parts = [Part(component, *sum_) for component, sum_ in sums.items()]
    return sorted(parts, key=lambda part: part.amount_nano, reverse=True)
