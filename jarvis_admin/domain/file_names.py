"""Names of users' files: bytes that need not be text, shown, searched and offered for saving."""

from unicodedata import normalize
from urllib.parse import quote

# Between letters of Persian and Hindi, and within emoji: invisible, but part of honest names.
_JOINERS = "\u200c\u200d"
_LONGEST_NAME = 120


def shown(name: bytes) -> str:
    """Readable and harmless: what is no text, and what would hide or turn around the rest, is
    `�` and its bytes, so that two names never look alike."""
    text = name.decode("utf-8", "surrogateescape")
    if text.isprintable() and "�" not in text:
        return text
    return "".join(letter if _is_plain(letter) else _escaped(letter) for letter in text)


def folded(name: bytes) -> str:
    """For searching and sorting: upper and lower case, and the two spellings of é, are alike."""
    if name.isascii():
        return name.decode("ascii").lower()
    return normalize("NFC", name.decode("utf-8", "replace")).casefold()


def attachment(name: bytes) -> str:
    """The header with which a browser saves under this name, and never shows."""
    said = shown(name).replace("/", "_")[-_LONGEST_NAME:].lstrip(". ") or "file"
    plain = "".join(
        letter if letter.isascii() and letter not in '"\\%;' else "_" for letter in said
    )
    return f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(said, safe='')}"


def _is_plain(letter: str) -> bool:
    return (letter.isprintable() and letter != "�") or letter in _JOINERS


def _escaped(letter: str) -> str:
    return "�" + letter.encode("utf-8", "surrogateescape").hex().upper()
