"""Channels: sealed addresses, and what is refused."""

import pytest
from sqlalchemy import select

from jarvis_admin.db import Sessions
from jarvis_admin.errors import Conflict, Invalid
from jarvis_admin.models import AuditEntry, Channel
from jarvis_admin.services import channels, sealing
from tests.factories import NOON, make_settings

ADDRESS = "mailtos://marta:pa55word@mail.example.com?to=finance@example.com"
KEY = "a key of forty characters and a few more"


def add(sessions: Sessions, environment: str = "production", **given) -> Channel:
    with sessions.begin() as session:
        return channels.add(
            session,
            make_settings(environment=environment),
            **{
                "name": "Finance mail",
                "address": ADDRESS,
                "kinds": ["budget"],
                "roles": [],
                "actor": "Lea",
                "now": NOON,
                **given,
            },
        )


def test_an_address_is_kept_sealed_and_can_be_opened(sessions: Sessions):
    row = add(sessions)

    assert "pa55word" not in row.sealed
    assert row.shown == "Mail, mail.example.com"
    assert sealing.unseal(make_settings().secret_key, row.sealed) == ADDRESS


def test_what_is_on_record_holds_no_secret(sessions: Sessions):
    row = add(sessions)
    with sessions.begin() as session:
        channels.delete(session, row.id, actor="Lea", now=NOON)

    with sessions() as session:
        entries = session.scalars(select(AuditEntry).order_by(AuditEntry.id)).all()
    assert [entry.action for entry in entries] == ["channel added", "channel deleted"]
    assert not any("pa55word" in str(entry.details) for entry in entries)


@pytest.mark.parametrize(
    "given",
    [
        {"name": " "},
        {"name": "x" * 81},
        {"address": "dbus://"},
        {"address": "json://127.0.0.1/x"},
        {"kinds": []},
        {"kinds": ["budget", "gossip"]},
        {"kinds": ["digest"]},
        {"roles": ["finance"]},
        {"kinds": ["digest"], "roles": ["wizard"]},
    ],
)
def test_what_makes_no_channel_is_refused(sessions: Sessions, given):
    with pytest.raises(Invalid):
        add(sessions, **given)


def test_on_a_developers_machine_the_receiver_may_be_near(sessions: Sessions):
    assert add(sessions, "development", address="json://127.0.0.1/x").shown == "Webhook, 127.0.0.1"


def test_a_name_is_given_once(sessions: Sessions):
    add(sessions)

    with pytest.raises(Conflict, match="a channel Finance mail already"):
        add(sessions)


def test_what_was_sealed_is_different_each_time_and_bound_to_its_key():
    first, second = sealing.seal(KEY, ADDRESS), sealing.seal(KEY, ADDRESS)

    assert first != second
    assert sealing.unseal(KEY, second) == ADDRESS
    with pytest.raises(Conflict, match="another SECRET_KEY"):
        sealing.unseal(KEY + "!", first)
    with pytest.raises(Conflict):
        sealing.unseal(KEY, first[:-5] + "AAAAA")
