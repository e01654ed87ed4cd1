"""No secret shows: not in a repr, an exception, its traceback with locals, a log line."""

from __future__ import annotations

import asyncio
import json
import logging
import pickle
from typing import Any

import httpx
import pytest
from threecx_xapi import GivenToken, Person, RetryPolicy, ServicePrincipal
from threecx_xapi._request.secret import Secret
from threecx_xapi.errors import SignInFailed, UnexpectedAnswer, XapiError
from threecx_xapi.tokens import issued

from tests.client import hostile
from tests.client.fake_pbx import FakePbx, Make, MakeAsync

# Invented, and unlike anything else that may appear.
CLIENT_SECRET, PASSWORD, CODE, TOKEN = "Zq7-client-secret", "Zq7-password", "Zq7-code", "Zq7-token"
ALL = (CLIENT_SECRET, PASSWORD, CODE, TOKEN)

WAYS = [
    {"client_id": "900", "client_secret": CLIENT_SECRET},
    {"username": "100", "password": PASSWORD, "security_code": CODE},
    {"access_token": TOKEN},
]
FAILURES: list[Any] = [
    httpx.Response(400, json={"error": {"message": "no"}}),
    httpx.Response(401),
    httpx.Response(404),
    httpx.Response(500),
    httpx.Response(302, headers={"Location": f"https://who:{PASSWORD}@evil.example/?token={TOKEN}"}),
    httpx.Response(200, text="<html>"),
    lambda request: httpx.ReadTimeout("slow", request=request),
    lambda request: httpx.ConnectError("no", request=request),
    lambda request: httpx.LocalProtocolError(f"Illegal header value b'Bearer {TOKEN}'", request=request),
]


def locals_of_ours(error: BaseException) -> str:
    """Locals of our own frames, without those of this test."""
    seen = []
    frame = error.__traceback__
    while frame is not None:
        if "threecx_xapi" in frame.tb_frame.f_code.co_filename:
            seen += [f"{name}={value!r}" for name, value in frame.tb_frame.f_locals.items()]
        frame = frame.tb_next
    return "\n".join(seen)


def shown_by(error: XapiError) -> str:
    """The exception itself, those behind it, and the locals of our frames; nothing of the test that has the secret."""
    chain = [error, error.__cause__, error.__context__]
    return "\n".join([*(f"{one} {one!r} {getattr(one, '__dict__', '')}" for one in chain), locals_of_ours(error)])


@pytest.mark.parametrize("way", WAYS, ids=["client", "person", "token"])
@pytest.mark.parametrize("failure", FAILURES)
@pytest.mark.parametrize("when", ["at sign-in", "later"])
@pytest.mark.parametrize("kind", ["sync", "async"])
def test_no_secret_in_a_failure(
    make: Make,
    make_async: MakeAsync,
    fake: FakePbx,
    naps: list[float],
    once: RetryPolicy,
    caplog: pytest.LogCaptureFixture,
    way: dict[str, str],
    failure: Any,
    when: str,
    kind: str,
) -> None:
    caplog.set_level(logging.DEBUG)
    fake.make_token = lambda n: f"{TOKEN}-{n}"
    fake.live = TOKEN
    answers = [failure] * 5
    if when == "at sign-in":
        fake.sign_in_answers = answers
    else:
        fake.answers = answers

    async def main() -> None:
        async with make_async(retry=once, **way) as client:
            (await client.request("GET", "/Users", headers={"If-Match": "x"})).json()

    error: XapiError | None = None
    try:
        if kind == "sync":
            make(retry=once, **way).request("GET", "/Users", headers={"If-Match": "x"}).json()
        else:
            asyncio.run(main())
    except XapiError as caught:
        error = caught
    if error is None:
        assert when == "at sign-in"  # a given token never signs in
        assert "access_token" in way
        return
    shown = (
        hostile.shown(error, with_locals=True).split("test_runtime_secrets.py")[0] + locals_of_ours(error) + caplog.text
    )
    for secret in ALL:
        assert secret not in shown
    pickled = pickle.dumps(error)
    for secret in ALL:
        assert secret.encode() not in pickled


