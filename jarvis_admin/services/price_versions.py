"""Versions of the price book: which are past, in force and coming; adding and dropping those."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.price_check import problems, refuse_unless_later
from jarvis_admin.domain.price_list import PriceList
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import PriceBookVersion
from jarvis_admin.services import audit, prices


@dataclass(frozen=True)
class Version:
    version: str
    effective_from: datetime
    until: datetime | None  # when the next one takes over
    status: str  # past, in force, coming
    note: str
    made_by: str
    figures: dict[str, Any]

    @property
    def book(self) -> PriceBook:
        return PriceBook.from_dict(self.figures)

    @property
    def price_list(self) -> PriceList:
        return PriceList.from_dict(self.figures)


def every(session: Session, now: datetime) -> list[Version]:
    """Newest first; one statement."""
    rows = session.scalars(
        select(PriceBookVersion).order_by(PriceBookVersion.effective_from, PriceBookVersion.version)
    ).all()
    if not rows:
        return []
    ends = [*(row.effective_from for row in rows[1:]), None]
    begun = [number for number, row in enumerate(rows) if row.effective_from <= now]
    # Before the first book the first is used: see price_at.
    current = begun[-1] if begun else 0
    found = [
        Version(
            row.version,
            row.effective_from,
            end,
            _status(number, current),
            row.note,
            row.made_by,
            row.figures,
        )
        for number, (row, end) in enumerate(zip(rows, ends, strict=True))
    ]
    return found[::-1]


def named(versions: list[Version], name: str) -> Version:
    for version in versions:
        if version.version == name:
            return version
    raise NotFound(f"There is no price version {name[:32]}.")


def in_force(versions: list[Version]) -> Version:
    return next(version for version in versions if version.status == "in force")


def replaced_by(versions: list[Version], effective_from: datetime) -> Version:
    """What is in force just before that moment: what a draft is compared with."""
    before = [version for version in versions if version.effective_from < effective_from]
    return before[0] if before else versions[-1]


def check(session: Session, figures: dict[str, Any], now: datetime) -> list[str]:
    """Everything that keeps the figures from becoming a version; empty: nothing does."""
    found = problems(figures)
    if found:
        return found
    book = PriceBook.from_dict(figures)
    try:
        refuse_unless_later(book.effective_from, now)
    except Invalid as invalid:
        found.append(str(invalid))
    for version in every(session, now):
        if version.version == book.version:
            found.append(f"Price version {book.version} is there already; give it another name.")
        elif version.effective_from == book.effective_from:
            found.append(f"Version {version.version} comes into force at that same moment.")
    return found


def add(
    session: Session, figures: dict[str, Any], *, note: str, by: str, now: datetime
) -> PriceBook:
    """A coming version, with its row in the audit trail."""
    wrong = check(session, figures, now)
    if wrong:
        raise Invalid(" ".join(wrong))
    book = prices.import_book(session, figures, note=note, made_by=by)
    audit.record(
        session,
        at=now,
        actor=by,
        action="add_prices",
        subject=f"prices {book.version}",
        reason=note,
        details={"effective_from": book.effective_from.isoformat()},
    )
    return book


def drop(session: Session, name: str, *, by: str, reason: str, now: datetime) -> None:
    """A coming version goes; one that is or was in force stays for ever."""
    row = session.get(PriceBookVersion, name, with_for_update=True)
    if row is None:
        raise NotFound(f"There is no price version {name[:32]}.")
    if row.effective_from <= now:
        raise Conflict(f"Version {name} has come into force: what it priced must stay provable.")
    session.delete(row)
    audit.record(
        session,
        at=now,
        actor=by,
        action="drop_prices",
        subject=f"prices {name}",
        reason=reason,
        details={"effective_from": row.effective_from.isoformat(), "figures": row.figures},
    )


def _status(number: int, current: int) -> str:
    if number == current:
        return "in force"
    return "past" if number < current else "coming"
