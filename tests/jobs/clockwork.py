"""A context whose clock a test holds; Fly is a Local Fly or nobody."""

from datetime import datetime, timedelta

from jarvis_admin.db import Sessions
from jarvis_admin.fly import FlyClient, Pacing
from jarvis_admin.jobs.context import Context
from tests.factories import NOON, make_settings


class Clock:
    def __init__(self, at: datetime = NOON) -> None:
        self.at = at

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **span: float) -> None:
        self.at += timedelta(**span)


def make_context(sessions: Sessions, clock: Clock, url: str = "http://127.0.0.1:9") -> Context:
    fly = FlyClient(
        url,
        "local-fly-token",
        "my-jarvis",
        timeout=timedelta(seconds=1),
        pacing=Pacing(speed=1000),
    )
    return Context(make_settings(), sessions, fly, clock)
