"""Taking over a whole fleet at once."""

import time

from localfly.testing import local_fly
from tests.localfly.conftest import client_of
from tests.localfly.fleet import Fleet, Machine, fresh_name


def _row(app, machine_id, **fields):
    return {"app_name": app, "id": machine_id, "config": {"image": "workspace:1"}, **fields}


def test_ids_states_and_events_are_kept(fleet, http):
    app = fresh_name("imported")
    event = {
        "id": "01KAQ9H4M0T1S8K3W7R2VYZ5B6",
        "type": "exit",
        "status": "stopped",
        "source": "flyd",
        "timestamp": 1795443130764,
    }
    volume = {"app_name": app, "id": f"vol_{app}", "size_gb": 7, "region": "fra"}
    row = _row(
        app,
        "aa000000000001",
        state="stopped",
        region="fra",
        created_at="2026-01-02T03:04:05Z",
        updated_at="2026-02-03T04:05:06Z",
        events=[event],
    )
    row["config"]["mounts"] = [{"volume": volume["id"], "path": "/data"}]

    counts = http.post(
        "/_local/import",
        json={"apps": [{"name": app, "network": "n1"}], "volumes": [volume], "machines": [row]},
    ).json()

    assert counts == {"apps": 1, "volumes": 1, "machines": 1}
    machine = Machine(http, app, "aa000000000001", {})
    shown = machine.show()
    assert shown["updated_at"] == "2026-02-03T04:05:06Z"
    assert shown["events"] == [event]
    bound = http.get(f"/v1/apps/{app}/volumes/{volume['id']}").json()
    assert bound["attached_machine_id"] == machine.id


def test_an_imported_started_machine_really_runs(http):
    app = fresh_name("imported")
    row = _row(app, "aa000000000002", state="started")

    http.post("/_local/import", json={"apps": [{"name": app}], "machines": [row]})

    machine = Machine(http, app, "aa000000000002", {}).reach("started")
    assert machine.guest().json()["machine"] == machine.id


def test_an_imported_suspended_machine_boots_cold(http):
    app = fresh_name("imported")
    row = _row(app, "aa000000000003", state="suspended")
    http.post("/_local/import", json={"apps": [{"name": app}], "machines": [row]})
    machine = Machine(http, app, "aa000000000003", {})

    assert machine.address()["pid"] is None
    assert machine.do("start", "started").guest().json()["counter"] == 0


def test_a_machine_without_an_app_is_refused(http):
    refusal = http.post("/_local/import", json={"machines": [_row("no-such-app", "aa0")]})

    assert refusal.status_code == 400


def test_a_fleet_on_paper_is_taken_over_paged_and_loaded_quickly(tmp_path):
    rows = [
        _row("workspaces", f"{number:014x}", state="started", updated_at="2026-11-20T10:00:00Z")
        for number in range(10_000)
    ]
    with local_fly(tmp_path, simulated=True) as server, client_of(server) as http:
        http.post("/_local/import", json={"apps": [{"name": "workspaces"}], "machines": rows})

    began = time.monotonic()
    with local_fly(tmp_path, simulated=True) as server, client_of(server) as http:
        fleet = Fleet(http, server.org)
        seen, cursor = 0, None
        while cursor != "":
            query = {"cursor": cursor} if cursor else {}
            page = http.get(f"/v1/orgs/{fleet.org}/machines", params=query).json()
            seen, cursor = seen + len(page["machines"]), page["next_cursor"]

    assert seen == 10_000
    assert time.monotonic() - began < 5
