"""The pages of URLs: read as they are needed, a few kept."""

from datetime import timedelta

import pytest

from archiver.errors import Damaged, Trouble
from archiver.restore_ticket import PackUrls, RestoreTicket, seal_page
from tests.archiver.depot import Depot

KEY = bytes(range(32))
PAGES = [[("a1", 2 * page + 1, f"url {page}"), ("a2", page, "x")] for page in range(9)]


@pytest.fixture
def ticket(depot: Depot) -> RestoreTicket:
    following = ""
    for number, page in reversed(list(enumerate(PAGES, start=1))):
        depot.store.put(f"pages/{number}", seal_page(KEY, number, page, following))
        following = depot.store.url("GET", f"pages/{number}", timedelta(hours=1))
    return RestoreTicket("a1", "/", "", KEY, {}, following)


def test_packs_are_found_in_their_order_and_out_of_it(ticket: RestoreTicket) -> None:
    urls = PackUrls(ticket)

    assert [urls.of("a1", 2 * page + 1) for page in range(9)] == [f"url {n}" for n in range(9)]
    assert [urls.of("a1", number) for number in (17, 15, 1, 9)] == [
        f"url {page}" for page in (8, 7, 0, 4)
    ]
    assert urls.of("a2", 8) == "x"


def test_pages_are_not_read_before_they_are_needed(depot: Depot, ticket: RestoreTicket) -> None:
    urls = PackUrls(ticket)
    depot.store.delete("pages/3")

    assert urls.of("a1", 3) == "url 1"
    with pytest.raises(Trouble, match="status 404"):
        urls.of("a1", 5)


def test_a_pack_on_no_page_is_told(ticket: RestoreTicket) -> None:
    with pytest.raises(Trouble, match="The ticket lacks pack 2 of a1"):
        PackUrls(ticket).of("a1", 2)


def test_a_page_in_anothers_place_does_not_open(depot: Depot, ticket: RestoreTicket) -> None:
    depot.store.put("pages/1", depot.store.get("pages/2"))

    with pytest.raises(Damaged):
        PackUrls(ticket).of("a1", 1)
