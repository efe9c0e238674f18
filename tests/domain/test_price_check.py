"""Bad price files are refused with a sentence for each problem, and where it is."""

import json
from typing import Any

import pytest

from jarvis_admin.domain.price_changes import changes
from jarvis_admin.domain.price_check import problems, read_file
from jarvis_admin.domain.price_list import PriceList
from jarvis_admin.errors import Invalid
from tests.domain.books import make_book, shipped_figures


def changed(path: str, value: Any) -> dict[str, Any]:
    figures = shipped_figures()
    *way, last = path.split("/")
    target = figures
    for name in way:
        target = target[name]
    if value is None:
        del target[last]
    else:
        target[last] = value
    return figures


def test_the_shipped_file_has_no_problem():
    assert problems(shipped_figures()) == []


@pytest.mark.parametrize(
    ("path", "value", "said"),
    [
        ("volume_usd_per_gb_month", None, "volume_usd_per_gb_month is missing"),
        ("volume_usd_per_gb_month", "-1", "volume_usd_per_gb_month is not an amount of zero"),
        ("volume_usd_per_gb_month", "abc", "volume_usd_per_gb_month is not an amount"),
        ("volume_usd_per_gb_month", "NaN", "volume_usd_per_gb_month is not an amount"),
        ("volume_usd_per_gb_month", "1e999999", "volume_usd_per_gb_month has more digits"),
        ("volume_usd_per_gb_month", "0." + "1" * 30, "volume_usd_per_gb_month has more digits"),
        ("region_multipliers/fra", "1153846154", "region_multipliers.fra is more than 100"),
        ("compute/shared/usd_per_cpu_second", "7.5", "compute.shared.usd_per_cpu_second is more"),
        ("compute/shared/included_mb_per_cpu", "x", "compute.shared.included_mb_per_cpu is not"),
        ("compute/performance", None, "compute.performance is missing"),
        ("region_multipliers/fra", None, "region fra has no multiplier"),
        ("region_multipliers/xyz", "1", "region xyz has no egress price"),
        ("egress/africa", [], "egress.africa is not a table"),
        ("egress/africa/regions", ["jnb", "fra"], "egress.africa.regions has fra, as another"),
        ("object_store", {}, "object_store.usd_per_gb_month is missing"),
        ("object_store/usd_per_gb_month", "-1", "object_store.usd_per_gb_month is not an amount"),
        ("snapshots", {}, "snapshots is not a name that a price file has"),
        ("presets", ["huge"], "'huge' is not a machine size"),
        ("reservations/shared", [{"usd_per_year": "x"}], "reservations.shared[1].usd_per_year"),
        ("version", "a b/c", "version takes up to 32 letters"),
        ("effective_from", "2026-13-01", "effective_from is not a date and time"),
        ("effective_from", "2026-12-01T00:00:00", "effective_from is not a date and time"),
    ],
)
def test_a_problem_is_one_sentence_that_says_where(path: str, value: Any, said: str):
    (sentence,) = problems(changed(path, value))

    assert said in sentence


def test_all_problems_are_told_at_once():
    figures = changed("volume_usd_per_gb_month", None)
    figures["rootfs_usd_per_gb_month"] = "free"
    figures["snapshot"]["free_gb"] = -1

    assert len(problems(figures)) == 3


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "line 1, column 1"),
        (b'{"version": "1",\n "a" 2}', "line 2, column 6"),
        (b"\xff\xfe{", "not UTF-8 text: byte 1"),
        (b"[1]", "not a table"),
        (b'{"version": "1", "version": "2"}', "version stands there twice"),
        (b"[" * 100_000, "not a price file"),
        (b'{"a": ' + b"9" * 5000 + b"}", "not a price file"),
    ],
)
def test_what_is_no_price_file_is_told_by_its_place(content: bytes, said: str):
    with pytest.raises(Invalid, match=said):
        read_file(content)


def test_a_file_is_read_as_it_was_written():
    assert read_file(json.dumps(shipped_figures()).encode("utf-8-sig")) == shipped_figures()


def test_changes_name_only_what_differs():
    new = changed("volume_usd_per_gb_month", "0.18")
    new["region_multipliers"]["iad"] = "1.0"  # the same figure, written differently
    new["version"] = "2027-01-01"

    (change,) = changes(shipped_figures(), new)

    assert (change.label, change.old, change.new) == ("Volume, per GB and month", "0.15", "0.18")
    assert change.percent == 20


def test_a_region_that_goes_is_a_change():
    new = changed("region_multipliers/jnb", None)
    new["egress"]["africa"]["regions"] = []

    found = {change.label: (change.old, change.new) for change in changes(shipped_figures(), new)}

    assert found == {
        "Region jnb, times": ("1.302884615", ""),
        "Traffic, africa, regions": ("jnb", ""),
    }


def test_the_table_of_sizes_is_the_formula():
    listed = PriceList.from_dict(shipped_figures())

    rows = {row.size.slug: row for row in listed.sizes(make_book(), "ams")}

    assert len(rows) == 47
    # As Fly prints them for Amsterdam.
    assert round(rows["shared-cpu-1x:256MB"].month_nano / 10**9, 2) == 2.02
    assert round(rows["performance-2x:4096MB"].month_nano / 10**9, 2) == 64.39


def test_a_file_without_presets_still_has_a_table():
    figures = shipped_figures()
    del figures["presets"], figures["reservations"]

    listed = PriceList.from_dict(figures)

    assert problems(figures) == []
    assert listed.blocks == ()
    assert "shared-cpu-1x:2048MB" in [size.slug for size in listed.presets]
