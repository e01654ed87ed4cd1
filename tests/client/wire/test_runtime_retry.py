"""The table of retries, and retries on the wire."""

from __future__ import annotations

import asyncio

import httpx
import pytest
from threecx_xapi import RetryPolicy, errors
from threecx_xapi.retry import decide

from tests.client.fake_pbx import FakePbx, Make, MakeAsync

POLICY = RetryPolicy()


def status(code: int, wait: float | None = None) -> errors.XapiError:
    kind = {429: errors.RateLimited, 400: errors.ValidationFailed, 404: errors.NotFound}.get(code, errors.ServerError)
    return kind("x", status=code, retry_after=wait)


@pytest.mark.parametrize(
    ("error", "read", "idempotent", "creates"),
    [
        (errors.ConnectFailed("x", sent=False), True, True, True),
        (errors.Timeout("x", sent=False), True, True, True),
        (errors.Timeout("x", sent=True), True, False, False),
        (errors.Timeout("x", sent=None), True, False, False),
        (errors.TransportError("x", sent=None), True, False, False),
        (errors.TlsError("x", sent=False), False, False, False),
        (status(429), True, True, False),
        (status(429, 3), True, True, False),
        (status(429, 61), False, False, False),
        (status(502), True, False, False),
        (status(502, 3), True, False, False),
        (status(503), True, False, False),
        (status(503, 3), True, True, False),
        (status(504), True, False, False),
        (status(500), False, False, False),
        (status(501), False, False, False),
        (status(400), False, False, False),
        (status(404), False, False, False),
        (errors.PreconditionFailed("x", status=412), False, False, False),
        (errors.PreconditionRequired("x", status=428), False, False, False),
        (errors.SignInFailed("x", status=401), False, False, False),
        (errors.Forbidden("x", status=403), False, False, False),
        (errors.UnexpectedAnswer("x", status=200), False, False, False),
        (errors.ConfigurationError("x"), False, False, False),
    ],
)
def test_table(error: errors.XapiError, read: bool, idempotent: bool, creates: bool) -> None:
    assert (decide(POLICY, 1, error, repeatable=True) is not None) is read
    assert (decide(POLICY, 1, error, repeatable=False, idempotent=True) is not None) is idempotent
    assert (decide(POLICY, 1, error, repeatable=False) is not None) is creates


def test_it_ends() -> None:
    assert decide(POLICY, 3, status(503), repeatable=True) is not None
    assert decide(POLICY, 4, status(503), repeatable=True) is None
    assert decide(RetryPolicy(attempts=1), 1, status(503), repeatable=True) is None


@pytest.mark.parametrize(("jitter", "expected"), [(0.0, [0.25, 0.5, 1.0, 2.0, 4.0, 4.0]), (1.0, [0.5, 1, 2, 4, 8, 8])])
def test_waits_grow_and_stop_growing(jitter: float, expected: list[float]) -> None:
    policy = RetryPolicy(attempts=99)
    waits = [decide(policy, n, status(503), repeatable=True, jitter=lambda: jitter) for n in range(1, 7)]
    assert waits == expected


def test_retry_after_is_a_floor() -> None:
    assert decide(POLICY, 1, status(429, 10), repeatable=True, jitter=lambda: 0.0) == 10
    assert decide(POLICY, 1, status(429, 10), repeatable=True, jitter=lambda: 1.0) == pytest.approx(11)
    assert decide(POLICY, 1, status(429, 0), repeatable=True, jitter=lambda: 1.0) == 0


@pytest.mark.parametrize(
    ("method", "failures", "calls", "succeeds"),
    [
        ("GET", [httpx.Response(503), httpx.ReadTimeout(""), httpx.ReadError("")], 4, True),
        ("GET", [httpx.Response(503)] * 4, 4, False),
        ("GET", [httpx.Response(500)], 1, False),
        ("PATCH", [httpx.Response(429), httpx.ConnectError("x"), httpx.ConnectTimeout("")], 4, True),
        ("PATCH", [httpx.Response(503, headers={"Retry-After": "1"})], 2, True),
        ("PATCH", [httpx.Response(503)], 1, False),
        ("POST", [httpx.ConnectError("x"), httpx.ConnectTimeout("")], 3, True),
        ("POST", [httpx.Response(429, headers={"Retry-After": "1"})], 1, False),
        ("POST", [httpx.Response(503, headers={"Retry-After": "1"})], 1, False),
        ("POST", [httpx.ConnectError("x"), httpx.Response(429)], 2, False),
        ("GET", [httpx.ReadTimeout(""), httpx.ReadTimeout("")], 2, False),
        ("GET", [httpx.ConnectTimeout(""), httpx.Response(503), httpx.ConnectTimeout("")], 3, False),
        ("POST", [httpx.ReadError("reset")], 1, False),
        ("POST", [httpx.ReadTimeout("")], 1, False),
        ("POST", [httpx.RemoteProtocolError("Server disconnected")], 1, False),
        ("DELETE", [httpx.Response(502)], 1, False),
        ("DELETE", [httpx.Response(412)], 1, False),
    ],
)
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_on_the_wire(
    make: Make,
    make_async: MakeAsync,
    fake: FakePbx,
    naps: list[float],
    kind: str,
    method: str,
    failures: list[httpx.Response | Exception],
    calls: int,
    succeeds: bool,
) -> None:
    fake.answers = list(failures)

    async def main() -> int:
        async with make_async() as client:
            return (await client.request(method, "/Users", json={})).status

    def run() -> int:
        return make().request(method, "/Users", json={}).status if kind == "sync" else asyncio.run(main())

    if succeeds:
        assert run() == 200
    else:
        with pytest.raises(errors.XapiError):
            run()
    assert len(fake.calls) == calls
    assert len(naps) == calls - 1


