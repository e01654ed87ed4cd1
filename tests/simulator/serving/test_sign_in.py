"""XAPI.md, "Signing in", point by point, at wire level."""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

import httpx
import jwt
import pytest

from pbx_simulator import SimulatedPbx
from tests.simulator.support import BARE, Api, refused

Factory = Callable[..., SimulatedPbx]


def form(pbx: SimulatedPbx, **changes: str) -> dict[str, str]:
    return {
        "grant_type": "client_credentials",
        "client_id": pbx.client_id,
        "client_secret": pbx.client_secret,
        **changes,
    }


def claims(token: dict[str, Any]) -> dict[str, Any]:
    return jwt.decode(token["access_token"], options={"verify_signature": False})


def test_a_service_principal_signs_in_urlencoded(pbx: SimulatedPbx) -> None:
    answer = BARE.post(f"{pbx.url}/connect/token", data=form(pbx))
    assert answer.status_code == 200
    token = answer.json()
    assert token.keys() == {"token_type", "expires_in", "access_token", "refresh_token"}
    assert (token["token_type"], token["refresh_token"]) == ("Bearer", None)
    assert pbx.requests[0].headers["content-type"] == "application/x-www-form-urlencoded"


def test_a_service_principal_signs_in_multipart(pbx: SimulatedPbx) -> None:
    answer = BARE.post(f"{pbx.url}/connect/token", files={name: (None, value) for name, value in form(pbx).items()})
    assert answer.status_code == 200
    assert answer.json()["access_token"]
    assert pbx.requests[0].headers["content-type"].startswith("multipart/form-data")
    assert pbx.sign_ins == 1


@pytest.mark.parametrize("change", [{"client_id": "901"}, {"client_secret": "wrong"}, {"client_secret": ""}])
def test_a_refused_sign_in_has_the_oauth_form(pbx: SimulatedPbx, change: dict[str, str]) -> None:
    answer = BARE.post(f"{pbx.url}/connect/token", data=form(pbx, **change))
    assert answer.status_code == 401
    assert answer.json().keys() == {"error", "error_description"}
    assert answer.json()["error"] == "unauthorized"
    assert pbx.sign_ins == 0


def test_another_grant_and_a_body_that_is_no_form_are_refused(pbx: SimulatedPbx) -> None:
    grant = BARE.post(f"{pbx.url}/connect/token", data=form(pbx, grant_type="password"))
    assert (grant.status_code, grant.json()["error"]) == (400, "unsupported_grant_type")
    body = BARE.post(f"{pbx.url}/connect/token", json=form(pbx))
    assert (body.status_code, body.json()["error"]) == (400, "invalid_request")


@pytest.mark.parametrize(
    ("release", "expires_in"),
    [("20.0.5", 30), ("20.0.8", 30), ("20.0.8.1121", 30), ("20.0.9", 1800), ("20.0.9.995", 1800), ("20.0.10", 1800)],
)
def test_expires_in_is_minutes_before_20_0_9_and_seconds_from_then_on(
    pbx_factory: Factory, release: str, expires_in: int
) -> None:
    pbx = pbx_factory(release=release, token_lifetime=1800)
    token = Api(pbx, sign_in=False).sign_in()
    assert token["expires_in"] == expires_in


def test_the_access_token_is_a_jwt_whose_exp_is_the_truth(pbx_factory: Factory) -> None:
    token = Api(pbx_factory(release="20.0.8", token_lifetime=90), sign_in=False).sign_in()
    read = claims(token)
    assert read["exp"] - read["iat"] == 90
    assert abs(read["iat"] - time.time()) < 60
    assert token["expires_in"] == 2  # minutes: 90 seconds do not fit into one


def test_an_expired_token_answers_401(pbx_factory: Factory) -> None:
    api = Api(pbx_factory(token_lifetime=-1))
    refused(api.get("/Fax"), 401)


def test_only_one_token_of_a_client_is_valid_at_a_time(pbx: SimulatedPbx) -> None:
    first, second = Api(pbx), Api(pbx)
    refused(first.get("/Fax"), 401)
    assert second.get("/Fax").status_code == 200
    assert pbx.sign_ins == 2


