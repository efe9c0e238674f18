"""/sign-in and /sign-out."""

from datetime import UTC, datetime, timedelta

import pytest
from flask import Flask
from flask import session as cookie_session
from sqlalchemy import select, update

from jarvis_admin.db import Sessions
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import Staff, StaffSession
from jarvis_admin.services import staff
from jarvis_admin.web.local_paths import local_path
from tests.web.console import Console

PASSWORD = "correct horse battery staple"


@pytest.fixture
def marta(sessions: Sessions) -> Staff:
    with sessions() as session:
        now = datetime.now(UTC)
        person = staff.add(session, "Marta@Example.com", "Marta", PASSWORD, ["support"], now)
        session.commit()
        return person


@pytest.fixture
def door(stranger: Console) -> Console:
    """A stranger who has the page before them."""
    stranger._token = (
        stranger.get("/sign-in").text.partition('csrf_token" value="')[2].partition('"')[0]
    )
    return stranger


def test_the_right_password_opens_the_console(door: Console, marta: Staff):
    answer = door.post("/sign-in", email="marta@example.com", password=PASSWORD)

    assert answer.status_code == 303
    assert door.get("/machines").status_code == 200


def test_only_the_hash_of_the_token_is_kept(door: Console, marta: Staff, sessions: Sessions):
    door.post("/sign-in", email="marta@example.com", password=PASSWORD)

    with door.client.session_transaction() as cookie:
        token = cookie["_user_id"]
    with sessions() as session:
        kept = session.scalars(select(StaffSession.token_hash)).one()
    assert kept != token
    assert len(kept) == 64


@pytest.mark.parametrize("email", ["marta@example.com", "nobody@example.com"])
def test_a_wrong_password_and_an_unknown_email_say_the_same(
    door: Console, marta: Staff, email: str
):
    answer = door.post("/sign-in", email=email, password="wrong")

    assert answer.status_code == 422
    assert "do not match" in answer.text


def test_an_inactive_account_stays_out(door: Console, marta: Staff, sessions: Sessions):
    with sessions() as session:
        session.get_one(Staff, marta.id).active = False
        session.commit()

    assert door.post("/sign-in", email="marta@example.com", password=PASSWORD).status_code == 422


def test_the_sixth_try_at_one_account_has_to_wait(door: Console, marta: Staff):
    for _ in range(5):
        door.post("/sign-in", email="marta@example.com", password="wrong")

    answer = door.post("/sign-in", email="MARTA@example.com ", password=PASSWORD)

    assert answer.status_code == 429
    assert "Wait 15 minutes" in answer.text


def test_a_pause_says_how_long_it_is(door: Console):
    for _ in range(6):
        answer = door.post("/sign-in", email="", password="wrong")

    assert answer.status_code == 429
    assert answer.headers["Retry-After"] == "900"


@pytest.mark.parametrize("wanted", ["/sign-out", "/nowhere", "/machines/alice/wake"])
def test_it_never_leads_to_what_is_no_page(door: Console, marta: Staff, wanted: str):
    answer = door.post("/sign-in", email="marta@example.com", password=PASSWORD, next=wanted)

    assert answer.location == "/"


def test_an_address_that_tries_many_accounts_has_to_wait(door: Console):
    for number in range(20):
        door.post("/sign-in", email=f"guess{number}@example.com", password="wrong")

    assert door.post("/sign-in", email="one@example.com", password="x").status_code == 429


def test_a_form_of_another_site_signs_nobody_in(door: Console, marta: Staff):
    answer = door.post(
        "/sign-in", email="marta@example.com", password=PASSWORD, csrf_token="forged"
    )

    assert answer.status_code == 400


def test_it_leads_on_to_where_one_wanted_to_go(door: Console, marta: Staff):
    answer = door.post(
        "/sign-in", email="marta@example.com", password=PASSWORD, next="/machines?q=alice"
    )

    assert answer.location == "/machines?q=alice"


@pytest.mark.parametrize(
    "wanted",
    [
        "https://evil.example",
        "//evil.example",
        "/\\evil.example",
        "\\\\evil.example",
        "/\t/evil.example",
        "javascript:alert(1)",
        "machines",
        "",
        None,
    ],
)
def test_it_never_leads_to_another_site(wanted: str | None):
    assert local_path(wanted, "/") == "/"


