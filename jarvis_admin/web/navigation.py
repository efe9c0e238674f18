"""The pages in the rail: one table; an entry shows when its page exists and may be opened."""

from dataclasses import dataclass
from itertools import groupby

from flask import Flask, current_app, request, url_for

from jarvis_admin.domain.rights import Right
from jarvis_admin.web.access import staff


@dataclass(frozen=True)
class Page:
    group: str  # its heading in the rail; "" for none
    title: str
    icon: str
    endpoint: str
    right: Right
    beside: str = ""  # an address of its own that is not below the page's


R = Right

PAGES = (
    Page("", "Overview", icon="layout-dashboard", endpoint="overview.index", right=R.MACHINES_READ),
    Page("Fleet", "Machines", icon="server-2", endpoint="machines.index", right=R.MACHINES_READ),
    Page(
        "Fleet",
        "Operations",
        icon="list-check",
        endpoint="operations.index",
        right=R.OPERATIONS_READ,
    ),
    Page("Fleet", "Backups", icon="archive", endpoint="backups.index", right=R.BACKUPS_READ),
    Page("Money", "Costs", icon="coin", endpoint="costs.index", right=R.COSTS_READ),
    Page(
        "Money",
        "Quotas",
        icon="gauge",
        endpoint="quotas.index",
        right=R.QUOTAS_READ,
        beside="/plan-quotas",
    ),
    Page("Money", "Budgets", icon="bell-dollar", endpoint="budgets.index", right=R.BUDGETS_READ),
    Page("Trust", "Audit", icon="history", endpoint="audit.index", right=R.AUDIT_READ),
)


@dataclass(frozen=True)
class Entry:
    group: str
    title: str
    icon: str
    url: str
    current: bool


def entries() -> list[Entry]:
    rights, views = staff().rights, current_app.view_functions
    shown = [page for page in PAGES if page.right in rights and page.endpoint in views]
    urls = [url_for(page.endpoint) for page in shown]
    return [
        Entry(page.group, page.title, page.icon, url, _is_here(url) or _is_here(page.beside))
        for page, url in zip(shown, urls, strict=True)
    ]


def navigation() -> list[tuple[str, list[Entry]]]:
    """The rail's groups in order, each with its entries."""
    return [(group, list(found)) for group, found in groupby(entries(), lambda entry: entry.group)]


def init_app(app: Flask) -> None:
    app.add_template_global(navigation)


def _is_here(url: str) -> bool:
    """A page and everything below its address."""
    return bool(url) and (request.path == url or request.path.startswith(f"{url}/"))
