"""What it costs to keep a machine and a volume parked."""

from datetime import datetime, timedelta

from sqlalchemy.orm import Session

from jarvis_admin.domain.money import amount_nano
from jarvis_admin.domain.pricing import price_at
from jarvis_admin.services import prices

_DAY = timedelta(days=1)


def a_day(session: Session, volume_gb: int, rootfs_mb: int, now: datetime) -> int:
    """Nanodollars: the volume, and the image of a machine that is stopped."""
    book = price_at(prices.load(session), now)
    return amount_nano(book.volume_rate(volume_gb) + book.rootfs_rate(rootfs_mb), _DAY)
