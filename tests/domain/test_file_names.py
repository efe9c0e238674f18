"""Names of files: readable whatever they are, and never alike when they differ."""

import pytest

from jarvis_admin.domain import file_names


@pytest.mark.parametrize(
    ("name", "shown"),
    [
        (b"plain.txt", "plain.txt"),
        ("日本語 naïve".encode(), "日本語 naïve"),
        ("👩\u200d💻".encode(), "👩\u200d💻"),
        (b"caf\xe9", "caf�E9"),
        (b"new\nline", "new�0Aline"),
        ("exe.\u202egpj".encode(), "exe.�E280AEgpj"),
        ("real �".encode(), "real �EFBFBD"),
    ],
)
def test_what_is_no_text_is_shown_by_its_bytes(name: bytes, shown: str) -> None:
    assert file_names.shown(name) == shown


@pytest.mark.parametrize(
    ("one", "other"),
    [(b"README", b"readme"), ("É".encode(), "e\u0301".encode()), ("Straße".encode(), b"STRASSE")],
)
def test_spellings_of_one_word_are_found_alike(one: bytes, other: bytes) -> None:
    assert file_names.folded(one) == file_names.folded(other)


@pytest.mark.parametrize(
    ("name", "header"),
    [
        (b"a.txt", "attachment; filename=\"a.txt\"; filename*=UTF-8''a.txt"),
        (b'x"; filename="y', "x__ filename=_y"),
        (b"..", '"file"'),
        (b".bashrc", '"bashrc"'),
        ("ü\n".encode(), "filename*=UTF-8''%C3%BC%EF%BF%BD0A"),
        (b"long" * 99 + b".pdf", "long.pdf"),
    ],
)
def test_a_browser_saves_under_a_harmless_name(name: bytes, header: str) -> None:
    made = file_names.attachment(name)

    assert header in made
    assert made.isascii()
    assert "\n" not in made
