"""Helpers of the simulator's tests: a signed-in HTTP caller, and validation of responses against the document."""

from __future__ import annotations

import ssl
from typing import Any
from urllib.parse import quote

import httpx

from pbx_simulator import SimulatedPbx

ROOT = "/xapi/v1"
#: Message about a body that does not bind.
DELTA = "The input was not valid.\n\ndelta:\nThe delta field is required."
# Made once: a TLS context costs more than most tests.
PLAIN = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
# Without a token; it keeps no connection, because a port may be another PBX's in the next test.
BARE = httpx.Client(verify=PLAIN, trust_env=False, limits=httpx.Limits(max_keepalive_connections=0))


class Api:
    """A caller with its own token. Each method sends exactly the given request."""

    def __init__(self, pbx: SimulatedPbx, *, sign_in: bool = True) -> None:
        self.pbx = pbx
        context = ssl.create_default_context(cafile=pbx.ca_path) if pbx.ca_path else PLAIN
        self.http = httpx.Client(base_url=pbx.url, verify=context, trust_env=False)
        if sign_in:
            self.sign_in()

    def sign_in(self) -> dict[str, Any]:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.pbx.client_id,
            "client_secret": self.pbx.client_secret,
        }
        answer = self.http.post("/connect/token", data=form)
        assert answer.status_code == 200, answer.text
        token: dict[str, Any] = answer.json()
        self.http.headers["Authorization"] = f"Bearer {token['access_token']}"
        return token

    def send(self, method: str, path: str, *, query: dict[str, str] | None = None, **kwargs: Any) -> httpx.Response:
        url = self.pbx.url + ROOT + path
        if query:
            url += "?" + "&".join(f"{name}={quote(value, safe='')}" for name, value in query.items())
        return self.http.request(method, url, **kwargs)

    def get(self, path: str, **query: str) -> httpx.Response:
        """GET with query options named without their dollar."""
        return self.send("GET", path, query={f"${name}": value for name, value in query.items()})

    def rows(self, path: str, **query: str) -> list[dict[str, Any]]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        rows: list[dict[str, Any]] = answer.json()["value"]
        return rows

    def one(self, path: str, **query: str) -> dict[str, Any]:
        answer = self.get(path, **query)
        assert answer.status_code == 200, answer.text
        row: dict[str, Any] = answer.json()
        return row

    def post(self, path: str, body: Any = None, **kwargs: Any) -> httpx.Response:
        return self.send("POST", path, json=body, **kwargs)

    def patch(self, path: str, body: Any, **kwargs: Any) -> httpx.Response:
        return self.send("PATCH", path, json=body, **kwargs)

    def delete(self, path: str, **kwargs: Any) -> httpx.Response:
        return self.send("DELETE", path, **kwargs)


def fax(api: Api, number: str = "860") -> dict[str, Any]:
    """The fax of a number as the PBX shows it."""
    return api.one(f"/Fax(Number='{number}')")


def refused(answer: httpx.Response, status: int, code: str | None = None, target: str | None = None) -> dict[str, Any]:
    """Check that an answer is a refusal in the OData form; with a WARNINGS code its target and joined message too."""
    assert answer.status_code == status, answer.text
    error: dict[str, Any] = answer.json()["error"]
    assert {"code", "message", "target", "details", "innererror"} == error.keys()
    if code is not None:
        assert [(d["message"], d["target"]) for d in error["details"]] == [(code, target)]
        assert error["message"] == (f"{target}:\n{code}" if target else code)
    return error
