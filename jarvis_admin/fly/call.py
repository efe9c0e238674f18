"""One request to Fly, described before it is made."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import quote

Query = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """`action` ("machines.start") names it in metrics and, with `subject` (a machine id, an app
    name or the org), in the pacing. `what` and `place` are for the sentences of errors.
    `secrets` are texts that no error may repeat. `harmless` is a POST that changes nothing.
    """

    action: str
    method: str
    path: str
    subject: str
    what: str
    place: str = ""
    query: Query = ()
    headers: dict[str, str] = field(default_factory=dict)
    body: Any = field(default=None, repr=False)
    secrets: tuple[str, ...] = field(default=(), repr=False)
    harmless: bool = False
    patience: timedelta | None = None  # how long Fly may take, if not the client's time-out

    @property
    def mutates(self) -> bool:
        return self.method not in ("GET", "HEAD") and not self.harmless


def path(*parts: str) -> str:
    """A path of quoted parts. An empty part would name the collection instead of the thing."""
    for part in parts:
        if part in ("", ".", ".."):
            raise ValueError(f"{parts} cannot be a path")
    return "/v1/" + "/".join(quote(part, safe="") for part in parts)


def given(**values: Any) -> dict[str, Any]:
    """The values that were given, for a body: what is None stays Fly's own default."""
    return {key: value for key, value in values.items() if value is not None}


def query(**values: str | int | bool | datetime | None) -> Query:
    """The values that were given, as Fly writes them: true, 60, RFC 3339."""
    return tuple(
        (key, _text(value)) for key, value in values.items() if value not in (None, "", False)
    )


def duration(value: timedelta) -> str:
    """In Go's notation, which Fly reads: "30s", "1500ms"."""
    milliseconds = round(value.total_seconds() * 1000)
    whole, rest = divmod(milliseconds, 1000)
    return f"{milliseconds}ms" if rest else f"{whole}s"


def _text(value: str | int | bool | datetime | None) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, datetime):
        return value.isoformat().replace("+00:00", "Z")
    return str(value)
