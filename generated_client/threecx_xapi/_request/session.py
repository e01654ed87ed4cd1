"""The course of a request, written once for sync and async.

As in ``httpx.Auth.auth_flow``, it is a generator: it yields what is to be done (send this, pause that long), is given
what came of it, and returns the reply. ``client.py`` drives it, one way with ``httpx.Client``, the other way with
``httpx.AsyncClient``.
"""

from __future__ import annotations

import json as _json
import re
import time
from collections.abc import Callable, Mapping
from copy import copy
from typing import IO, TYPE_CHECKING

from threecx_xapi.errors import (
    ConfigurationError,
    RateLimited,
    ServerError,
    TransportError,
    UnexpectedAnswer,
    WriteRefused,
    XapiError,
)
from threecx_xapi.odata import LONGEST_ADDRESS, encode_query
from threecx_xapi.retry import Attempts, RetryPolicy

from .secret import Body
from .sign_in import SignIn
from .steps import SAFE, Flow, Outcome, Pause, Send, time_for, too_late

if TYPE_CHECKING:
    from threecx_xapi.auth import XapiAuth
    from threecx_xapi.deadline import Deadline
    from threecx_xapi.reply import Reply
    from threecx_xapi.tokens import Token

    from .rights import Rights
    from .secret import Secret

API = "/xapi/v1"
#: Sending one of these twice has the effect of sending it once.
_IDEMPOTENT = frozenset({"PUT", "PATCH", "DELETE"})
_HEADER_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)


def target_of(path: str, params: Mapping[str, str]) -> str:
    """Path and query as they leave.

    Parameters:
        path: begins with /, encoded
        params: query, not encoded

    Raises:
        ConfigurationError: that is no path, or it is too long to be sent
    """
    if not path.startswith("/") or "?" in path or "#" in path:
        raise ConfigurationError(f"A path begins with / and has no query; got {path!r}.")
    query = "&".join(f"{encode_query(name)}={encode_query(value)}" for name, value in params.items())
    target = f"{path}?{query}" if query else path
    if len(target) > LONGEST_ADDRESS:
        raise ConfigurationError(
            f"The address {target[:60]}... has {len(target)} characters; at most {LONGEST_ADDRESS} can be sent. "
            "Nothing was sent."
        )
    return target


def body_of(json: object) -> bytes:
    """The body of a request, as JSON.

    Raises:
        ConfigurationError: it cannot be written as JSON
    """
    try:
        return Body(_json.dumps(json, ensure_ascii=False, separators=(",", ":"), allow_nan=False).encode())
    except (TypeError, ValueError, RecursionError) as error:
        problem = str(error) if isinstance(error, TypeError) else type(error).__name__
    # TypeErrors name a type, not a value.
    raise ConfigurationError(f"The body cannot be written as JSON ({problem}); nothing was sent.")


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """A caller's headers, by lower-case names, so that each can be there only once.

    Raises:
        ConfigurationError: one of them would end its line, begins or ends with a space, or is an If-Match without a
            value, which a server takes for none at all: the write would overwrite what the condition was to protect
    """
    found = {name.lower(): value for name, value in headers.items()}
    for name, value in found.items():
        if not (_HEADER_NAME.fullmatch(name) and value.isascii() and value.isprintable()):
            raise ConfigurationError(f"The header {name!r} contains what HTTP does not allow; nothing was sent.")
        if name == "if-match" and not value.strip():
            raise ConfigurationError('If-Match is empty; give an ETag, "*", or nothing at all; nothing was sent.')
        if value != value.strip():
            raise ConfigurationError(f"The header {name!r} begins or ends with a space; nothing was sent.")
    return found


