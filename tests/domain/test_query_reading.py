"""What a query means, and the text it is written back as."""

from datetime import timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from jarvis_admin.domain.query import LIMIT, Kind, Op, Query, QueryError, Sort, Term, Word, parse
from tests.domain.query_fields import FIELDS


def days(count: int) -> timedelta:
    return timedelta(days=count)


TERMS = [
    pytest.param("region:fra", Op.IS, ("fra",), id="a value"),
    pytest.param("region=fra", Op.IS, ("fra",), id="an equals sign is a colon"),
    pytest.param("region:fra,lhr", Op.IS, ("fra", "lhr"), id="any of"),
    pytest.param("region:fra,lhr,fra", Op.IS, ("fra", "lhr"), id="any of, once each"),
    pytest.param("REGION:FRA", Op.IS, ("fra",), id="any case"),
    pytest.param("plan:Pro", Op.IS, ("Pro",), id="a choice that is not listed"),
    pytest.param('user:"a b"', Op.IS, ("a b",), id="a quoted value"),
    pytest.param('user:"a, b",c', Op.IS, ("a, b", "c"), id="a quoted comma"),
    pytest.param('user:"say ""hi"""', Op.IS, ('say "hi"',), id="doubled quotes"),
    pytest.param('user:">x"', Op.IS, (">x",), id="a quoted sign"),
    pytest.param("user:a:b", Op.IS, ("a:b",), id="a colon in a value"),
    pytest.param("user:a..b", Op.IS, ("a..b",), id="dots in a text"),
    pytest.param("user:-x", Op.IS, ("-x",), id="a minus in a value"),
    pytest.param("handle:alice", Op.IS, ("alice",), id="an alias"),
    pytest.param("user:Ålesund", Op.IS, ("Ålesund",), id="beyond ASCII"),
    pytest.param("cost:20", Op.IS, (Decimal(20),), id="a number"),
    pytest.param("cost:1,2.5", Op.IS, (Decimal(1), Decimal("2.5")), id="any of numbers"),
    pytest.param("cost>20", Op.OVER, (Decimal(20),), id="over"),
    pytest.param("cost:>20", Op.OVER, (Decimal(20),), id="over, with a colon"),
    pytest.param("cost>=20", Op.AT_LEAST, (Decimal(20),), id="at least"),
    pytest.param("cost<0.50", Op.UNDER, (Decimal("0.5"),), id="under"),
    pytest.param("cost:<=-5", Op.AT_MOST, (Decimal(-5),), id="at most"),
    pytest.param("cost:5..20", Op.BETWEEN, (Decimal(5), Decimal(20)), id="a range"),
    pytest.param("cost:5..5", Op.BETWEEN, (Decimal(5), Decimal(5)), id="a range of one"),
    pytest.param("cost:5..", Op.AT_LEAST, (Decimal(5),), id="an open range"),
    pytest.param("cost:..20", Op.AT_MOST, (Decimal(20),), id="a range open below"),
    pytest.param("volume>10", Op.OVER, (Decimal(10),), id="a size"),
    pytest.param("idle>7d", Op.OVER, (days(7),), id="a time span"),
    pytest.param("idle:7D", Op.AT_LEAST, (days(7),), id="lasted: at least"),
    pytest.param("active:<30d", Op.UNDER, (days(30),), id="lately"),
    pytest.param("since:2h", Op.AT_MOST, (timedelta(hours=2),), id="happened: within"),
    pytest.param("active:5d..2w", Op.BETWEEN, (days(5), days(14)), id="a range of days"),
    pytest.param("idle>90s", Op.OVER, (timedelta(seconds=90),), id="seconds"),
    pytest.param("idle>90m", Op.OVER, (timedelta(minutes=90),), id="minutes"),
]


@pytest.mark.parametrize("minus", ["", "-"], ids=["", "not"])
@pytest.mark.parametrize(("text", "op", "values"), TERMS)
def test_a_term_names_a_field_and_what_it_should_be(text, op, values, minus):
    [term] = parse(minus + text, FIELDS).terms

    assert term == Term(term.field, op, values, negated=bool(minus))
    assert [type(value) for value in term.values] == [type(value) for value in values]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        pytest.param("", (), id="nothing"),
        pytest.param(" \t\n ", (), id="only blanks"),
        pytest.param("alice", (Word("alice"),), id="a word"),
        pytest.param("alice bob", (Word("alice"), Word("bob")), id="both"),
        pytest.param("alice alice", (Word("alice"),), id="once is enough"),
        pytest.param("-test", (Word("test", negated=True),), id="without"),
        pytest.param('"alice  smith"', (Word("alice smith"),), id="a phrase"),
        pytest.param('-"alice smith"', (Word("alice smith", negated=True),), id="no such phrase"),
        pytest.param('"state:started"', (Word("state:started"),), id="quoted, it is text"),
        pytest.param('"-x"', (Word("-x"),), id="a quoted minus"),
        pytest.param("a,b", (Word("a,b"),), id="a comma"),
        pytest.param('""""', (Word('"'),), id="a quote to look for"),
        pytest.param("日本 🚀", (Word("日本"), Word("🚀")), id="beyond ASCII"),
    ],
)
def test_other_words_are_text_to_look_for(text, words):
    assert parse(text, FIELDS) == Query(words=words)


