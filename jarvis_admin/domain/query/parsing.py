"""From the text of a query to its terms, words and order."""

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from jarvis_admin.domain.query.errors import QueryError
from jarvis_admin.domain.query.fields import Field, Kind, closest, spellings
from jarvis_admin.domain.query.terms import Op, Query, Sort, Term, Word
from jarvis_admin.domain.query.tokens import LIMIT, Token, split_list, tokens
from jarvis_admin.domain.query.values import BadValue, Value, read, shorten, unquote

_CLAUSE = re.compile(r'([^":<>=]*+)(:?(?:>=|<=|>|<)|:|=)(.*)', re.DOTALL)

# What a bare time span is taken to mean: happened within it, has lasted at least that long.
_BARE = {Kind.AGE: Op.AT_MOST, Kind.DURATION: Op.AT_LEAST}


@dataclass(frozen=True)
class Clause:
    """One token that names a field, as typed."""

    token: Token
    negated: bool
    name: str
    op: Op
    value: str

    def error(self, sentence: str, better: str = "") -> QueryError:
        """`better` replaces the value."""
        head = self.token.text[: len(self.token.text) - len(self.value)]
        return self.token.error(sentence, f"{head}{better}" if better else "")


def parse(text: str, fields: Mapping[str, Field]) -> Query:
    """Understand a query over these fields. Raises QueryError, and nothing else, on any text."""
    terms: dict[Term, None] = {}
    words: dict[Word, None] = {}
    sort: Sort | None = None
    for token in tokens(text):
        part = _read_token(token, fields)
        if isinstance(part, Term):
            terms[part] = None
        elif isinstance(part, Word):
            words[part] = None
        elif sort is None:
            sort = part
        else:
            raise token.error("The order is given twice; one sort: is enough.")
    query = Query(tuple(terms), tuple(words), sort)
    if len(str(query)) > LIMIT:  # aliases written out; it could not be read back
        raise Token(text[:20], 0).error(f"Written out, this has more than {LIMIT} characters.")
    return query


def _read_token(token: Token, fields: Mapping[str, Field]) -> Term | Word | Sort:
    negated = token.text.startswith("-")
    body = token.text[negated:]
    if not body:
        raise token.error("A minus excludes the word that follows it; there is none.")
    if body.startswith("-"):
        rest = body.lstrip("-")
        raise token.error("One minus is enough.", f"-{rest}" if rest else "")
    match = _CLAUSE.fullmatch(body)
    if match is None:
        return _word(token, body, negated)
    op = Op(match[2].lstrip(":=") or Op.IS)  # `:>` is `>`, and a lone `=` is `:`
    clause = Clause(token, negated, match[1], op, match[3])
    if clause.name.casefold() == "sort":
        return _sort(clause, fields)
    return _term(clause, fields)


def _word(token: Token, body: str, negated: bool) -> Word:
    try:
        return Word(unquote(body), negated)
    except BadValue as bad:
        raise token.error(
            bad.sentence, f"{'-' * negated}{bad.better}" if bad.better else ""
        ) from bad


def _sort(clause: Clause, fields: Mapping[str, Field]) -> Sort:
    sortable = {name: field for name, field in fields.items() if field.sortable}
    names = spellings(sortable)
    descending = clause.value.startswith("-")
    wanted = clause.value[descending:]
    if clause.negated or clause.op is not Op.IS:
        raise clause.token.error("The order is written sort:name or sort:-name.")
    if wanted.casefold() not in names:
        better = closest(wanted, names)
        listed = "" if better else f" Possible: {', '.join(sortable)}."
        raise clause.error(
            f"There is no order by “{shorten(wanted)}”.{listed}",
            f"{'-' * descending}{better}" if better else "",
        )
    return Sort(names[wanted.casefold()], descending)


def _term(clause: Clause, fields: Mapping[str, Field]) -> Term:
    names = spellings(fields)
    if clause.name.casefold() not in names:
        raise _unknown_field(clause, names, fields)
    name = names[clause.name.casefold()]
    field = fields[name]
    if not clause.value:
        raise clause.token.error(f"{name} needs a value.")
    if clause.op is not Op.IS and not field.kind.ordered:
        raise clause.token.error(
            f"{name} has no more or less; it is asked for with a colon.",
            f"{'-' * clause.negated}{name}:{clause.value}",
        )
    try:
        op, values = _condition(clause, field)
    except BadValue as bad:
        raise clause.error(bad.sentence, bad.better) from bad
    return Term(name, op, values, clause.negated)


def _unknown_field(clause: Clause, names: Mapping[str, str], known: Iterable[str]) -> QueryError:
    if not clause.name:
        return clause.token.error(f"“{shorten(clause.token.text)}” lacks the name of a field.")
    better = closest(clause.name, [*names, "sort"])
    if not better:
        return clause.token.error(
            f"There is no field “{shorten(clause.name)}”; there are {', '.join(known)}. "
            "Quotes make it a text to look for."
        )
    head = "-" * clause.negated
    tail = clause.token.text.removeprefix(head + clause.name)
    return clause.token.error(f"There is no field “{clause.name}”.", f"{head}{better}{tail}")


def _condition(clause: Clause, field: Field) -> tuple[Op, tuple[Value, ...]]:
    if clause.op is not Op.IS:
        return clause.op, (read(clause.value, field),)
    if field.kind.ordered and ".." in clause.value:
        return _range(clause.value, field)
    if field.kind in _BARE:
        return _BARE[field.kind], (read(clause.value, field),)
    return Op.IS, tuple(dict.fromkeys(_read_all(split_list(clause.value), ",", field)))


def _range(typed: str, field: Field) -> tuple[Op, tuple[Value, ...]]:
    first, _, last = typed.partition("..")
    if not first and not last:
        raise BadValue("A range needs an end; it is written like 5..20, 5.. or ..20.")
    if not first or not last:
        return Op.AT_LEAST if first else Op.AT_MOST, (read(first or last, field),)
    ends: list[Any] = _read_all([first, last], "..", field)
    if ends[0] > ends[1]:
        raise BadValue("The range runs backwards.", f"{last}..{first}")
    return Op.BETWEEN, tuple(ends)


def _read_all(parts: list[str], joiner: str, field: Field) -> list[Value]:
    """Every part read; a complaint about one part suggests the whole with that part mended."""
    values = []
    for index, part in enumerate(parts):
        try:
            values.append(read(part, field))
        except BadValue as bad:
            mended = [*parts[:index], *filter(None, [bad.better]), *parts[index + 1 :]]
            better = joiner.join(mended) if bad.better or not part else ""
            raise BadValue(bad.sentence, better) from bad
    return values
