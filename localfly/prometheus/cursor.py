"""Where the parser is in its tokens."""

from localfly.prometheus.errors import QueryError
from localfly.prometheus.lexer import Token, tokens, unexpected

_MOST_TOKENS = 500


class Cursor:
    def __init__(self, query: str) -> None:
        self._query = query
        self._tokens = list(tokens(query))
        self._at = 0
        if len(self._tokens) > _MOST_TOKENS:
            raise self.refusal("the expression is too long", self._tokens[_MOST_TOKENS])

    def peek(self, ahead: int = 0) -> Token:
        return self._tokens[min(self._at + ahead, len(self._tokens) - 1)]

    def next(self) -> Token:
        token = self.peek()
        self._at += 1
        return token

    def take(self, text: str) -> bool:
        """Go past it, if it is next."""
        return self.take_any(text) is not None

    def take_any(self, *texts: str) -> str | None:
        token = self.peek()
        if token.kind not in ("sign", "name") or token.text not in texts:
            return None
        self._at += 1
        return token.text

    def expect(self, text: str) -> None:
        if not self.take(text):
            found = self.peek().text
            raise self.refusal(
                f"unexpected {found!r}, expected {text!r}"
                if found
                else f"unclosed: expected {text!r}"
            )

    def expect_kind(self, kind: str) -> str:
        if self.peek().kind != kind:
            raise self.refusal(f"unexpected {self.peek().text!r}, expected a {kind}")
        return self.next().text

    def refusal(self, text: str, token: Token | None = None) -> QueryError:
        return unexpected(self._query, (token or self.peek()).at, text)