@pytest.mark.parametrize(
    ("text", "sort"),
    [
        ("sort:user", Sort("user")),
        ("sort:-cost", Sort("cost", descending=True)),
        ("SORT:-Spend", Sort("cost", descending=True)),
    ],
)
def test_the_order_is_asked_for_with_sort(text, sort):
    assert parse(text, FIELDS) == Query(sort=sort)


def test_a_whole_query_is_written_back_in_one_way():
    text = (
        "sort:-cost alice  STATE:stuck region:fra cost:>20.00 idle>1w -tag:test since:24h spend<9"
    )

    query = parse(text, FIELDS)

    assert str(query) == (
        "state:stuck region:fra cost>20 idle>7d -tag:test since<=1d cost<9 alice sort:-cost"
    )


# Blanks as the parser leaves them: one at a time, and only within.
LETTERS = st.characters(exclude_categories=("Cc", "Cs"))
TEXTS = st.text(LETTERS, min_size=1, max_size=12).map(lambda text: " ".join(text.split()))
PHRASES = (TEXTS | st.sampled_from(['"', "-", "a,b", "..", ">x", "a b", "::"])).filter(bool)
NUMBERS = st.decimals(-(10**9), 10**9, places=4)
DURATIONS = st.integers(0, 36_500 * 86_400).map(lambda seconds: timedelta(seconds=seconds))
COMPARISONS = st.sampled_from([Op.OVER, Op.AT_LEAST, Op.UNDER, Op.AT_MOST])


@st.composite
def any_term(draw: st.DrawFn) -> Term:
    name = draw(st.sampled_from(list(FIELDS)))
    field = FIELDS[name]
    value = {Kind.TEXT: PHRASES, Kind.CHOICE: st.sampled_from(field.choices or ("pro",))}.get(
        field.kind, DURATIONS if field.kind.timed else NUMBERS
    )
    ops = COMPARISONS | st.just(Op.BETWEEN) if field.kind.ordered else st.just(Op.IS)
    op = draw(ops if field.kind.timed else ops | st.just(Op.IS))
    count = {Op.IS: draw(st.integers(1, 3)), Op.BETWEEN: 2}.get(op, 1)
    values = draw(st.lists(value, min_size=count, max_size=count))
    values = sorted(values) if op is Op.BETWEEN else list(dict.fromkeys(values))
    return Term(name, op, tuple(values), draw(st.booleans()))


WORDS = st.builds(Word, PHRASES, st.booleans())
SORTS = st.builds(Sort, st.sampled_from(["user", "cost", "idle"]), st.booleans())
QUERIES = st.builds(
    Query,
    st.lists(any_term(), max_size=4, unique=True).map(tuple),
    st.lists(WORDS, max_size=3, unique=True).map(tuple),
    st.none() | SORTS,
)


@settings(deadline=None)
@given(query=QUERIES)
def test_every_query_reads_back_as_itself(query):
    assume(len(str(query)) <= LIMIT)

    assert parse(str(query), FIELDS) == query


SIGNS = ["-", ">", "..", ",", '"', " ", "\x00"]
SNIPPETS = st.sampled_from([*SIGNS, "state:started", "cost:", "sort:", "idle>7", "9" * 15, "é"])
TYPED = st.text() | st.lists(SNIPPETS | st.text(max_size=3)).map("".join)


def outcome(text: str) -> Query | QueryError:
    try:
        return parse(text, FIELDS)
    except QueryError as error:
        return error


@settings(deadline=None, max_examples=500)
@given(text=TYPED)
def test_any_text_is_understood_or_refused_with_its_place(text):
    result = outcome(text)

    if isinstance(result, QueryError):
        assert result.word
        assert text[result.position :].startswith(result.word)
    else:
        assert parse(str(result), FIELDS) == result


@settings(deadline=None, max_examples=200)
@given(text=TYPED)
def test_what_is_suggested_stands_in_place_of_the_word(text):
    result = outcome(text)

    if isinstance(result, QueryError) and result.suggestion:
        mended = result.mended(text)
        assert mended != text
        assert mended[result.position :].startswith(result.suggestion)
