"""Cutting the text of a query at white space, outside quotes, in one pass."""

import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass

from jarvis_admin.domain.query.errors import QueryError

LIMIT = 500

# The possessive repeats never give anything back, so no input makes them slow.
_TOKEN = re.compile(r'(?:[^\s"]|"(?:[^"]|"")*+")++|(?P<open>")')


@dataclass(frozen=True)
class Token:
    text: str
    position: int

    def error(self, sentence: str, suggestion: str = "") -> QueryError:
        return QueryError(sentence, word=self.text, position=self.position, suggestion=suggestion)


def tokens(text: str) -> list[Token]:
    """The words of the text, each with its place; QueryError for what is no text to search."""
    _refuse_unreadable(text)
    return list(_cut(text))


def split_list(text: str) -> list[str]:
    """The parts between the commas that stand outside quotes."""
    parts, start, quoted = [], 0, False
    for index, char in enumerate(text):
        if char == '"':
            quoted = not quoted
        elif char == "," and not quoted:
            parts.append(text[start:index])
            start = index + 1
    return [*parts, text[start:]]


def _cut(text: str) -> Iterator[Token]:
    for match in _TOKEN.finditer(text):
        if match["open"]:
            rest = Token(text[match.start() :], match.start())
            closed = f'{rest.text.rstrip()}"'
            raise rest.error(
                "A quote is opened here and never closed.", closed if len(closed) > 2 else ""
            )
        yield Token(match[0], match.start())


def _refuse_unreadable(text: str) -> None:
    if len(text) > LIMIT:
        excess = Token(text[LIMIT : LIMIT + 20], LIMIT)
        raise excess.error(f"A query has at most {LIMIT} characters; this one has {len(text):,}.")
    for position, char in enumerate(text):
        # Controls and lone surrogates: no name contains one, and databases choke on some.
        if unicodedata.category(char) in ("Cc", "Cs") and char not in "\t\n\r":
            raise Token(char, position).error(
                f"U+{ord(char):04X} is not a character to search for."
            )
