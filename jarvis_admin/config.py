"""Every setting, read from the environment once, at start-up."""

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from pathlib import Path

FLY_API = "https://api.machines.dev"


class MissingSetting(RuntimeError):
    """A process does not start without a setting it cannot do without."""


@dataclass(frozen=True, kw_only=True)
class Settings:
    """Names are the environment variables in lower case; secrets stay out of `repr`."""

    secret_key: str = field(repr=False)
    database_url: str = field(repr=False)
    fly_api_url: str
    fly_api_token: str = field(repr=False)
    fly_org: str
    fly_timeout: timedelta = timedelta(seconds=10)
    fly_metrics_url: str = ""
    fleet: str = "jv"
    environment: str = "development"
    guest_image: str = "registry.fly.io/jarvis-workspace:latest"
    guest_rootfs_mb: int = 2048
    base_domain: str = "jarvis.example"
    secure_cookies: bool = True
    sentry_dsn: str = field(default="", repr=False)
    log_format: str = "json"
    metrics_token: str = field(default="", repr=False)
    trusted_proxies: int = 0
    worker_dead_after: timedelta = timedelta(seconds=60)
    worker_concurrency: int = 20
    sync_fast: timedelta = timedelta(seconds=2)
    sync_slow: timedelta = timedelta(seconds=10)
    object_store_url: str = f"file://{Path.cwd() / 'instance' / 'archives'}"
    object_store_gate: str = "http://127.0.0.1:4290"
    archives_at_once: int = 4
    backup_master_key: str = field(default="", repr=False)
    backup_master_key_before: str = field(default="", repr=False)
    drills_at_once: int = 1

    @classmethod
    def from_env(cls, env: Mapping[str, str] = os.environ) -> "Settings":
        return cls(
            secret_key=_required(env, "SECRET_KEY"),
            database_url=_required(env, "DATABASE_URL"),
            fly_api_url=env.get("FLY_API_URL", FLY_API),
            fly_api_token=_required(env, "FLY_API_TOKEN"),
            fly_org=_required(env, "FLY_ORG"),
            fly_timeout=_seconds(env, "FLY_TIMEOUT", 10),
            fly_metrics_url=env.get("FLY_METRICS_URL", ""),
            fleet=env.get("FLEET", "jv"),
            environment=env.get("ENVIRONMENT", "development"),
            guest_image=env.get("GUEST_IMAGE", cls.guest_image),
            guest_rootfs_mb=int(env.get("GUEST_ROOTFS_MB", "2048")),
            base_domain=env.get("BASE_DOMAIN", "jarvis.example"),
            secure_cookies=env.get("SECURE_COOKIES", "true").lower() != "false",
            sentry_dsn=env.get("SENTRY_DSN", ""),
            log_format=env.get("LOG_FORMAT", "json"),
            metrics_token=env.get("METRICS_TOKEN", ""),
            trusted_proxies=int(env.get("TRUSTED_PROXIES", "0")),
            worker_dead_after=_seconds(env, "WORKER_DEAD_AFTER", 60),
            worker_concurrency=int(env.get("WORKER_CONCURRENCY", "20")),
            sync_fast=_seconds(env, "SYNC_FAST", 2),
            sync_slow=_seconds(env, "SYNC_SLOW", 10),
            object_store_url=env.get("OBJECT_STORE_URL", cls.object_store_url),
            object_store_gate=env.get("OBJECT_STORE_GATE", cls.object_store_gate),
            archives_at_once=int(env.get("ARCHIVES_AT_ONCE", "4")),
            backup_master_key=env.get("BACKUP_MASTER_KEY", ""),
            backup_master_key_before=env.get("BACKUP_MASTER_KEY_BEFORE", ""),
            drills_at_once=int(env.get("DRILLS_AT_ONCE", _drills(env))),
        )


def _drills(env: Mapping[str, str]) -> str:
    return "2" if env.get("ENVIRONMENT") == "production" else "1"


def _required(env: Mapping[str, str], name: str) -> str:
    value = env.get(name, "")
    if not value:
        raise MissingSetting(f"{name} is not set; the README lists every setting.")
    return value


def _seconds(env: Mapping[str, str], name: str, default: float) -> timedelta:
    return timedelta(seconds=float(env.get(name, default)))
