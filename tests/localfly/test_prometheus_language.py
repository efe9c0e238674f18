"""The part of PromQL that Local Fly speaks, over samples that the test knows."""

import pytest

from tests.localfly.fleet import Fleet
from tests.localfly.prom import Prom

T = 1_790_000_000


@pytest.fixture(scope="module")
def prom(server, http) -> Prom:
    """Two machines. `work` climbs by 60 a minute and starts again after ten minutes; `heat`."""
    prom, fleet = Prom(http, server.org), Fleet(http, server.org)
    one, two = (fleet.machine(skip_launch=True) for _ in range(2))
    climb = [(T + 60 * minute, 60 * (minute % 10)) for minute in range(20)]
    prom.remember(one, climb, metric="work", mode="user", who="one")
    prom.remember(one, [(at, 2 * value) for at, value in climb], "work", mode="system", who="one")
    prom.remember(two, climb, metric="work", mode="user", who="two")
    prom.remember(one, [(T, 10), (T + 60, 40), (T + 120, 20)], metric="heat", who="one")
    prom.remember(two, [(T, 5), (T + 60, 6), (T + 120, 7)], metric="heat", who="two")
    return prom


@pytest.mark.parametrize(
    ("query", "after", "values"),
    [
        ("heat", 120, [7, 20]),
        ('heat{who="one"}', 120, [20]),
        ('heat{who!="one"}', 120, [7]),
        ('heat{who=~"o.*|x"}', 120, [20]),
        ('heat{who=~"o"}', 120, []),
        ('heat{who!~"t.+"}', 120, [20]),
        ('{__name__=~"hea.", who="two",}', 120, [7]),
        ("heat{nothing=''}", 120, [7, 20]),
        ("heat offset 1m", 120, [6, 40]),
        ("heat offset -1m", 0, [6, 40]),
        ("heat", 120 + 299, [7, 20]),
        ("heat", 120 + 300, []),
        ("last_over_time(heat[15m])", 120 + 600, [7, 20]),
        ("max_over_time(heat[5m])", 120, [7, 40]),
        ("max_over_time(heat[1m] offset 1m)", 120, [6, 40]),
        ("sum(heat)", 120, [27]),
        ("avg(heat)", 120, [13.5]),
        ("min(heat)", 120, [7]),
        ("max(heat)", 120, [20]),
        ("sum(nothing)", 120, []),
        ("heat * 2 + 1", 120, [15, 41]),
        ("1 + 2 * heat", 120, [15, 41]),
        ("(1 + 2) * heat", 120, [21, 60]),
        ("100 - heat / 2 - 1", 120, [89, 95.5]),
        ("-heat", 120, [-20, -7]),
        ("heat / 0", 120, [float("inf")] * 2),
        ("heat # and a remark", 120, [7, 20]),
        ("+".join(["heat", *["1"] * 200]), 120, [207, 220]),
    ],
)
def test_expressions(prom, query, after, values):
    assert prom.values(query, T + after) == values


@pytest.mark.parametrize(
    ("query", "values"),
    [
        ("sum by (who) (rate(work[5m]))", [1, 3]),
        ("sum(rate(work[5m])) by (who)", [1, 3]),
        ("sum by (mode) (increase(work[5m]))", [600, 600]),
        ('increase(work{mode="user"}[5m])', [300, 300]),
        ('sum without (mode, who, host) (increase(work{mode!="idle"}[5m]))', [300, 900]),
        ('sum by (who) (rate(work{mode="user"}[2m])) / 100 / 2', [0.005, 0.005]),
        ("sum by () (rate(work[5m]))", [4]),
    ],
)
def test_counters(prom, query, values):
    assert prom.values(query, T + 540) == pytest.approx(values)


def test_a_counter_that_began_again_counts_from_zero(prom):
    """From 420 to 540, then from 0 to 180; what came between the two samples is unknown."""
    increase = prom.value('increase(work{who="two"}[6m])', T + 13 * 60)

    assert increase == (540 - 420) + 180


def test_one_sample_alone_has_no_rate(prom):
    assert prom.values("rate(heat[1m])", T) == []


def test_a_grouping_keeps_only_its_labels(prom):
    rows = prom.rows("sum by (who) (work)", T)

    assert sorted(row["metric"]["who"] for row in rows) == ["one", "two"]
    assert all(row["metric"].keys() == {"who"} for row in rows)


def test_what_was_computed_has_no_name(prom):
    assert "__name__" in prom.rows("last_over_time(heat[5m])", T)[0]["metric"]
    for query in ("heat * 1", "rate(work[5m])", "max_over_time(heat[5m])"):
        assert "__name__" not in prom.rows(query, T + 60)[0]["metric"]


@pytest.mark.parametrize(
    ("query", "says"),
    [
        ("topk(3, heat)", 'unknown function with name "topk"'),
        ("histogram_quantile(0.9, heat)", "Local Fly knows rate, increase"),
        ("heat + heat", "between two vectors is not supported"),
        ("heat > 3", "1:6: parse error: unexpected or unsupported '>'"),
        ("heat and work", "unexpected or unsupported 'and'"),
        ("heat @ 3", "unexpected or unsupported '@'"),
        ("rate(heat[5m:1m])", "expected ']'"),
        ("rate(heat)", "expected type range vector"),
        ("sum(heat[5m])", "got range vector"),
        ("sum(3)", "got scalar"),
        ("heat[5m] * 2", "only scalar and instant vector"),
        ("heat[0s]", "greater than 0"),
        ("heat[5]", "expected a duration"),
        ("{}", "at least one non-empty matcher"),
        ('{who=""}', "at least one non-empty matcher"),
        ('heat{who=~"("}', "error parsing regexp"),
        ("heat{who==1}", "unexpected '=='"),
        ("heat{who=1}", "expected a string"),
        ("heat{1=''}", "expected a label"),
        ("heat{who='a'", "unclosed"),
        ("(" * 200 + "1", "nested too deeply"),
        ("1" + "+1" * 1000, "too long"),
        ("1 +", "unexpected end of input"),
        ("heat\n  ~", "2:3: parse error: unexpected character '~'"),
        ("5x", "unexpected character"),
    ],
)
def test_what_is_not_spoken_is_refused_with_the_place(prom, query, says):
    answer = prom.ask(query=query)

    assert answer.status_code == 400
    assert answer.json()["errorType"] == "bad_data"
    assert says in answer.json()["error"]
