"""What a report is asked for: all of it is in its address, and every link changes a part of it."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Self, TypeVar
from urllib.parse import urlencode

from flask import request
from sqlalchemy.orm import Session

from jarvis_admin.domain.periods import Period, Range, Step
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
from jarvis_admin.errors import Invalid
from jarvis_admin.services import report_terms
from jarvis_admin.services.report_terms import Narrowing
from jarvis_admin.services.reports import Group
from jarvis_admin.web.machine_query import Link

Choice = TypeVar("Choice", Group, Step)

PATH = "/costs/reports"
_PLAIN = ":,~<>"

RANGES = (
    (Range.THIS_MONTH, "This month"),
    (Range.LAST_MONTH, "Last month"),
    (Range.DAYS_30, "30 days"),
    (Range.DAYS_90, "90 days"),
    (Range.MONTHS_12, "12 months"),
)
GROUPS = {
    Group.COMPONENT: "Component",
    Group.PLAN: "Plan",
    Group.REGION: "Region",
    Group.SIZE: "Size",
    Group.USER_GROUP: "User group",
    Group.OWNER: "Owner",
}


@dataclass(frozen=True)
class Asked:
    """`narrowing` is empty when `error` says why the query was not understood."""

    group: Group
    period: Period
    step: Step
    compare: bool
    text: str
    query: Query
    narrowing: Narrowing
    plans: Mapping[str, str]  # names by key
    fields: Mapping[str, Field]
    error: QueryError | None = None
    misread: str = ""  # what is wrong with from and to; the period is this month then

    @classmethod
    def read(cls, session: Session, now: datetime) -> Self:
        """From the request's address; Invalid for a range, group or step that there is not."""
        asked, text = request.args, request.args.get("q", "").strip()
        group = _choice(Group, asked.get("group", ""), Group.COMPONENT)
        period, misread = _period(asked, now)
        step = _choice(Step, asked.get("step", ""), period.usual_step)
        plans = report_terms.plans(session)
        fields, query, narrowing = report_terms.fields(plans), Query(), Narrowing()
        error: QueryError | None = None
        try:
            query = parse(text, fields)
            narrowing = report_terms.narrowing(session, query, text)
        except QueryError as found:
            query, error = Query(), found
        compare = asked.get("compare", "") == "before"
        return cls(
            group, period, step, compare, text, query, narrowing, plans, fields, error, misread
        )

    def address(self, path: str = PATH, **changes: str) -> str:
        """This report with a part changed; an empty part is left out."""
        parts = {**self.parameters, "q": str(self.query), **changes}
        if "range" in changes:
            parts |= {"from": "", "to": "", "step": changes.get("step", "")}
        if changes.get("from"):
            parts["range"] = ""
        return f"{path}?{urlencode({k: v for k, v in parts.items() if v}, safe=_PLAIN)}"

    @property
    def parameters(self) -> dict[str, str]:
        """All but the query, as the address writes them."""
        own = self.period.range is Range.OWN
        return {
            "group": self.group.value,
            "range": "" if own else self.period.range.value,
            "from": self.period.first.isoformat() if own else "",
            "to": self.period.last.isoformat() if own else "",
            "step": "" if self.step is self.period.usual_step else self.step.value,
            "compare": "before" if self.compare else "",
        }

    @property
    def ranges(self) -> list[Link]:
        return [
            Link(text, self.address(range=range_), current=range_ is self.period.range)
            for range_, text in RANGES
        ]

    @property
    def groups(self) -> list[Link]:
        return [
            Link(text, self.address(group=group), current=group is self.group)
            for group, text in GROUPS.items()
        ]

    @property
    def steps(self) -> list[Link]:
        names = ((Step.DAY, "Days"), (Step.MONTH, "Months"))
        return [Link(text, self.address(step=s), current=s is self.step) for s, text in names]

    @property
    def chips(self) -> list[Link]:
        """Each part of the query in words; its address is the report without it."""
        terms = [self._without(t, describe(t, self.fields[t.field])) for t in self.query.terms]
        return terms + [self._without(word, describe_word(word)) for word in self.query.words]

    @property
    def mended(self) -> Link | None:
        """The query as it was probably meant."""
        if self.error is None or not self.error.suggestion:
            return None
        return Link(self.error.suggestion, self.address(q=self.error.mended(self.text)))

    def _without(self, part: Term | Word, text: str) -> Link:
        return Link(text, self.address(q=str(self.query.without(part))))


def _period(asked: Mapping[str, str], now: datetime) -> tuple[Period, str]:
    """What is typed into the form is answered there; a made-up range is no report at all."""
    try:
        return Period.read(asked, now.date()), ""
    except Invalid as error:
        if not (asked.get("from") or asked.get("to")):
            raise
        return Period.of(Range.THIS_MONTH, now.date()), str(error)


def _choice(kind: type[Choice], written: str, usual: Choice) -> Choice:
    if not written:
        return usual
    try:
        return kind(written)
    except ValueError:
        known = ", ".join(kind)
        raise Invalid(f"“{written[:20]}” is not one of {known}.") from None
