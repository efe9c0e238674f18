"""The fields of a list like Machines, for the tests of the query language."""

from jarvis_admin.domain.query import Field, Kind

FIELDS = {
    "user": Field(Kind.TEXT, aliases=("handle",)),
    "state": Field(Kind.CHOICE, choices=("started", "stopped", "suspended", "stuck")),
    "region": Field(Kind.CHOICE, choices=("fra", "lhr", "iad", "syd")),
    "plan": Field(Kind.CHOICE),
    "tag": Field(Kind.TEXT, label="tagged", sortable=False),
    "volume": Field(Kind.NUMBER),
    "cost": Field(Kind.MONEY, aliases=("spend",)),
    "idle": Field(Kind.DURATION),
    "active": Field(Kind.AGE),
    "since": Field(Kind.AGE, label="happened"),
}
