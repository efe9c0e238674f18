"""Which addresses are taken, and what is shown of one."""

import pytest

from jarvis_admin.errors import Invalid
from jarvis_admin.notify import check, shown

SLACK = "slack://T1JJ3T3L2/A1BRTD4JD/TIiajkdnlazkcOXrIdevi7FQ/#alerts"


@pytest.mark.parametrize(
    "address",
    [
        "mailtos://marta:pa55word@mail.example.com?to=finance@example.com",
        SLACK,
        "jsons://hooks.example.com/t0ken",
        "ntfys://t0ken-topic",
    ],
)
def test_services_people_use_are_taken(address: str):
    check(address, inside_too=False)


@pytest.mark.parametrize(
    "address",
    [
        "dbus://",
        "syslog://local7",
        "rsyslog://10.0.0.1",
        "gnome://x",
        "macosx://x",
        "windows://x",
        "file:///etc/passwd",
        "exec://rm",
        "https://hooks.example.com",
        "apprise://host/token",
        "twilio://a:b@+15551234567",
        "no address",
        "json://",
        "slack://short",
        "",
        "jsons://hooks.example.com/" + "x" * 2000,
    ],
)
def test_what_runs_things_or_is_no_address_is_refused(address: str):
    with pytest.raises(Invalid):
        check(address, inside_too=True)


@pytest.mark.parametrize(
    "host",
    [
        "127.0.0.1",
        "localhost",
        "10.1.2.3",
        "169.254.169.254",
        "[fdaa::3]",
        "app.internal",
        "api.internal.",
        "app.flycast",
        "127.1",
        "2130706433",
        "0x7f.1",
        "100.64.0.1",
    ],
)
def test_our_own_network_is_refused_unless_it_is_being_tried_out(host: str):
    with pytest.raises(Invalid, match=r"inside our own network|needs more"):
        check(f"json://{host}/x", inside_too=False)


def test_a_mail_server_inside_is_refused_too():
    with pytest.raises(Invalid, match="inside our own network"):
        check("mailto://a:b@example.com?smtp=10.0.0.5&to=x@example.com", inside_too=False)


@pytest.mark.parametrize(
    ("address", "said"),
    [
        (SLACK, "Slack"),
        ("ntfys://t0ken-topic", "ntfy"),
        ("mailtos://marta:pa55word@mail.example.com?to=a@example.com", "Mail, mail.example.com"),
        ("jsons://user:pa55word@hooks.example.com/t0ken", "Webhook, hooks.example.com"),
        ("tgram://123456789:t0ken/12345", "Telegram"),
    ],
)
def test_what_is_shown_holds_no_secret(address: str, said: str):
    assert shown(address) == said
