from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.fly.errors import FlyNotFound, LeaseHeld
from tests.fly.replay import Answer

DATA = {
    "nonce": "5c35f65c9f95",
    "expires_at": 1795442591,
    "owner": "9af60c27-ee17-55df-bb0a-4f369e59839a@tokens.fly.io",
    "description": "mj resize",
    "version": "01KAQ5T9W8M2R7XN4ZC6HJ1DVE",
}


def test_a_lease_is_taken_seen_extended_and_released(live, app, machine):
    lease = live.machines.lease(app, machine.id, ttl=30, description="mj resize")
    seen = live.machines.get_lease(app, machine.id)
    longer = live.machines.refresh_lease(app, machine.id, lease.nonce, ttl=90)
    live.machines.release_lease(app, machine.id, lease.nonce)

    assert seen.nonce == lease.nonce == longer.nonce
    assert seen.description == "mj resize"
    assert longer.expires_at - lease.expires_at > timedelta(seconds=50)
    with pytest.raises(FlyNotFound):
        live.machines.get_lease(app, machine.id)


def test_a_second_lease_is_refused_until_the_first_ends(live, app, machine):
    lease = live.machines.lease(app, machine.id, ttl=30)

    with pytest.raises(LeaseHeld) as caught:
        live.machines.lease(app, machine.id)

    assert caught.value.owner
    assert abs(caught.value.until - lease.expires_at) <= timedelta(seconds=1)


def test_only_the_holder_may_change_a_leased_machine(live, app, machine):
    with live.machines.leased(app, machine.id) as lease:
        with pytest.raises(LeaseHeld):
            live.machines.stop(app, machine.id)
        live.machines.stop(app, machine.id, nonce=lease.nonce)

    live.machines.wait(app, machine.id, "stopped", timedelta(seconds=10))


@pytest.mark.parametrize(
    "body", [{"status": "success", "data": DATA}, DATA], ids=["live", "schema"]
)
def test_a_lease_is_read_with_and_without_its_envelope(fly, replay, body):
    replay.plays(Answer(201, body))

    lease = fly.machines.lease("a", "m")

    assert lease.nonce == "5c35f65c9f95"
    assert lease.expires_at == datetime(2026, 11, 23, 14, 3, 11, tzinfo=UTC)
