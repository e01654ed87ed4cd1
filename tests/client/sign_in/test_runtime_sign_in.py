"""Signing in: what is sent, what the answers mean, who shares a token, what happens when it is refused."""

from __future__ import annotations

import json
import time
from pathlib import Path
from urllib.parse import parse_qs

import httpx
import pytest
from threecx_xapi import GivenToken, Person, RetryPolicy, ServicePrincipal
from threecx_xapi._token_store.record import Record, Refusal
from threecx_xapi.errors import ServerError, SignInFailed, Timeout, UnexpectedAnswer

from tests.client.fake_pbx import FakePbx, Make


def test_service_principal_on_the_wire(make: Make, fake: FakePbx) -> None:
    make(client_id="900", client_secret="a&b=c d%ü").request("GET", "/Defs")
    first, second = fake.requests
    assert (first.method, str(first.url)) == ("POST", "https://pbx.example.com/connect/token")
    assert first.headers["content-type"] == "application/x-www-form-urlencoded"
    assert "authorization" not in first.headers
    assert parse_qs(first.content.decode()) == {
        "grant_type": ["client_credentials"],
        "client_id": ["900"],
        "client_secret": ["a&b=c d%ü"],
    }
    assert second.headers["authorization"] == "Bearer invented-token-1"


def test_person_on_the_wire(make: Make, fake: FakePbx) -> None:
    make(username="100", password='p"w\u00fc', security_code="123456").request("GET", "/Defs")
    first = fake.requests[0]
    assert (first.method, first.url.path) == ("POST", "/webclient/api/Login/GetAccessToken")
    assert first.headers["content-type"] == "application/json"
    assert json.loads(first.content) == {"Username": "100", "Password": 'p"w\u00fc', "SecurityCode": "123456"}
    assert fake.calls[0].headers["authorization"] == "Bearer invented-token-1"


@pytest.mark.parametrize("given", ["abc", "Bearer abc", " bearer  abc "])
def test_given_token(make: Make, fake: FakePbx, given: str) -> None:
    fake.live = "abc"
    make(access_token=given).request("GET", "/Defs")
    assert fake.sign_ins == 0


def test_given_token_refused(make: Make, fake: FakePbx) -> None:
    with pytest.raises(SignInFailed, match="refuses the access token given") as caught:
        make(access_token="old").request("GET", "/Defs")
    assert caught.value.status == 401
    assert fake.sign_ins == 0
    assert len(fake.calls) == 1


def test_strategy_object(make: Make, fake: FakePbx) -> None:
    for auth in (ServicePrincipal("900", "x"), Person("100", "y")):
        make(auth=auth).request("GET", "/Defs")
    assert fake.live is not None
    make(auth=GivenToken(fake.live)).request("GET", "/Defs")
    assert fake.sign_ins == 2


def test_nothing_is_sent_before_the_first_request(make: Make, fake: FakePbx, runtime_dir: Path) -> None:
    make()
    assert fake.requests == []
    assert not runtime_dir.exists()


def test_one_sign_in_for_many_requests(make: Make, fake: FakePbx) -> None:
    client = make()
    for _ in range(5):
        client.request("GET", "/Defs")
    assert fake.sign_ins == 1


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_refused_token_is_renewed_once(make: Make, fake: FakePbx, method: str) -> None:
    client = make()
    client.request("GET", "/Defs")
    fake.live = "somebody-else"
    assert client.request(method, "/Defs", json={"a": 1}).status == 200
    assert fake.sign_ins == 2
    assert fake.calls[-1].content == b'{"a":1}'  # the body goes again


def test_two_clients_share_the_token(make: Make, fake: FakePbx) -> None:
    make().request("GET", "/Defs")
    make().request("GET", "/Defs")
    assert fake.sign_ins == 1


@pytest.mark.parametrize(
    "other",
    [
        {"client_id": "901", "client_secret": "x"},
        {"client_id": "900", "client_secret": "new"},
        {"host": "pbx2.example.com"},
    ],
)
def test_others_do_not_share_it(make: Make, fake: FakePbx, other: dict[str, str]) -> None:
    make().request("GET", "/Defs")
    make(**other).request("GET", "/Defs")
    assert fake.sign_ins == 2


def test_token_cache_off(make: Make, fake: FakePbx, runtime_dir: Path) -> None:
    first, second = make(token_cache=False), make(token_cache=False)
    for client in (first, first, second, second):
        client.request("GET", "/Defs")
    assert fake.sign_ins == 2
    assert not runtime_dir.exists()


def test_a_401_after_somebody_else_renewed_uses_the_newer_token(make: Make, fake: FakePbx) -> None:
    ours, theirs = make(), make()
    ours.request("GET", "/Defs")
    theirs.request("GET", "/Defs")
    fake.live = "revoked"
    theirs.request("GET", "/Defs")
    assert fake.sign_ins == 2
    ours.request("GET", "/Defs")
    assert fake.sign_ins == 2
    assert [call.headers["authorization"][-1] for call in fake.calls[-2:]] == ["1", "2"]


def test_a_fresh_token_refused_is_the_end(make: Make, fake: FakePbx) -> None:
    client = make()
    client.request("GET", "/Defs")
    fake.answers = [httpx.Response(401)] * 9
    with pytest.raises(SignInFailed, match="refuses even a new access token of client id 900") as caught:
        client.request("GET", "/Defs")
    assert caught.value.status == 401
    assert (len(fake.calls), fake.sign_ins) == (3, 2)  # the old token, one sign-in, the new token, no loop


