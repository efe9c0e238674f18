import pytest

from jarvis_admin.fly.errors import WrongState
from tests.fly.replay import Answer


def test_metadata_is_set_read_patched_and_deleted(live, app, machine):
    live.machines.set_metadata(app, machine.id, "mj_role", "devbox")
    live.machines.patch_metadata(app, machine.id, {"a": "1", "b": "2", "mj_user": None})
    live.machines.delete_metadata(app, machine.id, "b")

    assert live.machines.metadata(app, machine.id) == {"mj_role": "devbox", "a": "1"}


def test_metadata_makes_no_new_version(live, app, machine):
    live.machines.set_metadata(app, machine.id, "mj_role", "devbox")

    assert live.machines.get(app, machine.id).instance_id == machine.instance_id


def test_a_patch_of_an_older_version_is_refused(live, app, machine):
    with pytest.raises(WrongState):
        live.machines.patch_metadata(app, machine.id, {"a": "1"}, machine_version="01OLD")


def test_no_metadata_may_be_null(fly, replay):
    replay.plays(Answer(200, {"a": None}))

    assert fly.machines.metadata("a", "m") == {}
