"""What the last 30 days' usage would have cost by other prices: two statements, no interval read.

The cells of the cost cube hold seconds by component, size and region, so any book can price them
again. What has no seconds or no size (traffic, the free gigabytes) is scaled by its unit price.
"""

from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from fractions import Fraction
from typing import NamedTuple

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.metering import rate_of
from jarvis_admin.domain.money import amount_nano, round_half_even
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component, PriceBook
from jarvis_admin.errors import Invalid
from jarvis_admin.models import CostCell, Plan, Workspace

DAYS = 30

_c, _w = CostCell.__table__.c, Workspace.__table__.c
_BY_SECONDS = frozenset(
    {
        Component.COMPUTE,
        Component.ROOTFS,
        Component.VOLUME,
        Component.ADDRESS,
        Component.HELPER,
    }
)
_UNIT_PRICE: dict[str, Callable[[PriceBook, str], Fraction]] = {
    Component.EGRESS: lambda book, region: book.egress_gb.get(region, max(book.egress_gb.values())),
    Component.SNAPSHOT: lambda book, _region: book.snapshot,
    Component.ARCHIVE: lambda book, _region: book.object_store,
    Component.ROOTFS: lambda book, _region: book.rootfs,
    Component.VOLUME: lambda book, _region: book.volume,
}


class Used(NamedTuple):
    component: str
    owner: str
    plan: str
    region: str
    size: str
    micros: int
    amount_nano: int


@dataclass
class Pair:
    """The same usage by two books."""

    old_nano: int = 0
    new_nano: int = 0

    @property
    def difference(self) -> int:
        return self.new_nano - self.old_nano


@dataclass
class Preview:
    """`days` closed days were priced twice; amounts are scaled to a month of 30."""

    since: date
    days: int
    total: Pair = field(default_factory=Pair)
    components: dict[str, Pair] = field(default_factory=lambda: defaultdict(Pair))
    plans: dict[str, Pair] = field(default_factory=lambda: defaultdict(Pair))  # "": nobody's


def preview(
    session: Session, *, now_in_force: PriceBook, old: PriceBook, new: PriceBook, now: datetime
) -> Preview:
    """`old` is what `new` replaces: the book in force, or a coming one."""
    today = now.date()
    # What was billed by still older prices would show a difference that is not the draft's.
    since = min(max(today - timedelta(days=DAYS), now_in_force.effective_from.date()), today)
    found = Preview(since, (today - since).days)
    names = {key: name for key, name in session.execute(select(Plan.key, Plan.name))}  # noqa: C416
    for used in _used(session, since, today):
        before, after = (_cost(used, book, now_in_force) for book in (old, new))
        plan = names.get(used.plan, used.plan) if used.owner == Owner.USER else ""
        for pair in (found.total, found.components[used.component], found.plans[plan]):
            pair.old_nano += before
            pair.new_nano += after
    for pair in (found.total, *found.components.values(), *found.plans.values()):
        pair.old_nano = _a_month(pair.old_nano, found.days)
        pair.new_nano = _a_month(pair.new_nano, found.days)
    return found


def unpriced(session: Session, book: PriceBook) -> list[tuple[str, int]]:
    """Regions the book does not name, and how many machines are in each; one statement."""
    rows = session.execute(
        select(_w.region, func.count())
        .where(_w.destroyed_at.is_(None), _w.region.not_in(sorted(book.multipliers)))
        .group_by(_w.region)
        .order_by(func.count().desc(), _w.region)
    )
    return [(region, int(machines)) for region, machines in rows if region]


def _used(session: Session, since: date, until: date) -> list[Used]:
    labels = (_c.component, _c.owner, _c.plan, _c.region, _c.size)
    rows = session.execute(
        select(*labels, func.sum(_c.micros), func.sum(_c.amount_nano))
        .where(_c.day >= since, _c.day < until)
        .where(_c.component.not_in([Component.RESERVATION, Component.ADJUSTMENT]))
        .group_by(*labels)
    )
    return [Used(*row[:5], int(row[5]), int(row[6])) for row in rows]


def _cost(used: Used, book: PriceBook, billed_by: PriceBook) -> int:
    if used.component in _BY_SECONDS and used.size:
        try:
            rate = rate_of(Component(used.component), used.size, used.region)(book)
        except (Invalid, ValueError):
            return used.amount_nano  # a size that cannot be read keeps its amount
        return amount_nano(rate, used.micros)
    price = _UNIT_PRICE.get(used.component)
    if price is None or not (billed := price(billed_by, used.region)):
        return used.amount_nano
    scaled = used.amount_nano * price(book, used.region) / billed
    return round_half_even(scaled.numerator, scaled.denominator)


def _a_month(nano: int, days: int) -> int:
    return round_half_even(nano * DAYS, days) if days else 0
