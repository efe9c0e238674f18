import time
from datetime import timedelta

import pytest

from jarvis_admin.fly.errors import FlyNotFound, NameTaken, Unauthorised
from jarvis_admin.fly.local import LocalExtras
from tests.fly.replay import Answer


def test_a_new_app_is_on_its_own_network_and_pending(live):
    app = live.apps.create("mj-apps-new", network="mj-apps-new")

    assert (app.name, app.network, app.status) == ("mj-apps-new", "mj-apps-new", "pending")
    assert app.organization.slug == "my-jarvis"


def test_a_taken_name_is_refused(live, app):
    with pytest.raises(NameTaken):
        live.apps.create(app)


def test_the_app_of_another_org_is_told_from_a_free_name(live):
    LocalExtras(live).set_faults(foreign_apps=["someone-elses"])

    with pytest.raises(Unauthorised):
        live.apps.get("someone-elses")
    with pytest.raises(FlyNotFound):
        live.apps.get("nobody-s")


def test_the_list_has_every_app(live, app):
    assert app in {found.name for found in live.apps.list()}


def test_an_app_with_a_running_machine_goes_by_force(live, app, machine):
    live.apps.delete(app, force=True)

    assert is_gone_within(timedelta(seconds=5), live, app)


def test_the_answer_to_a_create_is_not_relied_on(fly, replay):
    shown = {"id": "z4k69dxd8r31p5mx", "name": "mj-u-7f3k2q", "network": None}
    replay.plays(Answer(201, None), Answer(200, shown))

    assert fly.apps.create("mj-u-7f3k2q", network="n").id == "z4k69dxd8r31p5mx"

    created, _ = replay.asked
    assert created.query == [("wait", "true")]
    assert created.body == {
        "name": "mj-u-7f3k2q",
        "app_name": "mj-u-7f3k2q",
        "org_slug": "my-jarvis",
        "network": "n",
    }


def test_a_list_of_no_apps_may_be_null(fly, replay):
    replay.plays(Answer(200, {"total_apps": 0, "apps": None}))

    assert fly.apps.list() == ()


def is_gone_within(patience: timedelta, live, app: str) -> bool:
    end = time.monotonic() + patience.total_seconds()
    while time.monotonic() < end:
        try:
            live.apps.get(app)
        except FlyNotFound:
            return True
        time.sleep(0.02)
    return False
