"""Money of the demo fleet that is not usage: prices to come, a reservation, a credit."""

from datetime import datetime

from sqlalchemy.orm import Session

from jarvis_admin.domain.entries import Kind
from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.price_list import PriceList
from jarvis_admin.domain.reservations import anniversary
from jarvis_admin.services import (
    adjustments,
    price_versions,
    prices,
    reservation_days,
    reservations,
)

_BY = "Lea Fontaine"


def add(session: Session, now: datetime) -> None:
    """After the history: the reservation credits what is closed."""
    _coming_prices(session, now)
    first = Month.of(now).first
    block = PriceList.from_dict(prices.shipped_figures()).blocks[0]
    reserved = reservations.Wanted(
        "fra", block, 2, first, anniversary(first), "the core of fra", "Bought at Fly"
    )
    reservations.add(session, reserved, by=_BY, now=now)
    reservation_days.book_closed_days(session, now)
    credit = adjustments.Wanted(
        Kind.CREDIT, -2 * NANO, now.date(), "alice", "Two hours without her workspace"
    )
    adjustments.book(session, credit, key="demo", by=_BY, now=now)


def _coming_prices(session: Session, now: datetime) -> None:
    following = Month.of(now).following
    figures = prices.shipped_figures() | {
        "version": f"{following.first}",
        "effective_from": following.start.isoformat(),
        "note": "Invented, for the demo: Frankfurt and volumes cost a little more",
        "volume_usd_per_gb_month": "0.16",
    }
    figures["region_multipliers"] = figures["region_multipliers"] | {"fra": "1.18"}
    price_versions.add(session, figures, note=figures["note"], by=_BY, now=now)
