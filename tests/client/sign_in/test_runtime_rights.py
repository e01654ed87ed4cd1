"""401 and 403: one new token is worth a try, and then rights are missing."""

from __future__ import annotations

from typing import Any

import httpx
import pytest
from threecx_xapi import errors

from tests.client.fake_pbx import FakePbx, Make

DENIED_401 = {"error": "unauthorized"}


class Denying(FakePbx):
    """A PBX that denies some entity sets.

    Attributes:
        denied: answers by the name of the set; a 401 and a 403 look at no token
    """

    def __init__(self) -> None:
        super().__init__()
        self.denied: dict[str, int] = {}
        self.roles_count_from = 0  # the sign-in from which on nothing is denied

    def __call__(self, request: httpx.Request) -> httpx.Response:
        name = request.url.path.removeprefix("/xapi/v1/").partition("(")[0]
        status = self.denied.get(name)
        if status and not 0 < self.roles_count_from <= self.sign_ins:
            request.read()
            self.requests.append(request)
            return httpx.Response(status, headers=self.headers, json=DENIED_401)
        return super().__call__(request)


@pytest.fixture
def fake() -> Denying:
    return Denying()


def denied(make: Make, method: str = "GET", path: str = "/Fax", **options: Any) -> errors.Forbidden:
    with pytest.raises(errors.Forbidden) as caught:
        make(**options).request(method, path, json={})
    return caught.value


@pytest.mark.parametrize("method", ["GET", "POST", "DELETE"])
def test_a_403_with_an_older_token_signs_in_once(make: Make, fake: Denying, method: str) -> None:
    """A stale token is answered 403 by some builds, and a role that was changed counts from the next token on."""
    client = make()
    client.request("GET", "/Users")
    fake.denied, fake.roles_count_from = {"Fax": 403}, 2
    assert client.request(method, "/Fax", json={"a": 1}).status == 200
    assert fake.sign_ins == 2
    assert fake.calls[-1].content == b'{"a":1}'
    make().request("GET", "/Fax")  # the new token is kept
    assert fake.sign_ins == 2


def test_a_stale_token_is_renewed_each_time(make: Make, fake: Denying) -> None:
    for number in range(2, 6):
        make().request("GET", "/Users")
        fake.denied, fake.roles_count_from = {"Fax": 403}, number
        assert make().request("GET", "/Fax").status == 200
        assert fake.sign_ins == number


@pytest.mark.parametrize("status", [401, 403])
def test_a_loop_with_missing_rights_signs_in_once(make: Make, fake: Denying, status: int) -> None:
    fake.denied = {"Fax": status}
    found = [denied(make) for _ in range(30)]
    assert fake.sign_ins == 1
    assert {error.status for error in found} == {status}
    assert {isinstance(error, errors.MissingRights) for error in found} == {status == 401}
    assert make().request("GET", "/Users").status == 200  # the others work, with the same token
    assert fake.sign_ins == 1


@pytest.mark.parametrize("status", [401, 403])
def test_missing_rights_with_an_older_token_sign_in_once(make: Make, fake: Denying, status: int) -> None:
    make().request("GET", "/Users")
    fake.denied = {"Fax": status, "Groups": status}
    for _ in range(10):
        denied(make)
        denied(make, path="/Fax(1)")
    assert fake.sign_ins <= 2
    denied(make, path="/Groups")
    assert fake.sign_ins <= 2 + (status == 401)


def test_a_right_that_was_denied_is_tried_again_after_half_a_minute(make: Make, fake: Denying) -> None:
    fake.denied = {"Fax": 403}
    denied(make)
    assert "the client requests another one from" in denied(make).message
    fake.roles_count_from = 2
    client = make()
    now = client._session._clock() + 31
    client._session._clock = lambda: now
    assert client.request("GET", "/Fax").status == 200
    assert fake.sign_ins == 2


def test_reading_and_writing_are_rights_of_their_own(make: Make, fake: Denying) -> None:
    fake.denied = {"Fax": 403}
    denied(make)
    fake.denied = {}
    make().request("POST", "/Fax", json={})
    assert fake.sign_ins == 1


def test_missing_rights_are_explained(make: Make, fake: Denying) -> None:
    fake.denied = {"Fax": 401}
    error = denied(make, "PATCH", "/Fax(1)")
    assert isinstance(error, errors.MissingRights)
    assert "is not allowed to client id 900 (401): the PBX accepts the access token for other requests" in error.message
    assert (error.method, error.status, error.maybe_processed) == ("PATCH", 401, False)


def test_a_403_that_no_token_can_put_right_is_reported_as_it_is(make: Make, fake: Denying) -> None:
    fake.live = "abc"
    fake.denied = {"Fax": 403}
    denied(make, access_token="abc")
    assert fake.sign_ins == 0
    denied(make, username="100", password="invented", security_code="123456")
    make(username="100", password="invented", security_code="123456").request("GET", "/Users")
    denied(make, username="100", password="invented", security_code="123456")
    assert fake.sign_ins == 1  # a security code works only once


