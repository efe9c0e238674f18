"""Structured logs on standard error, and error reports to Sentry when a DSN is set."""

import logging
import sys
from typing import Any

import sentry_sdk
import structlog

from jarvis_admin.config import Settings


def configure(settings: Settings, *, process: str) -> None:
    """Once a process. Every line carries what is bound: request id or operation id."""
    renderer: Any = (
        structlog.processors.JSONRenderer()
        if settings.log_format == "json"
        else structlog.dev.ConsoleRenderer(colors=sys.stderr.isatty())
    )
    shared: list[Any] = [
        structlog.contextvars.merge_contextvars,
        structlog.processors.add_log_level,
        structlog.processors.TimeStamper(fmt="iso", utc=True),
    ]
    tail: list[Any] = (
        [] if settings.log_format != "json" else [structlog.processors.format_exc_info]
    )
    structlog.configure(
        processors=[*shared, *tail, renderer],
        logger_factory=structlog.PrintLoggerFactory(sys.stderr),
        cache_logger_on_first_use=True,
    )
    formatter = structlog.stdlib.ProcessorFormatter(
        processors=[structlog.stdlib.ProcessorFormatter.remove_processors_meta, *tail, renderer],
        foreign_pre_chain=shared,
    )
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(formatter)
    logging.basicConfig(level=logging.WARNING, handlers=[handler], force=True)
    if settings.sentry_dsn:
        sentry_sdk.init(
            settings.sentry_dsn,
            environment=settings.environment,
            send_default_pii=False,
            include_local_variables=False,  # a local could hold a token
            server_name=process,
        )
