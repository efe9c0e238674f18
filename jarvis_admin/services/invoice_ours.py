"""What our ledger says of a month, as an invoice can be compared with it; four statements, and
two for each 500 apps that the invoice names."""

from collections.abc import Collection

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.invoice_match import Ours
from jarvis_admin.domain.invoice_pool import Cell
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import Component, PriceBook, price_at
from jarvis_admin.models import CostCell, LedgerEntry, UsageDay, Workspace
from jarvis_admin.services import prices

_AT_ONCE = 500
_BYTES_PER_GB = 10**9

_c, _e = CostCell.__table__.c, LedgerEntry.__table__.c
_u, _w = UsageDay.__table__.c, Workspace.__table__.c


def ours(session: Session, month: Month, apps: Collection[str]) -> Ours:
    """Adjustments are between us and our users: no invoice of Fly's knows them."""
    places, sums = _apps(session, month, sorted(apps))
    book = price_at(prices.load(session), month.start)
    cells = _cells(session, month)
    return Ours(cells, sums, frozenset(places), _free_snapshots(book), places)


def _cells(session: Session, month: Month) -> list[Cell]:
    labels = (_c.component, _c.owner, _c.region, _c.size)
    rows = session.execute(
        select(*labels, func.sum(_c.micros), func.sum(_c.amount_nano))
        .where(_c.day >= month.first, _c.day < month.following.first)
        .where(_c.component != Component.ADJUSTMENT)
        .group_by(*labels)
    )
    sent = _sent(session, month)
    return [
        Cell(
            _invoiced_as(component),
            owner,
            region,
            size,
            int(micros),
            int(nano),
            sent.get((owner, region), 0) if component == Component.EGRESS else 0,
        )
        for component, owner, region, size, micros, nano in rows
    ]


def _invoiced_as(component: str) -> str:
    """To Fly a helper is a machine like any other; its volume is there for minutes."""
    return Component.COMPUTE if component == Component.HELPER else component


def _sent(session: Session, month: Month) -> dict[tuple[str, str], int]:
    rows = session.execute(
        select(_e.owner, _e.region, func.sum(_e.quantity))
        .where(_e.day >= month.first, _e.day < month.following.first)
        .where(_e.kind == Kind.EGRESS)
        .group_by(_e.owner, _e.region)
    )
    return {(owner, region): int(sent) for owner, region, sent in rows}


def _apps(
    session: Session, month: Month, names: list[str]
) -> tuple[dict[str, tuple[str, str]], dict[tuple[str, str], tuple[str, int]]]:
    places: dict[str, tuple[str, str]] = {}
    sums: dict[tuple[str, str], tuple[str, int]] = {}
    for start in range(0, len(names), _AT_ONCE):
        some = names[start : start + _AT_ONCE]
        found = session.execute(
            select(_w.app_name, _w.region, _w.size).where(_w.app_name.in_(some))
        )
        places.update({app: (region, size) for app, region, size in found})
        rows = session.execute(
            select(_w.app_name, _w.user_id, _u.component, func.sum(_u.amount_nano))
            .join_from(Workspace.__table__, UsageDay.__table__, _u.workspace_id == _w.id)
            .where(_w.app_name.in_(some))
            .where(_u.day >= month.first, _u.day < month.following.first)
            .group_by(_w.app_name, _w.user_id, _u.component)
        )
        for app, user, component, nano in rows:
            owner = Owner.POOL if user is None else Owner.USER
            key = app, _invoiced_as(component)
            sums[key] = owner, sums.get(key, (owner, 0))[1] + int(nano)
    return places, sums


def _free_snapshots(book: PriceBook) -> int:
    return round(book.snapshot * book.snapshot_free_bytes * NANO / _BYTES_PER_GB)
