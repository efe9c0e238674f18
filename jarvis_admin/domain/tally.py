"""The sums of a scenario over all workspaces, and who gains, loses and waits most.

It is written down between two slices of work, so it holds whole numbers and text only.
"""

from typing import Any, Self

from msgspec import Struct, convert, field, to_builtins

from jarvis_admin.domain.money import round_half_even
from jarvis_admin.domain.what_if import Outcome

POOL = "pool"  # beside the components: what is kept ready for nobody yet
_LISTED = 10
_MONTH_DAYS = 30


class Person(Struct):
    """One workspace in a list of extremes; nanodollars of the whole window."""

    handle: str
    plan: str
    now: int
    then: int
    wakes_now: int
    wakes_then: int


class PlanSum(Struct):
    users: int = 0
    now: int = 0
    then: int = 0
    more_wakes: int = 0


class Tally(Struct):
    now: dict[str, int] = field(default_factory=dict)
    then: dict[str, int] = field(default_factory=dict)
    plans: dict[str, PlanSum] = field(default_factory=dict)
    users: int = 0
    affected: int = 0
    waiting: int = 0  # users who would wait more often
    wakes_now: int = 0
    wakes_then: int = 0
    cold_now: int = 0
    cold_then: int = 0
    awake_now: int = 0  # microseconds
    awake_then: int = 0
    guessed: int = 0
    larger: int = 0  # users whose volume cannot become as small as the policy's
    dearer: list[Person] = field(default_factory=list)
    cheaper: list[Person] = field(default_factory=list)
    slower: list[Person] = field(default_factory=list)

    @classmethod
    def from_json(cls, data: dict[str, Any]) -> Self:
        return convert(data, cls)

    def to_json(self) -> dict[str, Any]:
        found: dict[str, Any] = to_builtins(self)
        return found

    def add(self, handle: str, plan: str, found: Outcome) -> None:
        now, then = found.now.total(), found.then.total()
        for sums, amounts in ((self.now, found.now), (self.then, found.then)):
            for component, nano in amounts.items():
                sums[component] = sums.get(component, 0) + nano
        extra = found.wakes_then - found.wakes_now
        of_plan = self.plans.setdefault(plan, PlanSum())
        of_plan.users += 1
        of_plan.now += now
        of_plan.then += then
        of_plan.more_wakes += extra
        self.users += 1
        self.affected += found.affected
        self.waiting += extra > 0
        self.larger += found.larger
        for name in ("wakes_now", "wakes_then", "cold_now", "cold_then", "awake_now", "awake_then"):
            setattr(self, name, getattr(self, name) + getattr(found, name))
        self.guessed += found.guessed
        person = Person(handle, plan, now, then, found.wakes_now, found.wakes_then)
        self._list(person)

    def _list(self, person: Person) -> None:
        cost, wakes = person.then - person.now, person.wakes_then - person.wakes_now
        for people, wanted, rank in (
            (self.dearer, cost > 0, lambda one: one.now - one.then),
            (self.cheaper, cost < 0, lambda one: one.then - one.now),
            (self.slower, wakes > 0, lambda one: one.wakes_now - one.wakes_then),
        ):
            if wanted:
                people.append(person)
                people.sort(key=rank)
                del people[_LISTED:]

    @property
    def guessed_percent(self) -> int:
        """Of the time awake, how much was of unknown use."""
        return round_half_even(100 * self.guessed, self.awake_now) if self.awake_now else 0


def per_month(amount: int, days: int) -> int:
    """What the sum of a window is in thirty days."""
    return round_half_even(amount * _MONTH_DAYS, days)
