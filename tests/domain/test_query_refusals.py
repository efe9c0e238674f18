"""What is refused, and how the refusal helps."""

from contextlib import suppress
from datetime import timedelta
from time import perf_counter

import pytest

from jarvis_admin.domain.query import LIMIT, Field, Kind, QueryError, parse
from jarvis_admin.errors import Invalid
from tests.domain.query_fields import FIELDS


def refusal(text: str) -> QueryError:
    with pytest.raises(QueryError) as caught:
        parse(text, FIELDS)
    return caught.value


@pytest.mark.parametrize(
    ("text", "sentence", "suggestion"),
    [
        pytest.param("state:startd", "“startd” is not one of", "state:started", id="choice"),
        pytest.param("-state:startd", "“startd” is not one of", "-state:started", id="negated"),
        pytest.param("region:fra,lhx", "“lhx”", "region:fra,lhr", id="one of several choices"),
        pytest.param("region:mars", "Possible: fra, lhr, iad, syd.", "", id="nothing like it"),
        pytest.param("stat:x", "no field “stat”", "state:x", id="field"),
        pytest.param("-spnd>20", "no field “spnd”", "-spend>20", id="alias"),
        pytest.param("srot:cost", "no field “srot”", "sort:cost", id="the word sort"),
        pytest.param("http://x", "there are user, state, region", "", id="an address"),
        pytest.param(":x", "lacks the name", "", id="no name"),
        pytest.param("::::", "“::::” lacks the name", "", id="only colons"),
        pytest.param(">20", "lacks the name", "", id="only a comparison"),
        pytest.param("state:", "state needs a value", "", id="no value"),
        pytest.param("cost>", "cost needs a value", "", id="nothing to compare with"),
        pytest.param('user:""', "nothing between the quotes", "", id="empty quotes"),
        pytest.param("user:a,,b", "A value is missing", "user:a,b", id="a comma too many"),
        pytest.param("user:,", "A value is missing", "", id="only a comma"),
        pytest.param("user>a", "asked for with a colon", "user:a", id="no order among texts"),
        pytest.param("cost>abc", "“abc” is not an amount", "", id="no amount"),
        pytest.param("volume:abc", "“abc” is not a number", "", id="no number"),
        pytest.param("cost>1,2", "“1,2” is not an amount", "", id="over either of two"),
        pytest.param("cost:>5..9", "“5..9” is not an amount", "", id="over a range"),
        pytest.param("cost:=5", "“=5” is not", "", id="two signs"),
        pytest.param("cost:٣", "“٣” is not", "", id="digits we do not read"),
        pytest.param("cost:1e9", "“1e9” is not", "", id="scientific"),
        pytest.param("cost:NaN", "“NaN” is not", "", id="not a number"),
        pytest.param("cost:1000000001", "too large; 1,000,000,000 is", "", id="too large"),
        pytest.param("cost:..", "A range needs an end", "", id="no ends"),
        pytest.param("cost:20..5", "backwards", "cost:5..20", id="backwards"),
        pytest.param("idle:9d..1h", "backwards", "idle:1h..9d", id="backwards in time"),
        pytest.param("idle>7", "no known unit", "idle>7d", id="no unit"),
        pytest.param("idle>7days", "no known unit", "idle>7d", id="a long unit"),
        pytest.param("idle:5..7d", "“5” has no known unit", "idle:5d..7d", id="half a range"),
        pytest.param("idle>7months", "no known unit", "", id="an unknown unit"),
        pytest.param("idle>soon", "“soon” is not a time span", "", id="no time span"),
        pytest.param("idle>36501d", "too long; 36,500 days is", "", id="too long"),
        pytest.param("sort:cots", "no order by “cots”", "sort:cost", id="order"),
        pytest.param("sort:-cots", "no order by “cots”", "sort:-cost", id="descending order"),
        pytest.param("sort:tag", "Possible: user, state", "", id="not a field to sort by"),
        pytest.param("sort:", "no order by “”", "", id="order by nothing"),
        pytest.param("-sort:user", "sort:name or sort:-name", "", id="negated order"),
        pytest.param("sort>user", "sort:name or sort:-name", "", id="compared order"),
        pytest.param("-", "there is none", "", id="only a minus"),
        pytest.param("--x", "One minus", "-x", id="two minuses"),
        pytest.param("---", "One minus", "", id="three minuses"),
        pytest.param('""', "nothing between the quotes", "", id="empty phrase"),
        pytest.param('"', "never closed", "", id="only a quote"),
        pytest.param('"abc', "never closed", '"abc"', id="an open quote"),
        pytest.param('a"b c"', "around the whole value", '"ab c"', id="quotes within a word"),
    ],
)
def test_a_refusal_says_why_and_what_was_meant(text, sentence, suggestion):
    error = refusal(text)

    assert sentence in str(error)
    assert error.suggestion == suggestion
    assert error.hint == (f"Did you mean {suggestion}?" if suggestion else "")
    assert str(error).endswith(error.hint)


