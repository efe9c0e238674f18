"""Lines of an invoice beside our cells."""

import random
from decimal import Decimal

import pytest

from jarvis_admin.domain.invoice_file import Line
from jarvis_admin.domain.invoice_match import Compared, Ours, compare
from jarvis_admin.domain.invoice_pool import Cell
from jarvis_admin.domain.invoice_subject import Subject, Why, subject_of

GROUPS = {"europe": frozenset({"fra", "ams", "lhr"}), "north_america": frozenset({"iad"})}
DOLLAR, CENT, HOUR = 10**9, 10**7, 3600 * 10**6


def line(description: str, dollars: float = 1, number: int = 2, **given: object) -> Line:
    return Line(
        **{
            "number": number,
            "description": description,
            "app": "",
            "region": "",
            "quantity": None,
            "unit": "",
            "amount_nano": round(dollars * DOLLAR),
            **given,
        }
    )


def subject(description: str, **given: object) -> Subject:
    return subject_of(line(description, **given), GROUPS, "jv-test-")


@pytest.mark.parametrize(
    ("said", "component", "size", "regions"),
    [
        ("shared-cpu-1x@512MB (fra)", "compute", "shared-cpu-1x:512MB", {"fra"}),
        ("shared-1x-cpu@1024MB", "compute", "shared-cpu-1x:1024MB", set()),
        ("Machine performance-2x:4GB, Frankfurt", "compute", "performance-2x:4096MB", {"fra"}),
        ("shared-cpu-2x", "compute", "shared-cpu-2x", set()),
        ("Additional RAM ams", "compute", "", {"ams"}),
        ("Volume snapshots", "snapshot", "", set()),
        ("Volumes iad", "volume", "", {"iad"}),
        ("Stopped machine rootfs", "rootfs", "", set()),
        ("Data transfer out, North America", "egress", "", {"iad"}),
        ("Egress Europe", "egress", "", {"fra", "ams", "lhr"}),
        ("Dedicated IPv4", "address", "", set()),
        ("Static egress IP", "address", "", set()),
        ("Machine reservation shared fra", "reservation", "", {"fra"}),
    ],
)
def test_a_line_is_understood_by_its_words(said: str, component: str, size: str, regions: set[str]):
    found = subject(said)

    assert (found.component, found.size, found.regions) == (component, size, frozenset(regions))


@pytest.mark.parametrize(
    ("said", "app", "why"),
    [
        ("shared-cpu-1x", "fly-builder-red-sun-1", Why.BUILDERS),
        ("Remote builder", "", Why.BUILDERS),
        ("shared-cpu-1x", "my-blog", Why.OTHER_APPS),
        ("SSL certificates", "", Why.CERTIFICATES),
        ("Standard support", "", Why.SUPPORT),
        ("VAT 19 %", "", Why.TAX),
        ("Promotional credit", "", Why.CREDITS),
        ("A gift", "", None),
    ],
)
def test_what_is_not_ours_says_why(said: str, app: str, why: Why | None):
    found = subject(said, app=app)

    assert (found.why, found.component) == (why, "")


def cell(component: str, nano: int, **given: object) -> Cell:
    return Cell(
        **{
            "component": component,
            "owner": "user",
            "region": "fra",
            "size": "",
            "micros": HOUR,
            "nano": nano,
            **given,
        }
    )


def compared(lines: list[Line], cells: list[Cell], **given: object) -> list[Compared]:
    ours = Ours(
        **{
            "cells": cells,
            "apps": {},
            "known_apps": frozenset(),
            "free_snapshots_nano": 8 * DOLLAR // 10,
            **given,
        }
    )
    return compare([(one, subject_of(one, GROUPS, "jv-test-")) for one in lines], ours)


def test_the_same_is_the_same():
    (found,) = compared([line("Volumes fra")], [cell("volume", DOLLAR)])

    assert (found.ours_nano, found.parts, found.unexplained_nano) == (DOLLAR, {}, 0)


