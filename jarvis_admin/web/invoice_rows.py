"""An invoice and its lines as the tables show them."""

from dataclasses import dataclass

from jarvis_admin.domain.invoice_subject import Why
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.written_money import exact_usd
from jarvis_admin.models import Invoice, InvoiceLine
from jarvis_admin.web import cost_tables
from jarvis_admin.web.cost_tables import share

WORDS = {
    Why.ORPHAN: ("Orphans", "at Fly, but no row of ours owns them"),
    Why.POOL: ("Warm pool", "made ahead, nobody’s yet"),
    Why.PARKED: ("Parked volumes", "kept for the way back"),
    Why.FLEET: ("The fleet as a whole", "reservations, addresses"),
    Why.BUILDERS: ("Builders", "Fly’s own machines that build images"),
    Why.OTHER_APPS: ("Other apps", "of the organisation, without our mark"),
    Why.FREE: ("Free allowance", "10 GB of snapshots are the organisation’s"),
    Why.CERTIFICATES: ("Certificates", "we do not meter them"),
    Why.SUPPORT: ("Support plan", "we do not meter it"),
    Why.TAX: ("Tax", "we do not meter it"),
    Why.CREDITS: ("Fly’s credits", "book a correction to have them in the ledger"),
    Why.STORE: ("Object store", "archives; it has an invoice of its own"),
    Why.SPREAD: ("Reservations", "paid at once there, spread by the day here"),
    Why.ROUNDING: ("Rounding", "up to a cent a line"),
}


@dataclass(frozen=True)
class PartRow:
    label: str
    what: str
    amount: str
    percent: float


@dataclass(frozen=True)
class LineRow:
    number: int
    about: str
    place: str
    quantity: str
    our_quantity: str
    fly: str
    ours: str
    difference: str
    why: str
    look: str
    word: str


def parts(invoice: Invoice) -> list[PartRow]:
    """What explains the difference, the largest first."""
    named = sorted(invoice.parts.items(), key=lambda item: -abs(item[1]))
    return [
        PartRow(*WORDS[Why(why)], dollars(nano), share(max(nano, 0), invoice.fly_nano))
        for why, nano in named
        if nano
    ]


def row(line: InvoiceLine) -> LineRow:
    look, word = _verdict(line)
    return LineRow(
        line.number,
        line.description or f"{line.component.capitalize()}, not on the invoice",
        " · ".join(filter(None, (line.app, line.region))),
        f"{line.quantity.replace('-', '−')} {line.unit}".strip() or "–",
        line.our_quantity or "–",
        dollars(line.fly_nano),
        dollars(line.ours_nano) if line.ours_nano else "–",
        cost_tables.change(line.difference_nano) if line.difference_nano else "–",
        explanation(line),
        look,
        word,
    )


def explanation(line: InvoiceLine) -> str:
    named = [WORDS[Why(why)][0].lower() for why in line.parts]
    return ", ".join(named)


def _verdict(line: InvoiceLine) -> tuple[str, str]:
    if line.unexplained_nano:
        return "failed", "unexplained"
    if line.difference_nano:
        return "scheduled", "explained"
    if line.note.startswith("Counted together"):
        return "off", "see its line"
    return "pass", "the same"


def derivation(line: InvoiceLine) -> list[tuple[str, str]]:
    """How the difference comes about, to the nanodollar."""
    return [
        *(
            (f"{WORDS[Why(why)][0]}, {WORDS[Why(why)][1]}", exact_usd(nano))
            for why, nano in line.parts.items()
        ),
        ("Unexplained", exact_usd(line.unexplained_nano)),
    ]
