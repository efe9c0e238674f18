"""/costs/prices: versions, their figures, and new ones with a preview."""

import html
import io
import json
import re
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.models import AuditEntry, CostCell, PriceBookVersion
from tests.domain.books import shipped_figures
from tests.factories import make_workspace
from tests.web import tables
from tests.web.conftest import SignIn
from tests.web.console import Console

NEXT = (datetime.now(UTC) + timedelta(days=40)).date()
PAGES = ["/costs/prices", "/costs/prices/2026-08-09.json"]
EDITS = ["/costs/prices/preview", "/costs/prices", "/costs/prices/2026-08-09/drop"]


def draft(**changes: Any) -> dict[str, Any]:
    given = {"version": "next", "effective_from": f"{NEXT}T00:00:00Z", **changes}
    return {**shipped_figures(), **given}


def upload(console: Console, content: bytes) -> Any:
    return console.post("/costs/prices/preview", file=(io.BytesIO(content), "prices.json"))


def test_the_version_in_force_is_shown_with_every_figure(admin: Console):
    page = admin.get("/costs/prices?region=ams").text

    sizes = tables.rows(page, "Compute prices by size")
    assert sizes[1][:2] == ["1x 256 MB", "shared-cpu-1x:256MB"]
    assert sizes[1][4] == "2.02"
    assert ["fra", "Frankfurt", "1.153846154", "europe", "0.02"] in tables.rows(
        page, "Prices by region"
    )
    assert tables.rows(page, "Versions")[1][:2] == ["2026-08-09", "in force"]
    assert tables.rows(page, "Reservation blocks")[1] == ["shared", "36", "5"]
    assert "10 GB of the organisation free" in page


def test_the_file_of_a_version_is_what_can_be_imported(admin: Console):
    assert json.loads(admin.get("/costs/prices/2026-08-09.json").text) == shipped_figures()


def test_a_file_is_previewed_then_kept(admin: Console, sessions: Sessions):
    with sessions() as session:
        session.add(
            CostCell(
                day=(datetime.now(UTC) - timedelta(days=1)).date(),
                component="volume",
                owner="user",
                plan="pro",
                user_group="",
                region="fra",
                size="10 GB",
                micros=30 * 86_400 * 10**6,
                amount_nano=1_500_000_000,
            )
        )
        session.commit()

    page = upload(admin, json.dumps(draft(volume_usd_per_gb_month="0.30")).encode()).text

    assert tables.rows(page, "Changed figures")[1] == [
        "Volume, per GB and month",
        "0.15",
        "0.30",
        "+100.0 %",
    ]
    assert tables.rows(page, "A month by component")[1] == ["Volume", "1.50", "3.00", "+1.50"]
    with sessions() as session:
        assert len(session.scalars(select(PriceBookVersion)).all()) == 1
    kept = html.unescape(re.search(r'name="figures" value="([^"]*)"', page)[1])

    answer = admin.post("/costs/prices", figures=kept, note="read today")

    assert answer.status_code == 303
    with sessions() as session:
        row = session.get_one(PriceBookVersion, "next")
        assert (row.note, row.made_by) == ("read today", "Admin Person")
        assert session.scalars(select(AuditEntry.action)).all() == ["add_prices"]
    assert "coming" in admin.get(answer.location).text


def test_a_copy_is_edited_in_the_form(admin: Console):
    answer = admin.post(
        "/costs/prices/preview",
        **{
            "from": "2026-08-09",
            "version": "next",
            "date": str(NEXT),
            "f:region_multipliers.fra": "1.2",
            "f:region_multipliers.jnb": "",
            "f:egress.india": "0.10",
            "new_region": "osl",
            "new_times": "1.1",
            "new_group": "europe",
        },
    )

    found = {row[0]: row[1:3] for row in tables.rows(answer.text, "Changed figures")[1:]}
    assert answer.status_code == 200
    assert found["Region fra, times"] == ["1.153846154", "1.2"]
    assert found["Region jnb, times"] == ["1.302884615", "–"]
    assert found["Region osl, times"] == ["–", "1.1"]
    assert found["Traffic, india, per GB"] == ["0.12", "0.10"]
    assert found["Traffic, europe, regions"][1] == "ams arn cdg fra lhr osl"