def test_the_offending_word_is_named_with_its_place_and_can_be_mended():
    text = "alice  state:startd cost>20"

    error = refusal(text)

    assert (error.word, error.position) == ("state:startd", 7)
    assert error.mended(text) == "alice  state:started cost>20"


def test_a_second_order_is_refused_at_its_place():
    error = refusal("sort:user sort:cost")

    assert error.position == 10
    assert "given twice" in str(error)


def test_an_open_quote_is_refused_from_where_it_opens():
    error = refusal('cost>20 user:"ali bob')

    assert error.word == '"ali bob'
    assert error.position == 13


@pytest.mark.parametrize(
    ("char", "name"),
    [("\x00", "U+0000"), ("\x1b", "U+001B"), ("\x85", "U+0085"), ("\ud800", "U+D800")],
)
def test_a_character_that_nobody_types_is_refused_by_its_number(char, name):
    error = refusal(f"ab{char}c")

    assert name in str(error)
    assert (error.word, error.position) == (char, 2)


def test_it_is_an_invalid_request_to_the_web():
    assert isinstance(refusal("-"), Invalid)
    assert refusal("-").status == 422


def test_a_query_has_a_longest_length():
    assert parse("x" * LIMIT, FIELDS).words

    error = refusal("x" * (LIMIT + 1))

    assert "at most 500 characters; this one has 501" in str(error)
    assert (error.word, error.position) == ("x", LIMIT)


def test_a_query_that_grows_too_long_when_written_out_is_refused():
    fields = {"a-very-long-name": Field(Kind.TEXT, aliases=("t",))}

    with pytest.raises(QueryError, match="Written out, this has more than 500"):
        parse(" ".join(f"t:{n}" for n in range(99)), fields)


@pytest.mark.parametrize(
    "text",
    [
        "x" * 10_000,
        '"' * LIMIT,
        '"' * (LIMIT - 1),
        '"a' * (LIMIT // 2),
        "-" * LIMIT,
        ":" * LIMIT,
        "cost:" + "," * (LIMIT - 5),
        "cost:" + "." * (LIMIT - 5),
        "cost:" + "9" * (LIMIT - 5),
        "cost:0." + "9" * (LIMIT - 7),
        "idle>" + "9" * (LIMIT - 6) + "d",
        "state:" + "x," * ((LIMIT - 6) // 2),
        "x:" + "é" * (LIMIT - 2),
        "a " * (LIMIT // 2),
        "ﷺ" * LIMIT,
    ],
    ids=lambda text: f"{text[:6]}…",
)
def test_absurd_text_is_answered_at_once(text):
    begun = perf_counter()
    with suppress(QueryError):
        parse(text, FIELDS)
    elapsed = timedelta(seconds=perf_counter() - begun)

    assert elapsed < timedelta(seconds=0.5)