def test_what_belongs_to_nobody_explains():
    cells = [
        cell("volume", DOLLAR),
        cell("volume", 2 * DOLLAR, owner="orphan"),
        cell("volume", 3 * DOLLAR, owner="pool", region="iad"),
    ]

    (found,) = compared([line("Volumes", 6)], cells)

    assert found.ours_nano == DOLLAR
    assert found.parts == {"orphan": 2 * DOLLAR, "pool": 3 * DOLLAR}
    assert (found.difference_nano, found.unexplained_nano) == (5 * DOLLAR, 0)


def test_up_to_a_cent_a_line_is_rounding_more_is_unexplained():
    (small,) = compared([line("Volumes")], [cell("volume", DOLLAR + CENT)])
    (large,) = compared([line("Volumes")], [cell("volume", DOLLAR + CENT + 1)])

    assert small.parts == {"rounding": -CENT}
    assert large.unexplained_nano == -CENT - 1


def test_the_most_exact_line_takes_its_own_first():
    cells = [
        cell("compute", 1, size="shared-cpu-1x:512MB"),
        cell("compute", 20, size="shared-cpu-1x:1024MB"),
        cell("compute", 300, size="shared-cpu-1x:512MB", region="ams"),
        cell("compute", 4000, size="performance-1x:2048MB", region="ams"),
    ]
    said = ["compute", "shared-cpu-1x", "shared-cpu-1x@512MB (ams)", "shared-cpu-1x ams"]

    found = compared([line(text, 0, n + 2) for n, text in enumerate(said)], cells)

    assert [one.ours_nano for one in found] == [4000, 21, 300, 0]


def test_memory_that_is_billed_apart_is_compared_with_its_machines():
    cells = [cell("compute", DOLLAR, size="shared-cpu-1x:1024MB")]

    first, second = compared([line("shared-cpu-1x", 0.4, 2), line("Extra RAM", 0.6, 3)], cells)

    assert (first.fly_nano, first.ours_nano, first.unexplained_nano) == (DOLLAR, DOLLAR, 0)
    assert (first.together, second.counted_with) == ([3], 2)


