"""The control endpoints take no token: no foreign page reaches them, and who opens them to others is warned."""

from __future__ import annotations

import warnings

import httpx
import pytest

from pbx_simulator import SimulatedFleet, SimulatedPbx
from pbx_simulator.http.guard import ExposedWarning, is_loopback
from tests.simulator.support import BARE, ROOT, Api


def test_a_foreign_host_or_origin_is_refused(pbx: SimulatedPbx) -> None:
    own = f"127.0.0.1:{pbx.port}"
    foreign = [
        {"Host": "evil.example"},
        {"Host": f"evil.example:{pbx.port}"},
        {"Host": "localhost.evil.example"},
        {"Host": ""},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Origin": f"https://{own}"},
        {"Origin": "http://127.0.0.1:1"},
    ]
    requests = [("GET", "requests"), ("DELETE", "requests"), ("POST", "reset"), ("POST", "fail"), ("PUT", "faults"),
                ("GET", "entities/Users"), ("POST", "revoke"), ("GET", "sign-ins"), ("GET", "writes"), ("POST",
                    "away")]  # fmt: skip
    for method, path in requests:
        for headers in foreign:
            answer = BARE.request(method, f"{pbx.url}/_simulator/{path}", headers=headers, json={})
            assert answer.status_code == 403, (method, path, headers)
            assert "foreign" in answer.json()["error"]
    for headers in (
        {},
        {"Host": f"localhost:{pbx.port}"},
        {"Host": f"[::1]:{pbx.port}"},
        {"Host": "192.0.2.7"},
        {"Origin": f"http://{own}"},
    ):
        assert BARE.get(f"{pbx.url}/_simulator/sign-ins", headers=headers).status_code == 200, headers


def test_the_api_itself_is_asked_by_any_name(pbx: SimulatedPbx) -> None:
    api = Api(pbx)
    assert (
        api.send("GET", "/Fax", headers={"Host": "pbx.example.com", "Origin": "https://console.example"}).status_code
        == 200
    )


def test_listening_beyond_this_machine_warns() -> None:
    for host in ("0.0.0.0", ""):
        pbx = SimulatedPbx("empty", host=host)
        with pytest.warns(ExposedWarning, match=r"beyond this machine.*/_simulator without a token"):
            pbx.bind()
        pbx.release_port()
    with pytest.warns(ExposedWarning), SimulatedFleet(2, seed="empty", host="0.0.0.0") as pbxs:
        assert httpx.get(f"http://127.0.0.1:{pbxs[1].port}{ROOT}/Defs", trust_env=False).status_code == 401
    with warnings.catch_warnings():
        warnings.simplefilter("error")
        with SimulatedPbx("empty"):
            pass
    assert [is_loopback(host) for host in ("127.8.0.1", "::1", "localhost", "192.0.2.1", "pbx.example.com", "::")] == [
        True, True, True, False, False, False,
    ]  # fmt: skip
