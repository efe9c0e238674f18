"""What one Local Fly is told at start-up, and how slow it pretends to be."""

from dataclasses import dataclass, field
from pathlib import Path

DEFAULT_TOKEN = "local-fly-token"  # noqa: S105 - a documented constant of a stand-in
DEFAULT_ORG = "my-jarvis"
MAX_PAGE = 1000


@dataclass(frozen=True, kw_only=True)
class Timings:
    """Seconds that each step takes at least; the defaults were measured at Fly."""

    prepare: float = 1.4  # created, until the image is there
    prepare_only: float = 9.0  # created, when skip_launch asks for no boot
    start: float = 1.2
    resume: float = 0.4
    stop: float = 0.7
    still_active: float = 0.3  # after a stop, while a start is still refused
    suspend: float = 3.0
    replace: float = 3.5
    crash_pause: float = 1.3  # between a crash and the boot that follows
    destroy: float = 1.0
    app_delete: float = 1.5
    secrets: float = 5.0  # how long a machine waits for a version that is to come
    volume: float = 0.4
    restore: float = 4.0
    snapshot_wait: float = 1.0
    snapshot_run: float = 2.0
    sweep: float = 30.0  # between two looks at what is old enough to be forgotten
    volume_grace: float = 24 * 3600.0  # how long a deleted volume stays listed


FAST = Timings(
    prepare=0.04,
    prepare_only=0.05,
    start=0.03,
    resume=0.02,
    stop=0.03,
    still_active=0.0,
    suspend=0.03,
    replace=0.04,
    crash_pause=0.03,
    destroy=0.03,
    app_delete=0.03,
    secrets=0.5,
    volume=0.0,
    restore=0.05,
    snapshot_wait=0.04,
    snapshot_run=0.06,
)

TIMINGS = {"fly": Timings(), "fast": FAST}


@dataclass(frozen=True, kw_only=True)
class Settings:
    state: Path = Path("instance/localfly")
    host: str = "127.0.0.1"
    port: int = 4280
    org: str = DEFAULT_ORG
    token: str = field(default=DEFAULT_TOKEN, repr=False)
    images: Path | None = None
    strict_images: bool = False
    simulated: bool = False
    timings: Timings = field(default_factory=Timings)
    rate_limit: bool = True
    page_limit: int = MAX_PAGE
    scrape_interval: float = 15.0  # seconds between two samples of a metric, as at Fly
    day: float = 24 * 3600.0  # seconds of what snapshots take for a day
