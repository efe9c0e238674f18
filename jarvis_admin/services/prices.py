"""The dated price books."""

import json
from functools import lru_cache
from importlib.resources import files
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import Session

from jarvis_admin.domain.pricing import PriceBook
from jarvis_admin.errors import Conflict
from jarvis_admin.models import PriceBookVersion

_FIRST_BOOK = "prices-2026-08-09.json"


def load(session: Session) -> tuple[PriceBook, ...]:
    """All books, oldest first. One statement; a book is parsed once per process."""
    rows = session.execute(
        select(PriceBookVersion.version, PriceBookVersion.figures).order_by(
            PriceBookVersion.effective_from, PriceBookVersion.version
        )
    )
    return tuple(_parsed(version, json.dumps(figures)) for version, figures in rows)


def import_book(
    session: Session, figures: dict[str, Any], note: str = "", made_by: str = ""
) -> PriceBook:
    """Check the figures and store them under their version; Invalid says what is wrong.

    A version that is there is never changed, whoever was billed by it: Conflict.
    """
    book = PriceBook.from_dict(figures)
    known = session.get(PriceBookVersion, book.version)
    if known is not None and known.figures != figures:
        raise Conflict(
            f"Price version {book.version} is there with other figures. A version never "
            "changes: give the new figures a name of their own."
        )
    if known is None:
        session.add(
            PriceBookVersion(
                version=book.version,
                effective_from=book.effective_from,
                figures=figures,
                note=note,
                made_by=made_by,
            )
        )
        session.flush()
    return book


def import_first_book(session: Session) -> PriceBook:
    """The book that ships with us: Fly's prices of August 2026."""
    return import_book(session, shipped_figures(), note="Fly's prices of August 2026")


@lru_cache(maxsize=1)
def _shipped() -> str:
    return files("jarvis_admin").joinpath("data", _FIRST_BOOK).read_text()


def shipped_figures() -> dict[str, Any]:
    figures: dict[str, Any] = json.loads(_shipped())
    return figures


@lru_cache(maxsize=64)
def _parsed(_version: str, figures: str) -> PriceBook:
    return PriceBook.from_dict(json.loads(figures))
