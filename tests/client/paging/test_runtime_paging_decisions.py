"""Decisions about the next page of a list, without any request."""

from __future__ import annotations

from collections.abc import Sequence
from urllib.parse import parse_qs

import httpx
import pytest
from threecx_xapi import iterate
from threecx_xapi._operations.ahead import Ahead
from threecx_xapi._operations.pages import Page, Pages
from threecx_xapi.errors import UnexpectedAnswer
from threecx_xapi.reply import Reply

from tests.client.fake_pbx import FakePbx, Make
from tests.client.paging.test_runtime_paging_ahead import READ, Rows, serve

BASE = "https://pbx.example.com"
REPLY = Reply(200, httpx.Headers(), b"", "GET", f"{BASE}/xapi/v1/Users")


def page(ids: Sequence[int], link: str | None = None, total: int | None = None) -> Page:
    return Page([{"Id": one} for one in ids], link, total, REPLY, 10)


def started(total: int | None = None, concurrency: int = 2) -> Ahead:
    """Three rows at a time; the first page has been taken."""
    ahead = Ahead(BASE, "/Users", None, 3, "Id", concurrency)
    assert take(ahead, page([0, 1, 2], total=total)) == [0, 1, 2]
    return ahead


def take(ahead: Ahead, *pages: Page) -> list[int]:
    assert len(ahead.targets) == len(pages)
    return [row["Id"] for row in ahead.take([ahead.part(one) for one in pages])]


def asked(ahead: Ahead) -> list[tuple[int, int]]:
    """$skip and $top of what is asked for next."""
    queries = [parse_qs(target.partition("?")[2]) for target in ahead.targets]
    return [(int(query.get("$skip", ["0"])[0]), int(query["$top"][0])) for query in queries]


def full(ahead: Ahead) -> list[Page]:
    return [page(range(begin, begin + rows)) for begin, rows in asked(ahead)]


def test_each_page_begins_with_the_last_row_of_the_one_before() -> None:
    assert asked(started()) == [(2, 3), (4, 3)]


def test_a_round_that_was_full_is_followed_by_a_larger_one_up_to_a_limit() -> None:
    ahead, rounds = started(), []
    for _ in range(5):
        rounds.append(len(ahead.targets))
        take(ahead, *full(ahead))
    assert rounds == [2, 4, 8, 8, 8]


@pytest.mark.parametrize("ids", [[], [9, 10, 11], [2, 3, 4, 5]])
def test_a_page_that_does_not_join_is_looked_for_further_back(ids: list[int]) -> None:
    """Empty, beginning with another row, or with more rows than were asked for."""
    ahead = started()
    assert take(ahead, page(ids), page([4, 5, 6])) == []
    assert asked(ahead) == [(0, 3)]


def test_a_short_page_before_one_with_rows_is_not_the_end() -> None:
    ahead = started()
    assert take(ahead, page([2, 3]), page([5, 6, 7])) == [3]
    assert asked(ahead) == [(1, 3)]


def test_a_short_page_before_empty_ones_is_the_end() -> None:
    ahead = started()
    assert take(ahead, page([2, 3]), page([])) == [3]
    assert asked(ahead) == []


def test_a_short_page_with_a_link_is_followed() -> None:
    ahead = started()
    link = f"{BASE}/xapi/v1/Users?$skiptoken=7"
    assert take(ahead, page([2, 3], link=link), page([])) == [3]
    assert ahead.targets == ["/Users?$skiptoken=7"]


def test_a_short_page_is_the_end_only_if_the_count_agrees() -> None:
    ahead = started(total=9)
    take(ahead, page([2, 3]), page([]))
    assert asked(ahead) == [(3, 3)], "asked once more for what there should be"
    take(ahead, page([3]))
    assert asked(ahead) == []


def test_each_look_back_goes_twice_as_far() -> None:
    ahead = started()
    for _ in range(3):
        take(ahead, *full(ahead))
    begin = asked(ahead)[0][0]
    take(ahead, *[page([900, 901, 902])] * len(ahead.targets))
    for distance in (3, 6, 12):
        begin = max(0, begin - distance)
        assert asked(ahead) == [(begin, 3)]
        if begin:
            take(ahead, page([900, 901, 902]))


def test_looking_back_in_vain_has_an_end() -> None:
    ahead = started()
    take(ahead, page([900]), page([]))
    for _ in range(11):
        ahead._asked = [ahead._asked[0]._replace(begin=50)]
        take(ahead, page([900]))
    ahead._asked = [ahead._asked[0]._replace(begin=50)]
    with pytest.raises(UnexpectedAnswer, match="cannot be read page by page"):
        take(ahead, page([900]))


def test_a_limit_holds_after_a_look_back(make: Make, fake: FakePbx) -> None:
    """A page that is looked at again may have more new rows than are wanted."""
    rows = serve(fake, Rows(1000))

    def remove(number: int) -> None:
        if number == 2:
            del rows.ids[:60]

    rows.before = remove
    assert len(list(iterate(make(), "/Users", params={"$top": "101"}, **READ))) == 101


def test_nothing_is_asked_for_once_a_look_back_has_reached_the_limit() -> None:
    ahead = Ahead(BASE, "/Users", {"$top": "4"}, 3, "Id", 2)
    take(ahead, page([0, 1, 2]))
    take(ahead, page([]))
    assert asked(ahead) == [(0, 3)]
    assert take(ahead, page([2, 7, 8])) == [7]
    assert asked(ahead) == []


def test_the_last_page_of_a_limit_is_as_large_as_what_is_left() -> None:
    pages = Pages(BASE, "/Users", {"$top": "7"}, 3)
    tops = []
    for ids in ([1, 2, 3], [4, 5, 6], [7]):
        assert pages.target is not None
        tops.append(parse_qs(pages.target.partition("?")[2])["$top"][0])
        pages.take(page(ids))
    assert tops == ["3", "3", "1"]
    assert pages.target is None
