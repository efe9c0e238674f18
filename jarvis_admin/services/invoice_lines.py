"""The lines of an invoice, compared with our ledger and kept with what was found."""

from collections import defaultdict
from collections.abc import Sequence

from sqlalchemy.orm import Session

from jarvis_admin.domain.invoice_file import Line
from jarvis_admin.domain.invoice_match import Compared, compare
from jarvis_admin.domain.invoice_subject import Subject, subject_of
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.price_list import PriceList
from jarvis_admin.domain.pricing import price_at
from jarvis_admin.models import Invoice, InvoiceLine, PriceBookVersion
from jarvis_admin.services import invoice_ours, prices


def keep(session: Session, invoice: Invoice, lines: Sequence[Line], prefix: str) -> None:
    """Add the lines' rows and renew the invoice's sums; there must be no row of it yet."""
    month = Month(invoice.month)
    groups = _groups(session, month)
    about = [(one, subject_of(one, groups, prefix)) for one in lines]
    ours = invoice_ours.ours(session, month, {subject.app for _, subject in about if subject.app})
    found = compare(about, ours)
    order = sorted(
        range(len(found)),
        key=lambda at: (-abs(found[at].unexplained_nano), -abs(found[at].difference_nano), at),
    )
    ranks = {at: rank for rank, at in enumerate(order)}
    session.add_all(_row(month, one, at, ranks[at]) for at, one in enumerate(found))
    session.flush()
    _sum_up(invoice, found)


def _sum_up(invoice: Invoice, found: Sequence[Compared]) -> None:
    parts: dict[str, int] = defaultdict(int)
    counted = [one for one in found if one.counted_with is None]
    for one in counted:
        for why, nano in one.parts.items():
            parts[str(why)] += nano
    invoice.fly_nano = sum(one.fly_nano for one in counted)
    invoice.ours_nano = sum(one.ours_nano for one in counted)
    invoice.parts = dict(parts)
    invoice.explained_nano = sum(parts.values())
    invoice.unexplained_nano = sum(one.unexplained_nano for one in counted)


def _row(month: Month, one: Compared, position: int, rank: int) -> InvoiceLine:
    given = one.line
    return InvoiceLine(
        month=month.first,
        number=given.number if given else -(position + 1),
        rank=rank,
        description=given.description if given else "",
        app=given.app if given else "",
        region=given.region if given else "",
        quantity="" if given is None or given.quantity is None else f"{given.quantity:f}"[:40],
        unit=given.unit if given else "",
        fly_nano=given.amount_nano if given else 0,
        component=one.subject.component,
        size=one.subject.size,
        ours_nano=one.ours_nano,
        our_quantity="" if one.our_quantity is None else f"{one.our_quantity:f}",
        difference_nano=one.difference_nano,
        unexplained_nano=one.unexplained_nano,
        parts={str(why): nano for why, nano in one.parts.items() if nano},
        note=_note(one),
    )


def _note(one: Compared) -> str:
    if one.counted_with is not None:
        return f"Counted together with line {one.counted_with}."
    if one.line is None:
        return "In our ledger, but on no line of the invoice."
    said = _about(one.subject)
    if one.together:
        numbers = ", ".join(str(number) for number in one.together[:20])
        said += f" Counted together with line {numbers}"
        said += " …" if len(one.together) > 20 else "."
    return said[:500]


def _about(subject: Subject) -> str:
    if subject.why is not None:
        return "We do not meter this."
    if not subject.component:
        return "No part of our ledger is recognised in its words."
    where = f" in {', '.join(sorted(subject.regions))}" if subject.regions else ""
    app = f" of the app {subject.app}" if subject.app else ""
    size = f" {subject.size}" if subject.size else ""
    return f"Compared with our {subject.component}{size}{where}{app}."


def _groups(session: Session, month: Month) -> dict[str, frozenset[str]]:
    """Regions by their traffic group, as the prices of the month name them."""
    book = price_at(prices.load(session), month.start)
    figures = session.get_one(PriceBookVersion, book.version).figures
    return {group.name: frozenset(group.regions) for group in PriceList.from_dict(figures).groups}
