"""All errors of the client, as one tree of exceptions.

Every exception says in plain words what happened to what, on which PBX, and what to do next. None of them holds a
request, a header or a body: no password and no token can be reached through one.
"""

from __future__ import annotations

from typing import Any, NamedTuple

__all__ = [
    "ConfigurationError",
    "Conflict",
    "ConnectFailed",
    "DeadlineExceeded",
    "ErrorDetail",
    "Forbidden",
    "MissingRights",
    "NotFound",
    "PreconditionFailed",
    "PreconditionRequired",
    "RateLimited",
    "ServerError",
    "SignInFailed",
    "Timeout",
    "TlsError",
    "TransportError",
    "UnexpectedAnswer",
    "ValidationFailed",
    "WriteRefused",
    "XapiError",
]


class ErrorDetail(NamedTuple):
    """One complaint of the PBX.

    Attributes:
        code: the PBX's code, such as ``WARNINGS.XAPI.ALREADY_IN_USE``; None where it gave none
        target: the property complained about; None where the PBX named none
        message: what the PBX said, shortened when it was long
    """

    code: str | None
    target: str | None
    message: str


class XapiError(Exception):
    """Anything this client raises. Raised itself only for an answer no subclass stands for (405, 410, 413, ...).

    Attributes:
        message: the whole story in plain words; ``str(error)`` is the same
        reason: what the PBX complained about, in plain words, without the story around it
        status: HTTP status, None when no answer came
        code: the PBX's code (``WARNINGS.XAPI...`` or the code of the OData error), None where it gave none
        target: the property complained about, None where the PBX named none
        details: every complaint of the answer
        request_id: the id the PBX gave the request, if it gave one
        method: HTTP method of the request
        url: address of the request without its query
        retry_after: seconds the PBX asked to wait, None where it did not ask
        signing_in: whether it went wrong before the request itself, of which nothing was sent then
        maybe_processed: whether a write may have been carried out: check before repeating it
    """

    signing_in = False
    maybe_processed = False

    def __init__(
        self,
        message: str,
        *,
        reason: str | None = None,
        status: int | None = None,
        code: str | None = None,
        target: str | None = None,
        details: tuple[ErrorDetail, ...] = (),
        request_id: str | None = None,
        method: str | None = None,
        url: str | None = None,
        retry_after: float | None = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.reason = message if reason is None else reason
        self.status = status
        self.code = code
        self.target = target
        self.details = details
        self.request_id = request_id
        self.method = method
        self.url = url
        self.retry_after = retry_after

    def __reduce__(self) -> tuple[Any, ...]:
        # Keyword-only arguments do not survive the pickle of a plain exception; worker processes send these home.
        return _revive, (type(self), self.message, dict(self.__dict__))


def _revive(kind: type[XapiError], message: str, state: dict[str, Any]) -> XapiError:
    error = kind.__new__(kind, message)
    error.args = (message,)
    error.__dict__.update(state)
    return error


class ConfigurationError(XapiError, ValueError):
    """The client was set up or called in a way that cannot work; nothing was sent."""


class WriteRefused(XapiError):
    """A read-only client was asked to write; nothing was sent, not even a sign-in."""


class SignInFailed(XapiError):
    """The PBX refused the credentials, or refused the token they had just been exchanged for."""


class Forbidden(XapiError):
    """403: signed in, and not allowed to do this."""


class MissingRights(Forbidden):
    """401 for one entity set with an access token that the PBX accepts elsewhere: rights are missing."""


class NotFound(XapiError):
    """404: no such object, or no such endpoint in this release or licence."""


class Conflict(XapiError):
    """409: conflicts with the stored state."""


class PreconditionFailed(XapiError):
    """412: the object has changed since the ETag that was sent was read; nothing was changed."""


class PreconditionRequired(XapiError):
    """428: the PBX wants an ETag with this write; nothing was changed."""


class ValidationFailed(XapiError):
    """400 or 422: the PBX refused a value; ``target`` and ``code`` say which and why."""


class RateLimited(XapiError):
    """429: too many requests; ``retry_after`` says how long to wait, where the PBX said so."""


class ServerError(XapiError):
    """5xx: the PBX, or a proxy before it, failed."""


class UnexpectedAnswer(XapiError):
    """An answer that cannot be what was asked for: a redirection, HTML, broken JSON, a missing property."""


class TransportError(XapiError):
    """No answer came.

    Attributes:
        sent: whether the request may have reached the PBX: False surely not, True it was sent, None unknown
        proxy: the proxy at which it went wrong, with the variable or argument that names it; None if it was not there
    """

    proxy: str | None = None

    def __init__(self, message: str, *, sent: bool | None = None, **rest: Any) -> None:
        super().__init__(message, **rest)
        self.sent = sent


class Timeout(TransportError):
    """The PBX took longer than ``timeout`` seconds to accept the connection or to answer."""


class DeadlineExceeded(Timeout):
    """It was not over when the deadline came: that of the client, or of a ``time_limit`` around it."""


class TlsError(TransportError):
    """No trusted TLS connection could be made; nothing was sent.

    Attributes:
        problem: what is wrong with the certificate: expired, not yet valid, wrong name, self-signed, unknown authority
            or other; handshake where it did not come to a certificate, plain text where the port does not speak TLS
    """

    def __init__(self, message: str, *, problem: str = "handshake", **rest: Any) -> None:
        super().__init__(message, **rest)
        self.problem = problem


class ConnectFailed(TransportError):
    """Nobody answers at that address; nothing was sent."""


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
