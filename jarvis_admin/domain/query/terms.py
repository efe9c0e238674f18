"""A query as a value: what a list is filtered and ordered by, and the text that says so."""

import re
from dataclasses import dataclass, replace
from enum import StrEnum
from typing import Self

from jarvis_admin.domain.query.values import Value, quote, write

_NEEDS_QUOTES = re.compile(r'[\s":<>=]|^-')


class Op(StrEnum):
    IS = ":"  # any of the values
    OVER = ">"
    AT_LEAST = ">="
    UNDER = "<"
    AT_MOST = "<="
    BETWEEN = ".."  # two values, both included


@dataclass(frozen=True)
class Term:
    """One condition on a field. Only IS has more than one value, and only BETWEEN has two ends."""

    field: str
    op: Op
    values: tuple[Value, ...]
    negated: bool = False

    def __str__(self) -> str:
        minus = "-" if self.negated else ""
        written = [write(value) for value in self.values]
        if self.op is Op.BETWEEN:
            return f"{minus}{self.field}:{'..'.join(written)}"
        return f"{minus}{self.field}{self.op}{','.join(written)}"


@dataclass(frozen=True)
class Word:
    """Free text to look for: a word or a whole phrase."""

    text: str
    negated: bool = False

    def __str__(self) -> str:
        text = quote(self.text) if _NEEDS_QUOTES.search(self.text) else self.text
        return f"-{text}" if self.negated else text


@dataclass(frozen=True)
class Sort:
    field: str
    descending: bool = False

    def __str__(self) -> str:
        return f"sort:{'-' if self.descending else ''}{self.field}"


@dataclass(frozen=True)
class Query:
    """All terms and words must hold. `parse(str(query))` is the same query again."""

    terms: tuple[Term, ...] = ()
    words: tuple[Word, ...] = ()
    sort: Sort | None = None

    def __str__(self) -> str:
        parts = [*self.terms, *self.words, *([self.sort] if self.sort else [])]
        return " ".join(str(part) for part in parts)

    def without(self, part: Term | Word) -> Self:
        return replace(
            self,
            terms=tuple(term for term in self.terms if term != part),
            words=tuple(word for word in self.words if word != part),
        )

    def without_field(self, name: str) -> Self:
        return replace(self, terms=tuple(term for term in self.terms if term.field != name))

    def with_term(self, term: Term) -> Self:
        """One condition more; unchanged if it is there already."""
        return self if term in self.terms else replace(self, terms=(*self.terms, term))

    def sorted_by(self, name: str, descending: bool = False) -> Self:
        return replace(self, sort=Sort(name, descending))
