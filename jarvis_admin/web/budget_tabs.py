"""The parts of the budget pages; a tab shows when its page may be opened."""

from dataclasses import dataclass

from flask import request, url_for

from jarvis_admin.domain.rights import Right
from jarvis_admin.web.access import staff

_TABS = (
    ("Budgets", "budgets.index", Right.BUDGETS_READ),
    ("Unusual usage", "unusual.index", Right.BUDGETS_READ),
    ("Alerts", "alerts.index", Right.BUDGETS_READ),
    ("Channels", "channels.index", Right.CHANNELS_EDIT),
)


@dataclass(frozen=True)
class Tab:
    title: str
    url: str
    current: bool


def budget_tabs() -> list[Tab]:
    return [
        Tab(title, url_for(endpoint), endpoint.partition(".")[0] == request.blueprint)
        for title, endpoint, right in _TABS
        if right in staff().rights
    ]