@pytest.mark.parametrize(("typed", "kept"), [("", None), ("0.023", {"usd_per_gb_month": "0.023"})])
def test_a_version_without_an_object_store_can_get_one(
    admin: Console, sessions: Sessions, typed: str, kept: object
):
    with sessions.begin() as session:
        row = session.scalars(select(PriceBookVersion)).one()
        row.figures = {name: one for name, one in row.figures.items() if name != "object_store"}
    page = admin.get("/costs/prices/new").text
    fields = dict(re.findall(r'name="(f:[^"]+)"[^>]*value="([^"]*)"', page))
    assert fields["f:object_store.usd_per_gb_month"] == ""
    fields |= {"f:object_store.usd_per_gb_month": typed, "f:volume_usd_per_gb_month": "0.2"}

    preview = admin.post("/costs/prices/preview", version="next", date=NEXT, note="n", **fields)

    sent = html.unescape(re.search(r'name="figures" value="([^"]*)"', preview.text)[1])
    assert json.loads(sent).get("object_store") == kept
    assert ("Object store, per GB and month" in preview.text) == bool(kept)


def test_machines_in_a_region_without_a_price_are_said(admin: Console, sessions: Sessions):
    with sessions() as session:
        for region in ("fra", "fra", "ams"):
            make_workspace(session, region=region)
        make_workspace(session, region="fra", destroyed_at=datetime.now(UTC))
        session.commit()
    figures = draft()
    del figures["region_multipliers"]["fra"]
    figures["egress"]["europe"]["regions"].remove("fra")

    page = tables.words(upload(admin, json.dumps(figures).encode()).text)

    assert "2 machines run in fra. Without a price they are billed as the dearest region." in page
    assert "run in ams" not in page


def test_a_wrong_figure_keeps_what_was_typed(admin: Console):
    answer = admin.post(
        "/costs/prices/preview",
        **{"version": "next", "date": "2026-01-01", "f:rootfs_usd_per_gb_month": "cheap"},
    )

    assert answer.status_code == 422
    assert "Price book: rootfs_usd_per_gb_month is not an amount" in answer.text
    assert "Price file:" not in answer.text
    assert "Shared IPv4 address, per month" in answer.text
    assert 'value="cheap"' in answer.text
    assert 'value="2026-01-01"' in answer.text


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "the one that came is empty"),
        (b"{", "line 1, column 2"),
        (b"x" * 300_000, "larger than 256 kB"),
        (json.dumps(shipped_figures()).encode(), "what was billed never moves"),
        (json.dumps(draft(presets=["<b>"])).encode(), "&lt;b&gt;"),
    ],
)
def test_a_bad_file_is_told_why(admin: Console, content: bytes, said: str):
    answer = upload(admin, content)

    assert answer.status_code == 422
    assert said in answer.text


def test_a_forged_draft_is_checked_again(admin: Console, sessions: Sessions):
    answer = admin.post("/costs/prices", figures=json.dumps(shipped_figures() | {"version": "z"}))

    assert answer.status_code == 422
    with sessions() as session:
        assert session.get(PriceBookVersion, "z") is None


def test_a_coming_version_is_dropped_with_a_reason(admin: Console, sessions: Sessions):
    admin.post("/costs/prices", figures=json.dumps(draft()))

    assert admin.post("/costs/prices/next/drop", reason=" ").status_code == 422
    assert admin.post("/costs/prices/next/drop", reason="a slip").status_code == 303
    with sessions() as session:
        assert session.get(PriceBookVersion, "next") is None


def test_a_version_in_force_is_not_dropped(admin: Console):
    answer = admin.post("/costs/prices/2026-08-09/drop", reason="why not")

    assert answer.status_code == 409
    assert "must stay provable" in answer.text


@pytest.mark.parametrize("page", ["?version=none", "?region=zzz"])
def test_what_is_not_there_is_said(admin: Console, page: str):
    assert admin.get(f"/costs/prices{page}").status_code in (404, 422)


@pytest.mark.parametrize("page", [*PAGES, "/costs/prices/new"])
def test_finance_reads_and_edits_support_does_not(sign_in: SignIn, page: str):
    assert sign_in("finance").get(page).status_code == 200
    assert sign_in("support").get(page).status_code == 403


@pytest.mark.parametrize("address", EDITS)
def test_support_and_strangers_change_no_price(sign_in: SignIn, stranger: Console, address: str):
    assert sign_in("support").post(address, reason="x").status_code == 403
    assert stranger.post(address).location == "/sign-in"
