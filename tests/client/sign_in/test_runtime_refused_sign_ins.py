"""A refused sign-in is remembered: however many workers and items there are, the PBX is asked once."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from threecx_xapi import XapiClient, errors
from threecx_xapi._token_store.store import FileStore, sweep

from pbx_simulator import SimulatedPbx
from tests.client.fake_pbx import FakePbx, Make, MakeAsync

WRONG = "invented-wrong-secret"  # not a real one
REFUSAL = {"error": "unauthorized", "error_description": "Wrong client secret."}


class Clock:
    """A clock that moves when it is told to."""

    def __init__(self) -> None:
        self.now = time.time()

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    made = Clock()
    original = XapiClient.__init__

    def instead(self: XapiClient, *args: Any, **options: Any) -> None:
        original(self, *args, **options)
        self._session._clock = made

    monkeypatch.setattr(XapiClient, "__init__", instead)
    return made


def refused(client: XapiClient, kind: type[errors.XapiError] = errors.SignInFailed) -> str:
    with pytest.raises(kind) as caught:
        client.request("GET", "/Fax")
    return caught.value.message


@pytest.mark.parametrize(
    ("options", "answer"),
    [
        ({"client_id": "900", "client_secret": WRONG}, httpx.Response(401, json=REFUSAL)),
        ({"client_id": "900", "client_secret": WRONG}, httpx.Response(400, json={"error": "invalid_client"})),
        ({"client_id": "900", "client_secret": WRONG}, httpx.Response(403)),
        ({"username": "100", "password": WRONG}, httpx.Response(401)),
        ({"username": "100", "password": WRONG}, httpx.Response(200, json={"Status": "WrongPassword"})),
    ],
)
@pytest.mark.parametrize("shared", [True, False])
def test_a_loop_with_wrong_credentials_asks_once(
    make: Make, fake: FakePbx, options: dict[str, str], answer: httpx.Response, shared: bool
) -> None:
    fake.sign_in_answers = [answer] * 100
    first = refused(make(token_cache=shared, **options))
    later = [refused(make(token_cache=shared, **options)) for _ in range(20)]
    assert len(fake.requests) == 1
    assert "not asked again" not in first
    assert all(re.search(r"refused \d+ s ago and is not asked again until \d\d:\d\d:\d\d\.$", text) for text in later)
    assert all(text.startswith(first) for text in later)
    assert WRONG not in str(later)


def test_other_credentials_ask_at_once(make: Make, fake: FakePbx) -> None:
    fake.sign_in_answers = [httpx.Response(401, json=REFUSAL)]
    refused(make(client_secret=WRONG, client_id="900"))
    make().request("GET", "/Fax")
    assert fake.sign_ins == 1


def test_another_security_code_asks_at_once(make: Make, fake: FakePbx) -> None:
    person = {"username": "100", "password": WRONG}
    fake.sign_in_answers = [httpx.Response(401)]
    refused(make(**person, security_code="111111"))
    refused(make(**person, security_code="111111"))
    assert len(fake.requests) == 1
    make(**person, security_code="222222").request("GET", "/Fax")
    assert fake.sign_ins == 1


def test_a_refusal_is_forgotten_after_a_minute(make: Make, fake: FakePbx, clock: Clock) -> None:
    """Somebody may have switched the service principal on."""
    fake.sign_in_answers = [httpx.Response(401, json=REFUSAL)]
    refused(make())
    clock.now += 59
    assert "refused 59 s ago" in refused(make())
    clock.now += 2
    make().request("GET", "/Fax")
    assert fake.sign_ins == 1


def test_tasks_of_an_event_loop_ask_once(make_async: MakeAsync, fake: FakePbx) -> None:
    fake.sign_in_answers = [httpx.Response(401, json=REFUSAL)] * 100

    async def main() -> list[Any]:
        async with make_async() as one, make_async() as two:
            tasks = [client.request("GET", "/Fax") for client in (one, two) for _ in range(20)]
            return await asyncio.gather(*tasks, return_exceptions=True)

    assert {type(error) for error in asyncio.run(main())} == {errors.SignInFailed}
    assert len(fake.requests) == 1


@pytest.mark.parametrize("wait", ["180", "7200"])
def test_a_pbx_that_asks_to_wait_is_left_alone(
    make: Make, fake: FakePbx, clock: Clock, naps: list[float], wait: str
) -> None:
    """A throttled sign-in is remembered for all clients, because the PBX counts all sign-ins."""
    fake.sign_in_answers = [httpx.Response(429, headers={"Retry-After": wait})]
    left = min(int(wait), 3600)
    assert f"sign-in is throttled for another {left} s" in refused(make(), errors.RateLimited)
    clock.now += 10
    for client in (make(), make(client_id="901", client_secret="invented"), make(username="100", password="invented")):
        assert f"throttled for another {left - 10} s" in refused(client, errors.RateLimited)
    assert len(fake.requests) == 1
    make(host="other.example.com").request("GET", "/Fax")  # another PBX did not ask for anything
    clock.now += left
    make().request("GET", "/Fax")
    assert fake.sign_ins == 2
    assert naps == []


def test_a_short_wait_is_waited_for(make: Make, fake: FakePbx, clock: Clock, naps: list[float]) -> None:
    fake.sign_in_answers = [httpx.Response(429, headers={"Retry-After": "100"})]
    refused(make(), errors.RateLimited)
    clock.now += 70
    make().request("GET", "/Fax")
    assert naps == [pytest.approx(30)]


def test_a_pbx_that_does_not_say_how_long_is_left_alone_too(
    make: Make, fake: FakePbx, clock: Clock, naps: list[float]
) -> None:
    fake.sign_in_answers = [httpx.Response(429)] * 4
    refused(make(), errors.RateLimited)
    asked = len(fake.requests)
    make().request("GET", "/Fax")
    assert len(fake.requests) == asked + 2  # one sign-in, one request, after a pause
    assert naps[-1] == pytest.approx(30)


def test_a_success_ends_the_wait(make: Make, fake: FakePbx, naps: list[float]) -> None:
    fake.sign_in_answers = [httpx.Response(429, headers={"Retry-After": "50"})]
    make().request("GET", "/Fax")
    pauses = len(naps)
    make(client_id="901", client_secret="invented").request("GET", "/Fax")
    assert len(naps) == pauses == 1


def _ask(host: str, secret: str, start: Any, results: Any) -> None:
    start.wait()
    try:
        with XapiClient(host, client_id="900", client_secret=secret) as client:
            client.request("GET", "/Fax")
    except errors.XapiError as error:
        results.put(type(error).__name__)


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as pbx:
        yield pbx


def test_forks_with_a_wrong_secret_ask_once(pbx: SimulatedPbx) -> None:
    fork = multiprocessing.get_context("fork")
    start, results = fork.Event(), fork.Queue()
    workers = [fork.Process(target=_ask, args=(pbx.url, WRONG, start, results)) for _ in range(12)]
    for worker in workers:
        worker.start()
    start.set()
    assert {results.get(timeout=60) for _ in workers} == {"SignInFailed"}
    for worker in workers:
        worker.join()
    assert len([request for request in pbx.requests if request.path == "/connect/token"]) == 1


def test_the_name_of_the_file_is_no_oracle(make: Make, runtime_dir: Path, tmp_path: Path) -> None:
    """Two users with the same secret have different names, so a name that leaks cannot be compared with guesses."""
    make().request("GET", "/Fax")
    names = {path.stem for path in runtime_dir.glob("*.json")}
    (runtime_dir / "key").unlink()
    make().request("GET", "/Fax")
    assert len({path.stem for path in runtime_dir.glob("*.json")} - names) == 1
    assert (runtime_dir / "key").stat().st_mode & 0o777 == 0o600
    assert len((runtime_dir / "key").read_bytes()) == 32


@pytest.mark.parametrize("content", [b"", b"short", b"x" * 200])
def test_a_damaged_key_is_made_anew(make: Make, fake: FakePbx, runtime_dir: Path, content: bytes) -> None:
    make().request("GET", "/Fax")
    (runtime_dir / "key").write_bytes(content)
    make().request("GET", "/Fax")
    make().request("GET", "/Fax")
    if len(content) < 100:  # a file that is too large is distrusted, like any that we did not write
        assert fake.sign_ins == 2
        assert len((runtime_dir / "key").read_bytes()) == 32
    assert len(fake.calls) == 3


def test_old_files_are_swept_and_nothing_else(make: Make, runtime_dir: Path) -> None:
    client = make()
    client.request("GET", "/Fax")
    store = client._session.sign_in.store
    assert isinstance(store, FileStore)
    old = time.time() - 90_000
    swept = ["a" * 40 + ".json", "b" * 40 + ".notes", "c" * 40 + ".lock", "d" * 40 + ".json", "d" * 40 + ".lock"]
    kept = ["e" * 40 + ".json", "key", "locks", "a" * 39 + ".json", store.path.name]
    for name in (*swept, *kept[2:4]):
        (runtime_dir / name).write_bytes(b"{}")
        (runtime_dir / name).chmod(0o600)
        os.utime(runtime_dir / name, (old, old))
    (runtime_dir / kept[0]).write_bytes(b"{}")  # a minute ago
    sweep(store._folder)
    sweep(store._folder)  # the lock of a file that has gone
    left = {path.name for path in runtime_dir.iterdir()}
    assert not left & set(swept)
    assert set(kept) <= left
