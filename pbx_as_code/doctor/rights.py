"""Questions about tokens and roles, asked with a client that exists for that only."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, Final

from threecx_xapi.errors import XapiError

from pbx_as_code.doctor.findings import Examination
from pbx_as_code.doctor.marked import CLIENT_MARK
from pbx_as_code.doctor.wire import Wire

if TYPE_CHECKING:
    from threecx_xapi import XapiClient
    from threecx_xapi.tokens import Token

#: Lists that a client with the lowest role was seen not to read.
_GUARDED: Final = ("Users", "ScheduledReports", "Recordings")
_LOWEST: Final = "users"
_HIGHER: Final = "receptionists"
_TRAITS: Final = ("stale-token-403", "roles-with-next-token", "missing-rights-401")
_REFUSED: Final = (401, 403)

SignIn = Callable[[str, str], "XapiClient"]
"""Makes a client from a client id and a client secret; it shares no token with others and repeats nothing."""
WithToken = Callable[[str], "XapiClient"]
"""Makes a client that has only this access token."""


class Rights:
    """A client in the marked department, and the questions asked with it."""

    def __init__(
        self, wire: Wire, found: Examination, department: dict[str, Any], sign_in: SignIn, with_token: WithToken
    ) -> None:
        """Something to ask, and a place for the answers.

        Parameters:
            wire: to the PBX, with a client that may write
            found: receives findings
            department: the marked one
            sign_in: makes clients that sign in
            with_token: makes clients that have a token
        """
        self._wire, self._found, self._department = wire, found, department
        self._sign_in, self._with_token = sign_in, with_token

    def look(self) -> None:
        """Answer the questions, as far as the PBX lets this client create another one.

        Raises:
            XapiError: the PBX gives no answer
        """
        name = CLIENT_MARK + secrets.token_hex(3)
        row = {"Number": name, "XAPIEnabled": True, "Groups": [self._membership(_LOWEST)]}
        made = self._wire.ask("POST", "/ServicePrincipals", row)
        if not made.good:
            self._unknown(f"A client to probe with was refused with {made.status}.")
            return
        key = made.body["Id"]
        told = self._wire.ask("POST", f"/ServicePrincipals({key})/Pbx.GenerateAppToken")
        secret = told.body.get("value") if isinstance(told.body, dict) else None
        if not secret:
            self._unknown(f"The secret of a client to probe with was refused with {told.status}.")
            return
        try:
            old = self._new_token(name, secret)
            guarded = self._missing_rights(old)
            self._roles(key, name, secret, old, guarded)
        except XapiError as error:
            if error.status is None:
                raise
            self._unknown(f"The client to probe with cannot sign in: it was answered {error.status}.")

    def _membership(self, role: str) -> dict[str, Any]:
        return {"GroupId": self._department["Id"], "Rights": {"RoleName": role}}

    def _unknown(self, why: str) -> None:
        for trait in _TRAITS:
            self._found.note(trait, None, why)

    def _new_token(self, name: str, secret: str) -> Token:
        with self._sign_in(name, secret) as client:
            Wire(client).get("/SystemStatus")
            if client.token is None:
                raise XapiError("The client to probe with has no token.", status=401)
            return client.token

    def _status(self, token: Token, entity_set: str) -> int:
        with self._with_token(token.value.reveal()) as client:
            return Wire(client).get(f"/{entity_set}", top="1").status

    def _missing_rights(self, token: Token) -> str | None:
        """The first list that the lowest role may not read."""
        for name in _GUARDED:
            status = self._status(token, name)
            if status in _REFUSED:
                self._found.note("missing-rights-401", status == 401, f"A list was answered {status}.")
                return name
        self._found.note("missing-rights-401", None, f"The role {_LOWEST} may read everything that was tried.")
        return None

    def _roles(self, key: int, name: str, secret: str, old: Token, guarded: str | None) -> None:
        changes = {"Groups": [self._membership(_HIGHER)]}
        changed = self._wire.ask("PATCH", f"/ServicePrincipals({key})", changes, headers={"If-Match": "*"})
        before = self._status(old, "Users")
        new = self._new_token(name, secret)
        after = self._status(new, "Users")
        evidence = f"After a change of its role, the token was answered {before}, the next one {after}."
        tellable = changed.good and guarded == "Users" and after not in _REFUSED
        self._found.note("roles-with-next-token", before in _REFUSED if tellable else None, evidence)
        stale = self._status(old, "SystemStatus")
        known = stale in _REFUSED
        self._found.note("stale-token-403", stale == 403 if known else None, f"An old token was answered {stale}.")
