"""Local Fly's extras, its faults as we see them, and the org's lists over real rows."""

from datetime import UTC, datetime, timedelta

import pytest

from jarvis_admin.fly.errors import Unreachable
from jarvis_admin.fly.local import LocalExtras
from tests.fly.conftest import config


def test_a_fleet_is_imported_and_found_in_the_org_s_lists(live):
    machine = {
        "app_name": "mj-import",
        "id": "91857e3a2f0683",
        "config": config(),
        "state": "stopped",
        "updated_at": "2026-11-23T14:02:11Z",
        "created_at": "2026-11-20T09:14:02Z",
    }
    volume = {"app_name": "mj-import", "id": "vol_imported", "size_gb": 3}

    counts = LocalExtras(live).import_fleet(
        apps=[{"name": "mj-import"}], volumes=[volume], machines=[machine]
    )

    rows = {row.id: row for page in live.org.machines(limit=1) for row in page.machines}
    disks = {disk.id: disk for page in live.org.volumes(limit=1) for disk in page.volumes}
    assert counts == {"apps": 1, "volumes": 1, "machines": 1}
    assert rows["91857e3a2f0683"].config.image == "registry.fly.io/mj-devbox:2"
    assert rows["91857e3a2f0683"].updated_at == datetime(2026, 11, 23, 14, 2, 11, tzinfo=UTC)
    assert disks["vol_imported"].size_gb == 3


def test_the_org_s_list_tells_what_changed_and_what_is_gone(live, app, machine):
    before = datetime.now(UTC) - timedelta(seconds=60)
    live.machines.destroy(app, machine.id, force=True)
    live.machines.wait(app, machine.id, "destroyed", timedelta(seconds=10))

    with_gone = [row for page in live.org.machines(before) for row in page.machines]
    without = [row for page in live.org.machines(before, False) for row in page.machines]

    assert {row.state for row in with_gone if row.id == machine.id} == {"destroyed"}
    assert machine.id not in {row.id for row in without}


def test_a_summary_of_the_org_has_no_configs(live, machine):
    rows = [row for page in live.org.machines(summary=True) for row in page.machines]

    assert rows
    assert all(row.config is None for row in rows)


def test_regions_that_could_not_be_read_are_named(live):
    LocalExtras(live).set_faults(error_regions=["gru"])

    assert next(live.org.machines()).error_regions == ("gru",)


def test_the_port_of_a_running_machine_is_known(live, app, machine):
    extras = LocalExtras(live)

    assert extras.machine_port(machine.id) > 0
    live.machines.stop(app, machine.id)
    live.machines.wait(app, machine.id, "stopped", timedelta(seconds=10))
    assert extras.machine_port(machine.id) is None


def test_a_lost_answer_to_a_create_is_ambiguous_and_the_machine_is_there(live, app):
    LocalExtras(live).set_faults(lose_answer=True, methods=["POST"])

    with pytest.raises(Unreachable) as caught:
        live.machines.create(app, name="devbox", config=config())

    assert caught.value.ambiguous
    assert [machine.name for machine in live.machines.list(app)] == ["devbox"]


def test_a_fly_that_is_down_is_unreachable(live, app):
    LocalExtras(live).set_faults(down=True)

    with pytest.raises(Unreachable, match="host unreachable"):
        live.apps.get(app)