def test_the_token_may_run_out_during_a_pause(make: Make, fake: FakePbx, monkeypatch: pytest.MonkeyPatch) -> None:
    client = make()
    clock = [1000.0]
    client._session._clock = lambda: clock[0]

    def nap(_seconds: float) -> None:
        clock[0] += 3600

    monkeypatch.setattr(client, "_sleep", nap)
    fake.answers = [httpx.Response(503)]
    assert client.request("GET", "/Defs").status == 200
    assert [call.headers["authorization"][-1] for call in fake.calls] == ["1", "2"]


@pytest.mark.parametrize(("busy", "kind"), [(503, errors.ServerError), (429, errors.RateLimited)])
@pytest.mark.parametrize("method", ["PATCH", "DELETE", "POST"])
@pytest.mark.parametrize("status", [400, 404, 409, 412])
def test_what_a_second_sending_is_refused_with_says_nothing_of_the_first(
    make: Make,
    fake: FakePbx,
    naps: list[float],
    status: int,
    method: str,
    busy: int,
    kind: type[errors.XapiError],
) -> None:
    """A proxy said that the PBX is busy, and had passed the write on: now it is gone, or of another version."""
    refusal = httpx.Response(
        status, json={"error": {"code": "IN_USE", "message": "That is in use.", "target": "Number"}}
    )
    fake.answers = [httpx.Response(busy, headers={"Retry-After": "1"}), refusal, refusal, refusal]
    if (method, status) == ("DELETE", 404):
        return  # see test_a_delete_that_is_sent_again_and_finds_nothing_has_done_its_work
    with pytest.raises(kind, match=rf"\({busy}\).*Sent again") as caught:
        make().request(method, "/Fax(7)", json={}, idempotent=True)
    assert "in use" in caught.value.reason
    assert (caught.value.status, caught.value.target) == (busy, "Number")
    assert caught.value.maybe_processed
    assert naps


@pytest.mark.parametrize("status", [429, 503])
def test_a_write_without_a_unique_key_is_sent_once(make: Make, fake: FakePbx, naps: list[float], status: int) -> None:
    """Two contacts would be made of one: what says that the PBX is busy may be a proxy that gave up waiting."""
    fake.answers = [httpx.Response(status, headers={"Retry-After": "1"})]
    with pytest.raises(errors.XapiError, match="check before you repeat it") as caught:
        make().request("POST", "/Contacts", json={})
    assert fake.lines == ["POST /Contacts"]
    assert caught.value.maybe_processed
    assert naps == []
    fake.answers = [httpx.Response(status, headers={"Retry-After": "1"})]
    assert make().request("POST", "/Fax", json={}, idempotent=True).status == 200


@pytest.mark.parametrize(
    ("method", "answer", "maybe"),
    [
        ("POST", httpx.Response(400), False),
        ("POST", httpx.Response(404), False),
        ("POST", httpx.Response(500), True),
        ("POST", httpx.ReadError("x"), True),
        ("POST", httpx.Response(302), True),
        ("PATCH", httpx.Response(502), True),
        ("GET", httpx.Response(500), False),
        ("GET", httpx.ReadError("x"), False),
    ],
)
def test_whether_a_write_may_have_been_carried_out(
    make: Make, fake: FakePbx, once: RetryPolicy, method: str, answer: httpx.Response | Exception, maybe: bool
) -> None:
    fake.answers = [answer]
    with pytest.raises(errors.XapiError) as caught:
        make(retry=once).request(method, "/Contacts", json={})
    assert caught.value.maybe_processed is maybe


@pytest.mark.parametrize("busy", [503, 429])
def test_a_delete_that_is_sent_again_and_finds_nothing_has_done_its_work(
    make: Make, fake: FakePbx, naps: list[float], busy: int
) -> None:
    fake.answers = [httpx.Response(busy, headers={"Retry-After": "1"}), httpx.Response(404)]
    reply = make().request("DELETE", "/Fax(1)")
    assert (reply.status, reply.content, reply.method) == (204, b"", "DELETE")
    assert fake.lines == ["DELETE /Fax(1)"] * 2
    fake.answers = [httpx.Response(404)]  # the first answer: it never was there
    with pytest.raises(errors.NotFound):
        make().request("DELETE", "/Fax(1)")
    fake.answers = [httpx.ConnectError("refused"), httpx.Response(404)]  # the first one was not sent at all
    with pytest.raises(errors.NotFound):
        make().request("DELETE", "/Fax(1)")


def test_the_second_sending_of_a_question_says_everything(make: Make, fake: FakePbx, naps: list[float]) -> None:
    fake.answers = [httpx.Response(503, headers={"Retry-After": "1"}), httpx.Response(404)]
    with pytest.raises(errors.NotFound):
        make().request("GET", "/Fax")
    assert naps
