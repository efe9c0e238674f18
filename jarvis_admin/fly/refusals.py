"""Fly's refusals, turned into our tree of errors by one table (bodies: samples of the reference).

Fly says what is wrong in up to three ways: the HTTP status, a machine-readable `status` in the
body, and a text. The first rule that fits decides; the status alone is the last resort.
"""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from email.utils import parsedate_to_datetime
from typing import Any

import msgspec

from jarvis_admin.fly.call import Call
from jarvis_admin.fly.errors import (
    Conflict,
    Deadline,
    FlyError,
    FlyNotFound,
    LeaseHeld,
    NameTaken,
    NoCapacity,
    QuotaReached,
    RateLimited,
    Refused,
    Unauthorised,
    Unreachable,
    WrongState,
)
from jarvis_admin.fly.types.record import instant

LONGEST_DETAIL = 300
PREFIX = re.compile(
    r"^(failed_precondition|aborted|already_exists|deadline_exceeded|invalid_argument|not_found):"
)
HOLDER = re.compile(r"lease currently held by (?P<owner>\S+?),? expires at (?P<until>\S+)")


@dataclass(frozen=True, slots=True)
class Refusal:
    """An answer of Fly that is not a success, taken apart."""

    call: Call
    code: int
    body_status: str
    text: str
    retry_after: timedelta | None = None


Build = Callable[[Refusal], FlyError]


def _lease_held(refusal: Refusal) -> FlyError:
    found = HOLDER.search(refusal.text)
    if not found:
        return LeaseHeld()
    return LeaseHeld(owner=found["owner"], until=instant(found["until"]))


def _region_full(refusal: Refusal) -> FlyError:
    return NoCapacity(scope="region", place=refusal.call.place)


def _host_full(refusal: Refusal) -> FlyError:
    return NoCapacity(scope="host", place=refusal.call.place)


# By the `status` of the body.
BY_STATUS: dict[str, Build] = {
    "name_taken": lambda _: NameTaken(),
    "insufficient_capacity": _region_full,
    "volume_placement_capacity": _host_full,
}

# By a phrase of the text, lower case; the order matters.
BY_PHRASE: tuple[tuple[str, Build], ...] = (
    ("lease currently held", _lease_held),
    ("name has already been taken", lambda _: NameTaken()),
    ("uniqueness constraint violated", lambda _: NameTaken()),
    ("unique machine name violation", lambda _: Conflict(duplicate_name=True)),
    ("with existing volume id", _host_full),
    ("on the current host", _host_full),
    ("could not reserve resource", _host_full),
    ("could not find a candidate host", _region_full),
    ("insufficient resources", _region_full),
    ("no capacity", _region_full),
    ("reached its machine limit", lambda _: QuotaReached()),
    ("reached its volume limit", lambda _: QuotaReached(noun="volume")),
)

# By the HTTP status.
BY_CODE: dict[int, Build] = {
    401: lambda _: Unauthorised(),
    403: lambda _: Unauthorised(),
    404: lambda _: FlyNotFound(),
    408: lambda refusal: Deadline(ambiguous=refusal.call.mutates),
    409: lambda _: Conflict(),
    412: lambda _: WrongState(),
    429: lambda refusal: RateLimited(retry_after=refusal.retry_after),
}


def translate(
    call: Call, code: int, headers: Mapping[str, str], body: bytes, *, secrets: tuple[str, ...] = ()
) -> FlyError:
    """The error for an answer that is no success; none of `secrets` is left in it."""
    body_status, text = _said(body)
    refusal = Refusal(call, code, body_status, text, retry_after(headers.get("retry-after")))
    error = _rule(refusal)(refusal)
    error.what = call.what
    error.detail = redact(text, (*secrets, *call.secrets))
    error.request_id = headers.get("fly-request-id", "")
    return error


def _rule(refusal: Refusal) -> Build:
    if refusal.code >= 500:
        return lambda _: Unreachable(ambiguous=refusal.call.mutates)
    if refusal.body_status in BY_STATUS:
        return BY_STATUS[refusal.body_status]
    text = refusal.text.lower()
    for phrase, build in BY_PHRASE:
        if phrase in text:
            return build
    return BY_CODE.get(refusal.code, lambda _: Refused(code=refusal.code))


def redact(text: str, secrets: tuple[str, ...]) -> str:
    """Fly's text without its gRPC prefix, on one line, of sane length, and free of secrets."""
    for secret in secrets:
        if secret:
            text = text.replace(secret, "•••")
    line = " ".join(PREFIX.sub("", text).split()).rstrip(".")
    return line if len(line) <= LONGEST_DETAIL else line[: LONGEST_DETAIL - 1] + "…"


def _said(body: bytes) -> tuple[str, str]:
    """The machine-readable status and the text; `message` comes before `error`."""
    try:
        said: Any = msgspec.json.decode(body)
    except msgspec.DecodeError:
        text = body.decode(errors="replace").strip()
        return "", "" if text.startswith("<") else text  # a gateway's page says nothing to people
    if not isinstance(said, dict):
        return "", ""
    text = said.get("message") or said.get("error") or ""
    return str(said.get("status") or ""), str(text)


def retry_after(value: str | None) -> timedelta | None:
    """The Retry-After header in either of its forms: seconds, or a date."""
    if not value:
        return None
    try:
        return max(timedelta(seconds=float(value)), timedelta())
    except (ValueError, OverflowError):
        pass
    try:
        return max(parsedate_to_datetime(value) - datetime.now(UTC), timedelta())
    except (ValueError, TypeError):
        return None