class Session:
    """State shared by the requests of one client: the PBX, the way to sign in, the token.

    Parameters:
        base: the PBX's base URL
        auth: the way to sign in
        retry: how patient to be
        read_only: refuse every write
        share_token: whether other processes use the same token; see SignIn
        timeout: seconds one step of a request may take; bounds the wait for another worker's sign-in
        user_agent: value of the header
        clock: ``time.time`` or a stand-in
    """

    def __init__(
        self,
        base: str,
        auth: XapiAuth,
        *,
        retry: RetryPolicy,
        read_only: bool,
        share_token: bool | str,
        timeout: float,
        user_agent: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.base = base
        self.auth = auth
        self.release: str | None = None
        self._retry = retry
        self.read_only = read_only
        self._always = {"accept-encoding": "gzip, deflate", "connection": "keep-alive", "user-agent": user_agent}
        self._clock = clock
        self.sign_in = SignIn(
            base,
            auth,
            retry=retry,
            share_token=share_token,
            timeout=timeout,
            headers=self._always,
            judge=lambda outcome, method, url, sent: self._judge(outcome, method, url, sent),
            release=lambda: self.release,
            clock=lambda: self._clock(),
        )

    def without_writes(self) -> Session:
        """Return a separate session that refuses every write, with the token of this one."""
        reading = copy(self)
        reading.read_only = True
        return reading

    def call(
        self,
        method: str,
        target: str,
        headers: Mapping[str, str],
        content: bytes | None,
        *,
        limit: int | None = None,
        into: IO[bytes] | None = None,
        deadline: Deadline | None = None,
        idempotent: bool | None = None,
    ) -> Flow:
        """One request below /xapi/v1.

        Parameters:
            method: HTTP method
            target: path and query, encoded
            headers: of the request, without Authorization
            content: body
            limit, into, deadline: see Send; the deadline is that of everything, the sign-in and the pauses included
            idempotent: whether sending it twice has the effect of sending it once; None goes by the method

        Raises:
            XapiError: one of its subclasses
        """
        url = self.base + API + target
        shown = url.partition("?")[0]
        if self.read_only and method not in SAFE:
            raise WriteRefused(
                f"{method} {shown} was not sent: this client is read-only.",
                reason="this client is read-only",
                method=method,
                url=shown,
            )
        if idempotent is None:
            idempotent = method in _IDEMPOTENT
        rights: Rights | None = None
        attempts = Attempts(self._retry)
        unsure: XapiError | None = None
        begin = 0 if into is None else into.tell()
        while True:
            try:
                held = yield from self.sign_in.token(rights, deadline)
            except XapiError as problem:
                if rights is not None and rights.forbidden is not None:  # another token is not to be had, or of no use
                    raise _failed(method, unsure, rights.forbidden) from problem
                problem.signing_in = True
                if unsure is None:
                    raise
                raise _failed(method, unsure, problem) from problem
            if into is not None:  # an attempt before this one may have written something
                into.seek(begin)
                into.truncate()
            attempts.made += 1
            if not time_for(0, deadline):
                raise _failed(method, unsure, too_late(method, shown, deadline))
            outcome = yield Send(
                method,
                url,
                {**headers, **self._always, "authorization": f"Bearer {held.token.value.reveal()}"},
                content,
                limit=limit,
                into=into,
                deadline=deadline,
            )
            error = self._judge(outcome, method, shown, content, held.token.value)
            if not isinstance(error, XapiError):
                self.sign_in.accepted(held)
                if into is not None:
                    error.check_file()
                return error
            if error.status in (401, 403):  # not processed: safe to repeat, and no failed attempt
                attempts.made -= 1
                rights = rights or self._rights(method, target)
                if (denied := (yield from rights.after(error, held, deadline))) is not None:
                    raise _failed(method, unsure, denied)
                continue
            if method == "DELETE" and unsure is not None and error.status == 404 and outcome is not None:
                return self._gone(error)
            wait = attempts.wait(error, repeatable=method in SAFE, idempotent=idempotent)
            if wait is None or not time_for(wait, deadline):
                raise _failed(method, unsure, error)
            if method not in SAFE and _in_doubt(error):
                unsure = unsure or error
            yield Pause(wait)

    def _rights(self, method: str, target: str) -> Rights:
        from .rights import Rights  # only for a request whose token was refused

        return Rights(self.sign_in, method, target, self._probe, lambda: self._clock())

    def _probe(self, target: str, token: Token, deadline: Deadline | None) -> Send:
        """The step that asks for a path with a token."""
        headers = {
            "accept": "application/json",
            **self._always,
            "authorization": f"Bearer {token.value.reveal()}",
        }
        return Send("GET", self.base + API + target, headers, limit=1 << 20, deadline=deadline)

    def _gone(self, error: XapiError) -> Reply:
        """The reply to a DELETE that was sent again: the object is gone, most likely by the first one."""
        import httpx

        from threecx_xapi.reply import Reply

        return Reply(204, httpx.Headers(), b"", error.method or "DELETE", error.url or "")

    def _judge(
        self, outcome: Outcome, method: str, url: str, sent: bytes | None, token: Secret | None = None
    ) -> Reply | XapiError:
        """The reply, or the exception, in which nothing that was sent and is secret comes back."""
        if isinstance(outcome, XapiError):
            return outcome
        if outcome is None:
            return TransportError(f"{method} {url} was not sent.", sent=False, method=method, url=url)
        if release := outcome.headers.get("x-3cx-version"):
            self.release = str(release)
        if 200 <= outcome.status < 300:
            from threecx_xapi.reply import Reply  # after an answer, not before the first request

            return Reply(
                status=outcome.status, headers=outcome.headers, content=outcome.content, method=method, url=url
            )
        from threecx_xapi.redact import credentials_sent

        from .answers import failure  # only for those who fail

        secrets = credentials_sent(sent) | {secret.reveal() for secret in self.auth.secrets()}
        if token is not None:
            secrets |= {token.reveal()}
        write = token is not None and method not in SAFE  # a sign-in changes nothing worth looking at
        return failure(outcome, method, url, self.release, secrets, write=write)


def _failed(method: str, unsure: XapiError | None, error: XapiError) -> XapiError:
    """Return the exception a request fails with.

    An idempotent write is sent again after 429, and after 503 with Retry-After, because doing it twice does no harm.
    The answer may come from a proxy that had already passed the request on. If the second one is refused, such as with
    412, the first one may be the reason, so the refusal does not prove that nothing was changed.

    Parameters:
        method: HTTP method of the request
        unsure: what was said to an attempt before, where it was a write
        error: what became of the last one
    """
    if method in SAFE:
        return error
    if unsure is None or (_in_doubt(error) and not error.signing_in):
        error.maybe_processed = unsure is not None or (_in_doubt(error) and not error.signing_in)
        return error
    reason = f"{unsure.reason.rstrip('.')}; sent again, it failed as well: {error.reason}"
    whole = type(unsure)(
        f"{unsure.message} Sent again, it failed as well: {error.message}",
        reason=reason,
        status=unsure.status,
        code=error.code,
        target=error.target,
        details=error.details,
        request_id=error.request_id,
        method=unsure.method,
        url=unsure.url,
    )
    whole.maybe_processed = True
    return whole


def _in_doubt(error: XapiError) -> bool:
    """Whether a write may have been processed although this came of it."""
    if isinstance(error, TransportError):
        return error.sent is not False
    return isinstance(error, ServerError | UnexpectedAnswer | RateLimited)
