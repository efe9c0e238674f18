"""Prices stretches by the dated books; fast enough for millions of them."""

from collections.abc import Sequence
from datetime import datetime

from jarvis_admin.domain.metering import RateOf, charge, rate_of
from jarvis_admin.domain.pricing import Component, PriceBook, price_at


class Pricer:
    """Prices by the books, remembering what one second of anything costs."""

    def __init__(self, books: Sequence[PriceBook]) -> None:
        self._books = books
        self._rates: dict[tuple[str, str, str], RateOf] = {}

    def nano(self, component: str, size: str, region: str, start: datetime, end: datetime) -> int:
        rate = self._rate(component, size, region)
        return sum(piece.amount_nano for piece in charge(start, end, self._books, rate))

    def egress(self, sent_bytes: int, region: str, at: datetime) -> int:
        return price_at(self._books, at).egress_nano(sent_bytes, region)

    def _rate(self, component: str, size: str, region: str) -> RateOf:
        key = component, size, region
        if key not in self._rates:
            by_book: dict[str, int] = {}
            rate = rate_of(Component(component), size, region)

            def remembered(book: PriceBook) -> int:
                if book.version not in by_book:
                    by_book[book.version] = rate(book)
                return by_book[book.version]

            self._rates[key] = remembered
        return self._rates[key]
