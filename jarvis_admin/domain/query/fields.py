"""The fields that a list can be asked for, declared by the page that owns the list."""

import difflib
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    TEXT = "text"
    CHOICE = "choice"
    NUMBER = "number"
    MONEY = "money"  # dollars
    DURATION = "duration"  # how long something has lasted: idle>7d
    AGE = "age"  # how long ago something happened: active<30d

    @property
    def ordered(self) -> bool:
        return self not in (Kind.TEXT, Kind.CHOICE)

    @property
    def timed(self) -> bool:
        return self in (Kind.DURATION, Kind.AGE)


@dataclass(frozen=True)
class Field:
    """`choices` in the spelling the program uses; a CHOICE field without any takes every value.

    `label` replaces the field's name where a term is put in words: "tagged" for `tag`.
    """

    kind: Kind
    choices: tuple[str, ...] = ()
    aliases: tuple[str, ...] = ()
    label: str = ""
    sortable: bool = True


def spellings(fields: Mapping[str, Field]) -> dict[str, str]:
    """Every name and alias, folded, with the name it stands for."""
    return {
        spelling.casefold(): name
        for name, field in fields.items()
        for spelling in (name, *field.aliases)
    }


def closest(typed: str, known: Iterable[str]) -> str:
    """The known word most like the typed one, or nothing when none is like it."""
    folded = {word.casefold(): word for word in known}
    found = difflib.get_close_matches(typed[:40].casefold(), folded, n=1)
    return folded[found[0]] if found else ""
