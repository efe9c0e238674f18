from datetime import UTC, datetime

import pytest

from jarvis_admin.fly.errors import Garbled
from tests.fly.replay import Answer


def row(machine_id: str, **other: object) -> dict[str, object]:
    return {
        "id": machine_id,
        "app_name": "mj-u-7f3k2q",
        "name": "devbox",
        "state": "started",
        "region": "iad",
        "private_ip": "fdaa:9:ab3e:a7b:2f1:6c0e:91ab:2",
        "version": "01KAQ5T9W8M2R7XN4ZC6HJ1DVE",
        "instance_id": "01KAQ5T9W8M2R7XN4ZC6HJ1DVE",
        "created_at": "2026-11-20T09:14:02Z",
        "updated_at": "2026-11-23T14:02:11Z",
        "config": {
            "image": "registry.fly.io/mj-devbox@sha256:4b1f",
            "guest": {"cpu_kind": "shared", "cpus": 2, "memory_mb": 2048},
            "metadata": {"mj_user": "u-7f3k2q"},
        },
        **other,
    }


def page(*machines: object, cursor: object = "", **other: object) -> Answer:
    return Answer(200, {"machines": list(machines), "next_cursor": cursor, **other})


def test_pages_are_followed_through_an_empty_one_to_the_last(fly, replay):
    replay.plays(
        page(row("1"), row("2"), cursor="a", error_regions=["gru"]),
        page(cursor="b", last_machine_id="", last_updated_at=""),
        page(row("3", state="destroyed")),
    )

    pages = list(fly.org.machines())

    assert [[machine.id for machine in found.machines] for found in pages] == [
        ["1", "2"],
        [],
        ["3"],
    ]
    assert [found.error_regions for found in pages] == [("gru",), (), ()]
    assert [found.next_cursor for found in pages] == ["a", "b", ""]
    assert [dict(asked.query).get("cursor") for asked in replay.asked] == [None, "a", "b"]


def test_pages_are_fetched_one_by_one_as_they_are_used(fly, replay):
    replay.plays(page(row("1"), cursor="a"), page(row("2")))

    next(fly.org.machines())

    assert len(replay.asked) == 1


def test_the_list_is_asked_for_as_fly_writes_it(fly, replay):
    replay.plays(page())

    since = datetime(2026, 11, 23, 14, 0, tzinfo=UTC)
    list(fly.org.machines(since, limit=500, summary=True, region="fra", state="started"))

    (asked,) = replay.asked
    assert asked.path == "/v1/orgs/my-jarvis/machines"
    assert dict(asked.query) == {
        "updated_after": "2026-11-23T14:00:00Z",
        "include_deleted": "true",
        "limit": "500",
        "summary": "true",
        "region": "fra",
        "state": "started",
    }


def test_a_row_is_read_whole(fly, replay):
    replay.plays(page(row("3d8e114fd90289")))

    (machine,) = next(fly.org.machines()).machines

    assert machine.app_name == "mj-u-7f3k2q"
    assert machine.updated_at == datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
    assert machine.config.guest.memory_mb == 2048
    assert machine.metadata == {"mj_user": "u-7f3k2q"}


@pytest.mark.parametrize(
    "told", [{"instance_id": None}, {"instance_id": ""}, {"version": ""}, {"version": None}]
)
def test_version_and_instance_id_are_one(fly, replay, told):
    replay.plays(page(row("1", **told)))

    (machine,) = next(fly.org.machines()).machines

    assert machine.instance_id == "01KAQ5T9W8M2R7XN4ZC6HJ1DVE"


def test_a_summary_has_no_config(fly, replay):
    without = {key: value for key, value in row("1").items() if key != "config"}
    replay.plays(page(without, row("2", config=None)))

    machines = next(fly.org.machines(summary=True)).machines

    assert [machine.config for machine in machines] == [None, None]
    assert [machine.metadata for machine in machines] == [{}, {}]


@pytest.mark.parametrize(
    "body",
    [
        {"machines": None, "error_regions": None, "next_cursor": None},
        {},
        {"machines": [row("1", name=None, private_ip=None)]},
        {"machines": [row("1", state="dreaming", brand_new={"a": 1})], "brand": "new"},
        {"machines": [row("1", config={"image": "i", "metadata": None})]},
    ],
    ids=["nulls", "nothing", "null texts", "unknown state and keys", "null metadata"],
)
def test_odd_pages_are_read(fly, replay, body):
    replay.plays(Answer(200, body))

    found = next(fly.org.machines())

    assert [machine.id for machine in found.machines] == ["1"] * len(body.get("machines") or [])


def test_a_page_that_leads_to_itself_ends_the_walk(fly, replay):
    replay.plays(page(cursor="a"))

    with pytest.raises(Garbled, match="leads to itself"):
        list(fly.org.machines())

    assert len(replay.asked) == 2


def test_volumes_come_the_same_way(fly, replay):
    volume = {
        "id": "vol_r77k0dw9xq2z8g14",
        "name": "home",
        "state": "created",
        "size_gb": 10,
        "region": "iad",
        "app_name": "mj-u-7f3k2q",
        "attached_machine_id": None,
        "created_at": "2026-11-20T09:13:58.774Z",
    }
    replay.plays(
        Answer(200, {"volumes": [volume], "next_cursor": "a"}),
        Answer(200, {"volumes": [], "error_regions": ["gru"]}),
    )

    first, last = fly.org.volumes(limit=1)

    assert first.volumes[0].app_name == "mj-u-7f3k2q"
    assert last.error_regions == ("gru",)
    assert replay.asked[0].path == "/v1/orgs/my-jarvis/volumes"


def test_org_lists_have_a_pace_of_their_own(fly, replay, clock):
    replay.plays(page())

    for _ in range(3):
        list(fly.org.machines())
        list(fly.org.volumes())

    assert clock.naps == []
