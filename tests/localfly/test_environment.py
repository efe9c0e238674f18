"""What a machine finds when it boots."""

import pytest

from tests.localfly.fleet import eventually


def _env(machine):
    lines = machine.run("env")["stdout"].splitlines()
    return dict(line.split("=", 1) for line in lines)


def test_fly_s_own_variables_are_there(fleet):
    machine = fleet.started(config={"metadata": {"fly_process_group": "worker"}}, region="fra")

    shown = machine.show()
    assert (
        _env(machine).items()
        >= {
            "FLY_APP_NAME": machine.app,
            "FLY_MACHINE_ID": machine.id,
            "FLY_ALLOC_ID": machine.id,
            "FLY_REGION": "fra",
            "FLY_IMAGE_REF": "workspace:1",
            "FLY_MACHINE_VERSION": shown["instance_id"],
            "FLY_PRIVATE_IP": shown["private_ip"],
            "FLY_PROCESS_GROUP": "worker",
            "FLY_VM_MEMORY_MB": "256",
        }.items()
    )


def test_a_secret_wins_over_the_config_and_fly_over_both(fleet, http):
    app = fleet.app()
    secrets = {"values": {"KEY": "secret", "FLY_REGION": "forged"}}
    http.post(f"/v1/apps/{app}/secrets", json=secrets)

    machine = fleet.started(app, {"env": {"KEY": "config", "FLY_APP_NAME": "forged", "N": 1}})

    env = _env(machine)
    assert (env["KEY"], env["N"]) == ("secret", "1")
    assert (env["FLY_APP_NAME"], env["FLY_REGION"]) == (app, "iad")


def test_home_is_the_mount_unless_the_config_says_otherwise(fleet):
    machine, _ = fleet.with_volume("/data")

    assert _env(machine)["HOME"] == "/data"
    assert _env(fleet.started(config={"env": {"HOME": "/home/dev"}}))["HOME"] == "/home/dev"


@pytest.mark.parametrize(
    "init",
    [
        {"exec": ["sleep", "601"]},
        {"entrypoint": ["sleep"], "cmd": ["601"]},
        {"cmd": ["sleep", "601"]},
        {"exec": ["sleep", "601"], "cmd": ["ignored"]},
    ],
    ids=str,
)
def test_init_chooses_the_command(fleet, init):
    machine = fleet.started(config={"init": init})

    def commands():
        return [row["command"] for row in machine.http.get(f"{machine.path}/ps").json()]

    eventually(lambda: commands() == ["sleep 601"])


def test_addresses_on_one_network_share_their_prefix(fleet):
    one = fleet.machine(fleet.app(network="net-a"), skip_launch=True).body["private_ip"]
    two = fleet.machine(fleet.app(network="net-a"), skip_launch=True).body["private_ip"]
    far = fleet.machine(fleet.app(network="net-b"), skip_launch=True).body["private_ip"]

    assert one != two
    assert one.startswith("fdaa:")
    assert one.split(":")[:4] == two.split(":")[:4] != far.split(":")[:4]
