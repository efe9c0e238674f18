"""Quotas as the pages show them: bars, words for the levels, and brakes in a sentence."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from jarvis_admin.domain.quotas.brakes import BRAKED, Level, Mode, Standing
from jarvis_admin.domain.quotas.kinds import UNITS, Kind, period_end, written
from jarvis_admin.domain.quotas.limits import Limit
from jarvis_admin.models import Brake
from jarvis_admin.services.quota_accounts import Account

# What CSS shows, the word, and what it means.
LEVELS: dict[Level, tuple[str, str, str]] = {
    Level.NONE: ("started", "Within limits", "below 80 %"),
    Level.WARN: ("warn", "Warned", "from 80 %"),
    Level.SHORTER_IDLE: ("warn", "Sleeps sooner", "from 90 %"),
    Level.AT_IDLE: ("warn", "Sleeps when idle", "from 95 %"),
    Level.REFUSE_WAKES: ("stopped", "Wakes refused", "from 100 %"),
    Level.SUSPEND_NOW: ("stuck", "Suspended", "at the limit"),
}
MODES = {
    Mode.FULL: "Suspends at the limit",
    Mode.GENTLE: "Never interrupts: refuses the next wake",
    Mode.WARN: "Only warns",
}
_SPANS = {"month": "this month", "day": "today", "": "now"}


@dataclass(frozen=True)
class Bar:
    kind: Kind
    title: str
    span: str
    used: str
    limit: str
    percent: float  # of the bar
    said: str  # "84 %", or a dash
    look: str
    limited: Limit
    ends_at: datetime | None


def bars(account: Account, now: datetime) -> list[Bar]:
    return [
        bar(kind, account.usage.get(kind, 0), account.limits[kind], now)
        for kind in (
            Kind.RUNNING,
            Kind.DOLLARS,
            Kind.WAKES,
            Kind.STORAGE,
            Kind.MEMORY,
            Kind.BACKUPS,
        )
    ]


def bar(kind: Kind, used: int, limit: Limit, now: datetime) -> Bar:
    permille = _permille(used, limit.amount)
    return Bar(
        kind=kind,
        title=UNITS[kind].title,
        span=_SPANS[UNITS[kind].period],
        used=written(kind, used),
        limit="no limit" if limit.amount is None else written(kind, limit.amount),
        percent=min(permille / 10, 100.0),
        said="–" if limit.amount is None else f"{permille // 10} %",
        look=_look(kind, permille),
        limited=limit,
        ends_at=period_end(kind, now),
    )


def sentence(brake: Brake) -> str:
    """Why the machine is braked, as a notice says it."""
    if brake.reason:
        return brake.reason[0].upper() + brake.reason[1:] + "."
    unit = UNITS[Kind(brake.kind)]
    word = LEVELS[Level(brake.level)][1].lower()
    return f"{brake.permille // 10} % of the {unit.title.lower()} quota is used: {word}."


def overshoot(kind: str, amount: int) -> str:
    """`4 s` or `$0.01` past the point where it had to sleep; empty: none."""
    if not amount:
        return ""
    if kind == Kind.RUNNING and amount < 3600:
        return f"{amount} s" if amount < 60 else f"{amount // 60} min"
    return written(Kind(kind), amount)


def refusal(brake: Brake | None) -> str:
    """What keeps the wake button dashed; empty: nothing does."""
    return brake.reason if brake is not None and Level(brake.level).refuses_wakes else ""


def on_machine(brake: Brake | None) -> dict[str, Any]:
    """What the notice of a machine's page wants; `brake` None: there is nothing to say."""
    if brake is None or brake.level == Level.NONE:
        return {"brake": None, "brake_text": "", "brake_past": ""}
    past = overshoot(brake.kind, brake.overshoot)
    return {"brake": brake, "brake_text": sentence(brake), "brake_past": past}


def bar_of(standing: Standing, now: datetime) -> Bar:
    limit = Limit(standing.kind, standing.limit, ())
    return bar(standing.kind, standing.used, limit, now)


def _permille(used: int, limit: int | None) -> int:
    if limit is None:
        return 0
    return 1000 * used // limit if limit else 1000


def _look(kind: Kind, permille: int) -> str:
    if kind in BRAKED and permille >= 1000:
        return "stuck"
    return "warn" if permille >= 800 else "live"
