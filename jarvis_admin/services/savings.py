"""What the fleet cost in a month against machines that never sleep, and against a flat price.

Both are of the same closed spans: a sleeping second is priced as the machines of that plan and
region were while they ran, so that sizes are the same and only the sleep is gone. One statement.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from jarvis_admin.domain.money import NANO, microseconds, round_half_even
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.owners import Owner
from jarvis_admin.domain.pricing import MONTH, Component
from jarvis_admin.domain.size import Size
from jarvis_admin.models import CostCell, Plan
from jarvis_admin.services import prices

FLAT_PRICES = (7 * NANO, 10 * NANO)

_MICROS = 10**9  # picodollars per second times microseconds, counted in nanodollars
_c = CostCell.__table__.c


@dataclass
class _Used:
    awake: int = 0  # microseconds
    asleep: int = 0
    compute: int = 0  # nanodollars
    rootfs: int = 0
    rest: int = 0


@dataclass(frozen=True)
class Kind:
    """The machines of one plan in one region."""

    plan: str
    region: str
    awake: int
    asleep: int
    actual: int
    always_on: int

    @property
    def saved(self) -> int:
        return self.always_on - self.actual


@dataclass(frozen=True)
class Savings:
    kinds: Sequence[Kind]

    @property
    def actual(self) -> int:
        return sum(kind.actual for kind in self.kinds)

    @property
    def always_on(self) -> int:
        return sum(kind.always_on for kind in self.kinds)

    @property
    def micros(self) -> int:
        """How long containers existed, awake or asleep."""
        return sum(kind.awake + kind.asleep for kind in self.kinds)

    @property
    def awake_percent(self) -> float:
        awake = sum(kind.awake for kind in self.kinds)
        return round(100 * awake / self.micros, 1) if self.micros else 0.0

    def flat(self, price: int) -> int:
        """At that price per container and month of 30 days."""
        return round_half_even(price * self.micros, microseconds(MONTH))


def savings(session: Session, month: Month) -> Savings:
    """Of users' machines, closed so far; three statements."""
    used = _used(session, month)
    rates = _planned_rates(session, {key for key, of in used.items() if not of.awake})
    kinds = [
        Kind(
            plan,
            region,
            of.awake,
            of.asleep,
            of.compute + of.rootfs + of.rest,
            of.compute + _awakened(of, rates.get((plan, region), 0)) + of.rest,
        )
        for (plan, region), of in used.items()
    ]
    return Savings(sorted(kinds, key=lambda kind: (-kind.saved, kind.plan, kind.region)))


def _awakened(of: _Used, planned_rate: int) -> int:
    """What the sleep would have cost as compute."""
    if of.awake:
        return round_half_even(of.compute * of.asleep, of.awake)
    return round_half_even(planned_rate * of.asleep, _MICROS)


def _used(session: Session, month: Month) -> Mapping[tuple[str, str], _Used]:
    rows = session.execute(
        select(_c.plan, _c.region, _c.component, func.sum(_c.micros), func.sum(_c.amount_nano))
        .where(_c.day >= month.first, _c.day < month.following.first, _c.owner == Owner.USER)
        .group_by(_c.plan, _c.region, _c.component)
    )
    found: dict[tuple[str, str], _Used] = defaultdict(_Used)
    for plan, region, component, micros, nano in rows:
        of = found[plan, region]
        if component == Component.COMPUTE:
            of.awake, of.compute = int(micros), int(nano)
        elif component == Component.ROOTFS:
            of.asleep, of.rootfs = int(micros), int(nano)
        else:
            of.rest += int(nano)
    return found


def _planned_rates(session: Session, kinds: set[tuple[str, str]]) -> Mapping[tuple[str, str], int]:
    """Of machines that never ran in the month: what their plan's size costs by the latest book."""
    sizes = {row.key: row.size for row in session.execute(select(Plan.key, Plan.size))}
    book = prices.load(session)[-1]
    return {
        (plan, region): book.compute_rate(Size.parse(sizes[plan]), region)
        for plan, region in kinds
        if plan in sizes
    }
