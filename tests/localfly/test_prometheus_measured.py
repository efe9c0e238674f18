"""What real machines do shows in their counters."""

import sys
import time
from contextlib import suppress

import httpx
import pytest

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, Machine, eventually
from tests.localfly.prom import Prom

MB = 1_000_000

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="measured on Linux only")


@pytest.fixture(scope="module")
def prom(tmp_path_factory):
    with (
        local_fly(tmp_path_factory.mktemp("localfly"), scrape_interval=0.1) as server,
        client_of(server) as http,
    ):
        yield Prom(http, server.org)


@pytest.fixture
def fleet(prom):
    made = Fleet(prom.http, prom.org)
    yield made
    for app in made.apps:
        prom.http.delete(f"/v1/apps/{app}")


def sends(machine: Machine, size: int, times: int = 1) -> None:
    """Through the port of the program in the machine, on a new connection each time."""
    machine.guest("/files/big", "PUT", content=b"x" * size)
    for _ in range(times):
        assert len(machine.guest("/files/big").content) == size


def has_sent(prom: Prom, machine: Machine, size: int) -> bool:
    return (prom.sent(machine) or 0) >= size


def test_bytes_through_the_port_raise_the_counters(prom, fleet):
    machine, _ = fleet.with_volume()

    sends(machine, MB, times=3)

    eventually(lambda: has_sent(prom, machine, 3 * MB))
    received = prom.value(f'fly_instance_net_recv_bytes{{instance="{machine.id}",device="eth0"}}')
    assert prom.sent(machine) < 3 * MB + 20_000
    assert MB <= received < MB + 20_000


def test_what_an_open_connection_sends_counts_before_it_ends(prom, fleet):
    machine, _ = fleet.with_volume()
    machine.guest("/files/big", "PUT", content=b"x" * MB)

    with httpx.Client(base_url=f"http://127.0.0.1:{machine.address()['port']}") as kept:
        kept.get("/files/big")
        eventually(lambda: has_sent(prom, machine, MB))
        kept.get("/files/big")
        eventually(lambda: has_sent(prom, machine, 2 * MB))

    time.sleep(0.3)
    assert prom.sent(machine) < 2 * MB + 20_000  # and its end did not count it twice


def test_what_the_machine_sends_of_its_own_accord_counts(prom, fleet, tmp_path):
    """To a server of ours, from a process that its main process started."""
    port_file = tmp_path / "port"
    server = (
        "import socket,sys;l=socket.create_server(('127.0.0.1',0));"
        "open(sys.argv[1],'w').write(str(l.getsockname()[1]));c,_=l.accept()\n"
        "while c.recv(65536):pass"
    )
    sender = (
        "import socket,sys,time;c=socket.create_connection(('127.0.0.1',int(sys.argv[1])));"
        f"c.sendall(b'x'*{MB});time.sleep(30)"
    )
    receiver = fleet.started(
        config={"init": {"exec": [sys.executable, "-c", server, str(port_file)]}}
    )
    eventually(lambda: port_file.exists() and port_file.read_text())
    command = f'{sys.executable} -c "{sender}" {port_file.read_text()} & wait'
    machine = fleet.started(config={"init": {"exec": ["sh", "-c", command]}})

    eventually(lambda: has_sent(prom, machine, MB))
    received = f'fly_instance_net_recv_bytes{{instance="{receiver.id}"}}'
    eventually(lambda: (prom.value(received) or 0) >= MB)


