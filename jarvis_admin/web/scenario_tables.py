"""A finished scenario as its page and the comparison show it: thirty days of everything."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jarvis_admin.domain.money import CENT, dollars, round_half_even, rounded_alike
from jarvis_admin.domain.policy import Policy
from jarvis_admin.domain.tally import POOL, Person, Tally, per_month
from jarvis_admin.models import Scenario
from jarvis_admin.services.costs import STACK
from jarvis_admin.web.cost_tables import change
from jarvis_admin.web.figures import label
from jarvis_admin.web.scenario_form import in_words

_HOUR = 3_600_000_000  # microseconds


@dataclass(frozen=True)
class Line:
    """One figure as it was, as it would have been, and the difference."""

    name: str
    now: str
    then: str
    difference: str


@dataclass(frozen=True)
class PersonLine:
    handle: str
    plan: str
    now: str
    then: str
    difference: str
    wakes: str


@dataclass(frozen=True)
class Column:
    """One scenario beside others."""

    scenario: Scenario
    words: Sequence[str]
    money: dict[str, str]  # by component, what it would cost
    total: str
    difference: str
    saves: bool
    facts: Sequence[str]  # in the order of FACTS
    dearest: PersonLine | None
    cheapest: PersonLine | None


FACTS = (
    "Extra wakes",
    "Users affected",
    "Users who wait more often",
    "Hours awake, difference",
    "Wakes from a stop",
    "Time awake of unknown use, %",
)


def money(tally: Tally, days: int) -> list[Line]:
    """The lines add up to the last one as they are shown, to the cent."""
    now, then = (_cents(tally, sums, days) for sums in (tally.now, tally.then))
    lines = [
        _line(POOL.capitalize() if name == POOL else label(name), now[name], then[name])
        for name in names(tally)
    ]
    return [*lines, _line("All", sum(now.values()), sum(then.values()))]


def names(tally: Tally) -> list[str]:
    found = {name for sums in (tally.now, tally.then) for name, nano in sums.items() if nano}
    known = [str(name) for name in STACK if name in found]
    return [*known, *sorted(found - set(known))]


def life(tally: Tally, days: int) -> list[Line]:
    """Wakes and hours, without money."""
    hours = [round_half_even(micros, _HOUR) for micros in (tally.awake_now, tally.awake_then)]
    return [
        _count(name, *(per_month(count, days) for count in counts))
        for name, counts in (
            ("Wakes", (tally.wakes_now, tally.wakes_then)),
            ("of them from a stop, slower", (tally.cold_now, tally.cold_then)),
            ("Hours awake", hours),
        )
    ]


def people(some: Sequence[Person], days: int) -> list[PersonLine]:
    return [_person(one, days) for one in some]


def plans(tally: Tally, days: int) -> list[tuple[str, int, Line, str]]:
    return [
        (
            key,
            found.users,
            _line(key, per_month(found.now, days), per_month(found.then, days)),
            _signed(per_month(found.more_wakes, days)),
        )
        for key, found in sorted(tally.plans.items())
    ]


def column(scenario: Scenario) -> Column:
    tally, days = Tally.from_json(scenario.tally), scenario.days
    now, then = (_cents(tally, sums, days) for sums in (tally.now, tally.then))
    total, difference = sum(then.values()), sum(then.values()) - sum(now.values())
    hours = round_half_even(tally.awake_then - tally.awake_now, _HOUR)
    return Column(
        scenario,
        in_words(Policy.from_json(scenario.policy)),
        {name: dollars(nano) for name, nano in then.items()},
        dollars(total),
        change(difference),
        difference < 0,
        (
            _signed(per_month(tally.wakes_then - tally.wakes_now, days)),
            f"{tally.affected:,} of {tally.users:,}",
            f"{tally.waiting:,}",
            _signed(per_month(hours, days)),
            f"{per_month(tally.cold_then, days):,}",
            str(tally.guessed_percent),
        ),
        next(iter(people(tally.dearer, days)), None),
        next(iter(people(tally.cheaper, days)), None),
    )


def notes(policy: Policy, tally: Tally) -> list[str]:
    """What to know before believing the figures."""
    said = []
    if policy.idle_minutes is not None:
        said.append(
            "A machine sleeps when nothing was heard of it for the time-out, and wakes when it "
            "was used next. Who was put to sleep by hand would have been anyway."
        )
    if tally.guessed:
        said.append(
            f"Estimated: of {tally.guessed_percent} % of the time awake nobody recorded the use. "
            "It is taken as used until the old time-out began, so a shorter one saves at least "
            "this much, and the extra wakes are the fewest there would have been."
        )
    if policy.volume_gb is not None:
        said.append("Volumes are priced as if they had had this size all along.")
    if tally.larger:
        said.append(
            f"Fly cannot shrink a volume: {tally.larger:,} of {tally.users:,} users have a larger "
            "one, which stays as it is."
        )
    if policy.snapshot_days is not None:
        said.append("Snapshots are taken to grow and shrink evenly with the days they are kept.")
    if policy.sleeps:
        said.append(
            "Suspended and stopped cost the same; what differs is that a stop loses the memory."
        )
    if policy.region:
        said.append("Distance to the user is not in these figures.")
    if policy.pool_size is not None:
        said.append("The pool is priced asleep all month, with the volume of the commonest plan.")
    return said


def _cents(tally: Tally, sums: Mapping[str, int], days: int) -> dict[str, int]:
    """Thirty days of each, rounded so that they add up."""
    found = names(tally)
    monthly = [per_month(sums.get(name, 0), days) for name in found]
    return dict(zip(found, rounded_alike(monthly, CENT), strict=True))


def _line(name: str, now: int, then: int) -> Line:
    return Line(name, dollars(now), dollars(then), change(then - now))


def _count(name: str, now: int, then: int) -> Line:
    return Line(name, f"{now:,}", f"{then:,}", _signed(then - now))


def _person(one: Person, days: int) -> PersonLine:
    now, then = per_month(one.now, days), per_month(one.then, days)
    wakes = per_month(one.wakes_then - one.wakes_now, days)
    return PersonLine(
        one.handle, one.plan, dollars(now), dollars(then), change(then - now), _signed(wakes)
    )


def _signed(count: int) -> str:
    sign = "+" if count > 0 else "−" if count < 0 else ""
    return f"{sign}{abs(count):,}"
