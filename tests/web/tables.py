"""Reading a page as a person would: the cells of a table, in words."""

import re

_ROW, _CELL = re.compile(r"<tr.*?</tr>", re.DOTALL), re.compile(r"<t[hd]\b.*?</t[hd]>", re.DOTALL)


def rows(html: str, label: str) -> list[list[str]]:
    """Head, body and foot of the table in the scroll region labelled so."""
    table = html.split(f'aria-label="{label}"', 1)[1].split("</table>", 1)[0]
    return [[words(cell) for cell in _CELL.findall(row)] for row in _ROW.findall(table)]


def words(html: str) -> str:
    return " ".join(re.sub(r"<[^>]+>", " ", html).split())


def link(html: str, text: str) -> str:
    """Where the first link that reads so leads."""
    found = re.search(rf'href="([^"]*)"[^>]*>{re.escape(text)}<', html)
    assert found, f"no link reads {text}"
    return found[1].replace("&amp;", "&")
