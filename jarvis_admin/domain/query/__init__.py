"""The query language of every list: `state:stuck region:fra,lhr cost>20 -tag:test alice`.

    alice  "alice smith"  -alice     text to look for, or not
    region:fra  region:fra,lhr       any of these
    cost>20  cost:>=20  cost<5       compared; `<=` too
    cost:5..20  cost:5..  cost:..20  a range, ends included
    idle>7d  active<30d  since:2h    time spans in s, m, h, d, w
    -state:stopped                   anything but
    sort:user  sort:-cost            the order

A page declares its fields; `parse` answers with a `Query` or raises `QueryError`. Names and
choices are understood in any case. A quote within quotes is doubled.
"""

from jarvis_admin.domain.query.errors import QueryError
from jarvis_admin.domain.query.fields import Field, Kind
from jarvis_admin.domain.query.parsing import parse
from jarvis_admin.domain.query.terms import Op, Query, Sort, Term, Word
from jarvis_admin.domain.query.tokens import LIMIT
from jarvis_admin.domain.query.values import Value
from jarvis_admin.domain.query.wording import describe, describe_word

__all__ = [
    "LIMIT",
    "Field",
    "Kind",
    "Op",
    "Query",
    "QueryError",
    "Sort",
    "Term",
    "Value",
    "Word",
    "describe",
    "describe_word",
    "parse",
]
