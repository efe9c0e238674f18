import pickle
from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.fly.errors import Conflict, FlyNotFound, LeaseHeld, NoCapacity, WrongState
from jarvis_admin.fly.local import LocalExtras
from jarvis_admin.fly.types import Guest, Mount
from tests.fly.conftest import config
from tests.fly.replay import Answer

PATIENCE = timedelta(seconds=10)


def test_a_new_machine_boots_with_the_config_it_was_given(live, app, volume):
    mount = {"volume": volume.id, "path": "/data"}

    made = live.machines.create(app, name="devbox", region="iad", config=config(mounts=[mount]))
    live.machines.wait(app, made.id, "started", PATIENCE)
    machine = live.machines.get(app, made.id)

    assert (machine.name, machine.region, machine.state) == ("devbox", "iad", "started")
    assert machine.config.image == "registry.fly.io/mj-devbox:2"
    assert machine.config.guest == Guest("shared", 1, 512)
    assert machine.config.mounts == (Mount(volume.id, "/data"),)
    assert machine.config.volume == volume.id
    assert machine.config.metadata == {"mj_user": "u_7f3k2q"}
    assert machine.image_ref.repository == "mj-devbox"
    assert machine.reachable
    assert abs(machine.created_at - datetime.now(UTC)) < timedelta(minutes=1)
    assert machine.events[0].status == "started"


def test_a_machine_may_be_made_without_a_boot_and_under_a_lease(live, app):
    made = live.machines.create(app, name="spare", config=config(), skip_launch=True, lease_ttl=30)
    live.machines.wait(app, made.id, "stopped", PATIENCE)

    assert made.nonce
    with pytest.raises(LeaseHeld):
        live.machines.start(app, made.id)
    assert live.machines.start(app, made.id, nonce=made.nonce).previous_state == "stopped"


def test_a_machine_may_be_made_out_of_routing_and_with_the_newest_secrets(live, app):
    version = live.secrets.set_many(app, {"K": "v"})

    made = live.machines.create(
        app,
        name="quiet",
        config=config(),
        min_secrets_version=version,
        skip_service_registration=True,
    )

    assert made.cordoned


def test_a_second_machine_of_a_name_is_refused(live, app, machine):
    with pytest.raises(Conflict) as caught:
        live.machines.create(app, name="devbox", config=config())

    assert caught.value.duplicate_name


def test_a_full_region_is_told_by_name(live, app):
    LocalExtras(live).set_faults(full_regions=["fra"])

    with pytest.raises(NoCapacity) as caught:
        live.machines.create(app, name="devbox", region="fra", config=config())

    assert "Fly has no room in fra right now." in str(caught.value)
    assert caught.value.request_id
    assert str(caught.value).endswith(f"(Fly request {caught.value.request_id})")


def test_the_list_matches_everything_asked_for(live, app, machine):
    spare = live.machines.create(
        app,
        name="spare",
        region="fra",
        config=config(metadata={"a": "1", "b": "2"}),
        skip_launch=True,
    )
    live.machines.wait(app, spare.id, "stopped", PATIENCE)

    def names(**asked):
        return [found.name for found in live.machines.list(app, **asked)]

    assert sorted(names()) == ["devbox", "spare"]
    assert names(metadata={"a": "1", "b": "2"}) == ["spare"]
    assert names(metadata={"a": "1", "b": "3"}) == []
    assert names(region="fra") == ["spare"]
    assert names(state="started") == ["devbox"]
    assert sorted(names(state=("started", "stopped"))) == ["devbox", "spare"]


def test_destroyed_machines_are_listed_only_if_asked_for(live, app, machine):
    live.machines.destroy(app, machine.id, force=True)
    live.machines.wait(app, machine.id, "destroyed", PATIENCE)

    assert live.machines.list(app) == ()
    (gone,) = live.machines.list(app, include_deleted=True)
    assert gone.state == "destroyed"


def test_a_running_machine_is_destroyed_only_by_force(live, app, machine):
    with pytest.raises(WrongState):
        live.machines.destroy(app, machine.id)


def test_an_update_replaces_the_whole_config(live, app, machine):
    updated = live.machines.update(
        app, machine.id, config(env={"A": "1"}, metadata={}), current_version=machine.instance_id
    )

    assert updated.instance_id != machine.instance_id
    assert updated.config["env"] == {"A": "1"}
    assert updated.config.metadata == {}


