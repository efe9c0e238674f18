"""The settings of a laptop: made once, kept in `.env`, so that `flask --app app …` works too."""

import os
import secrets
import socket
from collections.abc import Mapping
from pathlib import Path

ROOT = Path(__file__).parent.parent
INSTANCE = ROOT / "instance"
ENV_FILE = ROOT / ".env"
SIGN_INS = INSTANCE / "demo-sign-ins.json"

_HOST = "127.0.0.1"


def prepare() -> dict[str, str]:
    """Today's settings: the kept secrets, and ports that are free now."""
    INSTANCE.mkdir(exist_ok=True)
    kept = read()
    fly_port = free_port(4280)
    gate_port = free_port(4290)
    settings = {
        "SECRET_KEY": kept.get("SECRET_KEY") or secrets.token_hex(32),
        "FLY_API_TOKEN": kept.get("FLY_API_TOKEN") or secrets.token_hex(16),
        "FLY_API_URL": f"http://{_HOST}:{fly_port}",
        "FLY_ORG": "my-jarvis",
        "DATABASE_URL": f"sqlite:///{INSTANCE / 'jarvis.db'}",
        "OBJECT_STORE_URL": f"file://{INSTANCE / 'archives'}",
        "OBJECT_STORE_GATE": f"http://{_HOST}:{gate_port}",
        "ARCHIVES_AT_ONCE": "2",  # a laptop has other things to do
        "SECURE_COOKIES": "false",
        "LOG_FORMAT": "console",
        "ENVIRONMENT": "demo",
        "WORKER_DEAD_AFTER": "15",
        "PROMETHEUS_MULTIPROC_DIR": str(INSTANCE / "metrics"),
    }
    write(settings)
    return settings


def read() -> dict[str, str]:
    if not ENV_FILE.exists():
        return {}
    pairs = (line.partition("=") for line in ENV_FILE.read_text().splitlines() if "=" in line)
    return {name: value for name, _, value in pairs}


def write(settings: Mapping[str, str]) -> None:
    """Readable by its owner only: it holds keys, if only a laptop's."""
    ENV_FILE.touch(mode=0o600)
    ENV_FILE.write_text("".join(f"{name}={value}\n" for name, value in settings.items()))


def console_port() -> int:
    """`PORT` if it is set, else 8000 or the next free one."""
    return int(os.environ.get("PORT") or free_port(8000))


def free_port(wanted: int) -> int:
    for port in (*range(wanted, wanted + 20), 0):
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((_HOST, port))
            except OSError:
                continue
            number: int = probe.getsockname()[1]
            return number
    raise OSError("no free port on this machine")
