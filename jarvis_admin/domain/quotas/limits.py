"""From the plan to what holds for one user now, with every step of the way."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import datetime

from jarvis_admin.domain.quotas.kinds import Kind, written


@dataclass(frozen=True)
class Rule:
    """A limit that somebody set; `amount` None: no limit."""

    amount: int | None
    set_by: str = ""
    reason: str = ""


@dataclass(frozen=True)
class Extra:
    """A dated grant; half-open."""

    kind: Kind
    amount: int
    since: datetime
    until: datetime
    reason: str
    by: str

    def holds(self, now: datetime) -> bool:
        return self.since <= now < self.until


@dataclass(frozen=True)
class Exempt:
    since: datetime
    until: datetime
    reason: str
    by: str

    def holds(self, now: datetime) -> bool:
        return self.since <= now < self.until


@dataclass(frozen=True)
class Step:
    """One line of "why is my limit X": what changed it, and what it is after that."""

    what: str
    why: str
    after: str


@dataclass(frozen=True)
class Limit:
    """What holds now; `amount` None: nothing limits it."""

    kind: Kind
    amount: int | None
    steps: tuple[Step, ...]
    ends_at: datetime | None = None  # when the next grant or exemption in it ends


def derive(
    kind: Kind,
    *,
    plan_name: str,
    plan: Rule | None,
    override: Rule | None,
    extras: Iterable[Extra],
    exempt: Exempt | None,
    now: datetime,
) -> Limit:
    """Plan, then the user's own limit in its place, then what is granted, then an exemption."""
    amount = plan.amount if plan else None
    steps = [Step(f"Plan {plan_name}", plan.reason if plan else "sets none", _said(kind, amount))]
    if override is not None:
        amount = override.amount
        steps.append(Step(f"Own limit, by {override.set_by}", override.reason, _said(kind, amount)))
    ends: list[datetime] = []
    for extra in sorted(extras, key=lambda one: one.until):
        if extra.kind is kind and extra.holds(now):
            amount = None if amount is None else amount + extra.amount
            ends.append(extra.until)
            what = f"+ {written(kind, extra.amount)} by {extra.by}, until {_when(extra.until)}"
            steps.append(Step(what, extra.reason, _said(kind, amount)))
    if exempt is not None and exempt.holds(now):
        amount = None
        ends.append(exempt.until)
        what = f"Exempt by {exempt.by}, until {_when(exempt.until)}"
        steps.append(Step(what, exempt.reason, _said(kind, None)))
    return Limit(kind, amount, tuple(steps), min(ends, default=None))


def derive_all(
    *,
    plan_name: str,
    plan: Mapping[Kind, Rule],
    overrides: Mapping[Kind, Rule],
    extras: Iterable[Extra],
    exempt: Exempt | None,
    now: datetime,
) -> dict[Kind, Limit]:
    extras = tuple(extras)
    return {
        kind: derive(
            kind,
            plan_name=plan_name,
            plan=plan.get(kind),
            override=overrides.get(kind),
            extras=extras,
            exempt=exempt,
            now=now,
        )
        for kind in Kind
    }


def _said(kind: Kind, amount: int | None) -> str:
    return "no limit" if amount is None else written(kind, amount)


def _when(at: datetime) -> str:
    return f"{at.day} {at:%B %Y, %H:%M} UTC"
