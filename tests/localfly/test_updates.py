"""Updating a machine replaces its whole config."""


def _update(machine, config, **fields):
    return machine.http.post(
        machine.path, json={"config": {"image": "workspace:2", **config}, **fields}
    )


def test_an_update_reboots_into_a_new_version(fleet):
    machine = fleet.started(config={"env": {"A": "1"}})
    machine.guest()

    updated = _update(machine, {"env": {"B": "2"}}).json()
    machine.wait("started", version=updated["instance_id"])

    assert updated["state"] == "replacing"
    assert updated["instance_id"] != machine.body["instance_id"]
    assert machine.run("sh", "-c", "echo $A-$B")["stdout"] == "-2\n"
    assert machine.events()[3:] == [
        ("update", "replacing", "user"),
        ("exit", "stopped", "flyd"),
        ("start", "started", "flyd"),
    ]
    assert machine.exits()[0]["exit_event"]["requested_stop"] is False


def test_a_start_during_an_update_is_refused(fleet):
    machine = fleet.started()
    _update(machine, {})

    refusal = machine.post("start")

    assert refusal.status_code == 412
    assert "machine getting replaced, refusing to start" in refusal.json()["error"]
    machine.reach("started")


def test_skip_launch_leaves_a_stopped_machine_stopped(fleet):
    machine = fleet.machine(skip_launch=True).reach("stopped")

    updated = _update(machine, {}, skip_launch=True).json()
    machine.wait("stopped", version=updated["instance_id"])

    assert machine.state == "stopped"
    assert machine.show()["config"]["image"] == "workspace:2"


def test_a_stale_current_version_is_a_conflict(fleet):
    machine = fleet.machine(skip_launch=True).reach("stopped")
    stale = machine.body["instance_id"]
    assert _update(machine, {}, skip_launch=True, current_version=stale).status_code == 200
    machine.wait("stopped")

    refusal = _update(machine, {}, current_version=stale)

    assert refusal.status_code == 409
    assert refusal.json()["error"] == "aborted: machine update failed due to concurrent update"


def test_every_version_is_remembered_with_its_config(fleet, http):
    machine = fleet.machine(skip_launch=True).reach("stopped")
    _update(machine, {"env": {"GENERATION": "2"}}, skip_launch=True)

    newest, oldest = http.get(f"{machine.path}/versions").json()

    assert newest["user_config"]["env"] == {"GENERATION": "2"}
    assert oldest["version"] == machine.body["instance_id"]
    assert "env" not in oldest["user_config"]


def test_unknown_keys_pass_through_and_autostop_reads_back_as_fly_says_it(fleet):
    config = {
        "wholly_new": {"deep": [1, None]},
        "services": [
            {"internal_port": 8080, "autostop": autostop}
            for autostop in ("off", "stop", "suspend", True)
        ],
    }

    shown = fleet.machine(config=config, skip_launch=True).show()["config"]

    assert shown["wholly_new"] == {"deep": [1, None]}
    assert [service["autostop"] for service in shown["services"]] == [False, True, "suspend", True]


def test_the_volume_cannot_be_switched(fleet):
    machine, _ = fleet.with_volume()
    other = fleet.volume(machine.app)

    refusal = _update(machine, {"mounts": [{"volume": other["id"], "path": "/workspace"}]})

    assert refusal.status_code == 400


def test_a_stop_timeout_above_five_minutes_is_refused(fleet):
    refusal = fleet.create(fleet.app(), {"stop_config": {"timeout": "5m1s"}})

    assert refusal.status_code == 400
    assert refusal.json()["error"].endswith("cannot exceed 5 minutes")


def test_a_volume_that_the_new_config_does_not_name_is_let_go(fleet, http):
    machine, volume = fleet.with_volume()

    updated = _update(machine, {}).json()
    machine.wait("started", version=updated["instance_id"])

    shown = http.get(f"/v1/apps/{machine.app}/volumes/{volume['id']}").json()
    assert shown["attached_machine_id"] is None
    assert machine.guest().json()["mount"] != "/workspace"


def test_a_machine_without_a_volume_can_be_given_one(fleet, http):
    machine = fleet.machine(skip_launch=True).reach("stopped")
    volume = fleet.volume(machine.app)
    mounts = [{"volume": volume["id"], "path": "/workspace"}]

    updated = _update(machine, {"mounts": mounts}).json()
    machine.wait("started", version=updated["instance_id"])

    assert machine.guest().json()["mount"] == "/workspace"
    shown = http.get(f"/v1/apps/{machine.app}/volumes/{volume['id']}").json()
    assert shown["attached_machine_id"] == machine.id


def test_a_suspended_machine_boots_cold_into_its_new_version(fleet):
    machine = fleet.started()
    machine.guest("/")
    machine.do("suspend", "suspended")

    updated = _update(machine, {}).json()
    machine.wait("started", version=updated["instance_id"])

    assert machine.guest().json()["counter"] == 0


def test_a_name_is_kept_whatever_an_update_says(fleet):
    machine = fleet.machine(name="devbox", skip_launch=True).reach("stopped")

    _update(machine, {}, name="other", region="fra", skip_launch=True)

    shown = machine.show()
    assert (shown["name"], shown["region"]) == ("devbox", "iad")
