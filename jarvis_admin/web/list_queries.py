"""What somebody asked a list: understood or not, its chips, and what to ask instead."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Self

from flask import request, url_for

from jarvis_admin.domain.query import (
    Field,
    Query,
    QueryError,
    Term,
    Word,
    describe,
    describe_word,
    parse,
)
from jarvis_admin.web.machine_query import Link


@dataclass(frozen=True)
class Asked:
    """One list's `?q=`; `query` is empty when `error` says why it was not understood."""

    endpoint: str
    fields: Mapping[str, Field]
    text: str
    query: Query
    error: QueryError | None = None

    @classmethod
    def read(cls, endpoint: str, fields: Mapping[str, Field]) -> Self:
        text = request.args.get("q", "").strip()
        try:
            return cls(endpoint, fields, text, parse(text, fields))
        except QueryError as error:
            return cls(endpoint, fields, text, Query(), error)

    def address(self, query: Query | str | None = None, after: str | None = None) -> str:
        """All of a list's state is in its address."""
        asked = self.query if query is None else query
        return url_for(self.endpoint, q=str(asked) or None, after=after)

    @property
    def chips(self) -> list[Link]:
        """Each part in words; its address is the query without it."""
        terms = [self._without(t, describe(t, self.fields[t.field])) for t in self.query.terms]
        return terms + [self._without(word, describe_word(word)) for word in self.query.words]

    @property
    def narrower(self) -> list[Link]:
        """For an empty list: the same question with one part less."""
        parts: list[Term | Word] = [*self.query.terms, *self.query.words]
        return [self._without(part, str(part)) for part in parts]

    @property
    def mended(self) -> Link | None:
        """The query as it was probably meant."""
        if self.error is None or not self.error.suggestion:
            return None
        return Link(self.error.suggestion, self.address(self.error.mended(self.text)))

    def _without(self, part: Term | Word, text: str) -> Link:
        return Link(text, self.address(self.query.without(part)))
