"""What the end user is told about their quota: as text, and as data for the router's page."""

from dataclasses import asdict, dataclass
from datetime import datetime
from typing import Any

from jarvis_admin.domain.quotas.brakes import Level, Standing
from jarvis_admin.domain.quotas.kinds import Kind, period_end, written


@dataclass(frozen=True)
class Notice:
    level: str
    kind: str
    title: str
    happened: str
    ends: str
    used: int
    limit: int
    used_text: str
    limit_text: str
    ends_at: str | None  # RFC 3339; when counting begins anew

    @property
    def text(self) -> str:
        return f"{self.happened} {self.ends}".strip()

    def as_data(self) -> dict[str, Any]:
        return {**asdict(self), "text": self.text}


_WHAT = {
    Kind.RUNNING: "running hours",
    Kind.DOLLARS: "budget",
    Kind.WAKES: "wakes",
}
_TITLES = {
    Level.WARN: "Your {what} are nearly used up",
    Level.SHORTER_IDLE: "Your computer goes to sleep sooner",
    Level.AT_IDLE: "Your computer goes to sleep when it is idle",
    Level.REFUSE_WAKES: "Your computer is paused",
    Level.SUSPEND_NOW: "Your computer is paused",
}


def notice(found: Standing | None, now: datetime) -> Notice | None:
    """None while there is nothing to tell."""
    if found is None or found.level is Level.NONE or found.kind not in _WHAT:
        return None
    ends = period_end(found.kind, now)
    used, limit = written(found.kind, found.used), written(found.kind, found.limit)
    return Notice(
        level=found.level,
        kind=found.kind,
        title=_title(found),
        happened=_happened(found, used, limit, now),
        ends=_ends(found, ends),
        used=found.used,
        limit=found.limit,
        used_text=used,
        limit_text=limit,
        ends_at=ends.isoformat().replace("+00:00", "Z") if ends else None,
    )


def _title(found: Standing) -> str:
    title = _TITLES[found.level].format(what=_WHAT[found.kind])
    return title.replace("budget are", "budget is")


def _happened(found: Standing, used: str, limit: str, now: datetime) -> str:
    span = "today" if found.kind is Kind.WAKES else f"in {now:%B}"
    what = "" if found.kind is Kind.DOLLARS else f" {_WHAT[found.kind]}"
    amounts = f"{used.removesuffix(' h')} of {limit.removesuffix(' h')}{what}"
    if found.level.refuses_wakes:
        after = "It starts no more" if found.kind is Kind.WAKES else "It sleeps"
        return f"You have used {amounts} {span}. {after}; your files are safe."
    then = {
        Level.SHORTER_IDLE: "To save the rest, your computer sleeps after half the usual time.",
        Level.AT_IDLE: "To save the rest, your computer sleeps as soon as nothing is going on.",
    }.get(found.level, "")
    return f"You have used {amounts} {span}. {then}".strip()


def _ends(found: Standing, ends: datetime | None) -> str:
    if ends is None:
        return ""
    when = f"{ends.day} {ends:%B %Y, %H:%M} UTC"
    if found.level.refuses_wakes:
        return f"You can go on from {when}, or as soon as support grants you more."
    return f"Counting begins anew on {when}."
