"""Fly's invoice as a file: read strictly, refused with one clear sentence a problem."""

from decimal import Decimal

import pytest

from jarvis_admin.domain.invoice_file import read
from jarvis_admin.errors import Invalid

GOOD = """\
Invoice 123,,,,
,,,,
Product,Name,Quantity,Unit,Amount (USD)
Compute,"shared-cpu-1x, 512MB",3600,seconds,"1,234.50"
Volumes,Volume,10,GB-month,$1.50

Total,,,,"1,236.00"
"""


def test_lines_are_read_whatever_stands_above_the_head():
    found = read(GOOD.encode())

    assert found.problems == []
    assert [(line.number, line.description) for line in found.lines] == [
        (4, "Compute · shared-cpu-1x, 512MB"),
        (5, "Volumes · Volume"),
    ]
    assert found.lines[0].amount_nano == 1_234_500_000_000
    assert found.lines[1].quantity == Decimal(10)
    assert found.printed_nano == 1_236_000_000_000


@pytest.mark.parametrize("delimiter", [",", ";", "\t"])
def test_any_usual_delimiter_and_a_byte_order_mark(delimiter: str):
    text = delimiter.join(["description", "amount"]) + "\r\n" + delimiter.join(["ram", "1.5"])

    (line,) = read(text.encode("utf-8-sig")).lines

    assert (line.description, line.amount_nano) == ("ram", 1_500_000_000)


def test_an_amount_may_be_quantity_times_unit_price():
    (line,) = read(b"item,qty,unit price\nvolume,10,0.15\n").lines

    assert line.amount_nano == 1_500_000_000


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "is empty"),
        (b"  \n ", "is empty"),
        (b"%PDF-1.7 x", "This is the PDF"),
        ("description,amount\nx,1".encode("utf-16"), "UTF-16"),
        (b"description,amount\ncaf\xe9,1", "byte 23 is no letter"),
        (b"description,amount\nx\0,1", "zero bytes"),
        (b"name,cost\n", "a head and no line"),
        (b"one,two\n1,2\n", "no column of descriptions"),
        (b"name,two\n1,2\n", "no column of amounts: its head should say amount, total"),
        (b'name,cost\n"x,1\n', "is not CSV"),
        (b"x" * (1024 * 1024 + 1), "larger than 1 MB"),
        (b"name,cost\n" + b"x,1\n" * 20_001, "more than 20,000 lines"),
    ],
)
def test_what_is_no_invoice_is_told_why(content: bytes, said: str):
    with pytest.raises(Invalid, match=said):
        read(content)


@pytest.mark.parametrize(
    ("line", "said"),
    [
        ("x,1,2,usd,9", "Line 2: it has 5 cells, the head has 4."),
        ("x,1,a lot,usd", "Line 2: “a lot” is not an amount"),
        ("x,some,1,usd", "Line 2: “some” is not an amount"),
        (",1,1,usd", "Line 2: it does not say what it is for."),
        ("x,1,,usd", "Line 2: it has no amount."),
        ("x,1,1,EUR", "Line 2: it is in EUR, not in US dollars."),
        ("x,1,99999999999,usd", "Line 2: 99999999999 is more than"),
    ],
)
def test_a_bad_line_is_one_sentence(line: str, said: str):
    (problem,) = read(f"name,qty,cost,currency\n{line}\n".encode()).problems

    assert said in problem


def test_every_bad_line_is_named():
    found = read(b"name,cost\nx,1\n,2\ny,z\n")

    assert [problem[:6] for problem in found.problems] == ["Line 3", "Line 4"]
    assert len(found.lines) == 1
