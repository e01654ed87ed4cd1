"""Every row, however the PBX cuts the list into pages."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from types import MappingProxyType
from typing import Any
from urllib.parse import parse_qs

import httpx
import pytest
from threecx_xapi import RetryPolicy, iterate, iterate_async
from threecx_xapi.errors import ConfigurationError, ServerError, UnexpectedAnswer
from threecx_xapi.paging import iterate_values

from tests.client.fake_pbx import FakePbx, Make, MakeAsync


def server(total: int, cap: int = 100, extra: Mapping[str, object] = MappingProxyType({})) -> Any:
    """A list of `total` rows that gives at most `cap` at once."""

    def answer(request: httpx.Request) -> httpx.Response:
        query = {
            name: int(values[0])
            for name, values in parse_qs(request.url.query.decode()).items()
            if name in ("$top", "$skip")
        }
        skip, top = query.get("$skip", 0), min(query.get("$top", cap), cap)
        rows = [{"Id": n} for n in range(total)][skip : skip + top]
        return httpx.Response(200, json={"@odata.context": "x", "value": rows, **extra})

    return answer


def ids(rows: Any) -> list[int]:
    return [row["Id"] for row in rows]


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize(
    ("total", "cap", "size", "requests"),
    [
        (0, 100, 100, 1),
        (1, 100, 100, 1),
        (99, 100, 100, 1),
        (100, 100, 100, 2),
        (101, 100, 100, 2),
        (250, 100, 100, 4),  # 50 at the end is a round number: one more question
        (257, 100, 100, 3),
        (257, 50, 100, 6),  # a PBX that gives fewer than asked for
        (257, 64, 100, 5),
        (257, 32, 100, 9),
        (257, 25, 100, 11),
        (30, 10, 100, 4),
        (257, 100, 500, 3),  # asked for more than it gives
        (7, 100, 3, 3),
        (6, 100, 3, 3),
    ],
)
def test_every_row(
    make: Make, make_async: MakeAsync, fake: FakePbx, kind: str, total: int, cap: int, size: int, requests: int
) -> None:
    fake.answers = [server(total, cap)] * 20

    async def gather() -> list[int]:
        async with make_async() as client:
            return [row["Id"] async for row in iterate_async(client, "/Users", page_size=size)]

    found = ids(iterate(make(), "/Users", page_size=size)) if kind == "sync" else asyncio.run(gather())
    assert found == list(range(total))
    assert len(fake.calls) == requests


def test_every_value_of_a_list_that_holds_no_objects(make: Make, fake: FakePbx) -> None:
    names = [f"eth{n}" for n in range(230)]

    def answer(request: httpx.Request) -> httpx.Response:
        skip = int(parse_qs(request.url.query.decode()).get("$skip", ["0"])[0])
        return httpx.Response(200, json={"value": names[skip : skip + 100]})

    fake.answers = [answer] * 5
    assert list(iterate_values(make(), "/Interfaces")) == names
    fake.answers = [answer]
    with pytest.raises(UnexpectedAnswer, match="the answer is a list, but its items are not objects"):
        list(iterate(make(), "/Interfaces"))


def test_on_the_wire(make: Make, fake: FakePbx) -> None:
    fake.answers = [server(150)] * 2
    list(iterate(make(), "/Users", params={"$select": "Id,Number", "$filter": "Name eq 'a b'"}))
    assert (
        fake.lines
        == [
            "GET /Users?$select=Id,Number&$filter=Name%20eq%20'a%20b'&$top=100",
            "GET /Users?$select=Id,Number&$filter=Name%20eq%20'a%20b'&$top=100&$skip=100",
            "GET /Users?$select=Id,Number&$filter=Name%20eq%20'a%20b'&$top=100&$skip=150",
        ][: len(fake.lines)]
    )
    assert len(fake.lines) == 2 or fake.lines[2].endswith("$skip=150")


def test_pages_are_asked_for_as_they_are_used(make: Make, fake: FakePbx) -> None:
    fake.answers = [server(500)] * 9
    rows = iterate(make(), "/Users")
    assert fake.calls == []
    assert next(rows) == {"Id": 0}
    assert len(fake.calls) == 1


@pytest.mark.parametrize(
    ("params", "expected", "requests"),
    [
        ({"$top": "5"}, range(5), 1),
        ({"$top": "150"}, range(150), 2),
        ({"$top": "0"}, range(0), 0),
        ({"$skip": "245"}, range(245, 257), 1),
        ({"$skip": "3", "$top": "2"}, range(3, 5), 1),
    ],
)
def test_top_and_skip_of_the_caller(
    make: Make, fake: FakePbx, params: dict[str, str], expected: range, requests: int
) -> None:
    fake.answers = [server(257)] * 9
    assert ids(iterate(make(), "/Users", params=params)) == list(expected)
    assert len(fake.calls) == requests


@pytest.mark.parametrize("count", [0, 1, 5, 10_000, "many", None])
def test_a_count_is_not_believed(make: Make, fake: FakePbx, count: object) -> None:
    fake.answers = [server(123, extra={"@odata.count": count})] * 9
    assert len(list(iterate(make(), "/Users"))) == 123


@pytest.mark.parametrize(
    "link",
    [
        "https://pbx.example.com/xapi/v1/Users?$skiptoken=a%20b",
        "https://PBX.example.com:443/xapi/v1/Users?$skiptoken=a%20b",
        "/xapi/v1/Users?$skiptoken=a%20b",
        "Users?$skiptoken=a%20b",
    ],
)
def test_next_link(make: Make, fake: FakePbx, link: str) -> None:
    fake.answers = [{"value": [{"Id": 1}], "@odata.nextLink": link}, {"value": [{"Id": 2}] * 10}]
    assert len(list(iterate(make(), "/Users"))) == 11
    assert fake.lines[1] == "GET /Users?$skiptoken=a%20b"


def test_next_link_on_an_empty_page(make: Make, fake: FakePbx) -> None:
    fake.answers = [{"value": [], "@odata.nextLink": "Users?$skiptoken=1"}, {"value": [{"Id": 2}]}]
    assert ids(iterate(make(), "/Users")) == [2]


@pytest.mark.parametrize(
    "link",
    [
        "https://evil.example/xapi/v1/Users?$skip=1",
        "http://pbx.example.com/xapi/v1/Users?$skip=1",
        "https://pbx.example.com:8443/xapi/v1/Users?$skip=1",
        "https://pbx.example.com@evil.example/xapi/v1/Users",
        "https://x@pbx.example.com/xapi/v1/Users",
        "//evil.example/xapi/v1/Users",
        "https://pbx.example.com/connect/token",
        "https://pbx.example.com/xapi/v1/../../connect/token",
        "https://pbx.example.com/xapi/v1/%2e%2e/%2e%2e/connect/token",
        "https://pbx.example.com/xapi/v1evil/Users",
        "javascript:alert(1)",
        "https://[bad/xapi/v1/Users",
        "https://pbx.example.com:99999/xapi/v1/Users",
    ],
)
def test_a_next_link_that_leads_elsewhere(make: Make, fake: FakePbx, link: str) -> None:
    fake.answers = [{"value": [{"Id": 1}], "@odata.nextLink": link}]
    rows = iterate(make(), "/Users")
    with pytest.raises(UnexpectedAnswer, match="nextLink"):
        list(rows)
    assert len(fake.requests) == 2  # the sign-in and the first page


def test_next_links_in_a_circle(make: Make, fake: FakePbx) -> None:
    fake.answers = [{"value": [{"Id": n}], "@odata.nextLink": f"Users?$skiptoken={n % 2}"} for n in range(9)]
    with pytest.raises(UnexpectedAnswer, match="circle"):
        list(iterate(make(), "/Users"))


def test_a_list_that_knows_no_top(make: Make, fake: FakePbx) -> None:
    fake.answers = [{"value": [{"Id": n} for n in range(250)]}]
    assert len(list(iterate(make(), "/Users"))) == 250
    assert len(fake.calls) == 1


def test_a_list_that_knows_skip_but_no_top(make: Make, fake: FakePbx) -> None:
    """More rows than asked for are no proof that these were all."""

    def answer(request: httpx.Request) -> httpx.Response:
        skip = int(parse_qs(request.url.query.decode()).get("$skip", ["0"])[0])
        return httpx.Response(200, json={"value": [{"Id": n} for n in range(257)][skip : skip + 100]})

    fake.answers = [answer] * 9
    assert ids(iterate(make(), "/Users", page_size=50)) == list(range(257))


def test_a_short_list_that_knows_neither_top_nor_skip(make: Make, fake: FakePbx) -> None:
    fake.answers = [{"value": [{"Id": n} for n in range(40)]}] * 9
    assert ids(iterate(make(), "/Users", page_size=10)) == list(range(40))
    assert len(fake.calls) == 2


@pytest.mark.parametrize("params", [{}, {"$count": "true"}])
@pytest.mark.parametrize("total", [1, 5, 40, 41, 64])
def test_a_list_of_less_than_a_page_that_knows_no_skip(
    make: Make, fake: FakePbx, params: dict[str, str], total: int
) -> None:
    """The question after a page of a round number of rows brings the same again: they were all."""
    fake.answers = [{"value": [{"Id": n} for n in range(total)], "@odata.count": total}] * 3
    assert ids(iterate(make(), "/Users", params=params)) == list(range(total))


def test_a_page_that_comes_again_and_is_not_all_there_is(make: Make, fake: FakePbx) -> None:
    fake.answers = [{"value": [{"Id": n} for n in range(40)], "@odata.count": 90}] * 3
    with pytest.raises(UnexpectedAnswer, match="same page came twice"):
        list(iterate(make(), "/Users", params={"$count": "true"}))


def test_a_list_that_knows_no_skip(make: Make, fake: FakePbx) -> None:
    fake.answers = [{"value": [{"Id": n} for n in range(100)]}] * 9
    with pytest.raises(UnexpectedAnswer, match="same page came twice"):
        list(iterate(make(), "/Users"))


@pytest.mark.parametrize("body", [{}, [], {"value": None}, {"value": {}}, {"value": [1]}, "x", {"Id": 1}])
def test_what_is_no_list(make: Make, fake: FakePbx, body: object) -> None:
    fake.answers = [httpx.Response(200, json=body)]
    with pytest.raises(UnexpectedAnswer, match="is (not )?a list"):
        list(iterate(make(), "/Users"))


def test_a_page_that_fails_is_no_end(make: Make, fake: FakePbx, once: RetryPolicy) -> None:
    fake.answers = [server(250), httpx.Response(500)]
    rows = iterate(make(retry=once), "/Users")
    with pytest.raises(ServerError):
        list(rows)


@pytest.mark.parametrize("path", ["Users", "/Users?$top=1", ""])
def test_not_a_path(make: Make, fake: FakePbx, path: str) -> None:
    with pytest.raises(ConfigurationError):
        list(iterate(make(), path))
    assert fake.requests == []


@pytest.mark.parametrize(("params", "size"), [({"$top": "x"}, 100), ({"$skip": "-1"}, 100), ({}, 0)])
def test_not_a_number_of_rows(make: Make, fake: FakePbx, params: dict[str, str], size: int) -> None:
    with pytest.raises(ConfigurationError):
        list(iterate(make(), "/Users", params=params, page_size=size))
    assert fake.requests == []


def counting(total: int, cap: int, count: object) -> Any:
    """A list that gives few rows at once and says how many there are, where it is asked."""
    rows = server(total, cap)

    def answer(request: httpx.Request) -> httpx.Response:
        body = rows(request).json()
        return httpx.Response(200, json=body | ({"@odata.count": count} if b"$count=true" in request.url.query else {}))

    return answer


COUNTED = {"$count": "true"}


@pytest.mark.parametrize("several", [{}, {"concurrency": 4, "key": "Id"}])
@pytest.mark.parametrize(("cap", "requests"), [(42, 8), (99, 3), (1, 258)])
def test_a_count_tells_a_short_page_from_the_end(
    make: Make, fake: FakePbx, several: dict[str, Any], cap: int, requests: int
) -> None:
    fake.answers = [counting(257, cap, 257)] * 300
    assert ids(iterate(make(), "/Users", params=COUNTED, **several)) == list(range(257))
    assert len(fake.calls) == requests
    assert ["$count" in line for line in fake.lines] == [True] + [False] * (requests - 1)


@pytest.mark.parametrize("count", [None, 0, 1, 41, -1, "many", True])
def test_a_count_that_is_too_small_ends_nothing(make: Make, fake: FakePbx, count: object) -> None:
    fake.answers = [counting(257, 100, count)] * 20
    assert ids(iterate(make(), "/Users", params=COUNTED)) == list(range(257))


@pytest.mark.parametrize("total", [0, 7, 107])
def test_a_count_that_is_too_large_costs_one_request(make: Make, fake: FakePbx, total: int) -> None:
    fake.answers = [counting(total, 100, 10**9)] * 20
    assert ids(iterate(make(), "/Users", params=COUNTED)) == list(range(total))
    assert len(fake.calls) == total // 100 + 1 + bool(total)


def test_a_count_of_a_list_that_knows_no_pages_does_no_harm(make: Make, fake: FakePbx) -> None:
    fake.answers = [lambda _: httpx.Response(200, json={"value": [{"Id": 1}, {"Id": 2}], "@odata.count": 9})] * 3
    assert ids(iterate(make(), "/Users", params=COUNTED)) == [1, 2]


@pytest.mark.parametrize("params", [{"$top": "50"}, {"$skip": "207"}])
def test_a_count_goes_with_what_is_asked_for(make: Make, fake: FakePbx, params: dict[str, str]) -> None:
    fake.answers = [counting(257, 44, 257)] * 3
    assert len(ids(iterate(make(), "/Users", params=COUNTED | params))) == 50
    assert len(fake.calls) == 2
