"""Ledger entries: amounts of a day that are not made by the second, kept with their sums."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from datetime import date

from sqlalchemy import bindparam, select, tuple_, update
from sqlalchemy.orm import Session

from jarvis_admin.domain.months import Month
from jarvis_admin.models import LedgerEntry, Workspace
from jarvis_admin.services import rollups, turn

_AT_ONCE = 300  # keys in one statement

Key = tuple[str, str, date]
_w = Workspace.__table__.c
_ADD = (
    update(Workspace.__table__)  # type: ignore[arg-type]
    .where(_w.id == bindparam("key"))
    .where(_w.metered_at >= bindparam("since"), _w.metered_at < bindparam("until"))
    .values(month_nano=_w.month_nano + bindparam("nano"))
)
_COPIED = (
    "workspace_id",
    "owner",
    "plan",
    "user_group",
    "component",
    "region",
    "quantity",
    "unit",
    "amount_nano",
    "price_version",
    "reason",
    "booked_by",
    "booked_at",
)


def book(session: Session, entries: Iterable[LedgerEntry]) -> int:
    """Record the entries and what they add to the sums; how many changed an amount.

    The same kind, resource and day is the same entry: it is replaced, and what says nothing new
    is left alone.
    """
    turn.take(session)
    wanted = {_key(entry): entry for entry in entries}
    there = known(session, list(wanted))
    postings: list[rollups.Posting] = []
    changed = 0
    for key, entry in wanted.items():
        before = there.get(key)
        if before is None:
            session.add(entry)
        elif _same(before, entry):
            continue
        else:
            postings.append(rollups.of_entry(before, -1))
            for name in _COPIED:
                setattr(before, name, getattr(entry, name))
        postings.append(rollups.of_entry(entry, 1))
        changed += 1
    session.flush()
    rollups.post(session, postings)
    _add_to_rows(session, postings)
    return changed


def _add_to_rows(session: Session, postings: Sequence[rollups.Posting]) -> None:
    """The list row's month to date knows of an entry at once, not with its next renewal."""
    sums: dict[tuple[int, Month], int] = defaultdict(int)
    for row in postings:
        if row.workspace_id is not None:
            sums[row.workspace_id, Month.of(date.fromisoformat(row.day))] += row.amount_nano
    rows = [
        {"key": number, "since": month.start, "until": month.end, "nano": nano}
        for (number, month), nano in sorted(sums.items())
        if nano
    ]
    if rows:
        session.connection().execute(_ADD, rows)
        for known in session.identity_map.values():
            if isinstance(known, Workspace):
                session.expire(known, ["month_nano"])


def _key(entry: LedgerEntry) -> Key:
    return entry.kind, entry.resource_id, entry.day


def _same(one: LedgerEntry, other: LedgerEntry) -> bool:
    return all(
        getattr(one, name) == getattr(other, name) for name in _COPIED if name != "booked_at"
    )


def known(session: Session, keys: Sequence[Key]) -> dict[Key, LedgerEntry]:
    """The entries that are there, by kind, resource and day; locked until the commit."""
    found: dict[Key, LedgerEntry] = {}
    columns = tuple_(LedgerEntry.kind, LedgerEntry.resource_id, LedgerEntry.day)
    for start in range(0, len(keys), _AT_ONCE):
        some = keys[start : start + _AT_ONCE]
        rows = session.scalars(select(LedgerEntry).where(columns.in_(some)).with_for_update())
        found.update((_key(row), row) for row in rows)
    return found
