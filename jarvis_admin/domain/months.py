"""Calendar months in UTC, as addresses and headings write them."""

import re
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Self

from jarvis_admin.errors import Invalid

_WRITTEN = re.compile(r"(20[0-9]{2})-(0[1-9]|1[0-2])")


@dataclass(frozen=True, order=True)
class Month:
    first: date

    @classmethod
    def of(cls, at: datetime | date) -> Self:
        day = at.astimezone(UTC).date() if isinstance(at, datetime) else at
        return cls(day.replace(day=1))

    @classmethod
    def parse(cls, written: str) -> Self:
        """`2026-11`; Invalid for anything else."""
        match = _WRITTEN.fullmatch(written)
        if match is None:
            raise Invalid(f"“{written[:20]}” is not a month; write it like 2026-11.")
        return cls(date(int(match[1]), int(match[2]), 1))

    @property
    def previous(self) -> Self:
        return type(self)((self.first - timedelta(days=1)).replace(day=1))

    @property
    def following(self) -> Self:
        return type(self)((self.first + timedelta(days=31)).replace(day=1))

    @property
    def start(self) -> datetime:
        return datetime.combine(self.first, time(), UTC)

    @property
    def end(self) -> datetime:
        """Not part of the month any more."""
        return self.following.start

    @property
    def name(self) -> str:
        return f"{self.first:%B}"

    @property
    def title(self) -> str:
        return f"{self.first:%B %Y}"

    def days(self, now: datetime) -> tuple[date, ...]:
        """The days that have begun."""
        until = min(self.end, max(now, self.start))
        count = -(-(until - self.start) // timedelta(days=1))
        return tuple(self.first + timedelta(days=n) for n in range(count))

    def same_moment_before(self, now: datetime) -> datetime:
        """As far into the previous month as `now` is into this one; at most its end."""
        return min(self.previous.start + (min(now, self.end) - self.start), self.start)

    def __str__(self) -> str:
        return f"{self.first:%Y-%m}"
