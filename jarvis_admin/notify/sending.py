"""One message to one address, through Apprise; its own words never leave this module.

Apprise logs addresses, and addresses hold passwords: its log is taken away and only the number
of an HTTP refusal is read out of it.
"""

import logging
import re
import threading
import warnings
from dataclasses import dataclass
from functools import cache

import apprise
import sentry_sdk
from apprise.plugins.base import NotifyBase
from sentry_sdk.integrations.logging import ignore_logger

from jarvis_admin.notify.errors import NotSent

_CONNECT_SECONDS, _READ_SECONDS = 4.0, 8.0
_STATUS = re.compile(r"error=(\d{3})\b")

_asset = apprise.AppriseAsset(
    app_id="Jarvis Admin", app_desc="Alerts of the My Jarvis fleet", http_redirects=False
)


@dataclass(frozen=True)
class Message:
    title: str
    text: str
    urgent: bool = False


def understands(address: str) -> bool:
    return _open(address) is not None


def send(address: str, message: Message) -> None:
    """NotSent, with a sentence for people, unless the other side took it."""
    with sentry_sdk.isolation_scope():  # what Sentry notes of requests ends here
        service = _open(address)
        if service is None:
            raise NotSent("The address is not understood any more; add the channel anew.")
        # An address may ask for other values; ours keep the worker's loop moving.
        service.socket_connect_timeout = _CONNECT_SECONDS
        service.socket_read_timeout = _READ_SECONDS
        service.redirects = False  # a redirect could lead inside
        kind = apprise.NotifyType.WARNING if message.urgent else apprise.NotifyType.INFO
        _said.lines = []
        try:
            taken = service.notify(body=message.text, title=message.title, notify_type=kind)
        except Exception as error:  # a plugin may raise anything, and quote the address
            raise NotSent("The message could not be made or sent.") from _Hidden(error)
    if not taken:
        raise NotSent(_sentence())


class _Said(threading.local):
    lines: list[str]

    def __init__(self) -> None:
        self.lines = []


class _Hidden(Exception):
    """Stands for an error that could repeat a secret: its kind is all that is told."""

    def __init__(self, error: Exception) -> None:
        super().__init__(type(error).__name__)


class _Listener(logging.Handler):
    def emit(self, record: logging.LogRecord) -> None:
        _said.lines.append(record.getMessage())


_said = _Said()


def _sentence() -> str:
    statuses = [found[1] for line in _said.lines for found in _STATUS.finditer(line)]
    if statuses:
        return f"The other side refused it with status {statuses[-1]}."
    return f"The other side did not take it: no answer within {_READ_SECONDS:.0f} s, or a refusal."


def _open(address: str) -> NotifyBase | None:
    _load()
    found = apprise.Apprise.instantiate(address, asset=_asset, suppress_exceptions=True)
    return found if isinstance(found, NotifyBase) else None


@cache
def _load() -> None:
    """Apprise reads all its services with the first address: not before it is needed."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")  # of services that nobody asked for
        apprise.Apprise.instantiate("json://127.0.0.1", asset=_asset)


def _silence() -> None:
    log = logging.getLogger("apprise")
    log.propagate = False
    log.setLevel(logging.WARNING)
    log.addHandler(_Listener(logging.WARNING))
    logging.getLogger("urllib3").setLevel(logging.ERROR)
    ignore_logger("apprise")


_silence()
