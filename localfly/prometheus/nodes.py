"""What a parsed query consists of."""

from dataclasses import dataclass

from localfly.prometheus.matchers import Matcher


@dataclass(frozen=True)
class Number:
    value: float


@dataclass(frozen=True)
class Selector:
    """`window` in seconds makes it a range vector; `offset` looks that far back."""

    matchers: tuple[Matcher, ...]
    window: float | None = None
    offset: float = 0.0


@dataclass(frozen=True)
class Rollup:
    function: str
    argument: Selector


@dataclass(frozen=True)
class Aggregate:
    """Without a grouping: `labels` is empty and `without` is false."""

    operation: str
    argument: "Node"
    labels: tuple[str, ...] = ()
    without: bool = False


@dataclass(frozen=True)
class Binary:
    sign: str
    left: "Node"
    right: "Node"


Node = Number | Selector | Rollup | Aggregate | Binary


def is_scalar(node: Node) -> bool:
    if isinstance(node, Binary):
        return is_scalar(node.left) and is_scalar(node.right)
    return isinstance(node, Number)


def is_range(node: Node) -> bool:
    return isinstance(node, Selector) and node.window is not None