@pytest.mark.parametrize("wanted", ["/", "/machines", "/machines?q=a/b", "/costs#x"])
def test_paths_of_ours_are_followed(wanted: str):
    assert local_path(wanted, "/elsewhere") == wanted


def test_sign_out_ends_the_session_everywhere(admin: Console, sessions: Sessions):
    answer = admin.post("/sign-out")

    assert answer.location == "/sign-in"
    assert admin.get("/machines").status_code == 303
    with sessions() as session:
        assert session.scalars(select(StaffSession)).all() == []


def test_a_session_ends_after_twelve_hours(admin: Console, sessions: Sessions):
    with sessions() as session:
        row = session.scalars(select(StaffSession)).one()
        row.expires_at = datetime.now(UTC) - timedelta(seconds=1)
        session.commit()

    assert admin.get("/machines").status_code == 303


def test_a_deleted_session_is_signed_out_at_once(admin: Console, sessions: Sessions):
    with sessions() as session:
        session.delete(session.scalars(select(StaffSession)).one())
        session.commit()

    assert admin.get("/machines").status_code == 303


def test_a_new_password_signs_out_everywhere(admin: Console, sessions: Sessions):
    with sessions() as session:
        person = session.scalars(select(Staff)).one()
        staff.set_password(session, person, "another long password")
        session.commit()

    assert admin.get("/machines").status_code == 303


@pytest.mark.parametrize(
    ("change", "status"), [({"roles": []}, 403), ({"active": False}, 303)], ids=["role", "account"]
)
def test_a_change_of_the_account_counts_at_once(
    admin: Console, sessions: Sessions, change: dict[str, object], status: int
):
    assert admin.get("/machines").status_code == 200
    with sessions() as session:
        session.execute(update(Staff).values(change))
        session.commit()

    assert admin.get("/machines").status_code == status


def test_a_cookie_that_was_good_before_has_an_end_of_its_own(admin: Console, app: Flask):
    assert admin.get("/machines").status_code == 200
    app.config["PERMANENT_SESSION_LIFETIME"] = timedelta(0)

    assert admin.get("/machines").status_code == 303


def test_a_cookie_with_another_signature_is_nobodys(admin: Console):
    assert admin.get("/machines").status_code == 200
    cookie = admin.client.get_cookie("jarvis")
    assert cookie is not None
    admin.client.set_cookie("jarvis", f"{cookie.value.rpartition('.')[0]}.{'x' * 27}")

    assert admin.get("/machines").status_code == 303


def test_what_a_request_adds_to_its_session_no_other_sees(admin: Console, app: Flask):
    with admin.client.session_transaction() as cookie:
        cookie["list"] = ["of the cookie"]
    kept = admin.client.get_cookie("jarvis")
    assert kept is not None

    for _ in range(2):
        with app.test_request_context(headers={"Cookie": f"jarvis={kept.value}"}):
            assert cookie_session["list"] == ["of the cookie"]
            cookie_session["list"].append("of one request")


def test_the_cookie_is_kept_from_scripts_and_other_sites(door: Console, marta: Staff):
    answer = door.post("/sign-in", email="marta@example.com", password=PASSWORD)

    cookie = answer.headers["Set-Cookie"]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie


def test_who_is_signed_in_is_led_past_the_door(admin: Console):
    assert admin.get("/sign-in").status_code == 303


def test_a_second_account_for_an_email_is_refused(sessions: Sessions, marta: Staff):
    with sessions() as session, pytest.raises(Conflict, match="already has an account"):
        staff.add(session, "marta@example.com", "M", PASSWORD, ["admin"], datetime.now(UTC))


def test_a_short_password_is_refused(sessions: Sessions):
    with sessions() as session, pytest.raises(Invalid, match="12 characters"):
        staff.add(session, "x@example.com", "X", "short", ["admin"], datetime.now(UTC))


def test_an_unknown_role_is_refused(sessions: Sessions):
    with sessions() as session, pytest.raises(ValueError, match="wizard"):
        staff.add(session, "x@example.com", "X", PASSWORD, ["wizard"], datetime.now(UTC))
