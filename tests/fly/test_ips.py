import pytest

from jarvis_admin.fly.errors import Refused
from tests.fly.replay import Answer


def test_a_flycast_address_is_made_listed_and_deleted(live, app):
    made = live.ips.create(app, "private_v6", network="mj-net")
    (listed,) = live.ips.list(app)
    live.ips.delete(app, made.ip)

    assert made.ip.startswith("fdaa:")
    assert (listed.ip, listed.kind) == (made.ip, "private_v6")
    assert listed.network.name == "mj-net"
    assert live.ips.list(app) == ()


def test_an_unknown_network_is_refused(live, app):
    with pytest.raises(Refused, match="network not found"):
        live.ips.create(app, "private_v6", network="nowhere")


def test_a_public_address_has_no_network(fly, replay):
    row = {"ip": "66.241.125.71", "type": "shared_v4", "shared": True, "network": None}
    replay.plays(Answer(200, {"ips": [{**row, "created_at": "0001-01-01T00:00:00Z"}]}))

    (found,) = fly.ips.list("a")

    assert found.network is None
    assert found.shared
