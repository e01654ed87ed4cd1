"""Access tokens: JWTs, one live one per client, with a lifetime told in the unit of the release."""

from __future__ import annotations

import secrets
import uuid
from collections.abc import Callable
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.faults.clock import Clock

_ALGORITHM = "HS256"
_DEFAULT_LIFETIME = 3600
_SIGNATURE_ALONE: Any = {"verify_exp": False, "verify_nbf": False, "verify_iat": False}


class Tokens:
    """The tokens of one simulated PBX.

    lifetime: seconds; release: decides whether expires_in is told in minutes or in seconds; clock: of the PBX; role_of:
    the role of who signs in, for role().
    """

    def __init__(
        self,
        lifetime: int | None,
        release: tuple[int, ...],
        clock: Clock | None = None,
        role_of: Callable[[str], str | None] = lambda _: None,
    ) -> None:
        self.lifetime = _DEFAULT_LIFETIME if lifetime is None else lifetime
        self.granted = 0
        self._clock = clock or Clock()
        self._in_seconds = release >= knowledge.SECONDS_FROM
        self._key = secrets.token_bytes(32)
        self._live: dict[str, tuple[str, int]] = {}
        self._owners: dict[str, str] = {}
        self._role_of = role_of
        self._roles: dict[str, str | None] = {}

    def issue(self, subject: str) -> dict[str, Any]:
        """A new token for a client or a person; the one it had before answers 401 from now on."""
        import jwt  # with all of its cryptography it takes as long as the rest of a start

        now = int(self._clock.now())
        self.granted += 1
        self._roles[subject] = self._role_of(subject)
        claims = {
            "sub": subject,
            "jti": uuid.uuid4().hex,
            "iat": now,
            "nbf": now,
            "exp": now + self.lifetime,
            "iss": "pbx",
        }
        token = jwt.encode(claims, self._key, algorithm=_ALGORITHM)
        self._owners.pop(self._live.pop(subject, ("", 0))[0], None)
        self._live[subject], self._owners[token] = (token, now), subject
        return {
            "token_type": "Bearer",
            "expires_in": self.lifetime if self._in_seconds else max(1, -(-self.lifetime // 60)),
            "access_token": token,
            "refresh_token": None,
        }

    def subject(self, token: str) -> str | None:
        """Return the owner of a token, or None if it is not (or no longer) valid.

        Only what was signed here can be good: who has the list of it need not check signatures.
        """
        subject = self._owners.get(token)
        if subject is None:
            return None
        since = self._live[subject][1]
        return subject if since <= self._clock.now() < since + self.lifetime else None

    def role(self, subject: str) -> str | None:
        """The role that who signed in had then."""
        return self._roles.get(subject)

    def was_issued(self, token: str) -> bool:
        """Whether a token is one of this PBX's own, good or not."""
        import jwt

        try:
            jwt.decode(token, self._key, algorithms=[_ALGORITHM], options=_SIGNATURE_ALONE)
        except jwt.InvalidTokenError:
            return False
        return True

    def revoke(self) -> None:
        """Every live token answers 401 from now on."""
        self._live.clear()
        self._owners.clear()
