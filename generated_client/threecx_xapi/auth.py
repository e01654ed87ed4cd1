"""Ways to sign in: a service principal, a person with a second factor, a token somebody else obtained.

Each is a strategy that says what to send and what the answer means; when to sign in, and how a token is shared, is
decided in one place for all of them (``_request/session.py``).
"""

from __future__ import annotations

import json
import re
from abc import ABC, abstractmethod
from typing import Any, ClassVar, NamedTuple
from urllib.parse import urlencode

from ._request.secret import Secret
from .errors import ConfigurationError


class SignInRequest(NamedTuple):
    """The request a strategy sends to get a token, always by POST.

    Attributes:
        path: below the PBX's address, such as ``/connect/token``
        content_type: of the body
        content: the body; never shown
    """

    path: str
    content_type: str
    content: bytes

    def __repr__(self) -> str:
        return f"SignInRequest({self.path})"


class Granted(NamedTuple):
    """A token as the PBX handed it out.

    Attributes:
        value: the access token
        expires_in: as given: minutes or seconds, by release
    """

    value: Secret
    expires_in: object = None


class XapiAuth(ABC):
    """A way to sign in. Subclass it to bring your own."""

    grant: ClassVar[str]
    """Name of the way; part of what tells one shared token from another."""

    repeatable: ClassVar[bool] = False
    """Whether a sign-in may be sent again when no answer came."""

    @property
    @abstractmethod
    def who(self) -> str:
        """Identity that signs in, for messages: ``client id 900``."""

    @abstractmethod
    def identity(self) -> tuple[str, ...]:
        """Return a key that distinguishes this token from others, secret included; only its digest
        leaves the memory.
        """

    def credentials(self) -> tuple[str, ...]:
        """Everything a sign-in depends on. After a refusal, only other credentials are tried at once."""
        return self.identity()

    @property
    def renewable(self) -> bool:
        """Whether signing in again can work: not with a given token, nor with a code that works only once."""
        return self.given() is None

    def secrets(self) -> tuple[Secret, ...]:
        """Values that are sent to sign in and must not come back in a message."""
        return ()

    def given(self) -> Secret | None:
        """A token that needs no sign-in and cannot be renewed; None where there is a sign-in."""
        return None

    @abstractmethod
    def sign_in(self) -> SignInRequest:
        """Return the request that signs in."""

    def __repr__(self) -> str:
        return f"<{type(self).__name__}: {self.who}>"

    @abstractmethod
    def read(self, body: Any) -> Granted | str:
        """The token in the PBX's answer (decoded JSON), or why there is none, in plain words."""

    @property
    @abstractmethod
    def advice(self) -> str:
        """Return one sentence that says how to proceed when the PBX refuses."""


class ServicePrincipal(XapiAuth):
    """Signs in as a service principal (admin console: Integrations > API), by OAuth client credentials.

    Parameters:
        client_id: its DN, such as ``900``, or its name
        client_secret: its API key
    """

    grant = "client_credentials"
    repeatable = True  # a second token only ends the first one, which nobody received

    def __init__(self, client_id: str, client_secret: str) -> None:
        self.client_id = client_id
        self.client_secret = Secret(client_secret)

    @property
    def who(self) -> str:
        return f"client id {self.client_id}"

    @property
    def advice(self) -> str:
        return (
            "Check the client id and the client secret (admin console: Integrations > API), and that this service "
            "principal is enabled for the Configuration API."
        )

    def secrets(self) -> tuple[Secret, ...]:
        return (self.client_secret,)

    def identity(self) -> tuple[str, ...]:
        return self.client_id, self.client_secret.reveal()

    def sign_in(self) -> SignInRequest:
        return SignInRequest(
            "/connect/token",
            "application/x-www-form-urlencoded",
            urlencode(
                {
                    "grant_type": self.grant,
                    "client_id": self.client_id,
                    "client_secret": self.client_secret.reveal(),
                }
            ).encode(),
        )

    def read(self, body: Any) -> Granted | str:
        return _granted(body) or "the answer contains no access token"


