"""Deny by default: every address names who may ask, and nobody else gets an answer."""

import pytest
from flask import Flask

from jarvis_admin.domain.rights import Right, Role, rights_of
from jarvis_admin.web.access import needs, right_of
from tests.factories import make_workspace
from tests.web.conftest import SignIn
from tests.web.console import Console

ACTING = {Right.MACHINES_ACT, Right.MACHINES_DESTROY, Right.OPERATIONS_CANCEL}


def test_every_route_names_a_right_or_is_public(app: Flask):
    unnamed = [
        rule.rule
        for rule in app.url_map.iter_rules()
        if right_of(app.view_functions[rule.endpoint]) is None
    ]

    assert unnamed == []


def test_only_the_doors_are_public(app: Flask):
    public = {
        rule.rule
        for rule in app.url_map.iter_rules()
        if right_of(app.view_functions[rule.endpoint]) == "public"
    }

    doors = {"/healthz", "/readyz", "/sign-in", "/theme", "/static/<path:name>"}
    assert doors <= public
    assert public - doors <= {"/metrics"}


def test_a_route_that_forgot_its_right_is_answered_to_nobody(app: Flask, sign_in: SignIn):
    app.add_url_rule("/forgotten", "forgotten", lambda: "secret")

    answer = sign_in("admin").get("/forgotten")

    assert answer.status_code == 403
    assert "secret" not in answer.text


def test_a_right_is_kept_on_the_view():
    assert right_of(needs(Right.COSTS_READ)(lambda: "")) == Right.COSTS_READ


def test_finance_changes_no_machine():
    assert not rights_of([Role.FINANCE]) & ACTING


def test_support_destroys_nothing():
    assert Right.MACHINES_DESTROY not in rights_of([Role.SUPPORT])


def test_admin_has_every_right():
    assert rights_of([Role.ADMIN]) == frozenset(Right)


def test_several_roles_add_up_and_an_unknown_one_adds_nothing():
    both = rights_of([Role.SUPPORT, Role.FINANCE, "wizard"])

    assert {Right.MACHINES_ACT, Right.COSTS_EXPORT} <= both


PAGES = ["/machines", "/machines/alice", "/machines/alice/suspend", "/machines/alice/destroy"]
POSTS = [
    "/machines/alice/wake",
    "/machines/alice/suspend",
    "/machines/alice/stop",
    "/machines/alice/restart",
    "/machines/alice/backup",
    "/machines/alice/cancel",
    "/machines/alice/destroy",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_stranger_is_sent_to_sign_in_and_back(stranger: Console, page: str):
    answer = stranger.get(page)

    assert answer.status_code == 303
    assert answer.location.startswith("/sign-in?next=%2Fmachines")


@pytest.mark.parametrize("page", PAGES)
def test_a_fragment_for_a_stranger_moves_the_whole_page(stranger: Console, page: str):
    answer = stranger.get(page, fragment=True)

    assert answer.headers["HX-Redirect"] == "/sign-in"
    assert answer.text == ""


@pytest.mark.parametrize(
    ("browser", "leads"),
    [
        ("https://console.example/machines?q=alice", "/sign-in?next=%2Fmachines%3Fq%3Dalice"),
        ("https://evil.example//evil.example", "/sign-in"),
        ("https://console.example/sign-out", "/sign-in"),
        ("https://[broken", "/sign-in"),
    ],
)
def test_a_session_that_ended_on_a_page_comes_back_to_it(
    stranger: Console, browser: str, leads: str
):
    answer = stranger.get("/machines", fragment=True, HX_Current_URL=browser)

    assert answer.headers["HX-Redirect"] == leads


@pytest.mark.parametrize("address", POSTS)
def test_a_stranger_changes_nothing(stranger: Console, queue: list[object], address: str):
    answer = stranger.post(address)

    assert answer.status_code == 303
    assert answer.location == "/sign-in"
    assert queue == []


@pytest.mark.parametrize("address", POSTS)
def test_finance_may_not_post_to_a_machine(
    app: Flask, sign_in: SignIn, queue: list[object], address: str
):
    with app.extensions["sessions"]() as session:
        make_workspace(session, handle="alice")
        session.commit()

    answer = sign_in("finance").post(address)

    assert answer.status_code == 403
    assert queue == []


@pytest.mark.parametrize("address", POSTS)
def test_a_form_of_another_site_is_refused(admin: Console, queue: list[object], address: str):
    answer = admin.post(address, csrf_token="forged")

    assert answer.status_code == 400
    assert "came from another site" in answer.text
    assert queue == []


@pytest.mark.parametrize("address", POSTS)
def test_another_method_is_refused(admin: Console, address: str):
    answer = admin.client.put(address)

    assert answer.status_code == 405
    assert "POST" in answer.headers["Allow"]
    assert "Nothing was changed" in answer.text


def test_finance_sees_machines_without_buttons(app: Flask, sign_in: SignIn):
    with app.extensions["sessions"]() as session:
        make_workspace(session, handle="alice")
        session.commit()

    page = sign_in("finance").get("/machines").text

    assert "/machines/alice" in page
    assert "Suspend" not in page.partition("<tbody")[2]
    assert "Back up" not in page
