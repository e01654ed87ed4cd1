"""Threads, tasks and processes that need a token at the same time: one signs in, the others wait for it."""

from __future__ import annotations

import asyncio
import threading
from concurrent.futures import ThreadPoolExecutor

import httpx
import pytest
from threecx_xapi._request.steps import Send
from threecx_xapi.errors import SignInFailed, Timeout

from tests.client.fake_pbx import FakePbx, Make, MakeAsync


def test_threads_make_one_sign_in(make: Make, fake: FakePbx) -> None:
    client = make()
    barrier = threading.Barrier(16)

    def work(_: int) -> int:
        barrier.wait()
        return client.request("GET", "/Defs").status

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(work, range(16))) == [200] * 16
        assert fake.sign_ins == 1
        fake.live = "revoked"
        barrier.reset()
        assert list(pool.map(work, range(16))) == [200] * 16
    assert fake.sign_ins == 2


@pytest.mark.parametrize("cache", [True, False])
def test_tasks_make_one_sign_in(make_async: MakeAsync, fake: FakePbx, cache: bool) -> None:
    async def main() -> None:
        async with make_async(token_cache=cache) as client:
            replies = await asyncio.gather(*(client.request("GET", "/Defs") for _ in range(20)))
            assert {reply.status for reply in replies} == {200}
            assert fake.sign_ins == 1
            fake.live = "revoked"
            replies = await asyncio.gather(*(client.request("PATCH", "/Defs", json={}) for _ in range(20)))
            assert {reply.status for reply in replies} == {200}

    asyncio.run(main())
    assert fake.sign_ins == 2


def test_the_event_loop_goes_on_while_a_task_waits_for_the_lock(
    make: Make, make_async: MakeAsync, fake: FakePbx
) -> None:
    holder = make()
    lock = holder._session.sign_in.store.try_lock()
    assert lock is not None
    order = []

    async def main() -> None:
        async with make_async() as client:
            task = asyncio.create_task(client.request("GET", "/Defs"))
            for _ in range(5):
                await asyncio.sleep(0)
            order.append("the loop is free")
            assert fake.requests == []
            lock.release()
            await task
            order.append("the task has its token")

    asyncio.run(main())
    assert order == ["the loop is free", "the task has its token"]


def test_a_cancelled_task_leaves_no_lock_behind(make: Make, make_async: MakeAsync, fake: FakePbx) -> None:
    async def main() -> None:
        async with make_async() as client:
            stuck = asyncio.Event()

            async def never(_request: httpx.Request) -> httpx.Response:
                stuck.set()
                await asyncio.Event().wait()
                raise AssertionError

            client._connector.transport = httpx.MockTransport(never)
            task = asyncio.create_task(client.request("GET", "/Defs"))
            await stuck.wait()
            task.cancel()
            with pytest.raises(asyncio.CancelledError) as caught:
                await task
            # Check while the exception still holds every frame, so that no garbage collector releases the lock.
            lock = client._session.sign_in.store.try_lock()
            assert lock is not None
            lock.release()
            del caught

    asyncio.run(main())
    make().request("GET", "/Defs")
    assert fake.sign_ins == 1


def test_an_interrupted_sign_in_leaves_no_lock_behind(make: Make, fake: FakePbx) -> None:
    """Ctrl-C, or a task's timeout; the traceback is still held, and with it every frame that was running."""

    def interrupted(_request: httpx.Request) -> httpx.Response:
        raise KeyboardInterrupt

    fake.sign_in_answers = [interrupted]
    client = make()
    with pytest.raises(KeyboardInterrupt) as caught:
        client.request("GET", "/Defs")
    assert caught.tb is not None
    lock = client._session.sign_in.store.try_lock()
    assert lock is not None
    lock.release()


def test_waiting_for_another_process_has_an_end(make: Make, fake: FakePbx, naps: list[float]) -> None:
    lock = make()._session.sign_in.store.try_lock()
    assert lock is not None
    try:
        with pytest.raises(Timeout, match="Another process has been signing in") as caught:
            make(timeout=10).request("GET", "/Defs")
    finally:
        lock.release()
    assert caught.value.sent is False
    assert sum(naps) == pytest.approx(90, abs=1)
    assert fake.requests == []


def test_a_refused_sign_in_is_not_repeated_by_those_who_waited_for_it(
    make: Make, fake: FakePbx, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A wrong secret in a hundred tasks must not become a hundred refusals, for which a PBX blocks the address."""
    fake.sign_in_answers = [httpx.Response(401, json={"error": "unauthorized"})] * 5
    holder, waiter = make(), make()
    lock = holder._session.sign_in.store.try_lock()
    assert lock is not None

    def nap(_seconds: float) -> None:  # while the waiter waits, the holder is refused
        steps = holder._session.sign_in.sign_in()
        send = next(steps)
        assert isinstance(send, Send)
        outcome = holder._send(send)
        with pytest.raises(SignInFailed):
            steps.send(outcome)
        lock.release()

    monkeypatch.setattr(waiter, "_sleep", nap)
    with pytest.raises(SignInFailed, match="client id 900"):
        waiter.request("GET", "/Defs")
    assert len(fake.requests) == 1
    with pytest.raises(SignInFailed, match="not asked again until"):
        make().request("GET", "/Defs")
    assert len(fake.requests) == 1