def test_a_first_token_refused_gets_one_more_chance(make: Make, fake: FakePbx) -> None:
    """Somebody may have signed in, or revoked it, between our sign-in and our first request."""
    fake.answers = [httpx.Response(401), {}]
    assert make().request("GET", "/Defs").status == 200
    assert fake.sign_ins == 2
    fake.answers = [httpx.Response(401)] * 9
    with pytest.raises(SignInFailed):
        make(token_cache=False).request("GET", "/Defs")
    assert fake.sign_ins == 4


def test_no_loop_when_every_token_is_refused(make: Make, fake: FakePbx, naps: list[float]) -> None:
    """Another program with the same client id signs in all the time."""

    def refuse(_request: httpx.Request) -> httpx.Response:
        other.request("GET", "/Other")  # gets its own token, which invalidates ours, and shares it
        fake.live = "a stranger's"
        return httpx.Response(401)

    other, client = make(), make()
    fake.answers = [refuse, {}, refuse, {}, refuse, {}, refuse, {}, refuse, {}]
    with pytest.raises(SignInFailed):
        client.request("GET", "/Defs")
    assert fake.sign_ins <= 5
    assert naps == []


@pytest.mark.parametrize(
    ("answer", "status", "words"),
    [
        (
            httpx.Response(401, json={"error": "unauthorized", "error_description": "Wrong client secret."}),
            401,
            "did not sign in client id 900: Wrong client secret.",
        ),
        (httpx.Response(400, json={"error": "invalid_client"}), 400, "invalid_client"),
        (httpx.Response(403), 403, "did not sign in"),
        (httpx.Response(404, text="<html><title>Hello</title></html>"), 404, "no sign-in at this address"),
        (httpx.Response(302, headers={"Location": "https://evil.example/"}), 302, "no sign-in at this address"),
        (httpx.Response(200, text="<html>"), 200, "not JSON"),
        (httpx.Response(200, json={"access_token": None}), 200, "no access token"),
        (httpx.Response(200, json={"access_token": "a\r\nX-Evil: 1"}), 200, "no access token"),
        (httpx.Response(200, json=[]), 200, "no access token"),
        (httpx.Response(200), 200, "empty"),
    ],
)
def test_sign_in_refused(make: Make, fake: FakePbx, answer: httpx.Response, status: int, words: str) -> None:
    fake.sign_in_answers = [answer]
    with pytest.raises(SignInFailed, match=words) as caught:
        make().request("DELETE", "/Fax(1)")
    assert caught.value.status == status
    assert "pbx.example.com" in str(caught.value)
    assert fake.calls == []


@pytest.mark.parametrize("status", ["WrongPassword", "SecurityCodeRequired", None])
def test_person_refused(make: Make, fake: FakePbx, status: str | None) -> None:
    fake.sign_in_answers = [httpx.Response(200, json={"Status": status, "Token": None})]
    with pytest.raises(SignInFailed, match=status or "no status") as caught:
        make(username="100", password="x").request("GET", "/Defs")
    assert "user 100" in str(caught.value)


def test_sign_in_is_tried_again_when_the_pbx_is_busy(make: Make, fake: FakePbx, naps: list[float]) -> None:
    fake.sign_in_answers = [httpx.Response(503), httpx.ReadTimeout("slow")]
    make().request("GET", "/Defs")
    assert fake.sign_ins == 1
    assert len(naps) == 2


def test_a_security_code_is_not_sent_twice(make: Make, fake: FakePbx, naps: list[float]) -> None:
    fake.sign_in_answers = [httpx.ReadTimeout("slow")]
    with pytest.raises(Timeout):
        make(username="100", password="x", security_code="123456").request("GET", "/Defs")
    assert naps == []


def test_a_broken_pbx_is_not_a_wrong_password(make: Make, fake: FakePbx, once: RetryPolicy) -> None:
    fake.sign_in_answers = [httpx.Response(500)]
    with pytest.raises(ServerError):
        make(retry=once).request("GET", "/Defs")


def test_a_refusal_of_the_future_is_not_believed(make: Make, fake: FakePbx) -> None:
    """The clock was an hour fast when the PBX refused, and has been put right since: that was an hour ago."""
    client = make()
    ahead = time.time() + 3600
    digest = client._session.sign_in._credentials
    client._session.sign_in.store.write(Record(refusal=Refusal(ahead, ahead + 60, digest, "no", "no", 401)))
    assert client.request("GET", "/Defs").status == 200


def test_a_closed_client_says_so(make: Make) -> None:
    client = make()
    client.close()
    with pytest.raises(ValueError, match="closed"):
        client.request("GET", "/Defs")


def test_redirect_is_not_followed(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(307, headers={"Location": "https://evil.example/xapi/v1/Defs?x=1"})]
    with pytest.raises(UnexpectedAnswer, match=r"redirects to https://evil\.example \(307\)"):
        make().request("GET", "/Defs")
    assert {request.url.host for request in fake.requests} == {"pbx.example.com"}


def test_cookies_are_not_kept(make: Make, fake: FakePbx) -> None:
    fake.headers = {"Set-Cookie": "session=invented; Path=/"}
    client = make()
    client.request("GET", "/Defs")
    client.request("GET", "/Defs")
    assert not any("cookie" in request.headers for request in fake.requests)
