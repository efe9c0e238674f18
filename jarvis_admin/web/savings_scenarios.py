"""A scenario of the requirement as its page tells it: both bills, and why they differ."""

from dataclasses import dataclass

from jarvis_admin.domain import scenarios
from jarvis_admin.domain.money import dollars
from jarvis_admin.domain.scenarios import Reality, Scenario
from jarvis_admin.web import cost_tables

PARTS = ("compute", "volume", "rootfs", "egress", "snapshots")
_PART_WORDS = {
    "compute": "Compute",
    "volume": "Volumes",
    "rootfs": "Rootfs asleep",
    "egress": "Egress, 10 GB a user",
    "snapshots": "Snapshots",
}


@dataclass(frozen=True)
class Told:
    """A scenario with both bills."""

    scenario: Scenario
    parts: list[tuple[str, str, str]]
    its: str
    said: str
    ours: str
    each: str
    change: str
    reasons: list[tuple[str, str, str]]
    flat: list[tuple[str, str, str]]


def told(scenario: Scenario, reality: Reality) -> Told:
    its, ours = scenarios.by_the_requirement(scenario), reality.bill(scenario)
    low, high = scenario.its_low, scenario.its_high
    return Told(
        scenario,
        [
            (
                _PART_WORDS[part],
                cost_tables.amount(getattr(its, part)),
                dollars(getattr(ours, part)),
            )
            for part in PARTS
        ],
        dollars(its.total),
        f"about ${low}" if low == high else f"${low} – {high}",
        dollars(ours.total),
        dollars(ours.total // scenarios.USERS),
        cost_tables.change(ours.total - its.total),
        [
            (reason.what, cost_tables.change(reason.nano), reason.why)
            for reason in scenarios.differences(scenario, reality)
        ],
        [
            (
                f"${dollars(flat, 0)} × {scenarios.USERS}",
                _percent(its.saved(flat), flat),
                _percent(ours.saved(flat), flat),
            )
            for flat in scenarios.FLAT_PRICES
        ],
    )


def _percent(saved: int, flat: int) -> str:
    return f"{100 * saved / (flat * scenarios.USERS):.1f} %".replace("-", "−")
