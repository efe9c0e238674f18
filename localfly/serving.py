"""Bringing a Local Fly up on its port, and down again."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from aiohttp import web

from localfly.cloud import CLOUD, Cloud
from localfly.server import create_app
from localfly.settings import Settings


@dataclass(frozen=True)
class Running:
    url: str
    cloud: Cloud


@asynccontextmanager
async def serving(settings: Settings) -> AsyncIterator[Running]:
    """Listens inside the block; afterwards every machine's process is gone."""
    app = create_app(settings)
    runner = web.AppRunner(app, shutdown_timeout=1.0, access_log=None)
    await runner.setup()
    try:
        await web.TCPSite(runner, settings.host, settings.port).start()
        host, port = runner.addresses[0][:2]
        yield Running(f"http://{host}:{port}", app[CLOUD])
    finally:
        await runner.cleanup()