def test_reprs(make: Make, make_async: MakeAsync) -> None:
    things: list[object] = [
        ServicePrincipal("900", CLIENT_SECRET),
        Person("100", PASSWORD, CODE),
        GivenToken(TOKEN),
        issued(TOKEN, lifetime=60, now=0),
        Secret(TOKEN),
        ServicePrincipal("900", CLIENT_SECRET).sign_in(),
        Person("100", PASSWORD, CODE).sign_in(),
        *(make(**way) for way in WAYS),
        *(make_async(**way) for way in WAYS),
        make(access_token=TOKEN, proxy=f"http://who:{PASSWORD}@proxy.example.com"),
    ]
    for thing in things:
        shown = [repr(thing), str(thing), f"{thing}"]
        if hasattr(thing, "__dict__"):
            shown.append(repr(vars(thing)))
        for secret in ALL:
            assert all(secret not in text for text in shown)
    assert repr(make(**WAYS[0])) == "<XapiClient https://pbx.example.com as client id 900>"
    assert repr(make(read_only=True, **WAYS[1])) == "<XapiClient https://pbx.example.com as user 100, read-only>"


def test_a_secret_is_not_pickled_by_mistake() -> None:
    with pytest.raises(TypeError):
        pickle.dumps(Secret(TOKEN))


@pytest.mark.parametrize(
    "content",
    [
        b'{"access_token":"invented-token-T0ken","expires_in":60,',  # cut off
        b"access_token=invented-token-T0ken&token_type=bearer",  # the form of other OAuth servers
        b'"invented-token-T0ken',
    ],
)
def test_a_sign_in_that_cannot_be_read_is_not_repeated_in_the_message(
    make: Make, fake: FakePbx, content: bytes
) -> None:
    fake.sign_in_answers = [httpx.Response(200, content=content)]
    with pytest.raises(SignInFailed, match="is not JSON") as caught:
        make().request("GET", "/Defs")
    assert "T0ken" not in shown_by(caught.value)


def test_an_entity_that_cannot_be_read_is_not_repeated_in_the_message(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(200, content=b'{"Id":12,"AuthPassword":"geheim","Number":')]
    with pytest.raises(UnexpectedAnswer, match="cut off or damaged") as caught:
        make().request("GET", "/Fax(12)").json()
    assert "geheim" not in shown_by(caught.value)


def test_a_reply_shows_neither_body_nor_headers(make: Make, fake: FakePbx) -> None:
    fake.answers = [httpx.Response(200, json={"AuthPassword": PASSWORD}, headers={"X-Token": TOKEN})]
    reply = make().request("GET", "/Users(1)", params={"$filter": f"Secret eq '{CLIENT_SECRET}'"})
    for secret in ALL:
        assert secret not in repr(reply)


ECHOES = [
    {"error": "unauthorized", "error_description": "client_secret={0} is wrong"},
    {
        "error": {
            "code": "{0}",
            "message": "{0}",
            "target": "{0}",
            "details": [{"code": "x", "message": "{0}", "target": "{0}"}],
        }
    },
    "you sent {0}",
]


@pytest.mark.parametrize("body", ECHOES)
@pytest.mark.parametrize("status", [400, 401, 403, 500])
def test_a_server_that_repeats_what_it_was_sent(
    make: Make, fake: FakePbx, once: RetryPolicy, body: Any, status: int
) -> None:
    """The secret at the sign-in, the token at a request."""

    def echo(secret: str) -> httpx.Response:
        text = json.dumps(body).replace("{0}", secret)
        return httpx.Response(status, content=text.encode(), headers={"X-Request-Id": secret})

    fake.sign_in_answers = [echo(CLIENT_SECRET)] * 9
    with pytest.raises(XapiError) as caught:
        make(client_id="900", client_secret=CLIENT_SECRET, retry=once).request("GET", "/Users")
    assert CLIENT_SECRET not in hostile.shown(caught.value, with_locals=True)
    token = TOKEN + "-x" * 90
    fake.live, fake.answers = token, [echo(token)] * 9
    with pytest.raises(XapiError) as caught:
        make(access_token=token, retry=once).request("GET", "/Users")
    assert token not in str(caught.value) + repr(vars(caught.value))


@pytest.mark.parametrize("begin", [b"\xef\xbb\xbf", b"\xff\xfe", b"\x00", b"x", b")]}',\n"])
def test_data_behind_something_else_is_not_repeated(make: Make, fake: FakePbx, begin: bytes) -> None:
    fake.answers = [httpx.Response(200, content=begin + b'{"AuthPassword": "Zq7-password", "x')]
    with pytest.raises(UnexpectedAnswer, match="bytes that are not JSON") as caught:
        make().request("GET", "/Users(1)").json()
    assert PASSWORD not in str(caught.value)


def test_a_page_that_shows_what_it_was_sent(make: Make, fake: FakePbx) -> None:
    token = "Zq7" + "x" * 200
    fake.answers = [httpx.Response(200, text=f"GET /xapi/v1/Users\nAuthorization: Bearer {token}")]
    with pytest.raises(UnexpectedAnswer) as caught:
        make().request("GET", "/Users").json()
    assert token[:60] not in str(caught.value)
