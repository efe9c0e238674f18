"""What a backup policy may say, each refusal in a sentence; and how its parts read."""

from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from jarvis_admin.domain.backup_policy import BackupPolicy
from jarvis_admin.errors import Invalid

_DAY = 24
_MOST_HOURS = 31 * _DAY
_MINUTES = 24 * 60
_MOST_KEPT = 999
_LIMITS = {
    "snapshot_days": (1, 60, "Fly keeps its snapshots for 1 to 60 days."),
    "undo_days": (1, 60, "A reset can be taken back for 1 to 60 days."),
    "prove_days": (1, 365, "A backup is to be proven within 1 to 365 days."),
}


def check(policy: BackupPolicy) -> None:
    """Invalid with the first thing that would not work."""
    _check_hours(policy)
    _check_quiet(policy)
    _check_zone(policy.timezone)
    counts = (policy.keep_last, policy.keep_daily, policy.keep_weekly, policy.keep_monthly)
    if not all(0 <= count <= _MOST_KEPT for count in counts):
        raise Invalid(f"Each number of backups to keep is 0 to {_MOST_KEPT}.")
    if not any(counts):
        raise Invalid("A policy that keeps nothing protects nobody: keep at least one.")
    for name, (least, most, sentence) in _LIMITS.items():
        if not least <= getattr(policy, name) <= most:
            raise Invalid(sentence)


def _check_hours(policy: BackupPolicy) -> None:
    hours = policy.every_hours
    if not 0 <= hours <= _MOST_HOURS or (hours > _DAY and hours % _DAY):
        raise Invalid("Archives are made every 1 to 24 hours, or every 2 to 31 whole days.")
    if not 0 <= policy.at_minute < _MINUTES:
        raise Invalid("The time of day lies between 00:00 and 23:59.")


def _check_quiet(policy: BackupPolicy) -> None:
    begin, end = policy.quiet_from, policy.quiet_until
    if (begin is None) != (end is None):
        raise Invalid("Quiet hours need both a beginning and an end, or neither.")
    if begin is None or end is None:
        return
    if not (0 <= begin < _MINUTES and 0 <= end < _MINUTES):
        raise Invalid("Quiet hours lie between 00:00 and 23:59.")
    if begin == end:
        raise Invalid("Quiet hours that last the whole day leave no time for an archive.")


def _check_zone(name: str | None) -> None:
    if name is None:
        return
    try:
        ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError) as unknown:
        raise Invalid(
            f"There is no time zone “{name[:40]}”; write it like Europe/Berlin."
        ) from unknown


def clock(minute: int) -> str:
    return f"{minute // 60:02}:{minute % 60:02}"


def rhythm(policy: BackupPolicy) -> str:
    """How often: `every 6 h`, `daily at 03:00`, `every 7 days at 03:00`, `no archives`."""
    hours = policy.every_hours
    if not hours:
        return "no archives"
    if hours < _DAY:
        return f"every {hours} h"
    at = f"at {clock(policy.at_minute)}"
    return f"daily {at}" if hours == _DAY else f"every {hours // _DAY} days {at}"


def kept(policy: BackupPolicy) -> str:
    """What is kept: `3 last, 7 daily, 4 weekly, 6 monthly`, without those that are none."""
    counts = {
        "last": policy.keep_last,
        "daily": policy.keep_daily,
        "weekly": policy.keep_weekly,
        "monthly": policy.keep_monthly,
    }
    return ", ".join(f"{count} {name}" for name, count in counts.items() if count)
