"""The life of a machine, from create to destroy."""

LAUNCH = [
    ("launch", "pending", "flyd"),
    ("launch", "created", "user"),
    ("start", "started", "flyd"),
]


def test_a_new_machine_is_created_and_starts_by_itself(fleet):
    machine = fleet.machine(config={"guest": {"cpu_kind": "shared", "cpus": 2, "memory_mb": 512}})

    assert machine.body["state"] == "created"
    assert machine.body["config"]["guest"]["cpus"] == 2
    assert machine.body["host_status"] == "ok"
    assert machine.reach("started").events() == LAUNCH


def test_stop_and_start_leave_their_events(fleet):
    machine = fleet.started()

    machine.do("stop", "stopped")
    started = machine.post("start").json()
    machine.reach("started")

    assert started == {"previous_state": "stopped", "migrated": False, "new_host": ""}
    assert machine.events() == [
        *LAUNCH,
        ("stop", "stopping", "user"),
        ("exit", "stopped", "flyd"),
        ("start", "starting", "user"),
        ("start", "started", "flyd"),
    ]


def test_an_asked_for_stop_says_so_in_its_exit_event(fleet):
    machine = fleet.started()
    machine.guest()

    machine.do("stop", "stopped")

    (exit_,) = machine.exits()
    assert exit_["restart_count"] == 0
    assert (
        exit_["exit_event"].items()
        >= {
            "requested_stop": True,
            "restarting": False,
            "guest_exit_code": 0,
            "signal": -1,
            "oom_killed": False,
        }.items()
    )


def test_a_start_during_preparation_is_refused(fleet):
    machine = fleet.machine()

    refusal = machine.post("start")

    assert refusal.status_code == 412
    assert refusal.json() == {
        "error": "failed_precondition: unable to start machine from current state: 'created'"
    }


def test_a_start_of_a_started_machine_changes_nothing(fleet):
    machine = fleet.started()

    answer = machine.post("start")

    assert answer.json()["previous_state"] == "started"
    assert machine.events() == LAUNCH


def test_skip_launch_prepares_the_machine_and_leaves_it_stopped(fleet):
    machine = fleet.machine(skip_launch=True)

    machine.reach("stopped")

    assert machine.events() == LAUNCH[:2]
    assert machine.address()["pid"] is None


def test_a_restart_stops_and_boots(fleet):
    machine = fleet.started()
    before = machine.guest().json()["boot_id"]

    machine.post("restart")
    machine.wait("started", from_event_id=machine.show()["events"][0]["id"])

    assert machine.guest().json()["boot_id"] != before
    assert machine.events()[3:] == [
        ("restart", "stopping", "user"),
        ("exit", "stopped", "flyd"),
        ("restart", "starting", "flyd"),
        ("start", "started", "flyd"),
    ]


def test_a_stubborn_machine_is_killed_when_its_patience_is_over(fleet):
    stubborn = {"exec": ["sh", "-c", "trap '' INT TERM; while true; do sleep 0.05; done"]}
    machine = fleet.started(config={"init": stubborn}).loops()

    machine.post("stop", {"signal": "SIGTERM", "timeout": "100ms"})
    machine.reach("stopped")

    (exit_,) = machine.exits()
    assert exit_["exit_event"]["guest_signal"] == 9
    assert exit_["exit_event"]["guest_exit_code"] == 137


def test_the_stop_signal_of_the_config_is_the_one_that_is_sent(fleet):
    trap = {"exec": ["sh", "-c", "trap 'exit 7' USR1; while true; do sleep 0.02; done"]}
    machine = fleet.started(config={"init": trap, "stop_config": {"signal": "SIGUSR1"}})
    machine.loops()

    machine.do("stop", "stopped")

    assert machine.exits()[0]["exit_event"]["guest_exit_code"] == 7


def test_a_malformed_stop_body_is_refused(fleet):
    machine = fleet.started()

    assert machine.post("stop", json=[1]).status_code == 400
    assert machine.state == "started"


def test_a_running_machine_is_destroyed_only_by_force(fleet):
    machine = fleet.started()

    refusal = machine.delete()
    forced = machine.delete(force="true")

    assert refusal.status_code == 412
    assert "unable to destroy machine, not currently stopped" in refusal.json()["error"]
    assert forced.json() == {"ok": True}
    assert machine.reach("destroyed").events()[-2:] == [
        ("destroy", "destroying", "user"),
        ("destroy", "destroyed", "flyd"),
    ]
    assert machine.address()["pid"] is None


def test_a_destroyed_machine_takes_no_more_orders_and_leaves_the_list(fleet, http):
    machine = fleet.started()
    machine.delete(force="true")
    machine.reach("destroyed")
    index = f"/v1/apps/{machine.app}/machines"

    assert machine.post("start").status_code == 404
    assert machine.wait("started").status_code == 404
    assert http.get(index).json() == []
    listed = http.get(index, params={"include_deleted": "true"}).json()
    assert [row["state"] for row in listed] == ["destroyed"]


def test_two_machines_of_an_app_cannot_share_a_name(fleet):
    app = fleet.app()
    fleet.machine(app, name="devbox")

    refusal = fleet.create(app, {}, name="devbox")

    assert refusal.status_code == 409
    assert refusal.json()["error"].startswith("already_exists: unique machine name violation")


def test_cordon_is_shown_and_undone(fleet):
    machine = fleet.machine(skip_service_registration=True)
    assert machine.body["cordoned"] is True

    machine.post("uncordon")
    assert machine.show()["cordoned"] is False

    machine.post("cordon")
    assert machine.show()["cordoned"] is True


def test_the_list_filters_by_state_region_and_metadata(fleet, http):
    app = fleet.app()
    one = fleet.machine(app, {"metadata": {"role": "devbox", "user": "u1"}}, region="fra")
    fleet.machine(app, {"metadata": {"role": "router"}})
    index = f"/v1/apps/{app}/machines"

    def ids(**query):
        return [row["id"] for row in http.get(index, params=query).json()]

    assert ids(**{"metadata.role": "devbox", "metadata.user": "u1"}) == [one.id]
    assert ids(region="fra") == [one.id]
    assert ids(state="suspended") == []
    summary = http.get(index, params={"summary": "true"}).json()
    assert all("config" not in row and "events" not in row for row in summary)


def test_a_region_list_takes_the_first_with_room(fleet, faults):
    faults.set_faults(full_regions=["iad"])

    assert fleet.machine(region="iad,eu").body["region"] == "fra"


def test_a_full_region_has_no_candidate_host(fleet, faults):
    faults.set_faults(full_regions=["gru"])
    app = fleet.app()

    refusal = fleet.create(app, {}, region="gru")

    assert refusal.status_code == 422
    assert refusal.json() == {
        "error": "could not find a candidate host",
        "status": "insufficient_capacity",
    }


def test_only_the_newest_events_are_kept(fleet, http):
    machine = fleet.machine(skip_launch=True).reach("stopped")
    for _ in range(6):
        machine.do("start", "started").do("stop", "stopped")

    assert len(http.get(f"{machine.path}/events").json()) == 20
    assert len(machine.show()["events"]) == 20
    assert http.get(f"{machine.path}/events", params={"limit": 51}).status_code == 400
    stamps = [event["timestamp"] for event in machine.show()["events"]]
    assert stamps == sorted(stamps, reverse=True)
