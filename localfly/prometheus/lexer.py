"""PromQL text into tokens, each with its place for the errors."""

import re
from collections.abc import Iterator
from dataclasses import dataclass

from localfly.prometheus.errors import QueryError

_TOKEN = re.compile(
    r"""
      (?P<space>   \s+ | \#[^\n]* )
    | (?P<duration>(?:\d+(?:ms|[smhdwy]))+ )(?![\w.])
    | (?P<number>  (?:\d+\.?\d*|\.\d+)(?:[eE][+-]?\d+)? )(?!\w)
    | (?P<name>    [A-Za-z_:][\w:]* )
    | (?P<string>  "(?:[^"\\\n]|\\.)*" | '(?:[^'\\\n]|\\.)*' | `[^`]*` )
    | (?P<sign>    =~ | !~ | != | == | <= | >= | [-+*/%^=<>(){}\[\],@:] )
    """,
    re.VERBOSE | re.ASCII,
)
_ESCAPE = re.compile(r"\\(.)")
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r"}


@dataclass(frozen=True)
class Token:
    kind: str  # duration, number, name, string, sign, end
    text: str
    at: int


def tokens(query: str) -> Iterator[Token]:
    at = 0
    while at < len(query):
        found = _TOKEN.match(query, at)
        if found is None:
            raise unexpected(query, at, f"unexpected character {query[at]!r}")
        kind = found.lastgroup or ""
        if kind != "space":
            yield Token(kind, found[0], at)
        at = found.end()
    yield Token("end", "", at)


def unexpected(query: str, at: int, text: str) -> QueryError:
    """The way Prometheus points at a place: line and column, from 1."""
    before = query[:at]
    line, column = before.count("\n") + 1, at - (before.rfind("\n") + 1) + 1
    return QueryError(f'invalid parameter "query": {line}:{column}: parse error: {text}')


def unquoted(text: str) -> str:
    if text[0] == "`":
        return text[1:-1]
    return _ESCAPE.sub(lambda found: _ESCAPES.get(found[1], found[1]), text[1:-1])
