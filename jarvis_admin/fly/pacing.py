"""How fast we may ask: Fly's rate limits, kept on our side and shared by all threads.

Fly allows each action on each machine (or app) 1 request a second with bursts of 3, a GET of a
machine 5 with bursts of 10, and 100 deletions of apps a minute. What the org-wide lists allow is
not documented; each has a bucket of its own at the default pace.
"""

import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from threading import Lock

from jarvis_admin.fly.errors import RateLimited

LONGEST_WAIT = timedelta(seconds=30)
MOST_BUCKETS = 10_000


@dataclass(frozen=True, slots=True)
class Pace:
    """`a_second` in the long run, `burst` at once."""

    a_second: float
    burst: int


DEFAULT = Pace(1, 3)
PACES = {
    "machines.get": Pace(5, 10),
    "apps.delete": Pace(1.5, 10),  # in no minute more than 1.5 x 60 + 10 = 100
}


class Pacing:
    """Token buckets, one per action and subject; thread safe.

    A bucket is one number: the moment at which it will be full again. Buckets that are full
    are the same as none, so the ones nearest to that are dropped when there are too many.
    """

    def __init__(
        self,
        *,
        speed: float = 1.0,
        longest_wait: timedelta = LONGEST_WAIT,
        most_buckets: int = MOST_BUCKETS,
        clock: Callable[[], float] = time.monotonic,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """`speed` multiplies every pace: for Local Fly without its limiter. Clock in seconds."""
        self._speed = speed
        self._longest_wait = longest_wait.total_seconds()
        self._most = most_buckets
        self._clock = clock
        self._sleep = sleep
        self._full_at: dict[tuple[str, str], float] = {}
        self._lock = Lock()

    def take(self, action: str, subject: str) -> None:
        """Returns when the request may go. Raises RateLimited if that is too far off."""
        interval, slack = self._interval(action)
        with self._lock:
            now = self._clock()
            full_at = max(self._full_at.get((action, subject), now), now)
            wait = full_at - slack - now
            if wait > self._longest_wait:
                raise RateLimited(what=subject, retry_after=timedelta(seconds=wait))
            self._keep(action, subject, full_at + interval)
        if wait > 0:
            self._sleep(wait)

    def hold(self, action: str, subject: str, quiet: timedelta) -> None:
        """Fly said 429: nobody sends this for as long, and then at the slow pace."""
        _, slack = self._interval(action)
        with self._lock:
            until = self._clock() + quiet.total_seconds() + slack
            self._keep(action, subject, max(self._full_at.get((action, subject), until), until))

    @property
    def buckets(self) -> int:
        return len(self._full_at)

    def _interval(self, action: str) -> tuple[float, float]:
        """Seconds between two requests, and how far ahead of that a burst may run."""
        pace = PACES.get(action, DEFAULT)
        interval = 1 / (pace.a_second * self._speed)
        return interval, (pace.burst - 1) * interval

    def _keep(self, action: str, subject: str, full_at: float) -> None:
        self._full_at[action, subject] = full_at
        if len(self._full_at) > self._most:
            latest = sorted(self._full_at.items(), key=lambda item: item[1])
            self._full_at = dict(latest[-(self._most // 2) :])
