"""Parallel paging returns every row once, even if the list changes while it is read."""

from __future__ import annotations

import asyncio
import itertools
import threading
from collections.abc import Callable
from typing import Any
from urllib.parse import parse_qs

import anyio
import httpx
import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st
from threecx_xapi import RetryPolicy, iterate, iterate_async
from threecx_xapi.deadline import time_limit
from threecx_xapi.errors import ConfigurationError, DeadlineExceeded, ServerError, UnexpectedAnswer
from threecx_xapi.models import User

from tests.client.fake_pbx import FakePbx, Make, MakeAsync

READ: Any = {"concurrency": 4, "key": "Id"}


class Rows:
    """A list that answers pages by the book, and may change before it answers one."""

    def __init__(self, total: int, *, cap: int = 100) -> None:
        self.ids = list(range(total))
        self.cap = cap
        self.before: Callable[[int], None] = lambda n: None
        self.count: object = True  # to be told as it is
        self.queries: list[dict[str, str]] = []
        self._lock = threading.Lock()

    def __call__(self, request: httpx.Request) -> httpx.Response:
        query = {name: values[0] for name, values in parse_qs(request.url.query.decode()).items()}
        with self._lock:
            self.queries.append(query)
            self.before(len(self.queries))
            skip, top = int(query.get("$skip", 0)), min(int(query["$top"]), self.cap)
            ids = sorted(self.ids)
            body: dict[str, Any] = {"value": [{"Id": one, "Name": f"n{one}"} for one in ids[skip : skip + top]]}
            if query.get("$count") == "true" and self.count is not None:
                body["@odata.count"] = len(ids) if self.count is True else self.count
        return httpx.Response(200, json=body)

    @property
    def targets(self) -> list[tuple[int, int]]:
        """$skip and $top of what was asked for, in the order of the list."""
        return sorted((int(query.get("$skip", 0)), int(query["$top"])) for query in self.queries)


def serve(fake: FakePbx, rows: Any, times: int = 400) -> Any:
    fake.answers = [rows] * times
    return rows


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("count", [True, None, 0, 3, 10**9, "many", -1, 2.5])
@pytest.mark.parametrize("total", [0, 1, 99, 100, 101, 199, 200, 298, 1000, 1091])
def test_every_row_once_and_in_order(
    make: Make, make_async: MakeAsync, fake: FakePbx, kind: str, count: object, total: int
) -> None:
    rows = serve(fake, Rows(total))
    rows.count = count

    async def gather() -> list[int]:
        async with make_async() as client:
            return [row["Id"] async for row in iterate_async(client, "/Users", concurrency=4, key="Id")]

    found = [row["Id"] for row in iterate(make(), "/Users", **READ)] if kind == "sync" else asyncio.run(gather())
    assert found == list(range(total))
    assert (
        len(rows.queries) <= total // 99 + 2 + 4 * 4
    )  # a count that is missing or wrong costs a round in vain at most


def test_a_count_that_is_right_saves_the_questions_beyond_the_end(make: Make, fake: FakePbx) -> None:
    rows = serve(fake, Rows(1000))
    assert len(list(iterate(make(), "/Users", **READ))) == 1000
    assert rows.targets == [(0, 100), *((n, 100) for n in range(99, 1000, 99))]
    assert [query.get("$count") for query in rows.queries] == ["true"] + [None] * (len(rows.queries) - 1)


def test_one_page_is_one_request(make: Make, fake: FakePbx) -> None:
    rows = serve(fake, Rows(57))
    assert len(list(iterate(make(), "/Users", **READ))) == 57
    assert len(rows.queries) == 1


@pytest.mark.parametrize(
    ("params", "expected"),
    [
        ({"$top": "0"}, []),
        ({"$top": "5"}, range(5)),
        ({"$top": "100"}, range(100)),
        ({"$top": "101"}, range(101)),
        ({"$top": "250"}, range(250)),
        ({"$skip": "30"}, range(30, 1000)),
        ({"$skip": "30", "$top": "500"}, range(30, 530)),
        ({"$skip": "990", "$top": "500"}, range(990, 1000)),
    ],
)
def test_top_and_skip_of_the_caller(make: Make, fake: FakePbx, params: dict[str, str], expected: range) -> None:
    serve(fake, Rows(1000))
    assert [row["Id"] for row in iterate(make(), "/Users", params=params, **READ)] == list(expected)


