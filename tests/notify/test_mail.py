"""Letters through a real mail server."""

from email import message_from_string
from email.header import decode_header, make_header

import pytest

from jarvis_admin.notify import Message, NotSent, send
from tests.notify.post_office import open_for_letters

HELLO = Message("Plan pro: 80 % of the budget spent", "Plan pro has cost $80.00 of $100.00.")


def test_a_letter_arrives_with_its_subject_and_text():
    with open_for_letters() as office:
        send(office.address, HELLO)

    letter = message_from_string(office.letters[0])
    texts = [
        part.get_payload(decode=True).decode() for part in letter.walk() if not part.is_multipart()
    ]
    assert str(make_header(decode_header(letter["Subject"]))) == HELLO.title
    assert "finance@example.com" in letter["To"]
    assert any("Plan pro has cost $80.00 of $100.00." in text for text in texts)


def test_a_letter_that_is_not_taken_is_said():
    with open_for_letters() as office:
        office.answer = "554 no letters from you"
        with pytest.raises(NotSent, match="did not take it"):
            send(office.address, HELLO)