def test_a_new_boot_begins_at_zero_and_a_resumed_one_goes_on(prom, fleet):
    machine, _ = fleet.with_volume()
    sends(machine, MB)
    eventually(lambda: has_sent(prom, machine, MB))

    machine.do("suspend", "suspended").do("start", "started")
    machine.guest()
    time.sleep(0.3)
    assert prom.sent(machine) > MB

    machine.do("stop", "stopped").do("start", "started")
    eventually(lambda: prom.sent(machine) < MB)
    sends(machine, MB // 2)
    eventually(lambda: has_sent(prom, machine, MB // 2))
    climbed = prom.value(f'increase(fly_instance_net_sent_bytes{{instance="{machine.id}"}}[5m])')
    assert MB // 2 <= climbed < 2 * MB


def test_a_machine_that_does_not_run_has_no_new_samples(prom, fleet):
    machine = fleet.started()
    up = f'fly_instance_up{{instance="{machine.id}"}}'
    eventually(lambda: prom.value(up) == 1)

    machine.do("suspend", "suspended")

    time.sleep(0.3)
    assert prom.value(up) == 1  # for five minutes yet
    assert prom.rows(f"{up}[200ms]") == []


def test_work_shows_as_cpu_time(prom, fleet):
    burn = "x = 0\nwhile True: x += 1"
    config = {"init": {"exec": [sys.executable, "-c", burn]}, "guest": {"cpus": 2}}
    machine = fleet.started(config=config)
    mine = f'fly_instance_cpu{{instance="{machine.id}",mode="user"}}'

    busy = f"sum(rate({mine}[1m])) / 100"
    eventually(lambda: 0.1 < (prom.value(busy) or 0) < 1.5)

    assert {row["metric"]["cpu_id"] for row in prom.rows(mine)} == {"0", "1"}
    load = f'fly_instance_load_average{{instance="{machine.id}",minutes="1"}}'
    eventually(lambda: prom.value(load) > 0)


def test_memory_is_what_the_config_gives_less_what_is_used(prom, fleet):
    machine = fleet.started(config={"guest": {"memory_mb": 512}})
    mine = f'{{instance="{machine.id}"}}'
    total = 512 * 1024**2
    left = f"fly_instance_memory_mem_available{mine}"

    # The first look may find a program that has not been loaded yet.
    eventually(lambda: total - 200 * MB < (prom.value(left) or 0) < total)

    assert prom.value(f"fly_instance_memory_mem_total{mine}") == total


def test_a_volume_is_as_full_as_its_folder(prom, fleet):
    machine, volume = fleet.with_volume()
    machine.guest("/files/big", "PUT", content=b"x" * (10 * 1024**2))
    used = f'fly_volume_used_pct{{id="{volume["id"]}"}}'

    eventually(lambda: (prom.value(used) or 0) > 0.9)

    assert prom.value(used) < 1.1
    assert prom.value(f'fly_volume_size_bytes{{id="{volume["id"]}"}}') == 1024**3


def test_counters_are_moved_and_reset_by_hand(prom, fleet):
    machine = fleet.started()
    eventually(lambda: prom.sent(machine) is not None)

    prom.move(add=[{"instance": machine.id, "sent_bytes": 5 * MB}])
    assert prom.sent(machine) >= 5 * MB
    machine.guest()
    time.sleep(0.3)
    assert prom.sent(machine) > 5 * MB  # what is measured goes on from there

    prom.move(reset=[machine.id])
    assert prom.sent(machine) < 1000


def test_a_destroyed_machine_disturbs_nobody(prom, fleet):
    """The loops go on when machines and folders vanish under them."""
    doomed = [fleet.with_volume()[0] for _ in range(3)]
    for machine in doomed:
        with suppress(httpx.HTTPError):
            machine.guest("/files/a", "PUT", content=b"x" * MB)
        machine.delete(force="true")
        prom.http.delete(f"/v1/apps/{machine.app}")

    survivor = fleet.started()
    eventually(lambda: prom.sent(survivor) is not None)


def test_a_config_of_odd_types_disturbs_nobody(prom, fleet):
    odd = fleet.started(config={"guest": {"cpus": "two", "memory_mb": 256}, "mounts": None})

    eventually(lambda: prom.value(f'fly_instance_up{{instance="{odd.id}"}}') == 1)
    assert prom.value(f'fly_instance_memory_mem_total{{instance="{odd.id}"}}') == 256 * 1024**2
