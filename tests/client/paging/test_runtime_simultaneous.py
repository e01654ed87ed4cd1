"""A limit of requests under way holds for all lists that are read side by side."""

from __future__ import annotations

import threading
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context

import httpx
import pytest
from threecx_xapi import iterate
from threecx_xapi.simultaneous import allowed, at_most

from tests.client.fake_pbx import FakePbx, Make
from tests.client.paging.test_runtime_paging_ahead import Rows, serve


def test_lists_side_by_side_share_the_limit(make: Make, fake: FakePbx) -> None:
    rows, now, most = Rows(3000), 0, 0
    lock, two = threading.Lock(), threading.Barrier(2)

    def answer(request: httpx.Request) -> httpx.Response:
        nonlocal now, most
        with lock:
            now += 1
            most = max(most, now)
        try:
            two.wait(timeout=0.05)  # lets others in, where they may come
        except threading.BrokenBarrierError:
            two.reset()
        with lock:
            now -= 1
        return rows(request)

    def read() -> int:
        return len(list(iterate(client, "/Users", concurrency=allowed(), key="Id")))

    serve(fake, answer)
    client = make()
    with at_most(2), ThreadPoolExecutor(4) as threads:
        waiting = [threads.submit(copy_context().run, read) for _ in range(4)]
        assert [one.result() for one in waiting] == [3000] * 4
    assert most == 2
    assert allowed() == 1


def test_the_innermost_limit_counts() -> None:
    with at_most(4):
        with at_most(2):
            assert allowed() == 2
        assert allowed() == 4


def test_writes_have_a_limit_of_their_own_and_leave_reads_alone(make: Make, fake: FakePbx) -> None:
    """Two writes are not answered before two reads have come as well; a third write waits."""
    lock, four = threading.Lock(), threading.Barrier(4)
    now, most = {"GET": 0, "PATCH": 0}, {"GET": 0, "PATCH": 0}
    first = threading.Semaphore(4)

    def answer(request: httpx.Request) -> httpx.Response:
        with lock:
            now[request.method] += 1
            most[request.method] = max(most[request.method], now[request.method])
        if first.acquire(blocking=False):
            four.wait(timeout=60)
        with lock:
            now[request.method] -= 1
        return httpx.Response(204)

    serve(fake, answer)
    client = make()
    with at_most(4, writes=2), ThreadPoolExecutor(6) as threads:
        asked = [*["PATCH"] * 4, *["GET"] * 4]
        waiting = [threads.submit(copy_context().run, client.request, method, "/Users(1)") for method in asked]
        assert [one.result().status for one in waiting] == [204] * 8
    assert most["PATCH"] == 2


@pytest.mark.parametrize("limits", [{"requests": 0}, {"requests": -1}, {"requests": 4, "writes": 0}])
def test_a_limit_lets_something_through(limits: dict[str, int]) -> None:
    with pytest.raises(ValueError, match=f"{list(limits)[-1]} is at least 1"):
        at_most(**limits)
