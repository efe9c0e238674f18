"""Price books for tests: the one that is shipped, and variations of it."""

import json
from pathlib import Path
from typing import Any

from jarvis_admin.domain.pricing import PriceBook

SHIPPED = Path(__file__).parents[2] / "jarvis_admin/data/prices-2026-08-09.json"


def shipped_figures() -> dict[str, Any]:
    return json.loads(SHIPPED.read_text())


def make_book(**changes: Any) -> PriceBook:
    """The shipped book with some of its top-level figures replaced."""
    return PriceBook.from_dict({**shipped_figures(), **changes})
