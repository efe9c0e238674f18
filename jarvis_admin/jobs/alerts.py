"""The loops of alerts: watch budgets and unusual usage, write digests, send what is due.

Each may run twice at the same moment: an alert has a unique key, a delivery is claimed.
"""

from datetime import timedelta

import structlog

from jarvis_admin import notify
from jarvis_admin.errors import JarvisError
from jarvis_admin.jobs.context import Context
from jarvis_admin.models import Delivery
from jarvis_admin.notify import Message
from jarvis_admin.services import budget_watch, deliveries, digests, sealing, unusual
from jarvis_admin.services.alerts import Kind

log = structlog.get_logger(__name__)

_AT_ONCE = 10
_KEPT = timedelta(days=90)
_TEST = Message(
    "Test of a channel", "This is how alerts of Jarvis Admin will arrive here. Nothing is wrong."
)


def watch_budgets(context: Context) -> int:
    with context.sessions.begin() as session:
        return budget_watch.watch(session, context.clock())


def watch_unusual(context: Context) -> int:
    """Everybody's day is read without the write lock; only what was found needs it."""
    now = context.clock()
    with context.sessions() as reader:
        reader.connection(execution_options={"read_only": True})
        found = unusual.look(reader, now)
    if not found:
        return 0
    with context.sessions.begin() as session:
        return unusual.tell(session, found, now)


def make_digests(context: Context) -> int:
    with context.sessions.begin() as session:
        return digests.make(session, context.clock())


def forget_old_deliveries(context: Context) -> int:
    with context.sessions.begin() as session:
        return deliveries.forget(session, context.clock() - _KEPT)


def send_due(context: Context) -> int:
    """How many were tried. No transaction is open while the other side is spoken to."""
    with context.sessions() as session:
        ids = deliveries.due(session, context.clock(), _AT_ONCE)
    return sum(_send(context, delivery_id) for delivery_id in ids)


def _send(context: Context, delivery_id: int) -> bool:
    with context.sessions.begin() as session:
        delivery = deliveries.claim(session, delivery_id, context.clock())
    if delivery is None:
        return False
    error = _tell(context, delivery)
    with context.sessions.begin() as session:
        deliveries.finish(session, delivery_id, delivery.attempts, error, context.clock())
    if error:
        log.warning("alert not delivered", channel=delivery.channel_id, attempt=delivery.attempts)
    return True


def _tell(context: Context, delivery: Delivery) -> str:
    """Why it was not taken; empty: it was."""
    try:
        address = sealing.unseal(context.settings.secret_key, delivery.channel.sealed)
        notify.send(address, _message(delivery))
    except JarvisError as error:
        return str(error)
    return ""


def _message(delivery: Delivery) -> Message:
    alert = delivery.alert
    if alert is None:
        return _TEST
    return Message(alert.title, alert.text, urgent=alert.kind != Kind.DIGEST)
