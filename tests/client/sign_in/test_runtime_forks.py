"""Twenty processes and one token, against the simulated PBX, where a second sign-in ends the session of the first."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import httpx
import pytest
from threecx_xapi import AsyncXapiClient, RetryPolicy, XapiClient, odata

from pbx_simulator import SimulatedPbx

WORKERS = 20
PATIENCE = 60  # seconds until a worker that hangs fails the test
ONCE = RetryPolicy(attempts=1)  # no failure is hidden by a second attempt

fork = multiprocessing.get_context("fork")


@pytest.fixture
def pbx() -> Any:
    with SimulatedPbx() as pbx:
        yield pbx


def client_of(pbx: SimulatedPbx, **options: Any) -> XapiClient:
    return XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, retry=ONCE, **options)


def in_processes(work: Callable[[int], object], number: int = WORKERS) -> list[object]:
    """Run `work` in `number` forked processes at once; return their results, or the texts of their exceptions."""
    results = fork.Queue()

    def run(index: int) -> None:
        try:
            results.put((index, work(index)))
        except BaseException as error:
            results.put((index, f"{type(error).__name__}: {error}"))

    processes = [fork.Process(target=run, args=(index,), daemon=True) for index in range(number)]
    for process in processes:
        process.start()
    try:
        gathered = dict(results.get(timeout=PATIENCE) for _ in processes)
    finally:
        for process in processes:
            process.join(5)
            process.kill()
    return [gathered[index] for index in range(number)]


@pytest.mark.parametrize("client_made", ["before the fork", "after the fork"])
def test_twenty_processes_make_one_sign_in(pbx: SimulatedPbx, client_made: str) -> None:
    inherited = client_of(pbx)
    barrier = fork.Barrier(WORKERS)

    def work(_index: int) -> list[int]:
        client = inherited if client_made == "before the fork" else client_of(pbx)
        barrier.wait(PATIENCE)
        return [client.request("GET", "/Users", params={"$top": "1"}).status for _ in range(3)]

    assert in_processes(work) == [[200] * 3] * WORKERS
    assert pbx.sign_ins == 1
    assert {request.status for request in pbx.requests} == {200}
    assert len(pbx.requests) == 1 + 3 * WORKERS


def test_a_token_revoked_in_mid_run_costs_one_more_sign_in(pbx: SimulatedPbx) -> None:
    client = client_of(pbx)
    barrier = fork.Barrier(WORKERS)

    def work(index: int) -> list[int]:
        barrier.wait(PATIENCE)
        statuses = [client.request("GET", "/Users", params={"$top": "1"}).status]
        barrier.wait(PATIENCE)
        if index == 0:
            httpx.post(f"{pbx.url}/_simulator/revoke").raise_for_status()
        barrier.wait(PATIENCE)
        return statuses + [client.request("GET", "/Users", params={"$top": "1"}).status for _ in range(3)]

    assert in_processes(work) == [[200] * 4] * WORKERS
    assert pbx.sign_ins == 2
    refused = [request for request in pbx.requests if request.status != 200]
    assert {request.status for request in refused} == {401}
    assert 1 <= len(refused) <= WORKERS  # nobody meets the old token twice


def test_a_token_revoked_while_everybody_is_busy(pbx: SimulatedPbx) -> None:
    """The same without a rendezvous: the revocation meets requests on their way."""
    client = client_of(pbx)

    def work(index: int) -> list[int]:
        statuses = []
        for turn in range(10):
            statuses.append(client.request("GET", "/Users", params={"$top": "1"}).status)
            if (index, turn) == (0, 4):
                httpx.post(f"{pbx.url}/_simulator/revoke").raise_for_status()
        return statuses

    assert in_processes(work) == [[200] * 10] * WORKERS
    assert pbx.sign_ins == 2


def test_writes_recover_too_and_are_made_once(pbx: SimulatedPbx) -> None:
    client = client_of(pbx)
    client.request("GET", "/Users", params={"$top": "1"})
    pbx.revoke_tokens()
    firmwares = [firmware["Id"] for firmware in pbx.entities("Firmwares")]
    assert len(firmwares) > 1

    def work(index: int) -> int:
        return client.request("DELETE", odata.key("Firmwares", firmwares[index])).status

    assert in_processes(work, len(firmwares)) == [204] * len(firmwares)
    assert pbx.entities("Firmwares") == []
    assert pbx.sign_ins == 2
    assert [request.status for request in pbx.writes].count(204) == len(firmwares)


def test_a_fork_does_not_use_the_parents_connection(pbx: SimulatedPbx) -> None:
    """Two processes on one connection would read each other's answers."""
    client = client_of(pbx)
    client.request("GET", "/Users")
    mine = client._http()

    def work(_index: int) -> bool:
        return client._http() is not mine and client.request("GET", "/Users").status == 200

    assert in_processes(work, 4) == [True] * 4
    assert client._http() is mine
    assert client.request("GET", "/Users").status == 200
    assert pbx.sign_ins == 1