def test_an_update_of_an_older_version_is_a_conflict(live, app, machine):
    live.machines.update(app, machine.id, config())

    with pytest.raises(Conflict):
        live.machines.update(app, machine.id, config(), current_version=machine.instance_id)


def test_versions_keep_the_configs_of_the_past(live, app, machine):
    live.machines.update(app, machine.id, config(env={"A": "1"}))

    versions = live.machines.versions(app, machine.id)

    assert len(versions) == 2
    assert {version.version for version in versions} > {machine.instance_id}
    assert all(version.user_config.image for version in versions)


def test_events_come_newest_first_and_as_many_as_asked_for(live, app, machine):
    events = live.machines.events(app, machine.id)
    (newest,) = live.machines.events(app, machine.id, limit=1)

    assert (newest.kind, newest.status, newest.source) == ("start", "started", "flyd")
    assert newest == events[0]
    assert [event.at for event in events] == sorted((event.at for event in events), reverse=True)


def test_a_command_runs_inside(live, app, machine):
    result = live.machines.exec(app, machine.id, ["sh", "-c", "echo out; echo err >&2"])

    assert (result.stdout, result.stderr, result.ok) == ("out\n", "err\n", True)


def test_a_command_that_fails_is_a_result(live, app, machine):
    result = live.machines.exec(app, machine.id, ["sh", "-c", "exit 22"])

    assert result.exit_code == 22
    assert not result.ok


def test_exec_on_a_machine_that_does_not_exist_says_so(live, app):
    with pytest.raises(FlyNotFound):
        live.machines.exec(app, "3d8e114fd90289", ["true"])


def test_a_result_may_leave_its_zeros_out(fly, replay):
    replay.plays(Answer(200, {"stdout": None}))

    result = fly.machines.exec("a", "m", ["true"], timeout=timedelta(seconds=30))

    assert (result.stdout, result.exit_code, result.ok) == ("", 0, True)
    assert replay.asked[0].body == {"command": ["true"], "timeout": 30}


def test_a_machine_of_an_unreachable_host_has_no_config(fly, replay):
    replay.plays(
        Answer(
            200,
            {
                **BARE,
                "host_status": "unreachable",
                "config": None,
                "events": None,
                "checks": None,
                "incomplete_config": {"image": "i", "x": None},
            },
        )
    )

    machine = fly.machines.get("a", "m")

    assert machine.config is None
    assert machine.incomplete_config == {"image": "i", "x": None}
    assert machine.events == ()
    assert not machine.reachable


def test_a_machine_comes_back_whole_from_a_pickle(fly, replay):
    replay.plays(Answer(200, {**BARE, "config": {"image": "i", "x": None}}))

    machine = fly.machines.get("a", "m")

    assert pickle.loads(pickle.dumps(machine)) == machine


def test_an_unknown_state_and_unknown_keys_do_no_harm(fly, replay):
    replay.plays(Answer(200, [{**BARE, "state": "dreaming", "containers": [], "new": {"a": 1}}]))

    (machine,) = fly.machines.list("a")

    assert machine.state == "dreaming"


@pytest.mark.parametrize(
    ("written", "read"),
    [
        ("off", "off"),
        (False, "off"),
        (None, "off"),
        ("stop", "stop"),
        (True, "stop"),
        ("suspend", "suspend"),
    ],
)
def test_autostop_is_read_in_all_its_forms(fly, replay, written, read):
    replay.plays(Answer(200, {**BARE, "config": {"services": [{"autostop": written}]}}))

    assert fly.machines.get("a", "m").config.autostop == read


def test_an_empty_config_has_fly_s_defaults(fly, replay):
    replay.plays(Answer(200, {**BARE, "config": {"mounts": None, "metadata": None}}))

    found = fly.machines.get("a", "m").config

    assert (found.image, found.volume, found.metadata, found.autostop) == ("", None, {}, "off")
    assert found.guest == Guest("shared", 1, 256)


BARE = {
    "id": "3d8e114fd90289",
    "state": "started",
    "region": "iad",
    "created_at": "2026-11-20T09:14:02Z",
    "updated_at": "2026-11-20T09:14:02Z",
}
