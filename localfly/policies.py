"""What a config allows: whether the machine may be suspended, and booted again after its end."""

from localfly.config import memory_mb
from localfly.errors import precondition
from localfly.state import Config

RETRY_WINDOW_MS = 5 * 60 * 1000
_DEFAULT_RETRIES = 10
_MAX_SUSPEND_MB = 2048


def refuse_unsuspendable(config: Config) -> None:
    reason = None
    if memory_mb(config) > _MAX_SUSPEND_MB:
        reason = f"memory exceeds {_MAX_SUSPEND_MB}MB"
    elif (config.get("init") or {}).get("swap_size_mb"):
        reason = "swap is enabled"
    elif config.get("schedule"):
        reason = "it has a schedule"
    if reason is not None:
        raise precondition(f"machine cannot be suspended: {reason}")


def restarts_after(config: Config, exit_code: int, recent_crashes: int) -> bool:
    """Whether the restart policy boots the machine again after an exit of its own."""
    rule = config.get("restart") or {}
    policy = rule.get("policy") or "on-failure"
    if policy == "always":
        return True
    if policy == "no" or exit_code == 0:
        return False
    return recent_crashes < int(rule.get("max_retries") or _DEFAULT_RETRIES)
