"""/machines/<handle>: header, ribbon, timeline, costs, snapshots, the latest operation."""

import json
import re
from collections.abc import Callable
from contextlib import AbstractContextManager
from datetime import UTC, datetime, timedelta
from html import unescape

import pytest

from jarvis_admin.db import Sessions
from jarvis_admin.models import (
    AuditEntry,
    Interval,
    Machine,
    Operation,
    OperationStep,
    Snapshot,
    Transition,
    UsageDay,
    Volume,
    Workspace,
)
from jarvis_admin.services import audit
from tests.factories import make_workspace
from tests.web.conftest import SignIn
from tests.web.console import Console

NANO = 10**9


@pytest.fixture
def alice(sessions: Sessions) -> Workspace:
    with sessions() as session:
        workspace = make_workspace(session, handle="alice", region="fra")
        session.commit()
        return workspace


def add(sessions: Sessions, *rows: object) -> None:
    with sessions() as session:
        session.add_all(rows)
        session.commit()


def change(workspace: Workspace, ago: timedelta, state: str, **given: object) -> Transition:
    at = datetime.now(UTC) - ago
    return Transition(
        **{
            "workspace_id": workspace.id,
            "machine_id": workspace.machine_id,
            "event_id": f"{at.timestamp()}{state}",
            "at": at,
            "kind": "start",
            "state": state,
            "size": workspace.size,
            "region": workspace.region,
            "rootfs_mb": 2048,
            "source": "proxy",
            **given,
        }
    )


def operation(workspace: Workspace, **given: object) -> Operation:
    return Operation(
        **{
            "id": f"op-{given.get('kind', 'backup')}-{given.get('state', 'running')}",
            "workspace_id": workspace.id,
            "kind": "backup",
            "state": "running",
            "asked_by": "Jonas Brandt",
            "created_at": datetime.now(UTC) - timedelta(seconds=90),
            **given,
        }
    )


def test_the_header_says_who_what_and_where(admin: Console, alice: Workspace):
    page = admin.get("/machines/alice").text

    assert "fra Frankfurt" in page
    assert 'href="/machines/alice/suspend"' in page
    assert 'href="/machines/alice/destroy"' in page
    assert alice.app_name in page


def test_an_unknown_handle_is_not_found(admin: Console):
    answer = admin.get("/machines/nobody")

    assert answer.status_code == 404
    assert "There is no machine of nobody." in answer.text


def test_an_unprintable_handle_is_not_found(admin: Console):
    assert admin.get("/machines/a%00b").status_code == 404


def test_finance_sees_costs_but_no_buttons(sign_in: SignIn, alice: Workspace):
    page = sign_in("finance").get("/machines/alice").text

    assert "Cost in" in page
    assert "/machines/alice/suspend" not in page
    assert "/machines/alice/destroy" not in page


def test_a_destroyed_machine_shows_its_history_and_no_buttons(admin: Console, sessions: Sessions):
    with sessions() as session:
        make_workspace(session, handle="gone", state="destroyed", destroyed_at=datetime.now(UTC))
        session.commit()

    page = admin.get("/machines/gone").text

    assert "What is shown here is its history." in page
    assert "/machines/gone/" not in page
    assert "https://gone." not in page
    assert "fly ssh console" not in page
    assert "Fly deleted them with the app" in page
    assert "planned" not in page


def test_the_live_machine_of_a_handle_comes_before_a_destroyed_one(
    admin: Console, sessions: Sessions, alice: Workspace
):
    with sessions() as session:
        workspace = session.get_one(Workspace, alice.id)
        workspace.destroyed_at, workspace.state = datetime.now(UTC), "destroyed"
        session.flush()
        make_workspace(
            session, user=workspace.user, app_name="jv-new", machine_id="m-new", volume_id="vol-new"
        )
        session.commit()

    assert "jv-new" in admin.get("/machines/alice").text


def test_the_ribbon_draws_the_states_and_adds_them_up(
    admin: Console, sessions: Sessions, alice: Workspace
):
    add(
        sessions,
        change(alice, timedelta(days=40), "suspended"),
        change(alice, timedelta(days=2), "started"),
        change(alice, timedelta(days=1), "suspended"),
    )

    ribbon = (
        admin.get("/machines/alice").text.partition('id="ribbon"')[2].partition("</section>")[0]
    )

    bars = re.findall(r'<rect data-state="(\w+)" x="([\d.]+)" y="\d+" width="([\d.]+)"', ribbon)
    assert bars == [
        ("suspended", "0.0", "1344.0"),
        ("started", "1344.0", "48.0"),
        ("suspended", "1392.0", "48.0"),
    ]
    assert re.search(r"Suspended <b>(28 d 23|29 d 0) h</b>", ribbon)
    assert "Woken <b>1 time</b>" in ribbon


