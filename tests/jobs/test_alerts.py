"""From a threshold to a real webhook: retries, one sending each, and no word of the address."""

from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.jobs import alerts as loops
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Alert, AuditEntry, Channel, Delivery
from jarvis_admin.services import channels, deliveries
from tests.factories import NOON, make_settings, make_workspace
from tests.jobs.clockwork import Clock, make_context
from tests.notify.receiver import Receiver, listening
from tests.services.money_days import make_budget, spend


@pytest.fixture(autouse=True)
def good_weather() -> None:
    """No Local Fly is needed here."""


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    with listening() as running:
        yield running


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def context(sessions: Sessions, clock: Clock) -> Context:
    return make_context(sessions, clock)


@pytest.fixture
def channel(sessions: Sessions, context: Context, receiver: Receiver) -> int:
    with sessions.begin() as session:
        return channels.add(
            session,
            context.settings,
            name="Finance hook",
            address=receiver.address,
            kinds=["budget", "forecast", "unusual"],
            roles=[],
            actor="Lea",
            now=context.clock(),
        ).id


@pytest.fixture
def over_budget(sessions: Sessions, clock: Clock) -> None:
    with sessions.begin() as session:
        make_budget(session)
        spend(session, make_workspace(session), clock().date().replace(day=1), 85)


def delivery(sessions: Sessions) -> Delivery:
    with sessions() as session:
        return session.scalars(select(Delivery)).one()


def test_a_reached_threshold_arrives_once(
    context: Context, sessions: Sessions, receiver: Receiver, channel: int, over_budget: None
):
    assert loops.watch_budgets(context) == 2  # 50 % is on record, 80 % is sent
    assert loops.send_due(context) == 1
    assert loops.watch_budgets(context) == loops.send_due(context) == 0

    (got,) = receiver.got
    assert got["title"] == "Fleet: 80 % of the budget spent"
    assert got["message"].startswith("Fleet has cost $85.00 of $100.00")
    row = delivery(sessions)
    assert (row.state, row.attempts, row.error) == ("sent", 1, "")


def test_a_failed_delivery_is_tried_again_later_and_later(
    context: Context,
    clock: Clock,
    sessions: Sessions,
    receiver: Receiver,
    channel: int,
    over_budget: None,
):
    receiver.status = 503
    loops.watch_budgets(context)
    tries = []
    for _ in range(300):  # five hours of minutes
        if loops.send_due(context):
            tries.append(int((clock.at - NOON).total_seconds() // 60))
        clock.forward(minutes=1)

    assert tries == [0, 1, 3, 7, 15, 31, 63, 123]
    row = delivery(sessions)
    assert (row.state, row.attempts) == ("failed", deliveries.MOST_ATTEMPTS)
    assert row.error == "The other side refused it with status 503."
    assert row.next_try is None

    receiver.status = 200
    with sessions.begin() as session:
        deliveries.retry(session, row.id, actor="Lea", now=clock())
    assert loops.send_due(context) == 1
    assert delivery(sessions).state == "sent"
    assert len(receiver.got) == 1


def test_what_was_down_for_a_while_gets_the_message_after_all(
    context: Context,
    clock: Clock,
    sessions: Sessions,
    receiver: Receiver,
    channel: int,
    over_budget,
):
    receiver.status = 500
    loops.watch_budgets(context)
    loops.send_due(context)
    assert loops.send_due(context) == 0  # not before its time
    receiver.status = 200
    clock.forward(minutes=1)

    assert loops.send_due(context) == 1

    assert delivery(sessions).attempts == 2
    assert len(receiver.got) == 1


def test_two_workers_send_one_message(
    context: Context, sessions: Sessions, receiver: Receiver, channel: int, over_budget: None
):
    with ThreadPoolExecutor(4) as workers:
        list(workers.map(loops.watch_budgets, [context] * 4))
        list(workers.map(loops.send_due, [context] * 8))

    with sessions() as session:
        assert len(session.scalars(select(Alert)).all()) == 2
    assert len(receiver.got) == 1


def test_what_a_dead_worker_held_is_taken_up(
    context: Context,
    clock: Clock,
    sessions: Sessions,
    receiver: Receiver,
    channel: int,
    over_budget,
):
    loops.watch_budgets(context)
    with sessions.begin() as session:  # claimed, then the worker dies
        held = deliveries.claim(session, delivery(sessions).id, clock())
    assert held is not None
    assert loops.send_due(context) == 0

    clock.forward(minutes=5)

    assert loops.send_due(context) == 1
    assert delivery(sessions).state == "sent"
    with sessions.begin() as session:  # the dead one comes back and is not believed
        deliveries.finish(session, held.id, held.attempts, "late", clock())
    assert delivery(sessions).state == "sent"


def test_a_test_is_tried_once_and_says_what_became_of_it(
    context: Context, sessions: Sessions, receiver: Receiver, channel: int
):
    receiver.status = 404
    with sessions.begin() as session:
        row = channels.get(session, channel)
        deliveries.queue_test(session, row, actor="Lea", now=context.clock())

    loops.send_due(context)

    row = delivery(sessions)
    assert (row.state, row.attempts) == ("failed", 1)
    assert "status 404" in row.error


def test_another_secret_key_is_said_in_a_sentence(
    context: Context, sessions: Sessions, channel: int
):
    other = make_settings(secret_key="another key, forty characters and more, too")
    with sessions.begin() as session:
        row = channels.get(session, channel)
        deliveries.queue_test(session, row, actor="Lea", now=context.clock())

    loops.send_due(Context(other, sessions, context.fly, context.clock))

    assert delivery(sessions).error == "It was sealed with another SECRET_KEY and cannot be read."


def test_nothing_of_the_address_is_kept_readable(
    context: Context, sessions: Sessions, receiver: Receiver, channel: int, over_budget, capfd
):
    receiver.status = 403
    loops.watch_budgets(context)
    loops.send_due(context)

    with sessions() as session:
        rows = [
            *session.scalars(select(Channel)),
            *session.scalars(select(Delivery)),
            *session.scalars(select(AuditEntry)),
        ]
        kept = " ".join(str(vars(row)) + repr(row) for row in rows)
    said = kept + "".join(capfd.readouterr())
    assert "Webhook, 127.0.0.1" in said
    assert not [each for each in ("pa55word", "t0ken", "hook:") if each in said]


def test_old_deliveries_are_forgotten(
    context: Context, clock: Clock, sessions: Sessions, channel: int, over_budget: None
):
    loops.watch_budgets(context)
    loops.send_due(context)
    clock.forward(days=89)
    assert loops.forget_old_deliveries(context) == 0
    clock.forward(days=2)
    assert loops.forget_old_deliveries(context) == 1


def test_digests_and_unusual_days_go_the_same_way(context: Context, sessions: Sessions):
    assert loops.make_digests(context) == 3  # the clock stands on a Monday at noon
    assert loops.watch_unusual(context) == 0
    assert timedelta(minutes=1) == deliveries.pause(1)
