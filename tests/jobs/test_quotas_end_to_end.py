"""A user over quota, with a real worker, the console and Local Fly: asleep until a grant."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from jarvis_admin.console import create_app
from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.models import Brake, Staff, User
from jarvis_admin.services import fleet, quota_limits, staff
from tests.jobs.worker_process import House, eventually
from tests.web.console import Console

LOOP_SECONDS = 5
# Between the loop and Fly's suspend lie a queue, a step and two small computers.
SLACK_SECONDS = 10


def sign_in(app: Any, role: str) -> Console:
    now = datetime.now(UTC)
    with app.extensions["sessions"].begin() as session:
        person = Staff(
            email=f"{role}@example.com",
            name=role.capitalize(),
            password_hash="never checked",
            roles=[role],
            created_at=now,
        )
        session.add(person)
        session.flush()
        token = staff.open_session(session, person, address="", browser="", now=now)
    client = app.test_client()
    with client.session_transaction() as cookie:
        cookie["_user_id"] = token
    return Console(client)


def limit(house: House, workspace_id: int, seconds: int) -> None:
    with house.sessions.begin() as session:
        user = session.get_one(User, house.workspace(workspace_id).user_id)
        quota_limits.set_for_user(
            session,
            user,
            Kind.RUNNING,
            seconds,
            by="Marta",
            reason="a test",
            now=datetime.now(UTC),
        )


def brake(house: House, workspace_id: int) -> Brake | None:
    with house.sessions() as session:
        return session.get(Brake, workspace_id)


@pytest.mark.timeout(240)
def test_over_quota_asleep_and_cordoned_until_a_grant(
    database_url: str, open_on: Callable[[str], House]
) -> None:
    house = open_on(database_url)
    with house.sessions.begin() as session:
        fleet.prepare(session)
    house.start_worker()
    handle = f"alice-{house.engine.dialect.name}"
    alice = house.add_workspace(handle)
    house.done(alice, K.PROVISION)
    limit(house, alice, 12)
    app = create_app(house.settings, enqueue=house.enqueue)
    support, admin = sign_in(app, "support"), sign_in(app, "admin")

    eventually(lambda: house.workspace(alice).state == "suspended", within=60)
    held = eventually(lambda: (b := brake(house, alice)) and b.cordoned and b, within=30)
    row = house.workspace(alice)
    machine = house.fly.machines.get(row.app_name, row.machine_id)
    assert (machine.state, machine.cordoned) == ("suspended", True)
    assert held.level == "suspend_now"
    assert held.overshoot <= LOOP_SECONDS + SLACK_SECONDS

    for person in (support, admin):
        refused = person.post(f"/machines/{handle}/wake")
        assert refused.status_code == 409
        assert "running hours this month: cannot wake the machine before" in refused.text
    assert "running hours this month" in support.get(f"/machines/{handle}").text

    # Killed at this moment, the next worker takes the grant up where this one would have.
    house.kill_worker()
    until = (datetime.now(UTC) + timedelta(days=3)).date().isoformat()
    given = support.post(
        f"/quotas/{handle}/grants", kind="running", amount="5", until=until, reason="a demo"
    )
    assert given.status_code == 303
    assert support.post(f"/machines/{handle}/wake").status_code == 303
    house.start_worker()

    eventually(lambda: house.workspace(alice).state == "started", within=60)
    eventually(lambda: brake(house, alice) is None, within=30)
    assert not house.fly.machines.get(row.app_name, row.machine_id).cordoned
    app.extensions["engine"].dispose()
