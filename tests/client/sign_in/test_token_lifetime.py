"""How long an access token lives, whatever the release and the clocks say."""

from __future__ import annotations

import base64
import json

import pytest
from threecx_xapi.tokens import issued, jwt_claims, lifetime

from tests.client.fake_pbx import FakePbx, Make

NOW = 1_800_000_000.0
DATE = "Fri, 15 Jan 2027 08:00:00 GMT"  # the same instant


def jwt(**claims: object) -> str:
    """A token of the right shape, signed by nobody."""
    part = base64.urlsafe_b64encode(json.dumps(claims).encode()).rstrip(b"=").decode()
    return f"eyJhbGciOiJub25lIn0.{part}.sig"


@pytest.mark.parametrize(
    ("token", "expires_in", "release", "date", "expected"),
    [
        # without a JWT: minutes before 20.0.9, seconds since
        ("opaque", 60, "20.0.8.1109", None, 3600),
        ("opaque", 60, "20.0.5", None, 3600),
        ("opaque", 60, "18.0.9.1", None, 3600),
        ("opaque", 60, "20.0.9.995", None, 60),
        ("opaque", 60, "20.0.10.1", None, 60),
        ("opaque", 60, "21.0.0.1", None, 60),
        ("opaque", "60", "20.0.8", None, 3600),
        ("opaque", 60, None, None, 60),  # unknown: the shorter reading
        ("opaque", 60, "20.0", None, 60),
        ("opaque", 60, "nonsense", None, 60),
        ("opaque", 60, f"20.0.{'9' * 5000}", None, 60),
        # nothing to go by
        ("opaque", None, "20.0.8", None, 60),
        ("opaque", 0, "20.0.8", None, 60),
        ("opaque", -5, None, None, 60),
        ("opaque", True, None, None, 60),
        ("opaque", "soon", None, None, 60),
        ("opaque", float("inf"), None, None, 60),
        # the JWT wins
        (jwt(iat=NOW, exp=NOW + 900), 60, "20.0.8", None, 900),
        # a clock wrong by a year: only the difference counts
        (jwt(iat=NOW - 3e7, exp=NOW - 3e7 + 900), 60, "20.0.10", None, 900),
        (jwt(nbf=NOW + 3e7, exp=NOW + 3e7 + 900), 60, "20.0.10", None, 900),
        # without iat: against the server's clock, else against ours
        (jwt(exp=NOW + 700), 60, "20.0.10", DATE, 700),
        (jwt(exp=NOW + 700), 60, "20.0.10", None, 700),
        # an exp that cannot be true for any clock at hand
        (jwt(exp=NOW - 700), 60, "20.0.8", DATE, 3600),
        (jwt(iat=NOW, exp=NOW), 60, "20.0.10", DATE, 60),
        (jwt(exp="never"), 60, "20.0.10", None, 60),
    ],
)
def test_lifetime(token: str, expires_in: object, release: str | None, date: str | None, expected: float) -> None:
    assert lifetime(token, expires_in, release=release, date=date, now=NOW) == expected


@pytest.mark.parametrize("token", ["", "a.b", "a.b.c", "a.!!.c", "a.W10.c", "a.bnVsbA.c", "ü.ü.ü"])
def test_what_is_no_jwt_has_no_claims(token: str) -> None:
    assert jwt_claims(token) == {}


def test_renewed_shortly_before_the_end() -> None:
    token = issued("x", lifetime=3600, now=NOW)
    assert token.usable(NOW + 3569)
    assert not token.usable(NOW + 3571)
    short = issued("x", lifetime=60, now=NOW)
    assert short.usable(NOW + 53)
    assert not short.usable(NOW + 55)


@pytest.mark.parametrize(("release", "seconds"), [("20.0.8.1", 3600), ("20.0.10.1", 60)])
def test_unit_of_the_release(make: Make, fake: FakePbx, release: str, seconds: float) -> None:
    fake.headers = {"X-3CX-Version": release}
    client = make()
    clock = [NOW]
    client._session._clock = lambda: clock[0]
    client.request("GET", "/Defs")
    clock[0] = NOW + seconds * 0.8
    client.request("GET", "/Defs")
    assert fake.sign_ins == 1
    clock[0] = NOW + seconds
    client.request("GET", "/Defs")
    assert fake.sign_ins == 2
    assert [call.headers["authorization"][-1] for call in fake.calls] == ["1", "1", "2"]  # renewed before a 401
    assert client.release == release


def test_jwt_wins_on_the_wire(make: Make, fake: FakePbx) -> None:
    fake.make_token = lambda n: jwt(iat=5, exp=5 + 900, n=n)  # the PBX's clock stands at 1970
    client = make()
    clock = [NOW]
    client._session._clock = lambda: clock[0]
    for later in (0, 800, 899):
        clock[0] = NOW + later
        client.request("GET", "/Defs")
    assert fake.sign_ins == 2
