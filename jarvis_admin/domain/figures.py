"""Typed reading of a parsed price file; every complaint names the place in the file."""

from collections.abc import Iterator
from datetime import UTC, datetime
from decimal import Decimal, InvalidOperation
from fractions import Fraction

from jarvis_admin.errors import Invalid


class Figures:
    """One section of the file. Each reader raises Invalid with a sentence that says where."""

    def __init__(self, data: object, place: str = "") -> None:
        if not isinstance(data, dict):
            raise Invalid(
                f"Price file: {place or 'the whole'} is not a table of names and figures."
            )
        self._data = data
        self._place = place

    def __iter__(self) -> Iterator[str]:
        return iter(self._data)

    def __contains__(self, key: str) -> bool:
        return key in self._data

    def section(self, key: str) -> "Figures":
        return Figures(self._get(key), self._at(key))

    def sections(self, key: str) -> "dict[str, Figures]":
        section = self.section(key)
        return {name: section.section(name) for name in section}

    def text(self, key: str) -> str:
        value = self._get(key)
        if not isinstance(value, str) or not value:
            raise Invalid(f"Price file: {self._at(key)} is not a text.")
        return value

    def texts(self, key: str) -> list[str]:
        values = self._get(key)
        if not isinstance(values, list) or not all(isinstance(value, str) for value in values):
            raise Invalid(f"Price file: {self._at(key)} is not a list of texts.")
        return values

    def values(self, key: str) -> list[object]:
        values = self._get(key)
        if not isinstance(values, list):
            raise Invalid(f"Price file: {self._at(key)} is not a list.")
        return values

    def whole(self, key: str) -> int:
        value = self._get(key)
        if not isinstance(value, int) or isinstance(value, bool) or value < 0:
            raise Invalid(f"Price file: {self._at(key)} is not a whole number of zero or more.")
        return value

    def amount(self, key: str) -> Fraction:
        """An exact figure; a JSON number is refused because a float has lost digits already."""
        try:
            value = Decimal(self.text(key))
        except InvalidOperation:
            value = Decimal("NaN")
        if not value.is_finite() or value < 0:
            raise Invalid(f"Price file: {self._at(key)} is not an amount of zero or more.")
        return Fraction(value)

    def amounts(self, key: str) -> dict[str, Fraction]:
        section = self.section(key)
        return {name: section.amount(name) for name in section}

    def instant(self, key: str) -> datetime:
        try:
            value = datetime.fromisoformat(self.text(key))
        except ValueError:
            value = None
        if value is None or value.tzinfo is None:
            raise Invalid(f"Price file: {self._at(key)} is not a date and time with its zone.")
        return value.astimezone(UTC)

    def _get(self, key: str) -> object:
        if key not in self._data:
            raise Invalid(f"Price file: {self._at(key)} is missing.")
        return self._data[key]

    def _at(self, key: str) -> str:
        return f"{self._place}.{key}" if self._place else key