def test_the_timeline_joins_states_operations_and_staff(
    admin: Console, sessions: Sessions, alice: Workspace
):
    add(
        sessions,
        change(alice, timedelta(hours=3), "suspended"),
        change(alice, timedelta(hours=1), "started"),
        operation(alice, state="failed", error="Fly has no room in fra."),
    )
    with sessions() as session:
        audit.record(
            session,
            at=datetime.now(UTC),
            actor="Lea Fontaine",
            action="grant",
            subject="alice",
            reason="trial",
        )
        session.commit()

    page = admin.get("/machines/alice").text
    stream = re.findall(r'<b class="j-strong">([^<]+)</b> <span>([^<]+)', page)

    assert [(strong, unescape(text)) for strong, text in stream] == [
        ("Grant", "by Lea Fontaine: trial"),
        ("Backup failed", "asked by Jonas Brandt; Fly has no room in fra."),
        ("Woken by a visit", "after 2 h 00 min suspended"),
        ("Suspended", "by Fly’s proxy"),
    ]


def test_a_finished_operation_stands_where_it_ended(
    admin: Console, sessions: Sessions, alice: Workspace
):
    now = datetime.now(UTC)
    add(
        sessions,
        change(alice, timedelta(seconds=60), "started", source="user"),
        operation(alice, kind="start", state="done", finished_at=now - timedelta(seconds=30)),
        operation(alice, kind="backup", created_at=now - timedelta(seconds=10)),
    )

    page = admin.get("/machines/alice").text

    assert re.findall(r'<b class="j-strong">([^<]+)</b> <span>', page) == [
        "Backup running",
        "Wake done",
        "Started",
    ]


@pytest.mark.parametrize(
    ("state", "said"), [("queued", "Waiting for the worker to take it."), ("running", "Beginning.")]
)
def test_an_operation_without_steps_says_what_it_waits_for(
    admin: Console, sessions: Sessions, alice: Workspace, state: str, said: str
):
    add(sessions, operation(alice, state=state))

    assert said in admin.get("/machines/alice/operation").text


def test_older_operations_follow_page_by_page_without_gaps(
    admin: Console, sessions: Sessions, alice: Workspace
):
    now = datetime.now(UTC)
    add(
        sessions,
        *(
            operation(
                alice,
                id=f"op-{number}",
                state="done",
                created_at=now - timedelta(hours=number),
                finished_at=now - timedelta(hours=number) + timedelta(hours=number % 7),
            )
            for number in range(8, 58)
        ),
    )
    address, seen = "/machines/alice?show=operations", []
    while address:
        page = admin.get(address).text
        seen += re.findall(r'<li id="o-op-(\d+)"', page)
        older = re.search(r'href="([^"]+)">Older', page)
        address = unescape(older[1]) if older else ""

    assert len(seen) == len(set(seen)) == 50


def test_an_operation_stands_for_its_own_audit_entry(
    admin: Console, sessions: Sessions, alice: Workspace
):
    admin.post("/machines/alice/backup")

    everything = admin.get("/machines/alice").text
    staff_only = admin.get("/machines/alice?show=staff").text

    assert everything.count('<b class="j-strong">') == 1
    assert 'id="a-1"' in staff_only


@pytest.mark.parametrize(
    ("tab", "ids"), [("state", {"t"}), ("operations", {"o"}), ("staff", {"a"})]
)
def test_a_tab_shows_one_kind(
    admin: Console, sessions: Sessions, alice: Workspace, tab: str, ids: set[str]
):
    add(sessions, change(alice, timedelta(hours=1), "started"))
    admin.post("/machines/alice/backup")

    page = admin.get(f"/machines/alice?show={tab}").text

    assert {found[0] for found in re.findall(r'<li id="([toa]-)', page)} == ids


def test_older_events_follow_page_by_page_without_gaps(
    admin: Console, sessions: Sessions, alice: Workspace
):
    add(sessions, *(change(alice, timedelta(hours=n), "started") for n in range(50)))
    address, seen = "/machines/alice", []
    while address:
        page = admin.get(address).text
        seen += re.findall(r'<li id="t-(\d+)"', page)
        older = re.search(r'href="([^"]+)">Older', page)
        address = unescape(older[1]) if older else ""

    assert len(seen) == len(set(seen)) == 50


@pytest.mark.parametrize("damaged", ["show=everything", "before=yesterday"])
def test_a_damaged_address_is_a_sentence(admin: Console, alice: Workspace, damaged: str):
    answer = admin.get(f"/machines/alice?{damaged}")

    assert answer.status_code == 422
    assert "start from the top" in answer.text