@pytest.mark.parametrize(
    ("params", "order", "select"),
    [
        ({}, "Id", None),
        ({"$orderby": "Name desc"}, "Name desc,Id", None),
        ({"$orderby": "Name, Id desc"}, "Name, Id desc", None),
        ({"$select": "Name"}, "Id", "Name,Id"),
        ({"$select": "Id,Name"}, "Id", "Id,Name"),
    ],
)
def test_the_key_is_asked_for_and_ordered_by(
    make: Make, fake: FakePbx, params: dict[str, str], order: str, select: str | None
) -> None:
    rows = serve(fake, Rows(250))
    found = list(iterate(make(), "/Users", params=params, **READ))
    assert {(query["$orderby"], query.get("$select")) for query in rows.queries} == {(order, select)}
    assert len(found) == 250
    assert all(("Id" in row) == (params.get("$select") != "Name") for row in found)


def test_a_pbx_that_gives_less_than_asked_for_is_read_page_by_page(make: Make, fake: FakePbx) -> None:
    serve(fake, Rows(333, cap=50))
    assert [row["Id"] for row in iterate(make(), "/Users", **READ)] == list(range(333))


def test_rows_without_that_key_are_read_page_by_page(make: Make, fake: FakePbx) -> None:
    serve(fake, Rows(333))
    assert len(list(iterate(make(), "/Users", concurrency=4, key="Number"))) == 333


def test_links_are_followed_one_after_the_other(make: Make, fake: FakePbx) -> None:
    def page(begin: int, link: str | None) -> dict[str, Any]:
        rows = [{"Id": n} for n in range(begin, begin + 100)]
        return {"value": rows} if link is None else {"value": rows, "@odata.nextLink": link}

    fake.answers = [page(0, "Users?$skiptoken=1"), page(100, "Users?$skiptoken=2"), page(200, None)]
    assert len(list(iterate(make(), "/Users", **READ))) == 300
    assert fake.lines[1:] == ["GET /Users?$skiptoken=1", "GET /Users?$skiptoken=2"]


def test_a_list_without_skip_is_no_endless_one(make: Make, fake: FakePbx) -> None:
    serve(fake, lambda request: httpx.Response(200, json={"value": [{"Id": n} for n in range(100)]}))
    with pytest.raises(UnexpectedAnswer, match="page by page"):
        list(iterate(make(), "/Users", **READ))
    assert len(fake.calls) < 100


