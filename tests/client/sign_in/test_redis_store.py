"""The token store in a redis server: one sign-in for many workers on several machines."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import XapiClient, errors
from threecx_xapi._request.secret import Secret
from threecx_xapi._token_store import redis_server, redis_store
from threecx_xapi._token_store.record import Record
from threecx_xapi._token_store.redis_store import RedisStore
from threecx_xapi._token_store.store import MemoryStore, Store
from threecx_xapi.tokens import Token, issued

from pbx_simulator import SimulatedPbx
from tests.redis_server import PASSWORD, running_redis

SECRET = "CANARY-invented-secret"
IDENTITY = ("https://pbx.example.com:5001", "client_credentials", "900", SECRET)
#: One machine: ten threads, each each with its own client. Some processes are killed while they hold the lock.
MACHINE = """
import sys, threading, os, signal
from threecx_xapi import XapiClient
from threecx_xapi._token_store import redis_store
url, client_id, secret, store, kill = sys.argv[1:]
def client():
    return XapiClient(url, client_id=client_id, client_secret=secret, token_cache=store)
if kill == "yes":
    redis_store.LOCK_SECONDS = 1.0
    assert client()._session.sign_in.store.try_lock() is not None
    os.kill(os.getpid(), signal.SIGKILL)
failed = []
def work():
    try:
        with client() as one:
            for _ in range(3):
                one.request("GET", "/Defs")
    except Exception as error:
        failed.append(repr(error))
