"""When a failed request may be sent again, and after how long."""

import random

from jarvis_admin.fly.errors import FlyError, RateLimited, Unreachable

TRIES = 3
FIRST_PAUSE, LONGEST_PAUSE = 0.2, 2.0  # seconds


def may_send_again(failure: FlyError, attempt: int) -> bool:
    """Only what Fly certainly has not carried out: a 429, a request that never left, any read.

    A read is never ambiguous, so its time-outs and 5xx pass; those of a write do not.
    """
    if attempt >= TRIES:
        return False
    match failure:
        case RateLimited():
            return True
        case Unreachable():
            return not failure.ambiguous
        case _:
            return False


def pause(attempt: int) -> float:
    """Seconds before the next try: full jitter under a ceiling that doubles."""
    ceiling = min(FIRST_PAUSE * 2 ** (attempt - 1), LONGEST_PAUSE)
    return random.uniform(0, ceiling)  # noqa: S311 - spreads load, guards nothing
