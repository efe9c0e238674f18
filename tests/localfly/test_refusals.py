"""Orders that make no sense are refused, or change nothing, as at Fly."""

import pytest

LATER = {"config": {"image": "workspace:2"}}


@pytest.fixture
def stopped(fleet):
    return fleet.machine(skip_launch=True).reach("stopped")


@pytest.mark.parametrize("verb", ["suspend", "restart"])
def test_what_needs_a_running_machine_is_refused_to_a_stopped_one(stopped, verb):
    refusal = stopped.post(verb)

    assert refusal.status_code == 412
    assert refusal.json()["error"].endswith("from current state: 'stopped'")


def test_a_machine_in_preparation_cannot_be_stopped(fleet):
    assert fleet.machine().post("stop").status_code == 412


def test_a_signal_needs_a_process(stopped):
    assert stopped.post("signal", {"signal": "SIGTERM"}).status_code == 412


def test_an_unknown_signal_is_refused(fleet):
    machine = fleet.started()

    for signal in ("SIGWINCH", "nonsense"):
        assert machine.post("signal", {"signal": signal}).status_code == 400
        assert machine.post("stop", {"signal": signal}).status_code == 400
    assert machine.state == "started"


def test_a_second_stop_or_suspend_changes_nothing(fleet):
    machine = fleet.started().do("suspend", "suspended")
    assert machine.post("suspend").json() == {"ok": True}

    machine.do("stop", "stopped")
    events = machine.events()

    assert machine.post("stop").json() == {"ok": True}
    assert machine.events() == events


def test_a_second_destroy_is_accepted(fleet):
    machine = fleet.started()

    answers = [machine.delete(force="true").status_code for _ in range(2)]

    assert answers == [200, 200]
    machine.reach("destroyed")


@pytest.mark.parametrize("verb", ["stop", "suspend", "restart"])
def test_an_update_in_the_middle_of_a_verb_is_a_conflict(fleet, verb):
    machine = fleet.started()
    machine.post(verb)

    refusal = machine.http.post(machine.path, json=LATER)

    assert refusal.status_code == 409
    assert refusal.json()["error"] == "aborted: machine update failed due to concurrent update"


@pytest.mark.parametrize(
    "config",
    [{"image": ""}, {"image": 7}, {"mounts": [{"volume": "a"}, {"volume": "b"}]}],
    ids=["no image", "a number", "two mounts"],
)
def test_a_config_that_cannot_be_is_refused(fleet, config):
    assert fleet.create(fleet.app(), config).status_code == 400


def test_a_mount_of_an_unknown_volume_is_not_found(fleet):
    mounts = [{"volume": "vol_none", "path": "/data"}]

    refusal = fleet.create(fleet.app(), {"mounts": mounts})

    assert refusal.status_code == 404
    assert refusal.json() == {"error": "volume not found"}


def test_a_volume_of_another_app_is_not_found(fleet):
    mounts = [{"volume": fleet.volume(fleet.app())["id"], "path": "/data"}]

    assert fleet.create(fleet.app(), {"mounts": mounts}).status_code == 404


def test_a_machine_of_another_app_is_not_found(fleet, http, stopped):
    other = fleet.app()

    answer = http.get(f"/v1/apps/{other}/machines/{stopped.id}")

    assert answer.status_code == 404
    assert answer.json() == {"error": "machine not found"}


@pytest.mark.parametrize("body", [b"{", b"[]", b'"text"', b'{"config": 1}'])
def test_a_body_that_is_no_wish_is_refused(fleet, http, body):
    refusal = http.post(f"/v1/apps/{fleet.app()}/machines", content=body)

    assert refusal.status_code == 400
    assert refusal.json()["error"].startswith("invalid_argument:")


def test_an_empty_body_is_an_eof(fleet, http):
    refusal = http.post(f"/v1/apps/{fleet.app()}/machines")

    assert (refusal.status_code, refusal.json()) == (400, {"error": "EOF"})


def test_a_start_on_a_full_host_is_refused_but_a_resume_is_not(fleet, faults):
    machine = fleet.started().do("suspend", "suspended")
    faults.set_faults(full_regions=["iad"])

    machine.do("start", "started")
    refusal = machine.do("stop", "stopped").post("start")

    assert refusal.status_code == 409
    assert "insufficient memory available" in refusal.json()["error"]


def test_exec_needs_a_command(fleet):
    assert fleet.started().post("exec", {"timeout": 1}).status_code == 400


def test_an_empty_metadata_key_is_refused(stopped):
    changes = {"metadata": {"": "x"}}

    assert stopped.http.put(f"{stopped.path}/metadata", json=changes).status_code == 400


def test_an_unknown_path_and_a_wrong_method_answer_in_json(http):
    assert http.get("/v1/no/such/path").json() == {"error": "not found"}
    assert http.put("/v1/apps").status_code == 405


@pytest.mark.parametrize("query", [{"cursor": "!"}, {"limit": "ten"}, {"updated_after": "x"}])
def test_a_page_that_cannot_be_found_is_refused(fleet, http, query):
    answer = http.get(f"/v1/orgs/{fleet.org}/machines", params=query)

    assert answer.status_code == 400


def test_local_extras_know_only_machines_that_exist(http):
    assert http.get("/_local/machines/none").status_code == 404
    assert http.post("/_local/machines/none/crash").status_code == 404


def test_only_a_running_machine_can_crash(stopped):
    assert stopped.http.post(f"/_local/machines/{stopped.id}/crash").status_code == 412
