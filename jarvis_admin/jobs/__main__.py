"""The worker: `python -m jarvis_admin.jobs`.

Carries operations out, keeps our rows in step with Fly, counts, cuts and tidies. One on SQLite,
many on PostgreSQL: loops run under a lease, operations under the engine's queue.
"""

import os
import signal
import threading

from jarvis_admin import logs
from jarvis_admin.config import Settings
from jarvis_admin.jobs import worker


def main() -> None:
    settings = Settings.from_env()
    logs.configure(settings, process="worker")
    stop = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, lambda *_: stop.set())
    worker.run(settings, stop)
    # Steps that still wait for Fly sit in threads that nothing can end; their work is recovered.
    os._exit(0)


if __name__ == "__main__":
    main()
