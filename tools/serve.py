"""`python -m tools.serve`: console and worker side by side in one machine, for SQLite.

Brings the schema up to date first. With PostgreSQL run the two as process groups of their own.
"""

import os
import subprocess
import sys

from tools.supervisor import Child, Supervisor

_PYTHON = sys.executable


def main() -> None:
    upgrade = [_PYTHON, "-m", "flask", "--app", "app", "database", "upgrade"]
    subprocess.run(upgrade, check=True)  # noqa: S603 (our own command)
    folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
    if folder:
        os.makedirs(folder, exist_ok=True)  # noqa: PTH103
    supervisor = Supervisor()
    gunicorn = [_PYTHON, "-m", "gunicorn", "app:app", "--config", "gunicorn.conf.py"]
    try:
        supervisor.start(Child("worker", [_PYTHON, "-m", "jarvis_admin.jobs"], {}))
        supervisor.start(Child("console", gunicorn, {}))
        supervisor.watch()
    finally:
        supervisor.stop()


if __name__ == "__main__":
    main()
