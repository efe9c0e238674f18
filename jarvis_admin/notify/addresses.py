"""Addresses of channels: which are taken, and how much of one may be shown."""

import re
from ipaddress import ip_address
from urllib.parse import urlsplit

from jarvis_admin.errors import Invalid
from jarvis_admin.notify import sending
from jarvis_admin.notify.schemes import HOST_IS_NO_SECRET, SERVICES

LONGEST = 2000

_SCHEME = re.compile(r"([a-z][a-z0-9]*)://.+", re.IGNORECASE | re.DOTALL)
_INSIDE = (".internal", ".local", ".localhost", ".flycast", ".lan", ".home.arpa")


def check(address: str, *, inside_too: bool) -> None:
    """Invalid for what Apprise cannot send to, or is not to.

    Without `inside_too`, names and addresses of our own network are refused: whoever may add a
    channel is not therefore somebody who may speak to the fleet. A name that resolves to an
    inner address is not noticed.
    """
    found = _SCHEME.fullmatch(address)
    if found is None or len(address) > LONGEST or not address.isprintable():
        raise Invalid("An address looks like mailtos://… or slack://…; this one does not.")
    scheme = found[1].lower()
    if scheme not in SERVICES:
        raise Invalid(f"{scheme}:// is not among the services that alerts may be sent to.")
    if not inside_too and any(_is_inside(host) for host in _hosts(address)):
        raise Invalid("Alerts are not sent to addresses inside our own network.")
    if not sending.understands(address):
        raise Invalid(f"{SERVICES[scheme]} needs more than this address gives, or it is mistyped.")


def shown(address: str) -> str:
    """The service, and the host where that is no secret."""
    scheme = address.partition(":")[0].lower()
    host = _host(address)
    told = f", {host}" if scheme in HOST_IS_NO_SECRET and host else ""
    return (SERVICES.get(scheme, "Unknown") + told)[:120]


def _hosts(address: str) -> list[str]:
    """The host itself, and a mail server named in the parameters."""
    given = re.findall(r"[?&](?:smtp|host|server)=([^&#]+)", address, re.IGNORECASE)
    return [_host(address), *given]


def _host(address: str) -> str:
    try:
        return urlsplit(address).hostname or ""
    except ValueError:
        return ""


def _is_inside(host: str) -> bool:
    name = host.lower().rstrip(".")
    try:
        return not ip_address(name.strip("[]")).is_global
    except ValueError:
        # Digits alone are read as an address by some resolvers: 127.1, 2130706433, 0x7f.1.
        odd = re.fullmatch(r"(0x[0-9a-f]*|[0-9]+)(\.(0x[0-9a-f]*|[0-9]+))*", name) is not None
        return odd or name == "localhost" or name.endswith(_INSIDE)
