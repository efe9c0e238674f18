"""Messages that really go over the wire, and what is said when they do not arrive."""

import socket

import pytest

from jarvis_admin.notify import Message, NotSent, send
from tests.notify.receiver import Receiver

HELLO = Message("Budget", "The fleet has cost $80.00 of $100.00.\nSee to it.", urgent=True)
SECRETS = ("pa55word", "t0ken", "hook")


def test_a_webhook_gets_title_text_and_how_urgent(receiver: Receiver):
    send(receiver.address, HELLO)

    (got,) = receiver.got
    assert got["title"] == HELLO.title
    assert got["message"] == HELLO.text
    assert got["type"] == "warning"


@pytest.mark.parametrize("status", [400, 403, 404, 500, 503])
def test_a_refusal_is_one_sentence_with_its_status(receiver: Receiver, status: int, capfd):
    receiver.status = status

    with pytest.raises(NotSent, match=rf"^The other side refused it with status {status}\.$"):
        send(receiver.address, HELLO)

    _nothing_told(capfd)


def test_nobody_listening_is_one_sentence(capfd):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]

    with pytest.raises(NotSent, match="The other side did not take it"):
        send(f"json://hook:pa55word@127.0.0.1:{port}/t0ken", HELLO)

    _nothing_told(capfd)


def test_a_redirect_is_not_followed(receiver: Receiver):
    receiver.status, receiver.location = 307, f"http://127.0.0.1:{receiver.port}/inside"

    with pytest.raises(NotSent, match="307"):
        send(receiver.address + "?redirect=yes", HELLO)

    assert receiver.paths == ["/t0ken/deep"]


def test_an_address_that_is_none_any_more_is_said(capfd):
    with pytest.raises(NotSent, match="not understood"):
        send("slack://pa55word", HELLO)

    _nothing_told(capfd)


def test_one_message_after_another_tells_of_its_own_failure(receiver: Receiver):
    receiver.status = 404
    with pytest.raises(NotSent, match="404"):
        send(receiver.address, HELLO)
    receiver.status = 500
    with pytest.raises(NotSent, match="500"):
        send(receiver.address, HELLO)
    receiver.status = 200
    send(receiver.address, HELLO)


def _nothing_told(capfd: pytest.CaptureFixture[str]) -> None:
    said = "".join(capfd.readouterr())
    assert not [secret for secret in SECRETS if secret in said]