def test_costs_add_closed_days_and_what_is_still_open(
    admin: Console, sessions: Sessions, alice: Workspace
):
    now = datetime.now(UTC)
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    hour = 3600 * 10**6
    assert alice.machine_id
    add(
        sessions,
        Machine(
            id=alice.machine_id,
            workspace_id=alice.id,
            name="m",
            state="started",
            region="fra",
            size=alice.size,
            image="i",
            instance_id="1",
            rootfs_mb=1024,
            created_at=now,
            updated_at=now,
            seen_at=now,
        ),
        UsageDay(
            workspace_id=alice.id,
            day=now.date(),
            component="volume",
            micros=10 * hour,
            amount_nano=NANO,
        ),
        UsageDay(
            workspace_id=alice.id,
            day=now.date() - timedelta(days=40),
            component="volume",
            micros=hour,
            amount_nano=99 * NANO,
        ),
        Interval(
            workspace_id=alice.id,
            resource_id=alice.machine_id,
            component="compute",
            state="started",
            size=alice.size,
            region="fra",
            started_at=midnight,
            rate_pico=10**9,
            price_version="1",
        ),
    )

    page = admin.get("/machines/alice").text
    card = page.partition('id="cost"')[2].partition("</section>")[0]
    figure = json.loads(card.partition('application/json">')[2].partition("</script>")[0])

    seconds = (datetime.now(UTC) - midnight).total_seconds()
    total = float(re.findall(r"\$([\d.]+) to date", card)[0])
    assert total == pytest.approx(1 + seconds / 1000, abs=0.01)
    assert "10.00 h" in card
    assert "$0.100000 per h" in card
    assert "100.0000" not in card
    assert [bar["name"] for bar in figure["data"]] == ["Volume", "Compute"]
    assert figure["data"][0]["y"][-1] == 1.0


def test_nothing_spent_yet_says_so(admin: Console, alice: Workspace):
    assert "Nothing spent in" in admin.get("/machines/alice").text


def test_volume_and_snapshots_are_listed(admin: Console, sessions: Sessions, alice: Workspace):
    now = datetime.now(UTC)
    assert alice.volume_id
    add(
        sessions,
        Volume(
            id=alice.volume_id,
            workspace_id=alice.id,
            region="fra",
            size_gb=10,
            state="attached",
            created_at=now,
        ),
        Snapshot(
            id="vs_1",
            workspace_id=alice.id,
            volume_id=alice.volume_id,
            status="created",
            size_bytes=412_000_000,
            retention_days=5,
            created_at=now - timedelta(hours=3),
            expires_at=now + timedelta(days=5),
        ),
    )

    card = admin.get("/machines/alice").text.partition('id="volume"')[2]

    assert "10 GB, attached, fra" in card
    assert "412.00 MB" in card
    assert "3 h ago" in card


def test_an_active_operation_asks_for_itself_and_a_finished_one_stops(
    admin: Console, sessions: Sessions, alice: Workspace
):
    running = operation(alice)
    now = datetime.now(UTC)
    add(
        sessions,
        running,
        OperationStep(
            operation_id=running.id,
            position=1,
            name="Snapshot the volume",
            state="running",
            attempts=2,
            note="Fly asked to slow down",
            started_at=now,
        ),
    )
    active = admin.get("/machines/alice/operation").text
    with sessions() as session:
        found = session.get_one(Operation, running.id)
        found.state, found.finished_at = "done", now
        session.commit()
    finished = admin.get("/machines/alice/operation").text

    assert 'hx-get="/machines/alice/operation" hx-trigger="every 1s"' in active
    assert "Snapshot the volume" in active
    assert "Fly asked to slow down" in active
    assert 'formaction="/machines/alice/cancel"' in active
    assert "hx-get" not in finished
    assert "cancel" not in finished


def test_finance_cannot_cancel_from_the_card(sign_in: SignIn, sessions: Sessions, alice: Workspace):
    add(sessions, operation(alice))

    assert "/cancel" not in sign_in("finance").get("/machines/alice/operation").text


def test_text_from_outside_is_only_text(admin: Console, sessions: Sessions, alice: Workspace):
    hostile = "</script><script>alert(1)</script>"
    add(
        sessions,
        change(alice, timedelta(hours=1), "started", detail=hostile),
        operation(alice, state="failed", error=hostile, reason=hostile),
        AuditEntry(
            at=datetime.now(UTC), actor=hostile, action=hostile[:40], subject="alice", hash=""
        ),
    )

    assert "<script>alert" not in admin.get("/machines/alice").text


def test_more_history_costs_no_more_statements(
    admin: Console,
    sessions: Sessions,
    alice: Workspace,
    count_statements: Callable[[], AbstractContextManager[list[str]]],
):
    add(sessions, change(alice, timedelta(hours=1), "started"), operation(alice))
    with count_statements() as before:
        admin.get("/machines/alice")

    add(sessions, *(change(alice, timedelta(hours=n), "started") for n in range(2, 40)))
    with count_statements() as after:
        admin.get("/machines/alice")

    assert len(after) == len(before)
