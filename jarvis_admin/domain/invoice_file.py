"""Fly's invoice as CSV, read strictly: a line that cannot be read is a sentence, never a guess.

Fly documents no columns (invoices come through its payment service's portal), so the head may
name them in any of the usual ways, in any order, with lines of address above it.
"""

import csv
import io
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from decimal import Decimal

from jarvis_admin.domain.money import NANO
from jarvis_admin.domain.written_money import read_decimal
from jarvis_admin.errors import Invalid

LARGEST = 1024 * 1024
MOST_LINES = 20_000
COLUMNS = {
    "description": ("description", "line item", "item", "name", "product", "resource", "service"),
    "quantity": ("quantity", "qty", "usage", "usage quantity"),
    "unit": ("unit", "units", "unit of measure", "uom", "usage unit"),
    "unit_price": ("unit price", "unit amount", "price", "price per unit", "rate"),
    "amount": ("amount", "total", "line total", "cost", "total cost", "charge", "subtotal"),
    "app": ("app", "app name", "application"),
    "region": ("region", "region code", "location"),
    "currency": ("currency",),
}
_TOTAL = re.compile(r"(grand |invoice |sub)?total( due)?|amount due|balance due")
_LOOKED_AT = 20  # lines above which the head must stand
_MOST_NANO = 10**7 * NANO
_LENGTHS = {"description": 500, "app": 120, "region": 32, "unit": 40}


@dataclass(frozen=True)
class Line:
    number: int  # of the file, its first line is 1
    description: str
    app: str
    region: str
    quantity: Decimal | None
    unit: str
    amount_nano: int


@dataclass(frozen=True)
class Read:
    lines: list[Line]
    printed_nano: int | None  # the total the file itself prints
    problems: list[str]


def read(content: bytes) -> Read:
    """Invalid when there is no telling lines apart at all; else every bad line is named."""
    rows = _rows(_text(content))
    position, columns = _head(rows)
    lines: list[Line] = []
    problems: list[str] = []
    printed = None
    for number, cells in rows[position + 1 :]:
        try:
            if len(cells) != len(rows[position][1]):
                raise Invalid(f"it has {len(cells)} cells, the head has {len(rows[position][1])}.")
            found = _line(number, cells, columns)
        except Invalid as invalid:
            problems.append(f"Line {number}: {invalid}")
            continue
        if found.quantity is None and _TOTAL.fullmatch(found.description.lower()):
            printed = found.amount_nano
        else:
            lines.append(found)
    if not lines and not problems:
        raise Invalid("The file has a head and no line below it.")
    return Read(lines, printed, problems)


def _text(content: bytes) -> str:
    if not content.strip():
        raise Invalid("Choose a file first; the one that came is empty.")
    if len(content) > LARGEST:
        raise Invalid("The file is larger than 1 MB.")
    if content[:2] in (b"\xff\xfe", b"\xfe\xff"):
        raise Invalid("The file is UTF-16 text; save it as UTF-8.")
    if content.startswith(b"%PDF"):
        raise Invalid("This is the PDF; upload the invoice as CSV.")
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        place = error.start + 1
        raise Invalid(f"The file is not UTF-8 text: byte {place} is no letter.") from error
    if "\0" in text:
        raise Invalid("The file is not text: it holds zero bytes.")
    return text


def _rows(text: str) -> list[tuple[int, list[str]]]:
    """Rows that are not blank, with the number of the line each ends on."""
    first = "\n".join(text.splitlines()[:_LOOKED_AT])
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows = []
    try:
        for cells in reader:
            if any(cell.strip() for cell in cells):
                rows.append((reader.line_num, [cell.strip() for cell in cells]))
            if len(rows) > MOST_LINES:
                raise Invalid(f"The file has more than {MOST_LINES:,} lines.")
    except csv.Error as error:
        raise Invalid(f"Line {reader.line_num} is not CSV: {error}.") from error
    return rows


def _head(rows: Sequence[tuple[int, list[str]]]) -> tuple[int, dict[str, list[int]]]:
    """Where the head stands, and the places of each column it names."""
    best: dict[str, list[int]] = {}
    for position, (_, cells) in enumerate(rows[:_LOOKED_AT]):
        columns = dict(_columns(cells))
        if "description" in columns and "amount" in columns:
            return position, columns
        if "description" in columns and {"quantity", "unit_price"} <= columns.keys():
            return position, columns
        best = columns if len(columns) > len(best) else best
    missing = "descriptions" if "description" not in best else "amounts"
    names = COLUMNS["description" if missing == "descriptions" else "amount"]
    raise Invalid(f"The file has no column of {missing}: its head should say {_or(names)}.")


def _columns(cells: Sequence[str]) -> Iterator[tuple[str, list[int]]]:
    named = [re.sub(r"[^a-z]+", " ", cell.lower().replace("usd", " ")).strip() for cell in cells]
    for column, names in COLUMNS.items():
        places = [named.index(name) for name in names if name in named]
        if places:
            # What a thing is may be said in two columns: product and name.
            yield column, sorted(places) if column == "description" else places[:1]


def _line(number: int, cells: Sequence[str], columns: dict[str, list[int]]) -> Line:
    def cell(name: str) -> str:
        said = [cells[place] for place in columns.get(name, ()) if cells[place]]
        return " · ".join(dict.fromkeys(said))[: _LENGTHS.get(name, 100)]

    description, currency = cell("description"), cell("currency")
    if not description:
        raise Invalid("it does not say what it is for.")
    if currency and currency.upper() not in ("USD", "$", "US$"):
        raise Invalid(f"it is in {currency[:10]}, not in US dollars.")
    quantity = read_decimal(cell("quantity")) if cell("quantity") else None
    return Line(
        number,
        description,
        cell("app"),
        cell("region"),
        quantity,
        cell("unit"),
        _amount(cell("amount"), quantity, cell("unit_price")),
    )


def _amount(written: str, quantity: Decimal | None, price: str) -> int:
    if written:
        amount = read_decimal(written)
    elif quantity is not None and price:
        amount = quantity * read_decimal(price)
    else:
        raise Invalid("it has no amount.")
    nano = round(amount * NANO)
    if abs(nano) > _MOST_NANO:
        raise Invalid(f"{written[:30]} is more than an invoice can say.")
    return nano


def _or(names: Sequence[str]) -> str:
    return f"{', '.join(names[:-1])} or {names[-1]}"
