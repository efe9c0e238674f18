"""The console: what is plugged into it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from flask import Flask
from jinja2 import StrictUndefined
from werkzeug.middleware.proxy_fix import ProxyFix

from jarvis_admin import cli, logs
from jarvis_admin.config import Settings
from jarvis_admin.jobs import engine
from jarvis_admin.services.operations import Enqueue
from jarvis_admin.web import (
    access,
    adjustments,
    alerts,
    archive_files,
    assets,
    audit,
    backup_policies,
    backups,
    budgets,
    bulk,
    channels,
    cost_tabs,
    costs,
    csrf,
    drills,
    errors,
    filters,
    forecasts,
    fragments,
    headers,
    health,
    invoices,
    ledger,
    live,
    login,
    machine,
    machine_actions,
    machines,
    metrics,
    navigation,
    operations,
    overview,
    policy_changes,
    prices,
    quota_changes,
    quota_plans,
    quotas,
    reports,
    request_ids,
    reservations,
    restore_changes,
    restore_ends,
    restore_plans,
    restores,
    savings,
    session,
    sign_in,
    theme,
    unusual,
    user_backups,
    user_costs,
    what_if,
)

_ROOT = Path(__file__).parent.parent
_PAGES = (
    health,
    metrics,
    sign_in,
    overview,
    machines,
    machine,
    machine_actions,
    restore_plans,
    restore_changes,
    restores,
    restore_ends,
    bulk,
    operations,
    backups,
    backup_policies,
    user_backups,
    costs,
    forecasts,
    what_if,
    policy_changes,
    user_costs,
    reports,
    savings,
    prices,
    ledger,
    adjustments,
    reservations,
    budgets,
    unusual,
    alerts,
    channels,
    invoices,
    quotas,
    quota_changes,
    quota_plans,
    drills,
    audit,
)


class _Console(Flask):
    def ensure_sync(self, func: Callable[..., Any]) -> Callable[..., Any]:
        """No view or hook here is async: asking a dozen of them in every request found none."""
        return func

    def url_for(self, endpoint: str, **values: Any) -> str:
        """An address that depends on nothing but its name is reckoned once: a page has forty."""
        if values or endpoint.startswith("."):
            return super().url_for(endpoint, **values)
        known = self.extensions.setdefault("addresses", {})
        if endpoint not in known:
            known[endpoint] = super().url_for(endpoint)
        found: str = known[endpoint]
        return found


def create_app(settings: Settings, enqueue: Enqueue | None = None) -> Flask:
    app = _Console(__name__, template_folder=str(_ROOT / "templates"), static_folder=None)
    app.jinja_options = {
        "undefined": StrictUndefined,
        "trim_blocks": True,
        "lstrip_blocks": True,
    }
    app.config["MAX_CONTENT_LENGTH"] = 1024 * 1024  # no form of ours is larger
    app.extensions["settings"] = settings

    logs.configure(settings, process="console")
    request_ids.init_app(app)
    metrics.init_app(app)
    session.init_app(app, settings)
    app.extensions["enqueue"] = enqueue or engine.submitter(app.extensions["engine"])
    login.init_app(app, settings)
    csrf.init_app(app)
    access.init_app(app)
    fragments.init_app(app)
    headers.init_app(app, settings)
    errors.init_app(app)
    live.init_app(app)

    assets.init_app(app)
    filters.init_app(app)
    navigation.init_app(app)
    cost_tabs.init_app(app)
    theme.init_app(app)

    archive_files.init_app(app)
    for page in _PAGES:
        app.register_blueprint(page.bp)
    cli.init_app(app)

    _trust_proxies(app, settings.trusted_proxies)
    return app


def _trust_proxies(app: Flask, count: int) -> None:
    """How many proxies in front of us may say who the visitor is."""
    if count:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=count, x_proto=count, x_host=count)  # type: ignore[method-assign]