def test_a_child_that_dies_with_the_lock_leaves_the_way_free(pbx: SimulatedPbx) -> None:
    client = client_of(pbx)
    ready = fork.Event()

    def hold() -> None:
        lock = client._session.sign_in.store.try_lock()
        assert lock is not None
        ready.set()
        threading.Event().wait()

    child = fork.Process(target=hold, daemon=True)
    child.start()
    assert ready.wait(PATIENCE)
    assert client._session.sign_in.store.try_lock() is None
    child.kill()
    child.join(PATIENCE)
    assert client.request("GET", "/Users").status == 200


def test_forks_of_a_thread_that_holds_the_lock(pbx: SimulatedPbx) -> None:
    """A fork in the middle of somebody's sign-in must neither wait for ever nor sign in a second time."""
    client = client_of(pbx)
    lock = client._session.sign_in.store.try_lock()
    assert lock is not None
    started = fork.Semaphore(0)

    def work(_index: int) -> int:
        started.release()
        return client.request("GET", "/Users").status

    def sign_in() -> None:
        for _ in range(4):
            assert started.acquire(timeout=PATIENCE)
        lock.release()

    holder = threading.Thread(target=sign_in)
    holder.start()
    assert in_processes(work, 4) == [200] * 4
    holder.join()
    assert pbx.sign_ins == 1


def test_threads_and_tasks_over_sockets(pbx: SimulatedPbx) -> None:
    client = client_of(pbx)
    with ThreadPoolExecutor(10) as pool:
        assert set(pool.map(lambda _: client.request("GET", "/Users").status, range(30))) == {200}

    async def main() -> list[int]:
        options: dict[str, Any] = {"client_id": pbx.client_id, "client_secret": pbx.client_secret, "retry": ONCE}
        async with AsyncXapiClient(pbx.url, **options) as one, AsyncXapiClient(pbx.url, **options) as two:
            first = await asyncio.gather(*((one, two)[n % 2].request("GET", "/Users") for n in range(20)))
            pbx.revoke_tokens()
            second = await asyncio.gather(*((one, two)[n % 2].request("GET", "/Users") for n in range(20)))
            return [reply.status for reply in first + second]

    assert set(asyncio.run(main())) == {200}
    assert pbx.sign_ins == 2


def test_both_ways_to_sign_in(pbx: SimulatedPbx) -> None:
    with XapiClient(
        pbx.url, username=pbx.username, password=pbx.password, security_code=pbx.security_code, retry=ONCE
    ) as person:
        assert person.request("GET", "/Users").status == 200
        assert person.release is not None
        assert person.release.startswith("20.0.10")
    with client_of(pbx) as principal:
        assert principal.request("GET", "/Users").status == 200


def test_processes_that_are_no_forks_share_it_too(pbx: SimulatedPbx) -> None:
    import subprocess
    import sys

    client_of(pbx).request("GET", "/Users")
    program = (
        "import sys; from threecx_xapi import XapiClient;"
        "print(XapiClient(sys.argv[1], client_id=sys.argv[2], client_secret=sys.argv[3]).request('GET', "
        "'/Users').status)"
    )
    done = subprocess.run(
        [sys.executable, "-c", program, pbx.url, pbx.client_id, pbx.client_secret],
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        env=dict(os.environ),
        check=True,
    )
    assert done.stdout.strip() == "200"
    assert pbx.sign_ins == 1
