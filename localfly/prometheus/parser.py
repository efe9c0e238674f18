"""The part of PromQL we understand, by recursive descent.

    sum      = product { ("+" | "-") product }
    product  = unary { ("*" | "/") unary }
    unary    = [ "+" | "-" ] primary
    primary  = number | "(" sum ")" | rollup | aggregate | selector
    rollup   = function "(" selector ")"
    aggregate= operation [ grouping ] "(" sum ")" [ grouping ]
    grouping = ("by" | "without") "(" [ label { "," label } ] ")"
    selector = ( metric | [ metric ] "{" [ matcher { "," matcher } ] "}" )
               [ "[" duration "]" ] [ "offset" [ "-" ] duration ]

Everything else (comparisons, set operations, `@`, subqueries, other functions) is refused.
"""

from localfly.prometheus.aggregates import AGGREGATES
from localfly.prometheus.cursor import Cursor
from localfly.prometheus.nodes import Aggregate, Binary, Node, Number, Rollup, is_range, is_scalar
from localfly.prometheus.rollups import ROLLUPS
from localfly.prometheus.selectors import label, selector

_DEEPEST = 100


def parse(query: str) -> Node:
    cursor = Cursor(query)
    if cursor.peek().kind == "end":
        raise cursor.refusal("no expression found in input")
    node = _sum(cursor, 0)
    if cursor.peek().kind != "end":
        raise cursor.refusal(f"unexpected or unsupported {cursor.peek().text!r}")
    return node


def _sum(cursor: Cursor, depth: int) -> Node:
    if depth > _DEEPEST:
        raise cursor.refusal("the expression is nested too deeply")
    left = _product(cursor, depth)
    while sign := cursor.take_any("+", "-"):
        left = _binary(cursor, sign, left, _product(cursor, depth))
    return left


def _product(cursor: Cursor, depth: int) -> Node:
    left = _unary(cursor, depth)
    while sign := cursor.take_any("*", "/"):
        left = _binary(cursor, sign, left, _unary(cursor, depth))
    return left


def _unary(cursor: Cursor, depth: int) -> Node:
    sign = cursor.take_any("+", "-")
    node = _primary(cursor, depth)
    return _binary(cursor, "*", Number(-1.0), node) if sign == "-" else node


def _binary(cursor: Cursor, sign: str, left: Node, right: Node) -> Node:
    if is_range(left) or is_range(right):
        raise cursor.refusal("binary expression must contain only scalar and instant vector types")
    if not is_scalar(left) and not is_scalar(right):
        raise cursor.refusal(f"{sign} between two vectors is not supported by Local Fly")
    return Binary(sign, left, right)


def _primary(cursor: Cursor, depth: int) -> Node:
    token = cursor.peek()
    if token.kind == "number":
        return Number(float(cursor.next().text))
    if cursor.take("("):
        node = _sum(cursor, depth + 1)
        cursor.expect(")")
        return node
    if token.kind == "name" and token.text in AGGREGATES:
        if cursor.peek(1).text in ("(", "by", "without"):
            return _aggregate(cursor, depth)
    elif token.kind == "name" and cursor.peek(1).text == "(":
        return _rollup(cursor)
    if token.kind == "name" or token.text == "{":
        return selector(cursor)
    raise cursor.refusal(f"unexpected {token.text!r}" if token.text else "unexpected end of input")


def _rollup(cursor: Cursor) -> Node:
    name = cursor.next()
    if name.text not in ROLLUPS:
        known = ", ".join([*ROLLUPS, *AGGREGATES])
        raise cursor.refusal(
            f'unknown function with name "{name.text}" (Local Fly knows {known})', name
        )
    cursor.expect("(")
    argument = selector(cursor)
    cursor.expect(")")
    if argument.window is None:
        raise cursor.refusal(
            f'expected type range vector in call to function "{name.text}", got instant vector',
            name,
        )
    return Rollup(name.text, argument)


def _aggregate(cursor: Cursor, depth: int) -> Node:
    name = cursor.next()
    grouping = _grouping(cursor)
    cursor.expect("(")
    argument = _sum(cursor, depth + 1)
    cursor.expect(")")
    labels, without = grouping or _grouping(cursor) or ((), False)
    if is_range(argument) or is_scalar(argument):
        got = "range vector" if is_range(argument) else "scalar"
        raise cursor.refusal(
            f"expected type instant vector in aggregation expression, got {got}", name
        )
    return Aggregate(name.text, argument, labels, without)


def _grouping(cursor: Cursor) -> tuple[tuple[str, ...], bool] | None:
    word = cursor.take_any("by", "without")
    if word is None:
        return None
    cursor.expect("(")
    labels: list[str] = []
    while not cursor.take(")"):
        labels.append(label(cursor))
        if not cursor.take(","):
            cursor.expect(")")
            break
    return tuple(labels), word == "without"
