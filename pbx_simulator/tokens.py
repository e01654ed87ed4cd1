"""Access tokens: JWTs, one live one per client, with a lifetime told in the unit of the release."""

from __future__ import annotations

import secrets
import uuid
from typing import Any

import jwt

from . import knowledge
from .clock import Clock

_ALGORITHM = "HS256"
_DEFAULT_LIFETIME = 3600
_UNTIMED: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


class Tokens:
    """The tokens of one simulated PBX.

    lifetime: seconds; release: decides whether expires_in is told in minutes or in seconds; clock: of the PBX.
    """

    def __init__(self, lifetime: int | None, release: tuple[int, ...], clock: Clock | None = None) -> None:
        self.lifetime = _DEFAULT_LIFETIME if lifetime is None else lifetime
        self.granted = 0
        self._clock = clock or Clock()
        self._in_seconds = release >= knowledge.SECONDS_FROM
        self._key = secrets.token_bytes(32)
        self._live: dict[str, str] = {}

    def issue(self, subject: str) -> dict[str, Any]:
        """A new token for a client or a person; the one it had before answers 401 from now on."""
        now = int(self._clock.now())
        token_id = uuid.uuid4().hex
        self._live[subject] = token_id
        self.granted += 1
        claims = {"sub": subject, "jti": token_id, "iat": now, "nbf": now, "exp": now + self.lifetime, "iss": "pbx"}
        return {
            "token_type": "Bearer",
            "expires_in": self.lifetime if self._in_seconds else max(1, -(-self.lifetime // 60)),
            "access_token": jwt.encode(claims, self._key, algorithm=_ALGORITHM),
            "refresh_token": None,
        }

    def subject(self, token: str) -> str | None:
        """Who a token belongs to, or None where it is not (or no longer) good."""
        try:
            # The library would ask this machine's clock, which is right.
            claims = jwt.decode(token, self._key, algorithms=[_ALGORITHM], options=_UNTIMED)
        except jwt.InvalidTokenError:
            return None
        if not claims["nbf"] <= self._clock.now() < claims["exp"]:
            return None
        subject = str(claims["sub"])
        return subject if self._live.get(subject) == claims["jti"] else None

    def revoke(self) -> None:
        """Every live token answers 401 from now on."""
        self._live.clear()
