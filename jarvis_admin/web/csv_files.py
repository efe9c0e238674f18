"""Tables as files for spreadsheets: UTF-8, exact amounts, and no cell that a sheet would run."""

import csv
import io
from collections.abc import Iterable, Sequence

from flask import Response

# A cell that begins so is a formula to a spreadsheet.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


def text(value: str) -> str:
    """Text from outside; an apostrophe keeps a spreadsheet from reading it as a formula."""
    return f"'{value}" if value.lstrip(" ").startswith(_FORMULA) else value


def attachment(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> Response:
    """`name` is ours: letters, digits, dashes and dots only."""
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    writer.writerow(head)
    writer.writerows(rows)
    response = Response(file.getvalue(), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