threads = [threading.Thread(target=work) for _ in range(10)]
[one.start() for one in threads]
[one.join() for one in threads]
sys.exit("; ".join(failed) or None)
"""


@pytest.fixture(scope="module")
def redis_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with running_redis(tmp_path_factory.mktemp("redis")) as url:
        yield url


@pytest.fixture(autouse=True)
def _empty(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_RUNTIME_DIR", str(tmp_path))
    if "redis_url" in request.fixturenames:
        redis_server.server(request.getfixturevalue("redis_url")).call("FLUSHALL")


def store_at(url: str, *identity: str, notices: list[str] | None = None) -> RedisStore:
    def fallback() -> Store:
        return MemoryStore("fallback", "pbx")

    return RedisStore(url, identity or IDENTITY, fallback, [] if notices is None else notices)


def token(value: str = "CANARY-invented-token") -> Token:
    return issued(value, lifetime=3600, now=__import__("time").time())


def contents(url: str) -> bytes:
    """Everything in the server, keys included."""
    server = redis_server.server(url)
    found = b""
    for key in server.call("KEYS", "*"):
        kind = server.call("TYPE", key)
        command, *rest = {b"string": ("GET",), b"hash": ("HGETALL",), b"zset": ("ZRANGE", 0, -1)}[kind]
        found += key + repr(server.call(str(command), key, *rest)).encode()
    return found


def test_forty_workers_on_four_machines_sign_in_once(redis_url: str, tmp_path: Path) -> None:
    with SimulatedPbx() as pbx:
        arguments = [sys.executable, "-c", MACHINE, pbx.url, pbx.client_id, pbx.client_secret, redis_url]

        def start(number: int, kill: str) -> subprocess.Popen[str]:
            home = tmp_path / str(number)
            home.mkdir()
            environment = {**os.environ, "HOME": str(home), "XDG_RUNTIME_DIR": str(home)}
            return subprocess.Popen([*arguments, kill], env=environment, stderr=subprocess.PIPE, text=True)

        with start(0, "yes") as killed:
            assert killed.wait() == -9, killed.stderr
        machines = [start(number, "no") for number in range(1, 5)]
        for machine in machines:
            _, problem = machine.communicate()
            assert machine.returncode == 0, problem
        assert pbx.sign_ins == 1
        assert {request.status for request in pbx.requests} == {200}
        assert len(pbx.requests) == 1 + 40 * 3
    assert not list(tmp_path.rglob("*.json")), "no token in a file"


def test_another_program_uses_the_token_and_renews_it_once(redis_url: str) -> None:
    with SimulatedPbx() as pbx:

        def client() -> XapiClient:
            return XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, token_cache=redis_url)

        with client() as first, client() as second:
            first.request("GET", "/Defs")
            second.request("GET", "/Defs")
            assert pbx.sign_ins == 1
            pbx.revoke_tokens()
            first.request("GET", "/Defs")
            second.request("GET", "/Defs")
        assert pbx.sign_ins == 2


def test_a_holder_that_lost_its_lock_overwrites_nothing(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    slow, quick = store_at(redis_url), store_at(redis_url)
    held = slow.try_lock()
    assert held is not None
    assert quick.try_lock() is None, "one at a time"
    server = redis_server.server(redis_url)
    for key in server.call("KEYS", "*lock*"):
        server.call("DEL", key)  # as when it expires
    later = quick.try_lock()
    assert later is not None
    quick.write(Record(token=token("new")), later)
    slow.write(Record(token=token("stale")), held)
    held.release()
    assert slow.try_lock() is None, "a lost lock releases nothing"
    found = slow.read().token
    assert found is not None
    assert found.value == Secret("new")
    later.release()
    again = slow.try_lock()
    assert again is not None
    slow.write(Record(token=token("newest")), again)
    found = quick.read().token
    assert found is not None
    assert found.value == Secret("newest")


def test_records_locks_and_notes_end_by_themselves(redis_url: str) -> None:
    store = store_at(redis_url)
    lock = store.try_lock()
    store.write(Record(token=token()), lock)
    store.notes.add("ended 1", 1e12, 0.0)
    server = redis_server.server(redis_url)
    lives = {key.decode().split(":")[2]: server.call("TTL", key) for key in server.call("KEYS", "*")}
    assert set(lives) == {"token", "lock", "fences", "same", "notes"}
    assert all(0 < seconds <= 7 * 86400 for seconds in lives.values()), lives
    assert 3590 <= lives["token"] <= 3600
    assert lives["lock"] <= redis_store.LOCK_SECONDS


def test_who_reads_the_server_learns_no_token_and_no_secret(redis_url: str) -> None:
    for identity in (IDENTITY, (IDENTITY[0], "person", "someone@example.com", SECRET)):
        store = store_at(redis_url, *identity)
        store.write(Record(token=token()))
        found = store.read().token
        assert found is not None
        assert found.value.reveal() == "CANARY-invented-token"
        for other in ((*identity[:3], "another"), ("https://other.example.com", *identity[1:])):
            assert store_at(redis_url, *other).read() == Record()
    everything = contents(redis_url)
    assert b"CANARY" not in everything
    assert b"pbx.example.com" not in everything
    assert b"someone" not in everything


def test_a_token_of_another_address_is_found(redis_url: str) -> None:
    here, there = store_at(redis_url), store_at(redis_url, "https://192.0.2.1:5001", *IDENTITY[1:])
    there.write(Record(token=token("there")))
    assert [one.value for _, one in here.elsewhere()] == [Secret("there")]
    assert there.elsewhere() == []


def test_what_is_damaged_or_foreign_counts_as_none(redis_url: str) -> None:
    store = store_at(redis_url)
    store.write(Record(token=token()))
    server = redis_server.server(redis_url)
    (key,) = server.call("KEYS", "*:token:*")
    server.call("SET", key, b"nonsense")
    assert store.read() == Record()


def test_without_the_server_the_machine_shares_a_file_and_says_so_once(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    gone = f"redis://:{PASSWORD}@127.0.0.1:1/0"
    with SimulatedPbx() as pbx, caplog.at_level(logging.DEBUG):
        clients = [
            XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret, token_cache=gone)
            for _ in range(2)
        ]
        for one in clients:
            one.request("GET", "/Defs")
            one.request("GET", "/Defs")
            (notice,) = one.take_notices()
            assert notice.startswith("The shared token store redis://127.0.0.1:1/0 does not answer"), notice
            assert PASSWORD not in notice
            one.close()
        assert pbx.sign_ins == 1
    assert list(tmp_path.rglob("*.json")), "the file of this machine"
    assert PASSWORD not in caplog.text


def test_a_server_that_comes_back_is_used_again(redis_url: str, monkeypatch: pytest.MonkeyPatch) -> None:
    notices: list[str] = []
    store = store_at(redis_url, notices=notices)
    answer = store._server.call

    def broken(*_: Any) -> None:
        raise redis_server.Unreachable("redis://x is not ready")

    monkeypatch.setattr(store._server, "call", broken)
    store.write(Record(token=token("meanwhile")))
    assert len(notices) == 1
    monkeypatch.setattr(store._server, "call", answer)
    monkeypatch.setattr(store, "_down_until", 0.0)
    assert store.read() == Record()
    store.write(Record(token=token("back")))
    found = store_at(redis_url).read().token
    assert found is not None
    assert found.value == Secret("back")


@pytest.mark.parametrize(
    ("url", "why"),
    [
        ("http://redis.example.com", "the URL of a redis server"),
        ("redis://", "the URL of a redis server"),
        ("yes please", "the URL of a redis server"),
        (f"redis://:{PASSWORD}@h:port/0", "the URL of a redis server"),
    ],
)
def test_a_url_that_cannot_be_meant_is_refused_at_once(url: str, why: str) -> None:
    with pytest.raises(errors.ConfigurationError, match=why) as raised:
        XapiClient("pbx.example.com", client_id="900", client_secret=SECRET, token_cache=url)
    assert PASSWORD not in str(raised.value)


def test_a_wrong_password_and_a_missing_package_are_one_message(
    redis_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for wrong, why in (
        (redis_url.replace(PASSWORD, "CANARY-wrong"), "refuses the user or the password"),
        (redis_url.replace(f":{PASSWORD}@", ""), "password"),
    ):
        with pytest.raises(errors.ConfigurationError, match=why) as raised:
            store_at(wrong).read()
        assert "CANARY" not in str(raised.value)
    monkeypatch.setitem(sys.modules, "redis", None)
    monkeypatch.setattr(redis_server, "_servers", {})
    with pytest.raises(errors.ConfigurationError, match=r"pip install 'threecx-xapi\[redis\]'") as missing:
        store_at(redis_url)
    assert "pip install" in str(missing.value.reason), "results of modules show the reason"
