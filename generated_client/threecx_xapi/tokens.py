"""Access tokens: how long one lives, and where the one of a PBX and client id is shared."""

from __future__ import annotations

import base64
import json
import math
from collections.abc import Mapping
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from ._request.secret import Secret

_FALLBACK_LIFETIME = 60.0  # seconds, where a server says nothing that can be read
_LONGEST_MARGIN = 30.0  # seconds before the end at which a token is renewed, at most
_FIRST_RELEASE_IN_SECONDS = (20, 0, 9)
_MOST_DIGITS = 9  # of a part of a release; of thousands of them Python makes no number


class Token(NamedTuple):
    """One access token.

    Attributes:
        value: the token
        renew_at: when to ask for the next one, in seconds of this machine's ``time.time()``
        expires_at: when it ends, likewise
        issued_at: when it was received, likewise
    """

    value: Secret
    renew_at: float
    expires_at: float
    issued_at: float = 0.0

    def usable(self, now: float) -> bool:
        """Whether it may be sent: not close to its end."""
        return now < self.renew_at


def issued(value: str, *, lifetime: float, now: float) -> Token:
    """A token just received, to be renewed shortly before its end."""
    margin = min(_LONGEST_MARGIN, lifetime / 10)
    return Token(Secret(value), renew_at=now + lifetime - margin, expires_at=now + lifetime, issued_at=now)


def lifetime(value: str, expires_in: object, *, release: str | None, date: str | None, now: float) -> float:
    """Seconds a token just received will live.

    The JWT tells the truth where it can be read: ``exp - iat`` is right even where a clock is wrong. Without ``iat``
    its ``exp`` is held against the server's own clock, else against ours. Only then ``expires_in`` counts, in minutes
    before release 20.0.9 and in seconds since; without a known release the shorter reading is taken.

    Parameters:
        value: the token
        expires_in: as the PBX gave it
        release: the PBX's release (header X-3CX-Version)
        date: the answer's Date header
        now: this machine's ``time.time()``
    """
    claims = jwt_claims(value)
    end = _number(claims.get("exp"))
    if end is not None:
        for begin in (_number(claims.get("iat")), _number(claims.get("nbf")), _server_time(date), now):
            if begin is not None and end > begin:
                return end - begin
    given = _number(expires_in)
    if given is None or given <= 0:
        return _FALLBACK_LIFETIME
    return given * 60 if _in_minutes(release) else given


def jwt_claims(value: str) -> Mapping[str, Any]:
    """The claims of a JWT, unverified (the PBX will judge it); empty where it is none."""
    parts = value.split(".")
    if len(parts) != 3:
        return {}
    try:
        claims = json.loads(base64.urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)))
    except (ValueError, RecursionError):
        return {}
    return claims if isinstance(claims, dict) else {}


def _in_minutes(release: str | None) -> bool:
    if not release:
        return False
    numbers = []
    for part in release.strip().split(".")[:3]:
        if not (part.isascii() and part.isdigit() and len(part) <= _MOST_DIGITS):
            return False
        numbers.append(int(part))
    return len(numbers) == 3 and tuple(numbers) < _FIRST_RELEASE_IN_SECONDS


def _number(value: object) -> float | None:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None


def _server_time(date: str | None) -> float | None:
    if not date:
        return None
    try:
        return parsedate_to_datetime(date).timestamp()
    except (ValueError, TypeError, OverflowError):
        return None
