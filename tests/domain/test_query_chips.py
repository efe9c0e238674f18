"""Editing a query by its chips, and what the chips say."""

from datetime import timedelta

import pytest

from jarvis_admin.domain.query import Op, Query, Term, Word, describe, describe_word, parse
from tests.domain.query_fields import FIELDS

TEXT = "state:started -tag:test cost>20 alice sort:user"


def test_taking_a_term_away_leaves_the_rest():
    query = parse(TEXT, FIELDS)

    assert str(query.without(query.terms[1])) == "state:started cost>20 alice sort:user"
    assert str(query) == TEXT


def test_taking_a_word_away_leaves_the_rest():
    query = parse(TEXT, FIELDS)

    assert str(query.without(query.words[0])) == "state:started -tag:test cost>20 sort:user"


def test_taking_away_what_is_not_there_changes_nothing():
    query = parse(TEXT, FIELDS)

    assert query.without(Term("state", Op.IS, ("stopped",))) == query
    assert query.without(Word("started")) == query


def test_a_term_is_added_once():
    stuck = Term("state", Op.IS, ("stuck",))

    query = parse("region:fra", FIELDS).with_term(stuck)

    assert str(query) == "region:fra state:stuck"
    assert query.with_term(stuck) == query


def test_a_counter_replaces_all_terms_of_its_field():
    query = parse("state:started -state:stuck region:fra", FIELDS)

    replaced = query.without_field("state").with_term(Term("state", Op.IS, ("stopped",)))

    assert str(replaced) == "region:fra state:stopped"


def test_sorting_replaces_the_order():
    query = parse(TEXT, FIELDS)

    assert str(query.sorted_by("cost", descending=True)).endswith("alice sort:-cost")
    assert str(query.sorted_by("cost")).endswith("alice sort:cost")
    assert str(Query().sorted_by("user")) == "sort:user"


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("region:fra", "region fra"),
        ("region:fra,lhr", "region fra or lhr"),
        ("-state:stopped", "not state stopped"),
        ("-tag:internal", "not tagged internal"),
        ('user:"a b"', "user a b"),
        ("cost:20", "cost 20"),
        ("cost>20", "cost over 20"),
        ("cost>=20.50", "cost at least 20.5"),
        ("cost<5", "cost under 5"),
        ("cost:..5", "cost at most 5"),
        ("cost:5..20", "cost from 5 to 20"),
        ("idle>7d", "idle over 7 days"),
        ("idle:1w", "idle at least 7 days"),
        ("idle<1d", "idle under 1 day"),
        ("idle<90m", "idle under 90 minutes"),
        ("idle:0s", "idle at least 0 seconds"),
        ("active:<30d", "active in the last 30 days"),
        ("active>30d", "active over 30 days ago"),
        ("-active:1d..2d", "not active 1 day to 2 days ago"),
        ("since:2h", "happened in the last 2 hours"),
    ],
)
def test_a_chip_says_its_term_in_words(text, words):
    [term] = parse(text, FIELDS).terms

    assert describe(term, FIELDS[term.field]) == words


def test_an_exact_age_can_be_said_too():
    term = Term("active", Op.IS, (timedelta(hours=1),))

    assert describe(term, FIELDS["active"]) == "active 1 hour ago"


@pytest.mark.parametrize(("text", "words"), [("alice", "“alice”"), ('-"a b"', "not “a b”")])
def test_a_chip_quotes_its_word(text, words):
    [word] = parse(text, FIELDS).words

    assert describe_word(word) == words
