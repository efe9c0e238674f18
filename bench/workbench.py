"""What the measures share: filled databases and running servers, each made when first asked for."""

from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, ExitStack, closing, contextmanager
from datetime import UTC, datetime
from functools import cache

from bench import fleets, ledger, money
from bench.databases import Databases
from bench.ledger import Ledger
from bench.servers import CONSOLE, FLOOR, Server, serving
from bench.sizes import Sizes
from bench.visitor import Visitor
from jarvis_admin.db import open_engine


class Workbench:
    def __init__(self, sizes: Sizes, databases: Databases, stack: ExitStack) -> None:
        self.sizes = sizes
        self.databases = databases
        self._stack = stack
        self.fleet = cache(self._fleet)
        self.ledger = cache(self._ledger)
        self.console = cache(self._console)
        self.floor = cache(self._floor)

    def _fleet(self, count: int, days: int = 0) -> str:
        """A database with that many workspaces, and costs of so many days."""
        url = self.databases.create(f"fleet-{count}-{days}")
        engine, now = open_engine(url), datetime.now(UTC)
        fleets.fill(engine, count, now)
        if days:
            money.fill(engine, count, days, now)
        engine.dispose()
        return url

    def _ledger(self, count: int, days: int) -> Ledger:
        """A database of its own with that many workspaces and every interval of so many days."""
        url = self.databases.create(f"ledger-{count}-{days}")
        engine, now = open_engine(url), datetime.now(UTC)
        fleets.fill(engine, count, now)
        engine.dispose()
        return ledger.fill(url, count, days, now)

    def _console(self, url: str) -> Visitor:
        """Signed in at a console on that database."""
        return self._stack.enter_context(
            visiting(serving(CONSOLE, url, self.sizes.workers), signed_in)
        )

    def _floor(self, url: str) -> Visitor:
        return self._stack.enter_context(
            visiting(serving(FLOOR, url, self.sizes.workers), stranger)
        )


@contextmanager
def visiting(
    starting: AbstractContextManager[Server], enter: Callable[[Server], Visitor]
) -> Iterator[Visitor]:
    """Hangs up before the server ends: it would wait for the connection."""
    with starting as server, closing(enter(server)) as visitor:
        yield visitor


def stranger(server: Server) -> Visitor:
    return Visitor(server.port)


def signed_in(server: Server) -> Visitor:
    visitor = Visitor(server.port)
    visitor.sign_in(fleets.EMAIL, fleets.PASSWORD)
    return visitor


def counted(count: int) -> str:
    return f"{count:,}"
