"""The durable engine: DBOS, seen from nowhere else.

Guarantee: an operation that was committed is carried out at least once per step, also when its
worker dies; a step whose result was recorded is not run again. The pages read our own
`operations` rows, never the engine's tables.
"""

import os
import secrets
from collections.abc import Callable

import structlog
from dbos import DBOS, DBOSClient, DBOSConfig
from sqlalchemy import Engine
from sqlalchemy.orm import Session

from jarvis_admin.domain.lifecycle import BESIDE
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.fence import Fence
from jarvis_admin.models import Operation

NAME = "jarvis-admin"
QUEUE = "workspaces"
# Raised by hand, together with new operation names, when the order of steps changes:
# work that was begun under another version stays where it is.
VERSION = "1"

_PENDING = "PENDING"
_POLL_SECONDS = 0.2
_THREADS = 32

log = structlog.get_logger(__name__)


def migrate(url: str) -> None:
    """Create or renew the engine's own tables (PostgreSQL: schema `dbos`)."""
    DBOS.migrate(url)


def new_executor_id() -> str:
    """Another one for each start: two live processes with one id would run work twice."""
    return f"{os.environ.get('FLY_MACHINE_ID', 'local')}-{secrets.token_hex(4)}"


def submitter(engine: Engine) -> Callable[[Session, Operation], None]:
    """What puts an operation on the queue inside the caller's transaction.

    The client opens no connection before its first use, so gunicorn may fork after this.
    """
    client = DBOSClient(system_database_engine=engine, lazy=True, application_name=NAME)

    def enqueue(session: Session, operation: Operation) -> None:
        client.enqueue_in_transaction(
            session,
            {
                "workflow_name": operation.kind,
                "queue_name": QUEUE,
                "queue_partition_key": _partition(operation),
                "workflow_id": operation.id,
                "app_version": VERSION,
            },
            operation.id,
        )

    return enqueue


def _partition(operation: Operation) -> str:
    """One at a time per workspace; what works on copies waits for nobody."""
    return operation.id if operation.kind in BESIDE else str(operation.workspace_id)


def launch(context: Context, engine: Engine, url: str, fence: Fence) -> None:
    """Start carrying out operations in threads of this process."""
    config = DBOSConfig(
        name=NAME,
        system_database_url=url,
        system_database_engine=engine,
        run_migrations=False,
        executor_id=fence.executor_id,
        application_version=VERSION,
        max_executor_threads=_THREADS,
        use_listen_notify=not url.startswith("sqlite"),
        log_level="WARNING",
    )
    DBOS(config=config)
    DBOS.launch()
    DBOS.register_queue(
        QUEUE,
        partition_concurrency=1,
        worker_concurrency=context.settings.worker_concurrency,
        polling_interval_sec=_POLL_SECONDS,
    )


def recover(living: set[str]) -> int:
    """Give the work of executors that no longer beat back to the queue; how many were dead.

    Conditional on the dead executor in the database, so every worker may call it.
    """
    pending = DBOS.list_workflows(status=_PENDING, load_input=False, load_output=False)
    dead = {row.executor_id for row in pending if row.executor_id} - living
    if dead:
        log.warning("work of dead workers recovered", executors=sorted(dead))
        DBOS._recover_pending_workflows(sorted(dead))
    return len(dead)


def shut_down(patience_seconds: int) -> None:
    """Stop taking work; what is still running after `patience_seconds` is recovered later."""
    DBOS.destroy(workflow_completion_timeout_sec=patience_seconds)


def forget(older_than: str, limit: int = 500) -> int:
    """Drop the engine's own record of work that ended before `older_than` (RFC 3339)."""
    ended = ["SUCCESS", "ERROR", "CANCELLED"]
    rows = DBOS.list_workflows(
        status=ended, end_time=older_than, limit=limit, load_input=False, load_output=False
    )
    DBOS.delete_workflows([row.workflow_id for row in rows])
    return len(rows)
