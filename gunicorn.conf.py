"""gunicorn for the console: threads, short patience, metrics of workers that have ended."""

import gc
import os
from typing import Any

bind = f"0.0.0.0:{os.environ.get('PORT', '8000')}"
workers = int(os.environ.get("WEB_CONCURRENCY", "2"))
worker_class = "gthread"
threads = int(os.environ.get("WEB_THREADS", "4"))
timeout = 30
graceful_timeout = 8
keepalive = 30
limit_request_line = 8190
preload_app = True  # the libraries are in memory once, not once a worker


def when_ready(_server: Any) -> None:
    """Or the first collection in each worker would copy what they share."""
    gc.collect()
    gc.freeze()


accesslog = None
control_socket_disable = True


def child_exit(_server: Any, worker: Any) -> None:
    if "PROMETHEUS_MULTIPROC_DIR" in os.environ:
        from prometheus_client import multiprocess

        multiprocess.mark_process_dead(worker.pid)
