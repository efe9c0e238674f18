"""Reading a machine's raw config; unknown keys pass through untouched."""

import re
import signal
from typing import Any

from localfly.checks import checks_of
from localfly.durations import seconds
from localfly.errors import bad_request
from localfly.files import check_files
from localfly.state import Config

DEFAULT_GUEST: Config = {"cpu_kind": "shared", "cpus": 1, "memory_mb": 256}
MAX_STOP_SECONDS = 300.0

_AUTOSTOP = {"off": False, "stop": True, "suspend": "suspend"}
_SIGNALS = ("SIGHUP", "SIGINT", "SIGQUIT", "SIGKILL", "SIGUSR1", "SIGUSR2", "SIGTERM")
_PRESET = re.compile(r"(shared|performance)(?:-cpu)?-(\d+)x")


def signal_number(name: object) -> int:
    if isinstance(name, int):
        return name
    if name not in _SIGNALS:
        raise bad_request(f"invalid signal {name!r}")
    return int(signal.Signals[str(name)])


def normalised(config: Config) -> Config:
    """The config as Fly reads it back: checked, with its defaults filled in."""
    if not isinstance(config.get("image"), str) or not config["image"]:
        raise bad_request("config.image is required")
    if len(config.get("mounts") or []) > 1:
        raise bad_request("a machine can have only one mount")
    stop_rule(config)
    checks_of(config)
    check_files(config)
    for service in config.get("services") or []:
        autostop = service.get("autostop")
        if isinstance(autostop, str):
            service["autostop"] = _AUTOSTOP.get(autostop, autostop)
    filled = {"init": {}, "guest": _guest(config), "auto_destroy": False, "dns": {}, **config}
    filled.pop("size", None)
    return filled


def _guest(config: Config) -> dict[str, Any]:
    preset = _PRESET.fullmatch(str(config.get("size", "")))
    if preset is None:
        return dict(DEFAULT_GUEST)
    kind, cpus = preset[1], int(preset[2])
    return {"cpu_kind": kind, "cpus": cpus, "memory_mb": cpus * (256 if kind == "shared" else 2048)}


def stop_rule(config: Config) -> tuple[int, float]:
    """The signal that asks the machine to stop, and the seconds until it is killed."""
    rule = config.get("stop_config") or {}
    patience = seconds(rule["timeout"]) if rule.get("timeout") else 5.0
    if patience > MAX_STOP_SECONDS:
        raise bad_request("invalid stop_config.timeout, cannot exceed 5 minutes")
    return signal_number(rule.get("signal") or "SIGINT"), patience


def volume_of(config: Config) -> str | None:
    mounts = config.get("mounts") or []
    return mounts[0].get("volume") if mounts else None


def mount_path(config: Config) -> str | None:
    mounts = config.get("mounts") or []
    return mounts[0].get("path") if mounts else None


def memory_mb(config: Config) -> int:
    guest: Config = config.get("guest") or DEFAULT_GUEST
    return int(guest.get("memory_mb", 256))
