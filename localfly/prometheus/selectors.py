"""Parsing one selector: metric, matchers, window, offset."""

import re
from dataclasses import replace

from localfly.prometheus.cursor import Cursor
from localfly.prometheus.durations import duration
from localfly.prometheus.lexer import unquoted
from localfly.prometheus.matchers import NAME, Matcher
from localfly.prometheus.nodes import Selector

_LABEL = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SIGNS = ("=", "!=", "=~", "!~")


def selector(cursor: Cursor) -> Selector:
    start = cursor.peek()
    matchers: list[Matcher] = []
    if start.kind == "name":
        matchers.append(Matcher.of(NAME, "=", cursor.next().text))
    elif start.text != "{":
        raise cursor.refusal(f"unexpected {start.text!r}, expected a selector", start)
    if cursor.take("{"):
        matchers += _matchers(cursor)
    if all(matcher.accepts("") for matcher in matchers):
        raise cursor.refusal("vector selector must contain at least one non-empty matcher", start)
    return _modified(cursor, Selector(tuple(matchers)))


def label(cursor: Cursor) -> str:
    token = cursor.peek()
    if not _LABEL.fullmatch(token.text):
        raise cursor.refusal(f"unexpected {token.text!r}, expected a label")
    return cursor.next().text


def _matchers(cursor: Cursor) -> list[Matcher]:
    found: list[Matcher] = []
    while not cursor.take("}"):
        name = label(cursor)
        sign = cursor.take_any(*_SIGNS)
        if sign is None:
            raise cursor.refusal(f"unexpected {cursor.peek().text!r}, expected one of {_SIGNS}")
        found.append(Matcher.of(name, sign, unquoted(cursor.expect_kind("string"))))
        if not cursor.take(","):
            cursor.expect("}")
            break
    return found


def _modified(cursor: Cursor, plain: Selector) -> Selector:
    window, offset = None, 0.0
    if cursor.take("["):
        window = duration(cursor.expect_kind("duration"))
        if window <= 0:
            raise cursor.refusal("duration must be greater than 0")
        cursor.expect("]")
    if cursor.take("offset"):
        back = -1.0 if cursor.take("-") else 1.0
        offset = back * duration(cursor.expect_kind("duration"))
    return replace(plain, window=window, offset=offset)
