"""How backups read on the screen: troubles with what mends them, points, drills, policies."""

from collections.abc import Mapping
from typing import Any

from jarvis_admin.domain import backup_terms
from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.domain.backup_standing import Trouble
from jarvis_admin.models import Archive
from jarvis_admin.services.backup_days import Strip

T = Trouble

# The look, the word, and the one action that mends it.
TROUBLES: Mapping[Trouble, tuple[str, str, str]] = {
    T.NEVER: ("stuck", "Never backed up", "archive"),
    T.DAMAGED: ("failed", "Damaged", "archive"),
    T.DRILL_FAILED: ("failed", "Drill failed", "drill"),
    T.LATE: ("warn", "Late", "archive"),
    T.FAILED: ("warn", "Last one failed", "archive"),
    T.UNPROVEN: ("warn", "Unproven", "drill"),
    T.PARKED: ("warn", "Parked too long", "machine"),
    T.ODD: ("warn", "Odd size", "look"),
}
DRILLS = {
    "running": ("running", "Under way"),
    "passed": ("pass", "Passed"),
    "failed": ("failed", "Failed"),
}
FIELDS = {
    "every_hours": "How often",
    "at_minute": "Time of day",
    "timezone": "Time zone",
    "quiet_from": "Quiet from",
    "quiet_until": "Quiet until",
    "keep_last": "Keep last",
    "keep_daily": "Keep daily",
    "keep_weekly": "Keep weekly",
    "keep_monthly": "Keep monthly",
    "snapshot_days": "Fly’s snapshots kept, days",
    "undo_days": "A reset can be undone, days",
    "prove_days": "To be proven within, days",
}
RHYTHMS = {
    0: "never",
    1: "every hour",
    2: "every 2 hours",
    3: "every 3 hours",
    4: "every 4 hours",
    6: "every 6 hours",
    8: "every 8 hours",
    12: "every 12 hours",
    24: "daily",
    48: "every 2 days",
    72: "every 3 days",
    168: "weekly",
    336: "every 2 weeks",
    672: "every 4 weeks",
}


def archive_state(row: Archive) -> tuple[str, str]:
    if row.state == "making":
        return "running", "Being made"
    if row.state == "going":
        return "moving", "Being removed"
    if row.state == "failed":
        return "failed", "Failed"
    if row.error:
        return "failed", "Damaged"
    if row.drill_error:
        return "failed", "Drill failed"
    if row.proven_at:
        return "proven", "Proven"
    return ("done", "Verified") if row.verified_at else ("unproven", "Unproven")


def value(name: str, said: Any) -> str:
    """One part of a policy."""
    if said is None:
        return "of the home region" if name == "timezone" else "none"
    if name in ("at_minute", "quiet_from", "quiet_until"):
        return backup_terms.clock(said)
    if name == "every_hours":
        return rhythm(said)
    return str(said)


def rhythm(hours: int) -> str:
    if hours in RHYTHMS:
        return RHYTHMS[hours]
    return f"every {hours // 24} days" if hours % 24 == 0 else f"every {hours} hours"


def quiet(policy: BackupPolicy) -> str:
    if policy.quiet_from is None or policy.quiet_until is None:
        return "–"
    begin, end = (backup_terms.clock(at) for at in (policy.quiet_from, policy.quiet_until))
    return f"{begin} – {end}"


def heat(handle: str, strip: Strip) -> str:
    """What the coloured strip shows, in words."""
    counts = {word: strip.count(word) for word in ("proven", "unproven", "failed")}
    said = ", ".join(f"{count} {word}" for word, count in counts.items() if count)
    return f"Backups of {handle}, last {len(strip)} days: {said or 'none'}"
