"""Every refusal on record becomes its class, with a sentence that a support person can read."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from jarvis_admin.fly import errors
from jarvis_admin.fly.errors import (
    Conflict,
    Deadline,
    FlyError,
    Garbled,
    LeaseHeld,
    NoCapacity,
    Refused,
    Unreachable,
    WrongState,
)
from tests.fly.replay import Answer

APP, MACHINE, VOLUME = "mj-u-7f3k2q", "3d8e114fd90289", "vol_r77k0dw9xq2z8g14"
HOLDER = "9af60c27-ee17-55df-bb0a-4f369e59839a@tokens.fly.io"

ASK = {
    "app": lambda fly: fly.apps.get(APP),
    "app create": lambda fly: fly.apps.create(APP),
    "create": lambda fly: fly.machines.create(APP, name="devbox", region="fra", config={}),
    "get": lambda fly: fly.machines.get(APP, MACHINE),
    "start": lambda fly: fly.machines.start(APP, MACHINE),
    "update": lambda fly: fly.machines.update(APP, MACHINE, {}),
    "suspend": lambda fly: fly.machines.suspend(APP, MACHINE),
    "destroy": lambda fly: fly.machines.destroy(APP, MACHINE),
    "lease": lambda fly: fly.machines.lease(APP, MACHINE),
    "exec": lambda fly: fly.machines.exec(APP, MACHINE, ["true"]),
    "metadata": lambda fly: fly.machines.patch_metadata(APP, MACHINE, {}),
    "wait": lambda fly: fly.machines.wait(APP, MACHINE, "started", timedelta()),
    "volume": lambda fly: fly.volumes.get(APP, VOLUME),
    "volume delete": lambda fly: fly.volumes.delete(APP, VOLUME),
    "snapshot": lambda fly: fly.snapshots.create(APP, VOLUME),
    "ip": lambda fly: fly.ips.create(APP, "private_v6", network="nowhere"),
}

CASES = json.loads(Path(__file__).with_name("refusals.json").read_text())


@pytest.mark.parametrize("case", CASES, ids=lambda case: f"{case['ask']}-{case['error']}")
def test_each_refusal_on_record_becomes_its_error(fly, replay, case):
    replay.plays(Answer(case["status"], case["body"]))

    with pytest.raises(FlyError) as caught:
        ASK[case["ask"]](fly)

    assert type(caught.value) is getattr(errors, case["error"])
    assert str(caught.value) == case["sentence"]
    assert caught.value.status == 502


def test_a_sentence_ends_with_flys_request_id(fly, replay):
    body = {"error": "could not find a candidate host", "status": "insufficient_capacity"}
    replay.plays(Answer(422, body, {"fly-request-id": "01KAQ5T9W8M2R7XN4ZC6HJ1DVE-fra"}))

    with pytest.raises(NoCapacity) as caught:
        ASK["create"](fly)

    assert str(caught.value) == (
        "Fly has no room in fra right now. (Fly request 01KAQ5T9W8M2R7XN4ZC6HJ1DVE-fra)"
    )
    assert caught.value.scope == "region"
    assert caught.value.place == "fra"
    assert caught.value.detail == "could not find a candidate host"


def test_a_full_host_is_told_from_a_full_region(fly, replay):
    replay.plays(Answer(412, {"error": "full", "status": "volume_placement_capacity"}))

    with pytest.raises(NoCapacity) as caught:
        ASK["create"](fly)

    assert caught.value.scope == "host"


def test_a_held_lease_names_its_owner_and_its_end(fly, replay):
    text = f"machine ID {MACHINE} lease currently held by {HOLDER}, expires at 2026-11-23T14:41:08Z"
    replay.plays(Answer(409, {"error": text}))

    with pytest.raises(LeaseHeld) as caught:
        ASK["start"](fly)

    assert caught.value.owner == HOLDER
    assert caught.value.until == datetime(2026, 11, 23, 14, 41, 8, tzinfo=UTC)


def test_a_held_lease_of_another_wording_still_is_one(fly, replay):
    replay.plays(Answer(409, {"error": "lease currently held by nobody we know"}))

    with pytest.raises(LeaseHeld) as caught:
        ASK["start"](fly)

    assert caught.value.until is None
    assert str(caught.value) == "Machine 3d8e114fd90289 is locked at Fly by someone else."


def test_a_duplicate_machine_name_is_marked_as_such(fly, replay):
    replay.plays(Answer(409, {"error": "already_exists: unique machine name violation, ..."}))

    with pytest.raises(Conflict) as caught:
        ASK["create"](fly)

    assert caught.value.duplicate_name


def test_a_deadline_is_ambiguous_for_a_create_and_not_for_a_read(fly, replay):
    replay.plays(Answer(408, {"error": "deadline_exceeded: request deadline exceeded"}))

    with pytest.raises(Deadline) as create:
        ASK["create"](fly)
    with pytest.raises(Deadline) as read:
        ASK["get"](fly)

    assert create.value.ambiguous
    assert not read.value.ambiguous


def test_flys_text_is_cut_to_a_line_of_sane_length(fly, replay):
    replay.plays(Answer(400, {"error": "word \n" * 1000}))

    with pytest.raises(Refused) as caught:
        ASK["update"](fly)

    assert len(caught.value.detail) == 300
    assert "\n" not in caught.value.detail


@pytest.mark.parametrize(
    ("body", "detail"),
    [
        (b"<html><h1>502 Bad Gateway</h1></html>", ""),
        (b"upstream connect error", "upstream connect error"),
        (b"", ""),
        (b"[1]", ""),
        (b'{"error": null}', ""),
    ],
)
def test_a_body_that_is_no_error_object_does_no_harm(fly, replay, body, detail):
    replay.plays(Answer(502, body))

    with pytest.raises(Unreachable) as caught:
        ASK["start"](fly)

    assert caught.value.detail == detail


def test_an_answer_that_makes_no_sense_is_garbled(fly, replay):
    replay.plays(Answer(200, b"surprise"))

    with pytest.raises(Garbled) as read:
        ASK["get"](fly)
    with pytest.raises(Garbled) as create:
        ASK["create"](fly)

    assert not read.value.ambiguous
    assert create.value.ambiguous


def test_an_older_start_refuses_inside_a_success(fly, replay):
    text = "machine still active, refusing to start"
    replay.plays(Answer(200, {"status": "error", "message": text}))

    with pytest.raises(WrongState) as caught:
        ASK["start"](fly)

    assert caught.value.detail == text
