"""One PBX under two addresses: a sign-in at one ends the token obtained at the other."""

from __future__ import annotations

import httpx
import pytest
from threecx_xapi import XapiClient, errors

from tests.client.conftest import SECRET
from tests.client.fake_pbx import FakePbx, Make

NAMES = ("pbx.example.com", "192.0.2.10")


def test_by_name_and_by_address_in_turn(make: Make, fake: FakePbx) -> None:
    for turn in range(40):
        make(NAMES[turn % 2]).request("GET", "/Fax")
    assert fake.sign_ins == 2
    assert len(fake.calls) <= 44


def test_a_short_lived_token_is_shared_too(make: Make, fake: FakePbx) -> None:
    now = [1_800_000_000.0]
    for turn in range(40):
        client = make(NAMES[turn % 2])
        client._session._clock = lambda: now[0]
        client.request("GET", "/Fax")
        now[0] += 15
    assert fake.sign_ins <= 13  # 600 seconds, tokens of 54 usable ones: 12, and one to find out


@pytest.mark.parametrize("stale", [401, 403])
@pytest.mark.parametrize("sign_ins_there", [1, 2])
def test_a_token_that_a_sign_in_at_the_other_address_ends_is_no_missing_right(
    make: Make, fake: FakePbx, stale: int, sign_ins_there: int
) -> None:
    """A new token ends before its first use; so may that of the other address before it is tried here."""
    fake.stale = stale
    left = [sign_ins_there]

    def meanwhile(request: httpx.Request) -> httpx.Response:
        if request.url.path.startswith("/xapi/") and left[0]:
            left[0] -= 1
            fake.live = None
            make(NAMES[1 if left[0] == sign_ins_there - 1 else 0]).request("GET", "/Fax")
        return fake(request)

    client = make(NAMES[0], transport=httpx.MockTransport(meanwhile))
    for _ in range(3):
        assert client.request("GET", "/Fax").status == 200
        assert make(NAMES[1]).request("GET", "/Fax").status == 200


@pytest.mark.parametrize("stale", [401, 403])
def test_a_restart_that_ends_the_tokens_of_both_addresses(make: Make, fake: FakePbx, stale: int) -> None:
    fake.stale = stale
    for name in NAMES:
        make(name).request("GET", "/Fax")
    fake.live = None
    assert make(NAMES[0]).request("GET", "/Fax").status == 200
    assert fake.sign_ins == 3
    assert make(NAMES[1]).request("GET", "/Fax").status == 200
    assert fake.sign_ins == 3


@pytest.mark.parametrize("other", [{"client_id": "901", "client_secret": SECRET}, {"client_secret": "x"}])
def test_a_token_is_offered_to_nobody_who_does_not_get_its_credentials(
    make: Make, fake: FakePbx, other: dict[str, str]
) -> None:
    make(NAMES[0]).request("GET", "/Fax")
    client = make(NAMES[1], **{"client_id": "900", **other})
    client.request("GET", "/Fax")
    fake.live = None
    make(NAMES[0]).request("GET", "/Fax")
    fake.live = None
    sent = len(fake.calls)
    client.request("GET", "/Fax")
    mine = {"Bearer invented-token-2", "Bearer invented-token-4"}
    assert {call.headers["authorization"] for call in fake.calls[sent:]} <= mine


def test_other_pbxs_with_the_same_secret_are_tried_once(make: Make, fake: FakePbx) -> None:
    """A fleet may share a secret. A token that ended is not looked for on every one of them."""
    others = [FakePbx() for _ in range(6)]
    for number, other in enumerate(others):
        other.make_token = lambda n, pbx=number: f"invented-of-{pbx}-{n}"  # type: ignore[misc]

    def client(pbx: FakePbx, host: str) -> XapiClient:
        return make(host, transport=httpx.MockTransport(pbx))

    client(fake, "pbx.example.com").request("GET", "/Fax")
    for number, other in enumerate(others):
        client(other, f"pbx{number}.example.com").request("GET", "/Fax")
    fake.live = None
    sent = len(fake.calls)
    assert client(fake, "pbx.example.com").request("GET", "/Fax").status == 200
    strange = [call for call in fake.calls[sent:] if "invented-of-" in call.headers["authorization"]]
    assert len({call.headers["authorization"] for call in strange}) == 1
    assert fake.sign_ins == 2


def test_a_fleet_that_signs_in_meanwhile_is_tried_once_as_well(make: Make, fake: FakePbx) -> None:
    """The token that was tried has been replaced by then, so it is no longer among those of the others."""
    others = {f"pbx{number}.example.com": FakePbx() for number in range(6)}
    for name, other in others.items():
        other.make_token = lambda n, pbx=name: f"invented-of-{pbx}-{n}"  # type: ignore[misc]

    def sign_in_anew() -> None:
        for name, other in others.items():
            other.live = None
            make(name, transport=httpx.MockTransport(other)).request("GET", "/Fax")

    def meanwhile(request: httpx.Request) -> httpx.Response:
        if "invented-of-" in request.headers.get("authorization", ""):
            sign_in_anew()
        return fake(request)

    mine = make("pbx.example.com", transport=httpx.MockTransport(meanwhile))
    mine.request("GET", "/Fax")
    sign_in_anew()
    fake.live = None
    assert mine.request("GET", "/Fax").status == 200
    assert len({call.headers["authorization"] for call in fake.calls if "-of-" in call.headers["authorization"]}) == 1
    assert fake.sign_ins == 2


def test_a_token_that_is_refused_at_both_addresses_is_reported(make: Make, fake: FakePbx) -> None:
    for name in NAMES:
        make(name).request("GET", "/Fax")
    fake.make_token = lambda _: "always the same"
    fake.answers = [httpx.Response(401)] * 9
    with pytest.raises(errors.XapiError):
        make(NAMES[0]).request("GET", "/Fax")
    assert fake.sign_ins <= 4