@pytest.mark.parametrize("answer", [httpx.Response(401), httpx.Response(429, headers={"Retry-After": "180"})])
def test_a_403_is_reported_where_there_is_no_new_token(make: Make, fake: Denying, answer: httpx.Response) -> None:
    make().request("GET", "/Users")
    fake.denied, fake.sign_in_answers = {"Fax": 403}, [answer]
    error = denied(make)
    assert (error.status, error.signing_in) == (403, False)
    make().request("GET", "/Users")  # goes on with the token it has


@pytest.mark.parametrize("stale", [401, 403])
def test_a_new_token_that_ended_is_told_from_missing_rights(make: Make, fake: Denying, stale: int) -> None:
    """A request that everybody may make is refused as well, so it is the token."""
    fake.stale = stale

    def stolen(_request: httpx.Request) -> httpx.Response:
        fake.live = "somebody else's"
        return httpx.Response(stale)

    fake.answers = [stolen]
    assert make().request("GET", "/Fax").status == 200
    assert fake.sign_ins == 2
    assert fake.lines == ["GET /Fax", "GET /Defs?$select=Id", "GET /Fax"]


def test_a_401_that_does_not_come_again_denies_nothing(make: Make, fake: Denying) -> None:
    fake.answers = [httpx.Response(401)]
    assert make().request("GET", "/Fax").status == 200
    assert fake.sign_ins == 1
    fake.answers = [httpx.Response(401)]
    assert make().request("GET", "/Fax").status == 200
    assert fake.sign_ins == 2


def test_another_holder_of_the_client_id_is_named(make: Make, fake: Denying) -> None:
    client = make()
    client.request("GET", "/Users")
    for _ in range(3):
        assert client.take_notices() == []
        fake.live = "somebody else's"
        client.request("GET", "/Users")
    (notice,) = client.take_notices()
    assert "pbx.example.com ended 3 access tokens of client id 900 within 10 minutes" in notice
    assert "its own service principal" in notice
    assert client.take_notices() == []


@pytest.mark.parametrize("status", [401, 403])
def test_missing_rights_are_no_other_holder(make: Make, fake: Denying, status: int) -> None:
    client = make()
    now = client._session._clock()
    client._session._clock = lambda: now
    client.request("GET", "/Users")
    for name in ("Fax", "Groups", "Queues", "Parkings"):
        now += 10
        fake.denied[name] = status
        with pytest.raises(errors.Forbidden):
            client.request("GET", f"/{name}")
    assert client.take_notices() == []


def test_a_client_without_any_rights_signs_in_a_second_time_once(make: Make, fake: Denying) -> None:
    client = make()
    now = client._session._clock()
    client._session._clock = lambda: now
    fake.denied = dict.fromkeys(("Fax", "Groups", "Queues", "Parkings", "Defs"), 403)
    for name in ("Fax", "Groups", "Queues", "Parkings", "Defs"):
        for _ in range(5):
            with pytest.raises(errors.Forbidden):
                client.request("GET", f"/{name}")
        now += 1
    assert fake.sign_ins == 2
    assert client.take_notices() == []


@pytest.mark.parametrize("shared", [True, False])
def test_a_pbx_that_takes_no_token_sees_few_sign_ins(make: Make, fake: Denying, shared: bool) -> None:
    """Such as one whose console may not be used from here: a loop would sign in once for each item."""
    client = make(token_cache=shared)
    fake.denied = dict.fromkeys(("Users", "Fax", "Defs"), 401)
    messages = []
    for path in ("/Users", "/Fax", "/Defs") * 10:
        with pytest.raises(errors.SignInFailed) as caught:
            (make() if shared else client).request("GET", path)
        messages.append(caught.value.message)
    assert fake.sign_ins == 3  # two for the first request, one for the second
    assert "new ones were refused too, and the next is requested from" in messages[-1].lower()
    assert "requested from" not in messages[1]
    now = client._session._clock() + 31
    client._session._clock = lambda: now
    fake.denied = {}
    fake.live = "another one"
    assert client.request("GET", "/Users").status == 200
    assert fake.sign_ins == 4


def test_a_token_of_another_worker_is_tried_after_refusals(make: Make, fake: Denying) -> None:
    fake.denied = dict.fromkeys(("Users", "Defs"), 401)
    for _ in range(3):
        with pytest.raises(errors.SignInFailed):
            make().request("GET", "/Users")
    fake.denied = {}
    assert make().request("GET", "/Users").status == 200  # the token that is shared, without a sign-in
    assert fake.sign_ins == 3