def test_a_list_that_never_ends_is_given_up(make: Make, fake: FakePbx, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("threecx_xapi._operations.pages._MOST_PAGES", 50)
    serve(fake, Rows(100_000))
    with pytest.raises(UnexpectedAnswer, match="not ended after 50 pages"):
        list(iterate(make(), "/Users", **READ))
    with pytest.raises(UnexpectedAnswer, match="not ended after 50 pages"):
        list(iterate(make(), "/Users"))


@settings(max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None)
@given(
    total=st.integers(0, 90),
    size=st.integers(2, 9),
    changes=st.lists(
        st.tuples(st.integers(1, 25), st.sampled_from("+-"), st.integers(0, 100), st.integers(1, 12)), max_size=6
    ),
)
@example(total=90, size=9, changes=[(3, "-", 0, 12), (5, "-", 0, 12), (7, "-", 0, 12)])
def test_a_list_that_changes_meanwhile(
    make: Make, fake: FakePbx, total: int, size: int, changes: list[tuple[int, str, int, int]]
) -> None:
    """Rows that exist throughout are returned once, no row is returned twice, and no row is invented."""
    rows = serve(fake, Rows(total))
    constant, ever = set(rows.ids), set(rows.ids)
    fresh = itertools.count(1000)

    def change(request: int) -> None:
        for when, what, place, many in changes:
            if when == request and what == "+":
                rows.ids += [new := next(fresh) if place % 2 else -next(fresh)]  # at the end, or at the beginning
                ever.add(new)
            elif when == request:
                gone = sorted(rows.ids)[place : place + many]
                rows.ids = [one for one in rows.ids if one not in gone]
                constant.difference_update(gone)

    rows.before = change
    found = [row["Id"] for row in iterate(make(), "/Users", page_size=size, **READ)]
    assert len(found) == len(set(found))
    assert constant <= set(found) <= ever


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_they_are_asked_for_at_the_same_time(make: Make, make_async: MakeAsync, fake: FakePbx, kind: str) -> None:
    """Nobody is answered before four are waiting."""
    rows = Rows(100 + 4 * 99 - 1)
    together = threading.Barrier(4, timeout=30)
    waiting = 0

    def sync(request: httpx.Request) -> httpx.Response:
        if b"skip" in request.url.query:
            together.wait()
        return rows(request)

    async def main() -> int:
        everybody = anyio.Event()

        async def handler(request: httpx.Request) -> httpx.Response:
            nonlocal waiting
            if b"skip" in request.url.query:
                waiting += 1
                if waiting % 4 == 0:
                    everybody.set()
                with anyio.fail_after(30):
                    await everybody.wait()
                return rows(request)
            return await fake.async_call(request)

        fake.answers = [rows]
        async with make_async(transport=httpx.MockTransport(handler)) as client:
            return len([row async for row in iterate_async(client, "/Users", concurrency=4, key="Id")])

    if kind == "sync":
        serve(fake, sync)
        assert len(list(iterate(make(), "/Users", **READ))) == len(rows.ids)
    else:
        assert asyncio.run(main()) == len(rows.ids)


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_no_more_than_asked_for_at_the_same_time(make: Make, make_async: MakeAsync, fake: FakePbx, kind: str) -> None:
    rows, now, most = Rows(5000), 0, 0
    lock = threading.Lock()

    def enter(step: int) -> None:
        nonlocal now, most
        with lock:
            now += step
            most = max(most, now)

    def sync(request: httpx.Request) -> httpx.Response:
        enter(1)
        try:
            return rows(request)
        finally:
            enter(-1)

    async def main() -> None:
        async def handler(request: httpx.Request) -> httpx.Response:
            enter(1)
            await anyio.sleep(0)
            enter(-1)
            return await fake.async_call(request)

        serve(fake, rows)
        async with make_async(transport=httpx.MockTransport(handler)) as client:
            assert len([row async for row in iterate_async(client, "/Users", concurrency=3, key="Id")]) == 5000

    if kind == "sync":
        serve(fake, sync)
        assert len(list(iterate(make(), "/Users", concurrency=3, key="Id"))) == 5000
    else:
        asyncio.run(main())
        assert most == 3
    assert most <= 3


@pytest.mark.parametrize("kind", ["sync", "async"])
def test_a_page_that_fails_is_the_failure_of_all(
    make: Make, make_async: MakeAsync, fake: FakePbx, once: RetryPolicy, kind: str
) -> None:
    rows = Rows(1000)

    def answer(request: httpx.Request) -> httpx.Response:
        return httpx.Response(500) if b"skip=297" in request.url.query else rows(request)

    async def main() -> None:
        async with make_async(retry=once) as client:
            found.extend([row["Id"] async for row in iterate_async(client, "/Users", concurrency=4, key="Id")])

    def read() -> None:
        found.extend(row["Id"] for row in iterate(make(retry=once), "/Users", **READ))

    serve(fake, answer)
    found: list[int] = []
    with pytest.raises(ServerError):
        read() if kind == "sync" else asyncio.run(main())
    assert found in ([], list(range(100)))


def test_leaving_early_leaves_no_thread(make: Make, fake: FakePbx) -> None:
    serve(fake, Rows(5000))
    rows = iterate(make(), "/Users", **READ)
    for _ in range(150):
        next(rows)
    rows.close()  # type: ignore[attr-defined]
    assert not [thread for thread in threading.enumerate() if "threecx-xapi-pages" in thread.name]


def test_a_time_limit_reaches_the_threads(make: Make, fake: FakePbx, monkeypatch: pytest.MonkeyPatch) -> None:
    now = 0.0
    monkeypatch.setattr("threecx_xapi.deadline.now", lambda: now)
    rows = serve(fake, Rows(5000))

    def pass_time(request: int) -> None:
        nonlocal now
        now = 100.0 if request > 1 else 0.0

    rows.before = pass_time
    with time_limit(60), pytest.raises(DeadlineExceeded):
        list(iterate(make(), "/Users", **READ))


@pytest.mark.parametrize(
    "options", [{"concurrency": 0, "key": "Id"}, {"concurrency": -1, "key": "Id"}, {"concurrency": 2}]
)
def test_what_cannot_work(make: Make, fake: FakePbx, options: dict[str, Any]) -> None:
    with pytest.raises(ConfigurationError):
        list(iterate(make(), "/Users", **options))
    assert fake.requests == []


def test_typed_rows(make: Make, make_async: MakeAsync, fake: FakePbx) -> None:
    async def main() -> list[User]:
        async with make_async() as client:
            return [user async for user in client.users.iterate(select=["Number"], concurrency=4)]

    serve(fake, Rows(300))
    assert [user.id for user in make().users.iterate(concurrency=4)] == list(range(300))
    assert [user.id for user in asyncio.run(main())] == [None] * 300  # nobody has asked for it but the paging


def test_a_short_page_before_others_is_not_the_end(make: Make, fake: FakePbx) -> None:
    """A PBX may leave out rows of a page that are in the next ones."""
    rows = Rows(1000)

    def answer(request: httpx.Request) -> httpx.Response:
        rows.cap = 60 if b"skip=297" in request.url.query else 100
        return rows(request)

    serve(fake, answer)
    assert [row["Id"] for row in iterate(make(), "/Users", **READ)] == list(range(1000))


@pytest.mark.parametrize("kind", ["sync", "async"])
@pytest.mark.parametrize("length", [1, 50, 73, 99])
@pytest.mark.parametrize("place", range(1, 16))
def test_a_short_page_before_the_end_of_the_count_is_not_the_end(
    make: Make, make_async: MakeAsync, fake: FakePbx, kind: str, length: int, place: int
) -> None:
    """It may be the last of those that were asked for together: then nothing that came tells that there is more."""

    async def main() -> list[dict[str, Any]]:
        async with make_async() as client:
            return [row async for row in iterate_async(client, "/Users", concurrency=2, key="Id")]

    rows = serve(fake, Rows(1203))

    def before(number: int) -> None:
        rows.cap = length if number == place else 100

    rows.before = before
    found = list(iterate(make(), "/Users", concurrency=2, key="Id")) if kind == "sync" else asyncio.run(main())
    assert [row["Id"] for row in found] == list(range(1203))


def test_a_count_that_is_too_large_costs_one_more_request(make: Make, fake: FakePbx) -> None:
    rows = serve(fake, Rows(347))
    list(iterate(make(), "/Users", concurrency=2, key="Id"))
    without = len(rows.queries)
    rows = serve(fake, Rows(347))
    rows.count = 348
    assert [row["Id"] for row in iterate(make(), "/Users", concurrency=2, key="Id")] == list(range(347))
    assert len(rows.queries) == without + 1


def test_rows_without_a_key_at_the_end_come_once(make: Make, fake: FakePbx) -> None:
    """Those of the beginning keep the list from being read this way; the order may have them last."""
    rows = Rows(500)

    def answer(request: httpx.Request) -> httpx.Response:
        body = rows(request).json()
        for row in body["value"]:
            row["Mail"] = f"m{row['Id']}" if row["Id"] < 150 else None
        return httpx.Response(200, json=body)

    serve(fake, answer)
    found = iterate(make(), "/Users", params={"$orderby": "Mail desc"}, concurrency=4, key="Mail")
    assert [row["Id"] for row in found] == list(range(500))
