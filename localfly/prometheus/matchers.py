"""Label matchers: = != =~ !~, regular expressions anchored at both ends."""

import re
from collections.abc import Iterable
from dataclasses import dataclass

from localfly.prometheus.errors import QueryError

Labels = dict[str, str]

NAME = "__name__"


@dataclass(frozen=True)
class Matcher:
    label: str
    sign: str
    value: str
    pattern: re.Pattern[str] | None = None

    @classmethod
    def of(cls, label: str, sign: str, value: str) -> "Matcher":
        if sign not in ("=~", "!~"):
            return cls(label, sign, value)
        try:
            return cls(label, sign, value, re.compile(value, re.DOTALL))
        except re.error as error:
            raise QueryError(f"error parsing regexp: {error}: `{value}`") from error

    def accepts(self, text: str) -> bool:
        """A label that is not there counts as an empty one."""
        if self.pattern is None:
            return (text == self.value) == (self.sign == "=")
        return (self.pattern.fullmatch(text) is not None) == (self.sign == "=~")


def accepted(labels: Labels, matchers: Iterable[Matcher]) -> bool:
    return all(matcher.accepts(labels.get(matcher.label, "")) for matcher in matchers)


def wanted(matchers: Iterable[Matcher], label: str) -> str | None:
    """The one value that the label must have, if the matchers say so."""
    for matcher in matchers:
        if matcher.label == label and matcher.sign == "=":
            return matcher.value
    return None