def test_clients_do_not_log_each_other_out(pbx_factory: Factory) -> None:
    clients = [{"id": "900", "secret": "invented-1"}, {"id": "901", "secret": "invented-2"}]
    pbx = pbx_factory({"clients": clients})
    first = Api(pbx)
    answer = BARE.post(f"{pbx.url}/connect/token", data=form(pbx, client_id="901", client_secret="invented-2"))
    assert answer.status_code == 200
    assert first.get("/Fax").status_code == 200


def test_revoked_tokens_answer_401_and_a_new_sign_in_helps(pbx: SimulatedPbx, api: Api) -> None:
    pbx.revoke_tokens()
    refused(api.get("/Fax"), 401)
    api.sign_in()
    assert api.get("/Fax").status_code == 200


@pytest.mark.parametrize("header", [None, "Bearer", "Bearer nonsense", "Basic OTAwOng=", "Bearer a.b.c"])
def test_without_a_good_token_everything_below_xapi_answers_401(pbx: SimulatedPbx, header: str | None) -> None:
    headers = {} if header is None else {"Authorization": header}
    answer = BARE.get(f"{pbx.url}/xapi/v1/Fax", headers=headers)
    refused(answer, 401)
    assert answer.headers["www-authenticate"].startswith("Bearer")


def login(pbx: SimulatedPbx, **changes: str) -> httpx.Response:
    body = {"Username": pbx.username, "Password": pbx.password, "SecurityCode": pbx.security_code, **changes}
    return BARE.post(f"{pbx.url}/webclient/api/Login/GetAccessToken", json=body)


def test_a_person_signs_in_with_the_second_factor(pbx: SimulatedPbx) -> None:
    answer = login(pbx).json()
    assert answer["Status"] == "AuthSuccess"
    assert answer["Token"].keys() == {"token_type", "expires_in", "access_token", "refresh_token"}
    headers = {"Authorization": f"Bearer {answer['Token']['access_token']}"}
    assert BARE.get(f"{pbx.url}/xapi/v1/Fax", headers=headers).status_code == 200


def test_a_person_without_a_second_factor_sends_an_empty_code(pbx: SimulatedPbx) -> None:
    answer = login(pbx, Username="101", Password="simulated-password-of-101", SecurityCode="")
    assert answer.json()["Status"] == "AuthSuccess"


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"Password": "wrong"}, "InvalidCredentials"),
        ({"Username": "nobody"}, "InvalidCredentials"),
        ({"SecurityCode": ""}, "SecurityCodeRequired"),
        ({"SecurityCode": "000000"}, "InvalidSecurityCode"),
    ],
)
def test_a_persons_refused_sign_in_has_a_status_other_than_auth_success(
    pbx: SimulatedPbx, change: dict[str, str], status: str
) -> None:
    answer = login(pbx, **change)
    assert (answer.status_code, answer.json()) == (200, {"Status": status, "Token": None})
    assert pbx.sign_ins == 0


def test_a_licence_or_role_may_answer_403(pbx: SimulatedPbx, api: Api) -> None:
    pbx.fail(r"/xapi/v1/Recordings", status=403)
    refused(api.get("/Recordings"), 403)
    assert api.get("/Recordings").status_code == 200


def test_a_secret_that_was_made_signs_in_as_long_as_the_client_exists(pbx: SimulatedPbx) -> None:
    api = Api(pbx)
    made = api.post("/ServicePrincipals", {"Number": "probe1", "XAPIEnabled": True}).json()
    fields = {"client_id": "probe1", "client_secret": "invented-secret-of-probe1"}  # invented

    def sign_in() -> int:
        return BARE.post(f"{pbx.url}/connect/token", data=form(pbx, **fields)).status_code

    assert sign_in() == 401
    told = api.post(f"/ServicePrincipals({made['Id']})/Pbx.GenerateAppToken", {}).json()
    assert told["value"] == fields["client_secret"]
    assert sign_in() == 200
    api.delete(f"/ServicePrincipals({made['Id']})")
    assert sign_in() == 401


def test_extensions_and_trunks_are_counted(pbx_factory: Factory) -> None:
    for traits, hidden in (((), 0), (["hidden-objects"], 1)):
        pbx = pbx_factory(traits=traits)
        told = Api(pbx).get("/SystemStatus").json()
        assert told["TrunksTotal"] == len(pbx.entities("Trunks")) + hidden
        assert told["ExtensionsTotal"] == len(pbx.entities("Users")) + hidden
