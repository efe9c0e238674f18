"""One worker: engine, heartbeat and loops, started and ended together."""

import threading

import structlog

from jarvis_admin.config import Settings
from jarvis_admin.db import open_engine, open_sessions
from jarvis_admin.fly import FlyClient
from jarvis_admin.fly.metrics import MetricsClient, default_url
from jarvis_admin.jobs import engine, heartbeat, loops, recipes
from jarvis_admin.jobs.context import Context
from jarvis_admin.jobs.fence import Fence
from jarvis_admin.jobs.operation import Bench
from jarvis_admin.metrics import observe_fly
from jarvis_admin.storage import ObjectStore, StoreError, open_store

log = structlog.get_logger(__name__)

# Of the ten seconds that a SIGTERM leaves us.
_FOR_LOOPS, _FOR_STEPS = 2, 5


def run(settings: Settings, stop: threading.Event) -> None:
    """Work until `stop` is set, then give the running steps five seconds."""
    database = open_engine(settings.database_url)
    fence = Fence(engine.new_executor_id(), settings.worker_dead_after)
    fly = FlyClient(
        settings.fly_api_url,
        settings.fly_api_token,
        settings.fly_org,
        timeout=settings.fly_timeout,
        guard=fence.check,
        observe=observe_fly,
    )
    metrics = MetricsClient(
        settings.fly_metrics_url or default_url(settings.fly_api_url, settings.fly_org),
        settings.fly_api_token,
        settings.fly_org,
        timeout=settings.fly_timeout,
        observe=observe_fly,
    )
    enqueue = engine.submitter(database)
    context = Context(
        settings,
        open_sessions(database),
        fly,
        metrics=metrics,
        store=_open_store(settings),
        enqueue=enqueue,
    )
    Bench.context = context
    fence.beat(context)
    engine.launch(context, database, settings.database_url, fence)
    threads = [threading.Thread(target=heartbeat.run, args=(context, fence, stop), daemon=True)]
    threads += [
        threading.Thread(
            target=loops.run, args=(loop, context, fence.executor_id, stop), daemon=True
        )
        for loop in loops.schedule(context)
    ]
    for thread in threads:
        thread.start()
    log.info("worker ready", executor=fence.executor_id, operations=recipes.__all__)
    stop.wait()
    for thread in threads:
        thread.join(timeout=_FOR_LOOPS / len(threads))
    engine.shut_down(_FOR_STEPS)
    log.info("worker stopped", executor=fence.executor_id)


def _open_store(settings: Settings) -> ObjectStore | None:
    """Without one the machines go on; archives are refused, and the doctor says why."""
    try:
        return open_store(settings)
    except StoreError as unusable:
        log.error("no object store: nothing can be archived", why=str(unusable))
        return None
