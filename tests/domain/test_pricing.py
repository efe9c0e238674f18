from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.domain.money import NANO, amount_nano, dollars
from jarvis_admin.domain.pricing import MONTH, Component, PriceBook, Size, price_at
from jarvis_admin.errors import Invalid
from tests.domain.books import make_book, shipped_figures

BOOK = make_book()
GB = 10**9


def per_month(rate_pico: int) -> str:
    return dollars(amount_nano(rate_pico, MONTH))


SIZES = [
    pytest.param(Size("shared", 1, 512), "shared-cpu-1x:512MB", "1x 512 MB", id="small"),
    pytest.param(Size("shared", 2, 2048), "shared-cpu-2x:2048MB", "2x 2 GB", id="usual"),
    pytest.param(Size("shared", 6, 1536), "shared-cpu-6x:1536MB", "6x 1.5 GB", id="odd memory"),
    pytest.param(
        Size("performance", 2, 4096), "performance-2x:4096MB", "perf 2x 4 GB", id="performance"
    ),
]


@pytest.mark.parametrize(("size", "slug", "label"), SIZES)
def test_a_size_has_a_slug_that_reads_back_and_a_label(size, slug, label):
    assert (size.slug, size.label) == (slug, label)
    assert Size.parse(slug) == size


@pytest.mark.parametrize(
    "slug",
    [
        "",
        "shared-cpu-1x",
        "shared-1x:512MB",
        "performance-cpu-1x:2048MB",
        "gpu-1x:512MB",
        "shared-cpu-0x:512MB",
        "shared-cpu-1x:0MB",
        "shared-cpu-1x:512MB\n",
        "shared-cpu-١x:512MB",
        "x" * 10_000,
    ],
)
def test_what_is_no_size_is_refused_with_an_example(slug):
    with pytest.raises(Invalid, match="write it like shared-cpu-2x:2048MB") as refusal:
        Size.parse(slug)

    assert len(str(refusal.value)) < 200


# Fly's printed prices per 30 days, which the constants in the book were derived from.
PRINTED = [
    (Size("shared", 1, 256), {"iad": "1.94", "ams": "2.02", "sjc": "2.32", "sin": "2.47"}),
    (Size("shared", 1, 512), {"iad": "3.19", "ams": "3.32", "sjc": "3.81", "nrt": "4.18"}),
    (Size("shared", 1, 1024), {"iad": "5.70", "sjc": "6.79", "sin": "7.23", "nrt": "7.45"}),
    (Size("shared", 1, 2048), {"iad": "10.70", "ams": "11.11", "sin": "13.58", "nrt": "13.99"}),
    (Size("shared", 2, 2048), {"ams": "11.83", "nrt": "14.90"}),
    (Size("shared", 4, 8192), {"ams": "44.44"}),
    (Size("shared", 8, 16384), {"ams": "88.88"}),
    (Size("performance", 1, 2048), {"ams": "32.19"}),
    (Size("performance", 2, 4096), {"ams": "64.39"}),
]


@pytest.mark.parametrize(
    ("size", "region", "printed"),
    [
        pytest.param(size, region, price, id=f"{size.label} {region}")
        for size, prices in PRINTED
        for region, price in prices.items()
    ],
)
def test_the_shipped_book_reproduces_what_fly_prints_to_the_cent(size, region, printed):
    assert per_month(BOOK.compute_rate(size, region)) == printed


@pytest.mark.parametrize(
    ("size", "region", "rate_pico", "month"),
    [
        # 1 × 7.5e-7 + 0.25 GB × 1.93e-6
        pytest.param(Size("shared", 1, 512), "iad", 1_232_500, "3.19", id="example 1"),
        # 2 × 7.5e-7 + 1.5 GB × 1.93e-6
        pytest.param(Size("shared", 2, 2048), "iad", 4_395_000, "11.39", id="example 2, iad"),
        # 4,395,000 × 1.153846154 = 5,071,153.8…
        pytest.param(Size("shared", 2, 2048), "fra", 5_071_154, "13.14", id="example 2, fra"),
        pytest.param(Size("shared", 2, 2048), "nrt", 5_747_308, "14.90", id="example 2, nrt"),
    ],
)
def test_the_worked_examples_of_the_platform_reference(size, region, rate_pico, month):
    assert BOOK.compute_rate(size, region) == rate_pico
    assert per_month(rate_pico) == month


def test_an_hour_of_the_first_worked_example():
    rate = BOOK.compute_rate(Size("shared", 1, 512), "iad")

    assert dollars(amount_nano(rate, timedelta(hours=1)), places=6) == "0.004437"


def test_memory_below_what_a_cpu_includes_earns_no_discount():
    assert BOOK.compute_rate(Size("shared", 1, 128), "iad") == 750_000


@pytest.mark.parametrize(
    ("rate", "month"),
    [
        pytest.param(BOOK.rootfs_rate(3072), "0.45", id="3 GB image"),
        pytest.param(BOOK.rootfs_rate(0), "0.00", id="no image"),
        pytest.param(BOOK.volume_rate(10), "1.50", id="10 GB volume"),
        pytest.param(BOOK.snapshot_rate(25 * GB), "2.00", id="25 GB of snapshots"),
        pytest.param(BOOK.address_rate("v4"), "2.00", id="dedicated IPv4"),
        pytest.param(BOOK.address_rate("shared_v4"), "0.00", id="shared IPv4"),
        pytest.param(BOOK.address_rate("egress_pair"), "3.60", id="static egress"),
        pytest.param(BOOK.address_rate("v9"), "3.60", id="unknown address: the dearest"),
    ],
)
def test_what_the_other_components_cost_a_month(rate, month):
    assert per_month(rate) == month


