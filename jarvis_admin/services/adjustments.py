"""Credits, refunds and corrections: booked by a person with a reason, countered, never changed."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import ADJUSTMENTS, Kind
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import LedgerEntry, Workspace
from jarvis_admin.services import audit, ledger, metering

MOST_NANO = 100_000 * NANO
_COUNTER = "counter-"
_LARGEST = 2**63 - 1


@dataclass(frozen=True)
class Wanted:
    """`amount_nano` as it counts: negative in somebody's favour."""

    kind: Kind
    amount_nano: int
    day: date
    handle: str  # empty: the fleet as a whole
    reason: str


def days(kind: Kind, now: datetime) -> tuple[date, date]:
    """First and last day an adjustment may be booked on: of the running month, up to today; a
    correction may belong to last month, whose invoice has only just come."""
    month = Month.of(now)
    first = month.previous.first if kind is Kind.CORRECTION else month.first
    return first, now.date()


def check(session: Session, wanted: Wanted, now: datetime) -> Workspace | None:
    """Invalid or NotFound say why it cannot be booked; else whose it is, None for the fleet."""
    if wanted.kind not in ADJUSTMENTS:
        raise Invalid("Choose a credit, a refund or a correction.")
    if not wanted.amount_nano:
        raise Invalid("An adjustment of nothing changes nothing: give an amount.")
    if wanted.kind is not Kind.CORRECTION and wanted.amount_nano > 0:
        raise Invalid("A credit or refund takes off; to add a cost, book a correction.")
    if abs(wanted.amount_nano) > MOST_NANO:
        raise Invalid(f"At most ${MOST_NANO // NANO:,} at once; is the decimal point right?")
    first, last = days(wanted.kind, now)
    if not first <= wanted.day <= last:
        raise Invalid(f"A {wanted.kind} may be booked from {first} to {last}.")
    if len(wanted.reason) < 3:
        raise Invalid("Give a reason; it stands in the ledger and in the audit trail.")
    return _workspace(session, wanted.handle) if wanted.handle else None


def book(session: Session, wanted: Wanted, *, key: str, by: str, now: datetime) -> LedgerEntry:
    """`key` names the form: sent twice, it is booked once."""
    workspace = check(session, wanted, now)
    resource = f"adjustment-{key}"
    known = session.scalar(select(LedgerEntry).where(LedgerEntry.resource_id == resource))
    if known is not None:
        return known
    entry = _entry(wanted, workspace, resource, by, now)
    _book(session, entry, now)
    _record(session, f"book_{wanted.kind}", entry, wanted.handle, by, now)
    return entry


def get(session: Session, number: int) -> LedgerEntry:
    entry = session.get(LedgerEntry, number) if number <= _LARGEST else None
    if entry is None:
        raise NotFound(f"There is no ledger entry {number}.")
    return entry


def counters_of(session: Session, numbers: Iterable[int]) -> dict[int, int]:
    """By entry, the one that counters it; one statement."""
    names = {f"{_COUNTER}{number}": number for number in numbers}
    rows = session.execute(
        select(LedgerEntry.resource_id, LedgerEntry.id)
        .where(LedgerEntry.kind.in_(sorted(ADJUSTMENTS)))
        .where(LedgerEntry.resource_id.in_(sorted(names)))
    )
    return {names[name]: number for name, number in rows}


def countered_by(resource: str) -> int | None:
    """The entry that a counter entry with that resource takes back; None: it is no counter."""
    number = resource.removeprefix(_COUNTER)
    return int(number) if number != resource and number.isdecimal() else None


def refuse_unless_counterable(session: Session, entry: LedgerEntry) -> None:
    if entry.kind not in ADJUSTMENTS:
        raise Conflict("What the worker counts cannot be countered: book a correction instead.")
    if countered_by(entry.resource_id) is not None:
        raise Conflict("This entry counters another one: book a new adjustment instead.")
    if counters_of(session, [entry.id]):
        raise Conflict(f"Entry {entry.id} is countered already.")


def counter(session: Session, number: int, *, reason: str, by: str, now: datetime) -> LedgerEntry:
    """The opposite of an adjustment, on its own day while its month runs, else today."""
    # The row is locked, so that two people cannot counter it at once.
    entry = get(session, number)
    session.refresh(entry, with_for_update=True)
    refuse_unless_counterable(session, entry)
    if len(reason) < 3:
        raise Invalid("Give a reason; it stands in the ledger and in the audit trail.")
    opposite = LedgerEntry(
        workspace_id=entry.workspace_id,
        owner=entry.owner,
        plan=entry.plan,
        user_group=entry.user_group,
        day=entry.day if Month.of(entry.day) == Month.of(now) else now.date(),
        kind=entry.kind,
        component=entry.component,
        resource_id=f"{_COUNTER}{entry.id}",
        region=entry.region,
        quantity=0,
        unit="",
        amount_nano=-entry.amount_nano,
        price_version="",
        reason=reason,
        booked_by=by,
        booked_at=now,
    )
    _book(session, opposite, now)
    _record(session, f"counter_{entry.kind}", opposite, f"entry {entry.id}", by, now)
    return opposite


def _book(session: Session, entry: LedgerEntry, now: datetime) -> None:
    ledger.book(session, [entry])
    workspace = session.get(Workspace, entry.workspace_id) if entry.workspace_id else None
    if workspace is not None and workspace.destroyed_at is None:
        # Lists and the user's page show the running month from this row.
        metering.refresh_row(session, workspace, now)


def _entry(
    wanted: Wanted, workspace: Workspace | None, resource: str, by: str, now: datetime
) -> LedgerEntry:
    user = workspace.user if workspace else None
    return LedgerEntry(
        workspace_id=workspace.id if workspace else None,
        owner=Owner.USER if workspace else Owner.FLEET,
        plan=workspace.plan.key if workspace else "",
        user_group=user.user_group if user else "",
        day=wanted.day,
        kind=wanted.kind,
        component=Component.ADJUSTMENT,
        resource_id=resource,
        region=workspace.region if workspace else "",
        quantity=0,
        unit="",
        amount_nano=wanted.amount_nano,
        price_version="",
        reason=wanted.reason,
        booked_by=by,
        booked_at=now,
    )


def _workspace(session: Session, handle: str) -> Workspace:
    """The live one, else the last that the user had: a refund may come after the end."""
    found = session.scalars(
        select(Workspace)
        .where(Workspace.handle == handle)
        .order_by(Workspace.destroyed_at.is_not(None), Workspace.id.desc())
        .limit(1)
    ).first()
    if found is None:
        raise Invalid(f"There is no user {handle[:63]}.")
    return found


def _record(
    session: Session, action: str, entry: LedgerEntry, subject: str, by: str, now: datetime
) -> None:
    audit.record(
        session,
        at=now,
        actor=by,
        action=action,
        subject=subject or "fleet",
        reason=entry.reason,
        details={
            "entry": entry.id,
            "day": entry.day.isoformat(),
            "amount_nano": entry.amount_nano,
        },
    )