def test_free_gigabytes_explain_a_lower_invoice():
    (found,) = compared([line("Volume snapshots", 0)], [cell("snapshot", DOLLAR // 2)])

    assert found.parts == {"free": -DOLLAR // 2}


def test_an_app_that_nobody_owns_is_an_orphan():
    cells = [cell("volume", DOLLAR), cell("volume", 2 * DOLLAR, owner="orphan")]
    lines = [
        line("Volume", 1, 2, app="jv-test-alice-1"),
        line("Volume", 2, 3, app="jv-test-lost-1"),
        line("Volume", 5, 4, app="my-blog"),
    ]

    found = compared(
        lines,
        cells,
        apps={("jv-test-alice-1", "volume"): ("user", DOLLAR)},
        known_apps=frozenset({"jv-test-alice-1"}),
    )

    assert [one.ours_nano for one in found] == [DOLLAR, 0, 0]
    assert [one.parts for one in found] == [
        {},
        {"orphan": 2 * DOLLAR},
        {"other_apps": 5 * DOLLAR},
    ]


def test_what_is_only_ours_is_said():
    (found,) = compared([], [cell("egress", DOLLAR)])

    assert found.line is None
    assert (found.ours_nano, found.unexplained_nano) == (DOLLAR, -DOLLAR)


def test_a_reservation_paid_at_once_is_spread():
    cells = [cell("reservation", 3 * DOLLAR, owner="fleet")]

    (found,) = compared([line("Reservation shared fra", 36)], cells)

    assert found.parts == {"fleet": 3 * DOLLAR, "spread": 33 * DOLLAR}


@pytest.mark.parametrize(
    ("unit", "cells", "quantity"),
    [
        ("hours", [cell("volume", 1), cell("volume", 1)], Decimal(2)),
        ("seconds", [cell("volume", 1)], Decimal(3600)),
        ("GB-hours", [cell("volume", 1, size="10 GB")], Decimal(10)),
        ("gb month", [cell("volume", 1, size="720 GB")], Decimal(1)),
        ("pieces", [cell("volume", 1)], None),
        ("GB", [cell("egress", 1, sent_bytes=2_500_000_000)], Decimal("2.5")),
    ],
)
def test_quantities_are_compared_in_the_unit_of_the_line(
    unit: str, cells: list[Cell], quantity: Decimal | None
):
    said = "Egress" if cells[0].component == "egress" else "Volumes"

    found = compared([line(said, unit=unit)], cells)[0]

    assert found.our_quantity == quantity


def test_no_cent_is_lost_or_counted_twice():
    rng = random.Random(7)
    owners = ["user", "pool", "orphan", "fleet", "parked"]
    said = ["volume", "volume fra", "snapshots", "egress europe", "compute", "gift", "VAT"]
    for _ in range(200):
        cells = [
            cell(
                rng.choice(["volume", "snapshot", "egress", "compute", "reservation"]),
                rng.randrange(-100, 10**10),
                owner=rng.choice(owners),
                region=rng.choice(["fra", "iad", ""]),
                size=rng.choice(["", "shared-cpu-1x:512MB"]),
            )
            for _ in range(rng.randrange(12))
        ]
        lines = [
            line(rng.choice(said), rng.randrange(20), number)
            for number in range(2, 2 + rng.randrange(8))
        ]

        found = [one for one in compared(lines, cells) if one.counted_with is None]

        assert sum(one.fly_nano for one in found) == sum(one.amount_nano for one in lines)
        assert sum(one.ours_nano for one in found) == sum(
            one.nano for one in cells if one.owner == "user"
        )
        for one in found:
            assert one.fly_nano == one.ours_nano + one.difference_nano


def test_a_line_that_names_an_app_leaves_the_regions_of_the_others():
    cells = [
        cell("volume", 30 * DOLLAR, region="fra", size="10 GB"),
        cell("volume", 8 * DOLLAR, region="ams", size="10 GB"),
        cell("volume", DOLLAR, owner="orphan", region="ams"),
    ]
    lines = [
        line("Volume", 20, 2, region="fra", unit="hours"),
        line("Volume", 10, 3, app="jv-test-alice-1"),
        line("Volume", 8, 4, region="ams"),
        line("Volume", 5, 5, app="jv-test-lost-1"),
    ]

    found = compared(
        lines,
        cells,
        apps={("jv-test-alice-1", "volume"): ("user", 10 * DOLLAR)},
        known_apps=frozenset({"jv-test-alice-1"}),
        places={"jv-test-alice-1": ("fra", "")},
    )

    assert [one.ours_nano for one in found] == [20 * DOLLAR, 10 * DOLLAR, 8 * DOLLAR, 0]
    assert [one.unexplained_nano for one in found] == [0, 0, 0, 0]
    assert found[0].our_quantity == Decimal("0.667")
    assert found[3].parts == {"orphan": 5 * DOLLAR}


def test_lines_of_an_app_are_counted_once_together():
    cells = [cell("volume", 2 * DOLLAR, region="fra"), cell("volume", DOLLAR, region="ams")]
    lines = [
        line("Volume", 2, 2, app="jv-test-alice-1", region="fra"),
        line("Volume", 1, 3, app="jv-test-alice-1", region="ams"),
    ]

    found = compared(
        lines,
        cells,
        apps={("jv-test-alice-1", "volume"): ("user", 3 * DOLLAR)},
        known_apps=frozenset({"jv-test-alice-1"}),
    )

    assert (found[0].ours_nano, found[0].unexplained_nano) == (3 * DOLLAR, 0)
    assert (found[0].together, len(found)) == ([3], 2)


def test_archives_are_explained_by_the_invoice_of_the_object_store():
    kept = Cell("archive", "user", "", "", 10**9, 3 * 10**9)

    (only_ours,) = compare([], Ours([kept], {}, frozenset(), 0))

    assert only_ours.parts == {Why.STORE: -3 * 10**9}
    assert only_ours.unexplained_nano == 0
