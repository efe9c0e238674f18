"""Fly's monthly invoice: kept line by line, and compared with our ledger as often as asked."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from sqlalchemy import Row, Select, delete, func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.invoice_file import Line, Read
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.written_money import read_decimal
from jarvis_admin.errors import Conflict, Invalid, NotFound
from jarvis_admin.models import Invoice, InvoiceLine
from jarvis_admin.services import audit, invoice_lines

PAGE = 100

_l = InvoiceLine.__table__.c


@dataclass(frozen=True)
class Upload:
    month: Month
    file_name: str
    read: Read
    replace: bool


@dataclass(frozen=True)
class Page:
    rows: Sequence[InvoiceLine]
    next: int | None  # the rank the next page begins with


def every(session: Session) -> list[Invoice]:
    return list(session.scalars(select(Invoice).order_by(Invoice.month.desc())))


def doubtful(session: Session) -> dict[date, int]:
    """How many lines of each month are unexplained: their sum may cancel out."""
    rows = session.execute(
        select(_l.month, func.count()).where(_l.unexplained_nano != 0).group_by(_l.month)
    )
    return dict(rows.all())


def get(session: Session, month: Month) -> Invoice:
    invoice = session.get(Invoice, month.first)
    if invoice is None:
        raise NotFound(f"No invoice was uploaded for {month.title}.")
    return invoice


def store(session: Session, upload: Upload, *, prefix: str, by: str, now: datetime) -> Invoice:
    """Keep the lines and compare them; Conflict when the month has one and none was to be
    replaced. `prefix` is how the names of our apps begin."""
    month = upload.month
    if now < month.end:
        raise Invalid(f"{month.title} is not over: its invoice comes after its last day.")
    known = session.get(Invoice, month.first)
    if known is not None and not upload.replace:
        raise Conflict(
            f"{month.title} has an invoice: {known.file_name}, by {known.uploaded_by}. "
            "Tick the box to replace it."
        )
    if known is not None:
        session.execute(delete(InvoiceLine).where(InvoiceLine.month == month.first))
        session.delete(known)
        session.flush()
    invoice = Invoice(
        month=month.first,
        file_name=upload.file_name,
        uploaded_by=by,
        uploaded_at=now,
        compared_at=now,
        printed_nano=upload.read.printed_nano,
        fly_nano=0,
        ours_nano=0,
        explained_nano=0,
        unexplained_nano=0,
        parts={},
    )
    session.add(invoice)
    session.flush()
    invoice_lines.keep(session, invoice, upload.read.lines, prefix)
    audit.record(
        session,
        at=now,
        actor=by,
        action="upload_invoice",
        subject=f"invoice {month}",
        details={
            "file": upload.file_name,
            "lines": len(upload.read.lines),
            "fly_nano": invoice.fly_nano,
            "replaced": known is not None,
        },
    )
    return invoice


def compare_again(
    session: Session, month: Month, *, prefix: str, by: str, now: datetime
) -> Invoice:
    """With the ledger as it stands now: late events may have moved it."""
    invoice = get(session, month)
    rows = session.execute(
        select(*_l).where(_l.month == month.first, _l.number > 0).order_by(_l.number)
    )
    lines = [_line(row) for row in rows]
    session.execute(delete(InvoiceLine).where(InvoiceLine.month == month.first))
    invoice_lines.keep(session, invoice, lines, prefix)
    invoice.compared_at = now
    audit.record(
        session,
        at=now,
        actor=by,
        action="compare_invoice",
        subject=f"invoice {month}",
        details={"unexplained_nano": invoice.unexplained_nano},
    )
    return invoice


def page(session: Session, month: Month, since: int, only_different: bool) -> Page:
    """Lines with the largest difference first, from a rank on."""
    found = _lines(month).where(InvoiceLine.rank >= since)
    if only_different:
        found = found.where(InvoiceLine.difference_nano != 0)
    rows = session.scalars(found.limit(PAGE + 1)).all()
    return Page(rows[:PAGE], rows[PAGE].rank if len(rows) > PAGE else None)


def line(session: Session, month: Month, number: int) -> InvoiceLine:
    row = session.get(InvoiceLine, (month.first, number)) if abs(number) < 2**31 else None
    if row is None:
        raise NotFound(f"The invoice of {month.title} has no line {number}.")
    return row


def all_lines(session: Session, month: Month) -> Iterator[InvoiceLine]:
    yield from session.scalars(_lines(month))


def _lines(month: Month) -> Select[InvoiceLine]:
    return select(InvoiceLine).where(InvoiceLine.month == month.first).order_by(InvoiceLine.rank)


def _line(row: Row[Any]) -> Line:
    quantity = read_decimal(row.quantity) if row.quantity else None
    return Line(row.number, row.description, row.app, row.region, quantity, row.unit, row.fly_nano)
