"""The parts of the money pages: one table; a tab shows when its page may be opened."""

from dataclasses import dataclass

from flask import Flask, current_app, request, url_for

from jarvis_admin.domain.rights import Right
from jarvis_admin.web.access import staff

R = Right

_TABS = (
    ("Costs", "costs.index", R.COSTS_READ),
    ("Reports", "reports.index", R.COSTS_READ),
    ("Savings", "savings.index", R.COSTS_READ),
    ("Forecast", "forecasts.index", R.COSTS_READ),
    ("What-if", "what_if.index", R.WHAT_IF),
    ("Prices", "prices.index", R.COSTS_READ),
    ("Ledger", "ledger.index", R.COSTS_READ),
    ("Invoice check", "invoices.index", R.COSTS_ADJUST),
)


@dataclass(frozen=True)
class Tab:
    title: str
    url: str
    current: bool


def cost_tabs() -> list[Tab]:
    rights, views = staff().rights, current_app.view_functions
    here = (request.endpoint or "").partition(".")[0]
    return [
        Tab(title, url_for(endpoint), endpoint.partition(".")[0] == here)
        for title, endpoint, right in _TABS
        if right in rights and endpoint in views
    ]


def init_app(app: Flask) -> None:
    app.add_template_global(cost_tabs)
