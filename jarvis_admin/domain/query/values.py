"""One value as it is typed, and as it is understood: text, an exact number, or a time span."""

import re
from datetime import timedelta
from decimal import Decimal

from jarvis_admin.domain.query.fields import Field, Kind, closest

Value = str | Decimal | timedelta

_UNITS = {
    "s": timedelta(seconds=1),
    "m": timedelta(minutes=1),
    "h": timedelta(hours=1),
    "d": timedelta(days=1),
    "w": timedelta(weeks=1),
}
_UNIT_NAMES = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days", "w": "weeks"}
_WRITTEN_UNITS = ("d", "h", "m", "s")  # weeks are read but not written: 7d says more than 1w
_SECOND = _UNITS["s"]

# Nanodollars of the largest number still fit 64 bits; the longest duration still fits a date.
_LARGEST = 10**9
_LONGEST = timedelta(days=36_500)

_NUMBER = re.compile(r"-?[0-9]+(\.[0-9]{1,9})?")
_DURATION = re.compile(r"([0-9]+) ?([a-z]*)")
_QUOTED = re.compile(r'"(?:[^"]|"")*+"')
_NEEDS_QUOTES = re.compile(r'[\s",]|^[<>=]')


class BadValue(ValueError):
    """`better` is what was probably meant, as it would be typed."""

    def __init__(self, sentence: str, better: str = "") -> None:
        self.sentence = sentence
        self.better = better
        super().__init__(sentence)


def read(typed: str, field: Field) -> Value:
    """The value of one typed part, for a field of this kind; BadValue if it is none."""
    text = unquote(typed)
    if field.kind is Kind.TEXT:
        return text
    if field.kind is Kind.CHOICE:
        return _choice(text, field.choices)
    return _duration(text) if field.kind.timed else _number(text, field.kind)


def write(value: Value) -> str:
    """As it would be typed; reading it gives the same value."""
    if isinstance(value, Decimal):
        return _plain(value)
    if isinstance(value, timedelta):
        count, unit = whole_units(value)
        return f"{count}{unit}"
    return quote(value) if _NEEDS_QUOTES.search(value) else value


def quote(text: str) -> str:
    return '"' + text.replace('"', '""') + '"'


def unquote(typed: str) -> str:
    """What stands between the quotes, or the bare text; inner white space becomes one blank."""
    if '"' in typed and not _QUOTED.fullmatch(typed):
        bare = typed.replace('"', "")
        raise BadValue("Quotes go around the whole value.", quote(bare) if bare.strip() else "")
    inner = typed[1:-1].replace('""', '"') if typed.startswith('"') else typed
    text = " ".join(inner.split())
    if not text:
        raise BadValue("There is nothing between the quotes." if typed else "A value is missing.")
    return text


def whole_units(span: timedelta) -> tuple[int, str]:
    """The span in the largest unit that fits without a rest; below a second is dropped."""
    for unit in _WRITTEN_UNITS:
        if span and not span % _UNITS[unit]:
            return span // _UNITS[unit], unit
    return span // _SECOND, "s"


def shorten(text: str) -> str:
    """For naming a value in a sentence."""
    return text if len(text) <= 40 else f"{text[:40]}…"


def _choice(text: str, choices: tuple[str, ...]) -> str:
    known = {choice.casefold(): choice for choice in choices}
    if not choices or text.casefold() in known:
        return known.get(text.casefold(), text)
    better = closest(text, choices)
    listed = "" if better else f" Possible: {', '.join(choices[:10])}{' …' * (len(choices) > 10)}."
    raise BadValue(f"“{shorten(text)}” is not one of the choices.{listed}", write(better))


def _number(text: str, kind: Kind) -> Decimal:
    noun = "an amount" if kind is Kind.MONEY else "a number"
    if not _NUMBER.fullmatch(text):
        raise BadValue(f"“{shorten(text)}” is not {noun}; write it like 20 or 2.5.")
    number = Decimal(text)
    if abs(number) > _LARGEST:
        raise BadValue(f"“{shorten(text)}” is too large; {_LARGEST:,} is the limit.")
    return number


def _duration(text: str) -> timedelta:
    match = _DURATION.fullmatch(text.casefold())
    if match is None:
        raise BadValue(f"“{shorten(text)}” is not a time span; write it like 2h, 7d or 4w.")
    count, unit = int(match[1]), match[2]
    if unit not in _UNITS:
        better = next((u for u, name in _UNIT_NAMES.items() if name.startswith(unit or "d")), "")
        raise BadValue(
            f"“{shorten(text)}” has no known unit; there are s, m, h, d and w.",
            f"{shorten(match[1])}{better}" if better else "",
        )
    if count > _LONGEST // _UNITS[unit]:
        raise BadValue(f"“{shorten(text)}” is too long; {_LONGEST.days:,} days is the limit.")
    return count * _UNITS[unit]


def _plain(number: Decimal) -> str:
    text = format(number, "f")
    text = text.rstrip("0").rstrip(".") if "." in text else text
    return "0" if text == "-0" else text
