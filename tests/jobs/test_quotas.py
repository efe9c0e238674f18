"""The brakes with a clock we hold: rows and operations here, the machine at Local Fly."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import count
from typing import Any

import pytest
from sqlalchemy import Engine, event, select

from jarvis_admin.db import Sessions
from jarvis_admin.domain.lifecycle import OperationKind, OperationState
from jarvis_admin.domain.months import Month
from jarvis_admin.domain.quotas.kinds import Kind
from jarvis_admin.errors import Conflict
from jarvis_admin.fly import FlyClient, Pacing
from jarvis_admin.jobs import ledger, observe, power, provision, quotas
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import (
    Activity,
    Brake,
    BrakeEvent,
    CounterReading,
    Operation,
    User,
    Workspace,
)
from jarvis_admin.services import (
    fleet,
    operations,
    prices,
    provisioning,
    quota_brakes,
    quota_grants,
    quota_limits,
)
from localfly.testing import LocalFly
from tests.factories import make_settings, make_user, make_workspace
from tests.fleets import make_interval
from tests.jobs.clockwork import Clock

HOUR = 3600
RECIPES = {
    OperationKind.PROVISION: provision.provision,
    OperationKind.START: power.start,
    OperationKind.STOP: power.stop,
    OperationKind.SUSPEND: power.suspend,
}
_numbers = count(1)


class Hands:
    """Carries operations out as the engine does, without its checkpoints."""

    def __init__(self, context: Context) -> None:
        self._context = context

    def __call__(self, _title: str, action: Any, *args: Any) -> Any:
        return action(self._context, *args)

    def commit(self) -> None:
        pass


class House:
    """One user with a machine at Local Fly, a queue, and a clock for all of them."""

    def __init__(self, sessions: Sessions, cloud: LocalFly) -> None:
        self.sessions, self.cloud = sessions, cloud
        self.clock, self.queue = Clock(datetime.now(UTC)), list[Operation]()
        # A whole month lies ahead, whatever day the test is run on.
        self.set_clock(Month.of(self.clock()).following.start + timedelta(days=2))
        fly = FlyClient(cloud.url, cloud.token, cloud.org, pacing=Pacing(speed=1000))
        self.context = Context(
            make_settings(),
            sessions,
            fly,
            self.clock,
            enqueue=lambda _session, operation: self.queue.append(operation),
        )
        with sessions.begin() as session:
            fleet.prepare(session)
            prices.load(session)
            user = make_user(session, handle=f"alice{next(_numbers)}")
            draft = provisioning.draft_workspace(session, user, make_settings(), self.clock())
            self.id, self.user_id = draft.id, user.id

    def set_clock(self, at: datetime) -> None:
        self.clock.at = at
        self.cloud.set_clock_ahead(at - datetime.now(UTC))

    def forward(self, **span: float) -> None:
        self.set_clock(self.clock.at + timedelta(**span))

    def limit(self, kind: Kind, amount: int) -> None:
        with self.sessions.begin() as session:
            user, now = session.get_one(User, self.user_id), self.clock()
            quota_limits.set_for_user(
                session, user, kind, amount, by="Marta", reason="a test", now=now
            )

    def grant(self, kind: Kind, amount: int) -> None:
        with self.sessions.begin() as session:
            user, now = session.get_one(User, self.user_id), self.clock()
            until = now + timedelta(days=5)
            quota_grants.grant(
                session, user, kind, amount, until=until, reason="demo", by="Marta", now=now
            )
            quota_brakes.judge_now(session, session.get_one(Workspace, self.id), now)

    def ask(self, kind: OperationKind) -> None:
        with self.sessions.begin() as session:
            operations.request_operation(
                session,
                session.get_one(Workspace, self.id),
                kind,
                asked_by="Jonas Brandt",
                now=self.clock(),
                enqueue=self.context.enqueue,
            )

    def work(self) -> list[str]:
        """Carry out what is queued; the kinds."""
        done = []
        while self.queue:
            operation = self.queue.pop(0)
            ledger.begin(self.context, operation.id)
            RECIPES[OperationKind(operation.kind)](Hands(self.context), operation.workspace_id)
            ledger.finish(self.context, operation.id, OperationState.DONE, "")
            done.append(operation.kind)
        return done

    def loop(self) -> None:
        quotas.enforce(self.context)
        quotas.cordon(self.context)

    @property
    def row(self) -> Workspace:
        with self.sessions() as session:
            return session.get_one(Workspace, self.id)

    @property
    def brake(self) -> Brake | None:
        with self.sessions() as session:
            return session.get(Brake, self.id)

    @property
    def machine(self) -> Any:
        return self.context.fly.machines.get(self.row.app_name, self.row.machine_id or "")


@pytest.fixture
def house(sessions: Sessions, cloud: LocalFly) -> Iterator[House]:
    house = House(sessions, cloud)
    house.ask(OperationKind.PROVISION)
    house.work()
    yield house
    cloud.set_clock_ahead(timedelta())
    house.context.fly.close()


def test_a_user_over_quota_sleeps_until_a_grant_and_is_charged_one_loop_more_at_most(
    house: House,
) -> None:
    house.limit(Kind.RUNNING, 10 * HOUR)
    begun = house.row.state_since
    house.set_clock(begun + timedelta(hours=10) - timedelta(seconds=3))
    house.loop()
    assert house.queue == []
    assert house.brake.level == "at_idle"

    house.forward(seconds=5)  # the next round of the loop
    house.loop()
    assert house.work() == ["suspend"]
    house.loop()

    assert house.machine.state == "suspended"
    assert house.machine.cordoned
    brake = house.brake
    assert (brake.level, brake.cordoned) == ("suspend_now", True)
    assert 0 < brake.overshoot <= 5
    with pytest.raises(
        Conflict, match="10 of 10 running hours this month: cannot wake the machine"
    ):
        house.ask(OperationKind.START)

    house.forward(days=3)
    house.loop()
    assert house.brake.overshoot == brake.overshoot, "asleep it uses no hours"

    house.grant(Kind.RUNNING, 2 * HOUR)
    house.ask(OperationKind.START)
    house.loop()
    assert house.work() == ["start"]
    assert house.machine.state == "started"
    assert not house.machine.cordoned
    assert house.brake.level == "warn"  # 10 of 12 hours


def test_hours_on_a_grant_are_no_overshoot_when_it_ends(house: House) -> None:
    house.limit(Kind.RUNNING, HOUR)
    house.grant(Kind.RUNNING, 200 * HOUR)  # for five days
    house.forward(days=5, seconds=3)

    house.loop()
    assert house.brake.level == "suspend_now"
    assert house.brake.used > 119 * HOUR
    assert 0 < house.brake.overshoot <= 5

    house.forward(seconds=10)
    house.loop()
    assert 10 < house.brake.overshoot <= 15, "from there on it counts"


def test_a_new_month_lifts_the_brake(house: House) -> None:
    house.limit(Kind.RUNNING, HOUR)
    house.forward(hours=2)
    house.loop()
    house.work()
    house.loop()
    assert house.machine.cordoned

    house.set_clock(Month.of(house.clock()).end + timedelta(seconds=1))
    house.loop()

    assert house.brake is None
    assert not house.machine.cordoned
    house.ask(OperationKind.START)
    assert house.work() == ["start"]


def test_while_fly_is_silent_the_row_does_not_claim_a_cordon(house: House) -> None:
    house.limit(Kind.RUNNING, HOUR)
    house.forward(hours=2)
    house.cloud.set_faults(status=503, path_contains="/cordon")
    house.loop()

    brake = house.brake
    assert (brake.level, brake.cordoned) == ("suspend_now", False)
    assert brake.cordon_note

    house.cloud.set_faults()
    house.loop()
    assert house.brake.cordoned
    assert house.brake.cordon_note == ""
    assert house.machine.cordoned


def test_a_confirmed_cordon_is_not_asked_for_again(house: House) -> None:
    house.limit(Kind.RUNNING, HOUR)
    house.forward(hours=2)
    house.loop()
    house.work()
    house.loop()
    house.cloud.forget_calls()

    house.loop()

    assert [path for _, path, _ in house.cloud.api_calls if "cordon" in path] == []


def test_somebody_elses_uncordon_and_wake_is_ended_again(house: House) -> None:
    house.limit(Kind.RUNNING, HOUR)
    house.forward(hours=2)
    house.loop()
    house.work()
    machines, row = house.context.fly.machines, house.row
    machines.uncordon(row.app_name, row.machine_id)
    machines.start(row.app_name, row.machine_id)
    observe.await_state(house.context, house.id, "started")

    house.loop()
    assert house.work() == ["suspend"]

    assert house.machine.state == "suspended"
    assert house.machine.cordoned


def test_a_suspend_that_is_asked_for_already_is_not_asked_for_twice(house: House) -> None:
    house.limit(Kind.RUNNING, HOUR)
    house.forward(hours=2)

    house.loop()
    house.loop()

    assert [operation.kind for operation in house.queue] == ["suspend"]
    assert house.queue[0].asked_by == "system"
    assert "running hours this month" in house.queue[0].reason


@pytest.mark.parametrize(
    ("quiet_minutes", "watched", "asleep"),
    [(4, True, False), (6, True, True), (6, False, False)],
    ids=["at work", "idle", "nobody has looked"],
)
def test_near_the_limit_an_idle_machine_sleeps(
    house: House, quiet_minutes: int, watched: bool, asleep: bool
) -> None:
    house.limit(Kind.RUNNING, 100 * HOUR)
    house.forward(hours=96)
    now, machine_id = house.clock(), house.row.machine_id
    with house.sessions.begin() as session:
        session.add(
            Activity(
                workspace_id=house.id,
                machine_id=machine_id,
                started_at=now - timedelta(hours=1),
                ended_at=now - timedelta(minutes=quiet_minutes),
            )
        )
        at = now - timedelta(minutes=1 if watched else 30)
        session.add(CounterReading(machine_id=machine_id, counter="sent", value=1, at=at))

    house.loop()

    assert house.brake.level == "at_idle"
    assert house.work() == (["suspend"] if asleep else [])
    assert not house.machine.cordoned


def test_every_change_of_a_brake_is_kept(house: House) -> None:
    house.limit(Kind.RUNNING, 10 * HOUR)
    begun = house.row.state_since
    for hours in (8.1, 9.1, 9.6, 10.001):
        house.set_clock(begun + timedelta(hours=hours))
        house.loop()

    with house.sessions() as session:
        levels = session.scalars(
            select(BrakeEvent.level)
            .where(BrakeEvent.workspace_id == house.id)
            .order_by(BrakeEvent.id)
        ).all()
    assert levels == ["warn", "shorter_idle", "at_idle", "suspend_now"]


def test_more_workspaces_cost_no_more_statements(
    sessions: Sessions, engine: Engine, cloud: LocalFly
) -> None:
    house = House(sessions, cloud)
    cloud.set_clock_ahead(timedelta())

    def statements() -> int:
        seen: list[str] = []

        def note(_c: object, _cursor: object, statement: str, *_rest: object) -> None:
            seen.append(statement)

        event.listen(engine, "before_cursor_execute", note)
        quotas.enforce(house.context)
        event.remove(engine, "before_cursor_execute", note)
        return len(seen)

    def add(number: int) -> None:
        with sessions.begin() as session:
            for _ in range(number):
                row = make_workspace(session)
                make_interval(session, row, house.clock() - timedelta(hours=1), None)
                plan = row.plan
                quota_limits.set_for_plan(
                    session,
                    plan,
                    {Kind.RUNNING: 100 * HOUR},
                    by="Marta",
                    reason="a test",
                    now=house.clock(),
                )

    add(1)
    for_one = statements()
    add(20)
    assert statements() == for_one
