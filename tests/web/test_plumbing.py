"""What every answer has in common: headers, request ids, errors, health, theme, static files."""

import re
from pathlib import Path

import pytest
from flask import Flask

from jarvis_admin.console import create_app
from jarvis_admin.web import assets
from jarvis_admin.web.assets import MissingAssets
from tests.factories import make_settings
from tests.web.console import Console

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; "
    "font-src 'self'; connect-src 'self'; base-uri 'none'; form-action 'self'; "
    "frame-ancestors 'none'"
)


@pytest.mark.parametrize("address", ["/sign-in", "/machines", "/nowhere", "/healthz"])
def test_every_answer_tells_browsers_what_they_may_do(stranger: Console, address: str):
    headers = stranger.get(address).headers

    assert headers["Content-Security-Policy"] == POLICY
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert headers["Referrer-Policy"] == "same-origin"
    assert "Strict-Transport-Security" not in headers


def test_secure_cookies_come_with_strict_transport(sqlite_url: str):
    app = create_app(make_settings(database_url=sqlite_url, secure_cookies=True))

    answer = app.test_client().get("/sign-in", base_url="https://console.example")

    assert answer.headers["Strict-Transport-Security"].startswith("max-age=31536000")
    assert answer.headers["Set-Cookie"].startswith("__Host-jarvis=")
    assert "Secure" in answer.headers["Set-Cookie"]
    app.extensions["engine"].dispose()


def test_no_page_holds_inline_script_or_style(admin: Console):
    for address in ("/machines", "/sign-in", "/nowhere"):
        page = admin.get(address).text
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|<script(?![^>]*(src=|json))", page)


@pytest.mark.parametrize("name", ["X-Request-Id", "Fly-Request-Id"])
def test_a_sane_request_id_is_kept(stranger: Console, name: str):
    answer = stranger.client.get("/healthz", headers={name: "01JABC-fra"})

    assert answer.headers["X-Request-Id"] == "01JABC-fra"


@pytest.mark.parametrize("said", ["", "x", "a b c d e f g h", "<script>alert</script>", "a" * 99])
def test_any_other_request_id_is_replaced(stranger: Console, said: str):
    answer = stranger.client.get("/healthz", headers={"X-Request-Id": said})

    assert re.fullmatch("[0-9a-f]{16}", answer.headers["X-Request-Id"])


def test_a_missing_page_says_so_with_the_request_id(stranger: Console):
    answer = stranger.get("/nowhere", X_Request_Id="12345678")

    assert answer.status_code == 404
    assert "There is no page at this address" in answer.text
    assert "12345678" in answer.text


@pytest.mark.parametrize("address", ["/nowhere", "/sign-out", "/machines/nobody"])
def test_who_is_signed_in_keeps_the_console_around_an_error(admin: Console, address: str):
    page = admin.get(address).text

    assert ">Sign in<" not in page
    assert "Admin Person" in page
    assert "renamed" not in page


def test_a_stale_form_leads_back_to_its_machine(admin: Console):
    page = admin.post("/machines/alice/backup", csrf_token="forged").text

    assert 'href="/machines/alice">Back to alice<' in page


def test_a_crash_shows_no_stack_trace(app: Flask, admin: Console):
    def crash() -> str:
        raise RuntimeError("secret detail")

    app.view_functions["machines.index"] = crash
    crash.needed_right = "machines_read"  # type: ignore[attr-defined]

    page, fragment = admin.get("/machines"), admin.get("/machines", fragment=True)

    assert page.status_code == fragment.status_code == 500
    assert "The error was recorded" in page.text
    assert "secret" not in page.text + fragment.text
    assert fragment.headers["HX-Reswap"] == "none"
    assert 'hx-target="#toasts"' in fragment.text


def test_health_needs_no_database(stranger: Console, app: Flask):
    app.extensions["engine"].dispose()

    assert stranger.get("/healthz").json == {"status": "ok"}


def test_ready_when_the_database_is(stranger: Console):
    assert stranger.get("/readyz").status_code == 200


def test_not_ready_without_our_tables(tmp_path: Path):
    app = create_app(make_settings(database_url=f"sqlite:///{tmp_path}/empty.db"))

    answer = app.test_client().get("/readyz")

    assert answer.status_code == 503
    assert "fleet" not in answer.text
    app.extensions["engine"].dispose()


@pytest.mark.parametrize("choice", ["light", "dark"])
def test_a_chosen_theme_is_on_the_next_page(stranger: Console, choice: str):
    stranger.get("/sign-in")
    answer = stranger.post("/theme", theme=choice, next="/sign-in")

    assert answer.location == "/sign-in"
    assert f'data-bs-theme="{choice}"' in stranger.get("/sign-in").text


def test_auto_and_nonsense_follow_the_system(stranger: Console):
    for choice in ("auto", "<b>"):
        stranger.post("/theme", theme=choice)
        assert "data-bs-theme" not in stranger.get("/sign-in").text


def test_the_theme_form_leads_to_no_other_site(stranger: Console):
    assert stranger.post("/theme", theme="dark", next="//evil.example").location == "/"


def test_files_are_kept_for_a_year_under_a_name_that_changes(stranger: Console):
    page = stranger.get("/sign-in").text
    files = re.findall(r'(?:href|src)="(/static/[^"]+)"', page)

    assert len(files) > 10
    for address in files:
        answer = stranger.get(address)
        assert answer.status_code == 200
        assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
        assert re.search(r"\.[0-9a-f]{12}\.|\?v=[0-9a-f]{12}$", address)


def test_no_file_outside_of_static_is_sent(stranger: Console):
    assert stranger.get("/static/../app.py").status_code == 404
    assert stranger.get("/static/%2e%2e/app.py").status_code == 404


def test_missing_libraries_are_said_at_start_up(tmp_path: Path):
    with pytest.raises(MissingAssets, match="make assets"):
        assets.read_urls(tmp_path)


def test_every_icon_that_a_page_names_is_in_the_sprite():
    sprite = next((assets.STATIC / "vendor").glob("icons.*.svg")).read_text()
    root = assets.STATIC.parent
    sources = [*(root / "templates").rglob("*.html"), *(root / "jarvis_admin/web").rglob("*.py")]
    named = {
        name
        for source in sources
        for name in re.findall(
            r"""\bicon["']?(?:\(|=|: )["']([a-z0-9-]+)["']""", source.read_text()
        )
    }

    assert {name for name in named if f'id="{name}"' not in sprite} == set()
