"""A real worker in a process of its own, and what a test asks of it."""

import multiprocessing
import os
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from multiprocessing.context import ForkServerProcess
from typing import TypeVar

from sqlalchemy import Engine, select, update

from jarvis_admin.config import Settings
from jarvis_admin.db import Sessions, open_engine, open_sessions
from jarvis_admin.domain.lifecycle import OperationKind, OperationState
from jarvis_admin.fly import FlyClient, Pacing
from jarvis_admin.jobs import __main__ as program
from jarvis_admin.jobs import engine as jobs
from jarvis_admin.models import Operation, WorkerBeat, Workspace
from jarvis_admin.services import operations, provisioning
from localfly.testing import LocalFly
from tests.factories import make_user

T = TypeVar("T")

# On a busy machine a beat may be seconds late; nobody here waits for it: see `kill_worker`.
DEAD_AFTER_SECONDS = 20

# A hundred workers are started and killed here: each is a fork of a process that has read the
# code and done nothing else, since reading it costs a second.
_warm = multiprocessing.get_context("forkserver")
_warm.set_forkserver_preload([__name__])


def _work(env: dict[str, str]) -> None:
    os.environ.update(env)
    program.main()


def now() -> datetime:
    return datetime.now(UTC)


def eventually(look: Callable[[], T], *, within: float = 30.0) -> T:
    """The first truthy answer; fails with the last one after `within` seconds."""
    end = time.monotonic() + within
    while not (answer := look()):
        assert time.monotonic() < end, f"still {answer!r} after {within} s"
        time.sleep(0.05)
    return answer


@dataclass
class House:
    """Database, Local Fly, and workers that can be started and killed."""

    settings: Settings
    cloud: LocalFly
    workers: list[ForkServerProcess] = field(default_factory=list)
    dead_after: int = DEAD_AFTER_SECONDS  # of the workers it starts

    def __post_init__(self) -> None:
        self.engine: Engine = open_engine(self.settings.database_url)
        self.sessions: Sessions = open_sessions(self.engine)
        self.enqueue = jobs.submitter(self.engine)
        self.fly = FlyClient(
            self.cloud.url, self.cloud.token, self.cloud.org, pacing=Pacing(speed=1000)
        )

    def start_worker(self) -> ForkServerProcess:
        env = {
            "SECRET_KEY": self.settings.secret_key,
            "DATABASE_URL": self.settings.database_url,
            "FLY_API_URL": self.cloud.url,
            "FLY_API_TOKEN": self.cloud.token,
            "FLY_ORG": self.cloud.org,
            "ENVIRONMENT": "test",
            "WORKER_DEAD_AFTER": str(self.dead_after),
            "FLY_TIMEOUT": "2",
            "SYNC_FAST": "0.3",
            "SYNC_SLOW": "0.5",
            "DRILLS_AT_ONCE": "0",  # a test asks for those it wants
            # Tests ask for archives themselves; the schedule would come between.
            "ARCHIVES_AT_ONCE": "0",
            "OBJECT_STORE_URL": self.settings.object_store_url,
            "OBJECT_STORE_GATE": self.settings.object_store_gate,
        }
        worker = _warm.Process(target=_work, args=(env,))
        worker.start()
        self.workers.append(worker)
        return worker

    def kill_worker(self) -> None:
        worker = self.workers.pop()
        worker.kill()
        worker.join()
        self._bury_the_dead()

    def _bury_the_dead(self) -> None:
        """Nobody waits until their beats have grown old: they are as old as that now."""
        with self.sessions.begin() as session:
            session.execute(update(WorkerBeat).values(at=now() - timedelta(hours=1)))

    def add_workspace(self, handle: str) -> int:
        with self.sessions.begin() as session:
            user = make_user(session, handle=handle)
            return provisioning.draft_workspace(session, user, self.settings, now()).id

    def ask(self, workspace_id: int, kind: OperationKind) -> str:
        with self.sessions.begin() as session:
            return operations.request_operation(
                session,
                session.get_one(Workspace, workspace_id),
                kind,
                asked_by="a test",
                now=now(),
                enqueue=self.enqueue,
            ).id

    def operation(self, operation_id: str) -> Operation:
        with self.sessions() as session:
            found = session.get_one(Operation, operation_id)
            assert found.steps is not None
            return found

    def workspace(self, workspace_id: int) -> Workspace:
        with self.sessions() as session:
            return session.get_one(Workspace, workspace_id)

    def finished(self, operation_id: str, within: float = 30.0) -> Operation:
        def ended() -> Operation | None:
            found = self.operation(operation_id)
            return None if found.active else found

        return eventually(ended, within=within)

    def done(self, workspace_id: int, kind: OperationKind) -> Operation:
        operation = self.finished(self.ask(workspace_id, kind))
        assert operation.state == OperationState.DONE, operation.error
        return operation

    def active_operations(self) -> int:
        with self.sessions() as session:
            active = select(Operation.id).where(Operation.state.in_(("queued", "running")))
            return len(session.scalars(active).all())

    def close(self) -> None:
        for worker in self.workers:
            worker.terminate()
        for worker in self.workers:
            worker.join(timeout=12)
        self.fly.close()
        self.engine.dispose()
