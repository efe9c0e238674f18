"""The main job in a real browser: see the fleet, suspend with one click, back up, wake again."""

import re

import pytest
from playwright.sync_api import Page, expect

from jarvis_admin.domain.lifecycle import OperationKind as K
from tests.e2e.conftest import Console

pytestmark = pytest.mark.e2e


@pytest.fixture(scope="module")
def alice(console: Console) -> int:
    workspace_id = console.house.add_workspace("alice")
    console.house.done(workspace_id, K.PROVISION)
    return workspace_id


def test_a_machine_is_suspended_backed_up_and_woken(
    console: Console, page: Page, alice: int
) -> None:
    house = console.house
    console.sign_in(page, "support")
    page.goto(f"{console.url}/machines")
    row = page.locator("#m-alice")
    expect(row).to_contain_text("Started")
    house.cloud.forget_calls()

    # One click and a word: it interrupts a user, so it asks.
    row.get_by_role("link", name=re.compile("Suspend")).click()
    page.get_by_role("dialog").get_by_role("button", name=re.compile("Suspend")).click()
    expect(row).to_contain_text("Suspended")

    page.get_by_role("link", name="alice", exact=True).click()
    expect(page.get_by_role("heading", name="alice", level=1)).to_be_visible()
    expect(page.locator("main")).to_contain_text("Suspended")
    expect(page.locator("main")).to_contain_text(re.compile("Cost in"))

    page.get_by_role("button", name="Back up").first.click()
    expect(page.locator("main")).to_contain_text("Wait until it is written")
    snapshots = page.locator("main").get_by_text(re.compile("GB|MB|kB|bytes"))
    expect(snapshots.first).to_be_visible()

    page.get_by_role("button", name=re.compile("Wake")).first.click()
    expect(page.locator("main")).to_contain_text("Started")

    assert house.workspace(alice).state == "started"
    app, machine = house.workspace(alice).app_name, house.workspace(alice).machine_id
    asked = [(method, path.partition("?")[0]) for method, path, _ in house.cloud.api_calls]
    base = f"/v1/apps/{app}"
    assert ("POST", f"{base}/machines/{machine}/suspend") in asked
    assert ("POST", f"{base}/volumes/{house.workspace(alice).volume_id}/snapshots") in asked
    assert ("POST", f"{base}/machines/{machine}/start") in asked


def test_a_change_at_fly_shows_in_the_list_by_itself(
    console: Console, page: Page, alice: int
) -> None:
    row = console.house.workspace(alice)
    console.sign_in(page, "support")
    page.goto(f"{console.url}/machines")
    expect(page.locator("#m-alice")).to_contain_text("Started")

    console.house.fly.machines.stop(row.app_name, row.machine_id)
    expect(page.locator("#m-alice")).to_contain_text("Stopped", timeout=5_000)

    console.house.done(alice, K.START)


def test_fly_going_silent_is_shown_with_since_when(
    console: Console, page: Page, alice: int
) -> None:
    console.sign_in(page, "admin")
    page.goto(f"{console.url}/machines")

    console.house.cloud.set_faults(down=True)
    expect(page.locator("[data-live='late']")).to_be_visible(timeout=15_000)
    expect(page.locator("#m-alice")).to_contain_text("alice")

    console.house.cloud.set_faults()
    expect(page.locator("[data-live='late']")).to_have_count(0, timeout=15_000)


def test_finance_sees_the_money_and_can_change_no_machine(
    console: Console, page: Page, alice: int
) -> None:
    console.sign_in(page, "finance")
    page.goto(f"{console.url}/costs")
    expect(page.get_by_role("heading", name="Costs", level=1)).to_be_visible()

    page.goto(f"{console.url}/machines")
    expect(page.locator("#m-alice")).to_be_visible()
    expect(page.get_by_role("button", name=re.compile("Suspend|Wake|Back up"))).to_have_count(0)


def test_it_works_without_javascript(console: Console, browser, page: Page, alice: int) -> None:
    plain = browser.new_context(java_script_enabled=False)
    try:
        bare = plain.new_page()
        console.sign_in(bare, "support")
        bare.goto(f"{console.url}/machines?q=user:alice")
        bare.locator("#m-alice").get_by_role("button", name="Back up").click()

        expect(bare.locator("body")).to_contain_text(re.compile("backup", re.IGNORECASE))
        assert console.house.active_operations() >= 0
    finally:
        plain.close()