class Person(XapiAuth):
    """Signs in as a user of the web client.

    Parameters:
        username: extension number or e-mail address
        password: the user's password
        security_code: the second factor, empty where there is none
    """

    grant = "person"

    def __init__(self, username: str, password: str, security_code: str = "") -> None:
        self.username = username
        self.password = Secret(password)
        self.security_code = Secret(security_code)

    @property
    def who(self) -> str:
        return f"user {self.username}"

    @property
    def advice(self) -> str:
        if self.security_code:
            return (
                "Check the user name, the password and the security code: a security code works only once and for "
                "a short time; a service principal needs none."
            )
        return "Check the user name and the password, and whether this user needs a security code."

    def secrets(self) -> tuple[Secret, ...]:
        return self.password, self.security_code

    def identity(self) -> tuple[str, ...]:
        # The security code is another one each time; the session it opens is the same person's.
        return self.username, self.password.reveal()

    def credentials(self) -> tuple[str, ...]:
        return (*self.identity(), self.security_code.reveal())

    @property
    def renewable(self) -> bool:
        return not self.security_code

    def sign_in(self) -> SignInRequest:
        return SignInRequest(
            "/webclient/api/Login/GetAccessToken",
            "application/json",
            json.dumps(
                {
                    "Username": self.username,
                    "Password": self.password.reveal(),
                    "SecurityCode": self.security_code.reveal(),
                },
                ensure_ascii=False,
                separators=(",", ":"),
            ).encode(),
        )

    def read(self, body: Any) -> Granted | str:
        status = body.get("Status") if isinstance(body, dict) else None
        if status != "AuthSuccess":
            return f"the PBX says {status}" if isinstance(status, str) and status else "the answer has no status"
        return _granted(body.get("Token")) or "the answer contains no access token"


class GivenToken(XapiAuth):
    """Uses a token somebody else obtained. It is neither renewed nor shared.

    Parameters:
        access_token: the token, with or without ``Bearer`` before it
    """

    grant = "given"

    def __init__(self, access_token: str) -> None:
        self.access_token = Secret(re.sub(r"^Bearer\s+", "", access_token.strip(), flags=re.IGNORECASE))
        if not is_token(self.access_token.reveal()):
            raise ConfigurationError(
                "The given access token is empty or contains characters that no token has.", target="access_token"
            )

    @property
    def who(self) -> str:
        return "the access token given"

    @property
    def advice(self) -> str:
        return (
            "It has expired, or another sign-in of the same client id has replaced it. Give a new one, or a client id "
            "and secret, with which the client signs in itself."
        )

    def given(self) -> Secret | None:
        return self.access_token

    def identity(self) -> tuple[str, ...]:
        return (self.access_token.reveal(),)

    def sign_in(self) -> SignInRequest:
        raise ConfigurationError("A given access token cannot be renewed.")

    def read(self, body: Any) -> Granted | str:  # noqa: ARG002 (there is no sign-in to read)
        return "a given access token cannot be renewed"


def choose(
    *,
    client_id: str | None,
    client_secret: str | None,
    username: str | None,
    password: str | None,
    security_code: str,
    access_token: str | None,
    auth: XapiAuth | None,
) -> XapiAuth:
    """The strategy for what was given.

    Raises:
        ConfigurationError: no way to sign in was given, or half of one, or more than one
    """
    ways = {
        "client_id and client_secret": client_id is not None or client_secret is not None,
        "username and password": username is not None or password is not None,
        "access_token": access_token is not None,
        "auth": auth is not None,
    }
    given = [name for name, present in ways.items() if present]
    if len(given) > 1:
        raise ConfigurationError(f"Give one way to sign in, not several: {', '.join(given)}.")
    if auth is not None:
        return auth
    if access_token is not None:
        return GivenToken(access_token)
    if client_id and client_secret:
        return ServicePrincipal(client_id, client_secret)
    if username and password is not None:
        return Person(username, password, security_code)
    if given:
        raise ConfigurationError(f"To sign in, both are needed: {given[0]}; one of them is missing or empty.")
    raise ConfigurationError(
        "No way to sign in was given: give client_id and client_secret (a service principal), or username and "
        "password, or an access_token."
    )


def _granted(body: Any) -> Granted | None:
    token = body.get("access_token") if isinstance(body, dict) else None
    if not isinstance(token, str) or not is_token(token):
        return None
    return Granted(Secret(token), body.get("expires_in"))


def is_token(text: str) -> bool:
    """Whether it may stand in a header: an answer that is no token must not become one."""
    return bool(text) and text.isascii() and text.isprintable() and " " not in text
