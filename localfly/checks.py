"""Which health checks a machine's config asks for."""

from dataclasses import dataclass

import msgspec

from localfly.durations import seconds
from localfly.errors import bad_request
from localfly.state import Config

_Duration = str | int | float | None
_SHORTEST = 0.05  # an interval of nothing would keep us busy for ever


@dataclass(frozen=True)
class Check:
    """Durations in seconds. Its port is not here: a machine of ours listens on one, its PORT."""

    name: str
    type: str
    interval: float
    timeout: float
    grace: float
    method: str = "GET"
    path: str = "/"
    headers: tuple[tuple[str, str], ...] = ()


class _Header(msgspec.Struct):
    name: str
    values: list[str] = []


class _Wish(msgspec.Struct):
    type: str = ""
    port: int | None = None
    interval: _Duration = None
    timeout: _Duration = None
    grace_period: _Duration = None
    method: str | None = None
    path: str | None = None
    headers: list[_Header] | None = None


class _Service(msgspec.Struct):
    internal_port: int | None = None
    checks: list[_Wish] | None = None


class _Wishes(msgspec.Struct):
    services: list[_Service] | None = None
    checks: dict[str, _Wish] | None = None


def checks_of(config: Config) -> list[Check]:
    """The services' checks, named as Fly names them, then the machine's own.

    Only http and tcp are ever run; another type is accepted and left out.
    """
    try:
        wishes = msgspec.convert(config, _Wishes)
    except msgspec.ValidationError as error:
        raise bad_request(f"invalid check: {error}") from error
    named = [
        (wish.port or service.internal_port or 0, wish)
        for service in wishes.services or []
        for wish in service.checks or []
    ]
    checks = [
        _check(f"servicecheck-{number:02d}-{wish.type}-{port}", wish)
        for number, (port, wish) in enumerate(named)
    ]
    checks += [_check(name, wish) for name, wish in (wishes.checks or {}).items()]
    return [check for check in checks if check.type in ("http", "tcp")]


def _check(name: str, wish: _Wish) -> Check:
    return Check(
        name=name,
        type=wish.type,
        interval=max(seconds(wish.interval or "15s"), _SHORTEST),
        timeout=max(seconds(wish.timeout or "2s"), _SHORTEST),
        grace=seconds("5s" if wish.grace_period in (None, "") else wish.grace_period),
        method=(wish.method or "GET").upper(),
        path="/" + (wish.path or "").removeprefix("/"),
        headers=tuple((one.name, value) for one in wish.headers or [] for value in one.values),
    )
