"""The scenarios of the requirement: its totals, ours, and what lies between."""

from decimal import Decimal
from fractions import Fraction

import pytest

from jarvis_admin.domain import scenarios
from jarvis_admin.domain.money import NANO, exact_dollars
from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.domain.scenarios import ALL, EXAMPLE, SCENARIOS, Reality, Scenario
from tests.domain.books import shipped_figures

BOOK = PriceBook.from_dict(shipped_figures())
IAD = Reality(BOOK, "iad")


def cents(nano: int) -> Decimal:
    return round(exact_dollars(nano), 2)


def test_its_example_is_reproduced_line_by_line():
    bill = scenarios.by_the_requirement(EXAMPLE)

    assert [cents(part) for part in (bill.compute, bill.volume, bill.rootfs, bill.egress)] == [
        Decimal("32.33"),
        Decimal("15.00"),
        Decimal("7.50"),
        Decimal("20.00"),
    ]
    assert round(exact_dollars(bill.total)) == 75
    assert bill.saved(7 * NANO) / (700 * NANO) == pytest.approx(0.9, abs=0.01)


@pytest.mark.parametrize("scenario", SCENARIOS, ids=lambda scenario: scenario.key)
def test_its_arithmetic_meets_every_range_it_gives(scenario: Scenario):
    total = exact_dollars(scenarios.by_the_requirement(scenario).total)

    assert scenario.its_low <= total <= scenario.its_high


@pytest.mark.parametrize(
    ("key", "memory_mb", "price"), [("a", 512, "3.19"), ("b", 1024, "5.70"), ("c", 2048, "10.70")]
)
def test_around_the_clock_in_the_cheapest_region_costs_the_published_price(
    key: str, memory_mb: int, price: str
):
    always = Scenario(key, "", 24, memory_mb, 1, 0, 0)

    assert cents(IAD.bill(always).compute // scenarios.USERS) == Decimal(price)
    assert IAD.bill(always).rootfs == 0


@pytest.mark.parametrize("region", ["iad", "fra", "syd", "bom"])
@pytest.mark.parametrize("scenario", ALL, ids=lambda scenario: scenario.key)
def test_the_differences_add_up_to_the_difference(scenario: Scenario, region: str):
    reality = Reality(BOOK, region, image_mb=1500, snapshot_share=Fraction(1, 3))
    its, ours = scenarios.by_the_requirement(scenario), reality.bill(scenario)

    reasons = scenarios.differences(scenario, reality)

    assert sum(reason.nano for reason in reasons) == ours.total - its.total
    assert all(reason.why for reason in reasons)


def test_the_wrong_preset_price_is_named():
    reason = scenarios.differences(EXAMPLE, IAD)[0]

    assert "$1.94 for 512 MB" in reason.why
    assert "$3.19" in reason.why
    assert "the price of 256 MB" in reason.why


def test_ten_gigabytes_of_snapshots_are_free():
    tiny = Reality(BOOK, "iad", snapshot_share=Fraction(1, 10))

    assert tiny.bill(EXAMPLE).snapshots == 0
    assert cents(IAD.bill(EXAMPLE).snapshots) == Decimal("7.20")