@pytest.mark.parametrize(
    ("region", "amount"),
    [("iad", "0.20"), ("fra", "0.20"), ("gru", "0.40"), ("jnb", "1.20"), ("mars", "1.20")],
)
def test_ten_gigabytes_out_cost_by_region(region, amount):
    assert dollars(BOOK.egress_nano(10 * GB, region)) == amount


def test_egress_is_exact_to_the_byte():
    assert BOOK.egress_nano(50, "iad") == 1
    assert BOOK.egress_nano(50 * NANO, "iad") == NANO


def test_the_free_snapshots_belong_to_the_organisation():
    assert BOOK.snapshot_free_bytes == 10 * GB


def test_an_unknown_region_is_priced_as_the_dearest_and_known_to_be_a_guess():
    size = Size("shared", 1, 512)

    assert not BOOK.knows("mars")
    assert BOOK.compute_rate(size, "mars") == BOOK.compute_rate(size, "gru")


def test_an_unknown_kind_of_cpu_is_priced_as_performance_and_known_to_be_a_guess():
    rate = BOOK.compute_rate(Size("quantum", 1, 2048), "iad")

    assert BOOK.knows("iad", "shared")
    assert not BOOK.knows("iad", "quantum")
    assert rate == BOOK.compute_rate(Size("performance", 1, 2048), "iad")


def test_the_shipped_book_knows_all_eighteen_regions():
    assert len(BOOK.multipliers) == 18
    assert BOOK.version == "2026-08-09"
    assert BOOK.effective_from == datetime(2026, 8, 9, tzinfo=UTC)


def test_components_have_the_names_that_are_stored():
    assert [str(c) for c in Component] == [
        "compute",
        "rootfs",
        "volume",
        "snapshot",
        "archive",
        "helper",
        "egress",
        "address",
        "reservation",
        "adjustment",
    ]


def _without_fra():
    multipliers = shipped_figures()["region_multipliers"]
    del multipliers["fra"]
    return multipliers


CPU = shipped_figures()["compute"]["shared"]
MULTIPLIERS = shipped_figures()["region_multipliers"]


@pytest.mark.parametrize(
    ("changes", "sentence"),
    [
        pytest.param({"version": ""}, "version is not a text", id="no version"),
        pytest.param({"effective_from": "soon"}, "effective_from is not a date", id="no date"),
        pytest.param(
            {"effective_from": "2026-08-09T00:00:00"}, "with its zone", id="a date without a zone"
        ),
        pytest.param(
            {"region_multipliers": _without_fra()}, "region fra has no multiplier", id="multiplier"
        ),
        pytest.param(
            {"region_multipliers": {**MULTIPLIERS, "mad": "1.1"}},
            "region mad has no egress price",
            id="egress",
        ),
        pytest.param(
            {"region_multipliers": {**MULTIPLIERS, "fra": 1.15}},
            "region_multipliers.fra is not a text",
            id="a float",
        ),
        pytest.param(
            {"region_multipliers": {}, "egress": {}}, "region_multipliers is empty", id="no region"
        ),
        pytest.param({"egress": []}, "egress is not a table", id="a list for a table"),
        pytest.param(
            {"egress": {"na": {"usd_per_gb": "1", "regions": "iad"}}},
            "egress.na.regions is not a list",
            id="a text for a list",
        ),
        pytest.param({"volume_usd_per_gb_month": "-1"}, "zero or more", id="negative"),
        pytest.param({"volume_usd_per_gb_month": "NaN"}, "is not an amount", id="not a number"),
        pytest.param({"volume_usd_per_gb_month": "cheap"}, "is not an amount", id="a word"),
        pytest.param(
            {"compute": {"shared": CPU}}, "compute.performance is missing", id="no performance"
        ),
        pytest.param(
            {"compute": {"shared": {**CPU, "included_mb_per_cpu": True}}},
            "compute.shared.included_mb_per_cpu is not a whole number",
            id="a truth for a number",
        ),
        pytest.param({"snapshot": {}}, "snapshot.usd_per_gb_month is missing", id="nested"),
        pytest.param({"addresses_usd_per_month": {}}, "is empty", id="no addresses"),
    ],
)
def test_a_faulty_price_file_is_refused_with_the_place_of_the_fault(changes, sentence):
    with pytest.raises(Invalid, match="Price file: ") as refusal:
        make_book(**changes)

    assert sentence in str(refusal.value)


@pytest.mark.parametrize("data", [None, [], "text", {}], ids=repr)
def test_what_is_no_price_file_at_all_is_refused(data):
    with pytest.raises(Invalid):
        PriceBook.from_dict(data)


OLD = make_book(version="old", effective_from="2026-01-01T00:00:00Z")
NEW = make_book(version="new", effective_from="2026-09-01T02:00:00+02:00")


@pytest.mark.parametrize(
    ("at", "version"),
    [
        pytest.param(datetime(2025, 1, 1, tzinfo=UTC), "old", id="before the first, the first"),
        pytest.param(datetime(2026, 8, 31, 23, 59, 59, tzinfo=UTC), "old", id="just before"),
        pytest.param(datetime(2026, 9, 1, tzinfo=UTC), "new", id="from its first instant on"),
        pytest.param(datetime(2030, 1, 1, tzinfo=UTC), "new", id="long after"),
    ],
)
def test_the_book_in_force_is_the_latest_that_has_begun(at, version):
    assert price_at([NEW, OLD], at).version == version
    assert price_at([OLD, NEW], at).version == version


def test_without_any_book_nothing_can_be_priced():
    with pytest.raises(Invalid, match="no price book"):
        price_at([], datetime(2026, 1, 1, tzinfo=UTC))
