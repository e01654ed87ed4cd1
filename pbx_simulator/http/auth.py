"""Signing in: a client with its secret, a person with password and second factor."""

from __future__ import annotations

import hmac
import json
from collections.abc import Callable, Sequence

from starlette.datastructures import UploadFile
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from .tokens import Tokens

_FORMS = ("application/x-www-form-urlencoded", "multipart/form-data")


class SignIn:
    """The two endpoints that issue tokens.

    clients: id and secret; people: username, password, security_code (empty: no second factor); made: gives the secret
    that the PBX has made for a client since, None where it made none.
    """

    def __init__(
        self,
        tokens: Tokens,
        clients: Sequence[dict[str, str]],
        people: Sequence[dict[str, str]],
        made: Callable[[str], str | None],
    ) -> None:
        self._made = made
        self._tokens = tokens
        self._clients = {client["id"]: client["secret"] for client in clients}
        self._people = {person["username"]: person for person in people}

    async def token(self, request: Request) -> Response:
        """POST /connect/token."""
        media = request.headers.get("content-type", "").split(";")[0].strip().lower()
        if media not in _FORMS:
            return _oauth(400, "invalid_request", "The body must be a form.")
        try:
            form = await request.form()
        except HTTPException:
            return _oauth(400, "invalid_request", "The form cannot be read.")
        fields = {name: "" if isinstance(value, UploadFile) else value for name, value in form.items()}
        if fields.get("grant_type") != "client_credentials":
            return _oauth(400, "unsupported_grant_type", "The grant type must be client_credentials.")
        client = fields.get("client_id", "")
        secret = self._made(client) or self._clients.get(client)
        if secret is None or not _same(secret, fields.get("client_secret", "")):
            return _oauth(401, "unauthorized", "The client is unknown or its secret is wrong.")
        return JSONResponse(self._tokens.issue(f"client:{client}"), headers={"Cache-Control": "no-store"})

    async def person(self, request: Request) -> Response:
        """POST /webclient/api/Login/GetAccessToken."""
        try:
            body = json.loads(await request.body())
        except ValueError:
            body = None
        names = ("Username", "Password", "SecurityCode")
        if not isinstance(body, dict) or not all(isinstance(body.get(name, ""), str) for name in names):
            return _oauth(400, "invalid_request", "The body must be an object of strings.")
        person = self._people.get(body.get("Username", ""))
        if person is None or not _same(person["password"], body.get("Password", "")):
            return JSONResponse({"Status": "InvalidCredentials", "Token": None})
        wanted = person.get("security_code", "")
        if wanted and not _same(wanted, body.get("SecurityCode", "")):
            given = body.get("SecurityCode", "")
            return JSONResponse({"Status": "InvalidSecurityCode" if given else "SecurityCodeRequired", "Token": None})
        token = self._tokens.issue(f"person:{person['username']}")
        return JSONResponse({"Status": "AuthSuccess", "Token": token}, headers={"Cache-Control": "no-store"})


def _same(one: str, other: str) -> bool:
    return hmac.compare_digest(one.encode("utf-8", "surrogatepass"), other.encode("utf-8", "surrogatepass"))


def _oauth(status: int, error: str, description: str) -> Response:
    return JSONResponse({"error": error, "error_description": description}, status_code=status)
