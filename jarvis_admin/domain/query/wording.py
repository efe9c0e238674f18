"""A query's parts in words, for the chips under the search box."""

from datetime import timedelta
from decimal import Decimal

from jarvis_admin.domain.query.fields import Field, Kind
from jarvis_admin.domain.query.terms import Op, Term, Word
from jarvis_admin.domain.query.values import Value, whole_units, write

_UNITS = {"s": "second", "m": "minute", "h": "hour", "d": "day"}

_AMOUNTS = {
    Op.IS: "{}",
    Op.OVER: "over {}",
    Op.AT_LEAST: "at least {}",
    Op.UNDER: "under {}",
    Op.AT_MOST: "at most {}",
    Op.BETWEEN: "from {} to {}",
}
_AGES = {
    Op.IS: "{} ago",
    Op.OVER: "over {} ago",
    Op.AT_LEAST: "at least {} ago",
    Op.UNDER: "in the last {}",
    Op.AT_MOST: "in the last {}",
    Op.BETWEEN: "{} to {} ago",
}


def describe(term: Term, field: Field) -> str:
    """`not region fra or lhr`, `cost over 20`, `active in the last 30 days`."""
    values = [_value(value) for value in term.values]
    if term.op is Op.IS:
        values = [" or ".join(values)]
    phrase = (_AGES if field.kind is Kind.AGE else _AMOUNTS)[term.op].format(*values)
    return f"{_not(term.negated)}{field.label or term.field} {phrase}"


def describe_word(word: Word) -> str:
    return f"{_not(word.negated)}“{word.text}”"


def _not(negated: bool) -> str:
    return "not " if negated else ""


def _value(value: Value) -> str:
    if isinstance(value, timedelta):
        count, unit = whole_units(value)
        return f"{count} {_UNITS[unit]}{'' if count == 1 else 's'}"
    return write(value) if isinstance(value, Decimal) else value
