"""The record that workers share per PBX and credentials, and its form in a file."""

from __future__ import annotations

import math
from typing import NamedTuple

from threecx_xapi._request.secret import Secret
from threecx_xapi.auth import is_token
from threecx_xapi.tokens import Token

_VERSION = 3


class Refusal(NamedTuple):
    """A sign-in that the PBX refused. Nobody asks again with the same credentials for a while.

    Attributes:
        at: when it was refused, in seconds of ``time.time()``
        until: when it may be asked again, likewise
        credentials: digest of everything that was sent; other credentials ask at once
        message: what the exception said
        reason: why the PBX refused
        status: HTTP status of the answer
    """

    at: float
    until: float
    credentials: str
    message: str
    reason: str
    status: int | None


class Record(NamedTuple):
    """The token in use, or why there is none."""

    token: Token | None = None
    refusal: Refusal | None = None


def encode(record: Record, name: str) -> dict[str, object]:
    """A record as JSON.

    Parameters:
        record: the record
        name: digest of what it is bound to
    """
    token = record.token
    return {
        "version": _VERSION,
        "for": name,
        "token": None if token is None else {**token._asdict(), "value": token.value.reveal()},
        "refusal": None if record.refusal is None else record.refusal._asdict(),
    }


def decode(data: dict[str, object], name: str) -> Record:
    """The record in a file.

    Parameters:
        data: the JSON of the file
        name: digest of what the record has to be bound to

    Raises:
        ValueError, TypeError, KeyError, AttributeError, OverflowError: damaged, or of something else
    """
    token, refusal = data["token"], data["refusal"]
    if (data["version"], data["for"]) != (_VERSION, name):
        raise ValueError("of another version, or of another PBX, client id or secret")
    return Record(
        token=None if token is None else _token(_mapping(token)),
        refusal=None if refusal is None else _refusal(**_mapping(refusal)),
    )


def seconds(value: object) -> float:
    """A moment or a span of time, from JSON.

    Raises:
        TypeError: it is no finite number
    """
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise TypeError("no time")
    return float(value)


def _token(data: dict[str, object]) -> Token:
    value = data["value"]
    if not (isinstance(value, str) and is_token(value)):
        raise ValueError("no token")
    return Token(
        Secret(value), seconds(data["renew_at"]), seconds(data["expires_at"]), issued_at=seconds(data["issued_at"])
    )


def _refusal(
    at: object, until: object, credentials: object, message: object, reason: object, status: object
) -> Refusal:
    if not (
        isinstance(credentials, str)
        and isinstance(message, str)
        and isinstance(reason, str)
        and isinstance(status, int | None)
    ):
        raise TypeError("no refusal")
    return Refusal(seconds(at), seconds(until), credentials, message, reason, status)


def _mapping(value: object) -> dict[str, object]:
    if not isinstance(value, dict):
        raise TypeError("no mapping")
    return value
