"""Every page in light, dark and narrow: readable by everybody, never wider than the screen."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page

from jarvis_admin.domain.lifecycle import OperationKind as K
from tests.e2e.conftest import Console

pytestmark = pytest.mark.e2e

AXE = Path(__file__).parents[2] / "node_modules" / "axe-core" / "axe.min.js"
PAGES = (
    "/",
    "/machines",
    "/machines?q=state:nonsense",
    "/machines/carol",
    "/costs",
    "/costs/users/carol",
    "/costs/reports",
    "/costs/reports?group=plan&range=30d&compare=before",
    "/costs/reports?q=plan:nonsense",
    "/costs/reports/lines",
    "/costs/reports/movers",
    "/costs/reports/users",
    "/costs/reports/hours/table",
    "/costs/reports/pace",
    "/costs/savings",
    "/costs/forecast",
    "/costs/what-if",
    "/costs/prices",
    "/costs/prices/new",
    "/costs/ledger",
    "/costs/ledger/new",
    "/costs/invoices",
    "/quotas",
    "/quotas/carol",
    "/plan-quotas/pro",
    "/backups",
    "/backups?trouble=odd",
    "/backups/policy",
    "/backups/policy/pro",
    "/backups/policy/pro?every_hours=24&keep_last=1",
    "/backups/users/carol",
    "/backups/users/carol/policy",
    "/machines/carol/destroy",
    "/machines/carol/restore",
    "/machines/carol/restore?kind=factory",
    "/backups/drills",
    "/budgets",
    "/budgets/new",
    "/budgets/unusual",
    "/budgets/unusual/new",
    "/budgets/alerts",
    "/budgets/channels",
    "/backups/drills",
    "/operations",
    "/audit",
    "/machines/nobody",
)
LOOKS: dict[str, dict[str, Any]] = {
    "light": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "light"},
    "dark": {"viewport": {"width": 1440, "height": 900}, "color_scheme": "dark"},
    "narrow": {"viewport": {"width": 390, "height": 844}, "color_scheme": "light"},
}


@pytest.fixture(scope="module", autouse=True)
def carol(console: Console) -> None:
    workspace_id = console.house.add_workspace("carol")
    console.house.done(workspace_id, K.PROVISION)
    console.house.done(workspace_id, K.BACKUP)


@pytest.mark.parametrize("look", LOOKS)
def test_every_page_passes_axe_and_fits_the_screen(
    console: Console, browser: Browser, page: Page, look: str
) -> None:
    # axe is put into the page by the test, past the policy that keeps strangers out.
    context = browser.new_context(**LOOKS[look], bypass_csp=True)
    try:
        visit = context.new_page()
        console.sign_in(visit, "admin")
        found = {path: problems(visit, console.url + path, look) for path in PAGES}
    finally:
        context.close()

    assert {path: said for path, said in found.items() if said} == {}


def problems(page: Page, url: str, look: str) -> list[str]:
    page.goto(url)
    page.wait_for_timeout(300)
    page.add_script_tag(path=AXE)
    result = page.evaluate("axe.run(document, {runOnly: ['wcag2a', 'wcag2aa', 'wcag22aa']})")
    said = [f"{v['id']}: {v['nodes'][0]['target']}" for v in result["violations"]]
    width = page.evaluate("document.documentElement.scrollWidth")
    if width > LOOKS[look]["viewport"]["width"]:
        said.append(f"{width} px wide")
    return said
