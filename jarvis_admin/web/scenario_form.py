"""The form of a scenario: what somebody typed, and the policy it means."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Self

from werkzeug.datastructures import MultiDict

from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.domain.size import Size
from jarvis_admin.errors import Invalid

DAYS = (30, 60, 90)
SLEEPS = ("suspend", "stop")
# Name, words, the smallest and largest that makes sense.
_NUMBERS = (
    ("idle_minutes", "Idle time-out", 1, 1440),
    ("volume_gb", "Volume", 1, 500),
    ("snapshot_days", "Snapshots kept", 1, 60),
    ("pool_size", "Machines in the pool", 0, 1000),
)
_TEXTS = ("name", "q", "days", "sleeps", "size", "region", *(name for name, *_ in _NUMBERS))
_LONGEST = {"name": 80, "q": 500}


@dataclass(frozen=True)
class ScenarioForm:
    """As typed; shown again when it cannot be used."""

    typed: dict[str, str]

    @classmethod
    def read(cls, sent: MultiDict[str, str]) -> Self:
        return cls({name: sent.get(name, "").strip() for name in _TEXTS})

    @property
    def name(self) -> str:
        return self.typed["name"][: _LONGEST["name"]]

    @property
    def query(self) -> str:
        return self.typed["q"]

    @property
    def days(self) -> int:
        written = self.typed["days"] or str(DAYS[1])
        if written not in map(str, DAYS):
            raise Invalid("History is replayed for 30, 60 or 90 days.")
        return int(written)

    def policy(self, book: PriceBook) -> Policy:
        """Invalid says which field cannot be so."""
        size, region, sleeps = (self.typed[name].lower() for name in ("size", "region", "sleeps"))
        if region and region not in book.multipliers:
            raise Invalid(f"Fly has no region “{region[:8]}” in the price book.")
        if sleeps and sleeps not in SLEEPS:
            raise Invalid("Machines sleep suspended or stopped.")
        numbers = {one[0]: self._number(*one) for one in _NUMBERS}
        return Policy(
            sleeps=sleeps or None,
            size=_size(self.typed["size"]) if size else None,
            region=region or None,
            **numbers,
        )

    def _number(self, name: str, words: str, least: int, most: int) -> int | None:
        written = self.typed[name]
        if not written:
            return None
        if not (written.isascii() and written.isdecimal() and least <= int(written[:9]) <= most):
            raise Invalid(f"{words}: write a whole number from {least} to {most:,}.")
        return int(written)


def _size(written: str) -> str:
    size = Size.parse(written)
    if size.cpus > 16 or size.memory_mb > 131_072 or size.memory_mb % 256:
        raise Invalid("Fly has no such size: at most 16 CPUs and 128 GB, in steps of 256 MB.")
    return size.slug


def in_words(policy: Policy) -> Sequence[str]:
    """What differs, a few words each."""
    said = [
        (policy.idle_minutes, "asleep after {} min"),
        (policy.sleeps, "always {}"),
        (policy.size and Size.parse(policy.size).label, "size {}"),
        (policy.region, "region {}"),
        (policy.volume_gb, "volume {} GB"),
        (policy.snapshot_days, "snapshots {} d"),
        (policy.pool_size, "pool of {}"),
    ]
    return [words.format(value) for value, words in said if value is not None]
