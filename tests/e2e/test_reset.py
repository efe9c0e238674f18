"""Support resets a workspace and takes it back, in a real browser, in under ten clicks."""

import re
from pathlib import Path

import pytest
from playwright.sync_api import Locator, Page, expect
from sqlalchemy import select

from jarvis_admin.domain.lifecycle import OperationKind as K
from jarvis_admin.models import AuditEntry
from jarvis_admin.services import audit
from tests.e2e.conftest import Console

pytestmark = pytest.mark.e2e


class Clicks:
    """Counts what a hand does; typing the reason counts as one."""

    def __init__(self) -> None:
        self.count = 0

    def click(self, what: Locator) -> None:
        self.count += 1
        what.click()

    def fill(self, what: Locator, text: str) -> None:
        self.count += 1
        what.fill(text)


@pytest.mark.timeout(180)
def test_support_resets_and_undoes(console: Console, page: Page) -> None:
    house, hand = console.house, Clicks()
    erin = house.add_workspace("erin")
    house.done(erin, K.PROVISION)
    (files(console, erin) / "thesis.txt").write_text("two years of work")
    console.sign_in(page, "support")
    page.goto(f"{console.url}/machines")

    hand.click(page.get_by_role("link", name="erin", exact=True))
    hand.click(page.get_by_label("More actions"))
    hand.click(page.get_by_role("link", name=re.compile("Restore or reset")))
    hand.click(page.get_by_text("Fresh files", exact=True))
    expect(page.get_by_role("button", name="Make fresh files and park the old")).to_be_visible()
    hand.fill(page.get_by_label("Reason"), "asked for on the phone")
    hand.click(page.get_by_role("button", name="Make fresh files and park the old"))
    expect(page.get_by_text("The way back is open")).to_be_visible(timeout=60_000)
    assert not (files(console, erin) / "thesis.txt").exists()

    hand.click(page.get_by_role("button", name="Go back to the old files"))
    expect(page.get_by_text("erin works on the old files again")).to_be_visible(timeout=60_000)

    assert (files(console, erin) / "thesis.txt").read_text() == "two years of work"
    assert hand.count < 10
    with house.sessions() as session:
        told = session.scalars(select(AuditEntry).where(AuditEntry.subject == "erin")).all()
        assert [(one.actor, one.action) for one in told if one.actor == "Support"] == [
            ("Support", "reset"),
            ("Support", "undo"),
        ]
        assert audit.first_broken(session) is None


def files(console: Console, workspace_id: int) -> Path:
    volume = console.house.workspace(workspace_id).volume_id
    return console.house.cloud.state / "volumes" / str(volume)
