"""The course of a request, written once for sync and async.

As in ``httpx.Auth.auth_flow``, it is a generator: it yields what is to be done (send this, pause that long), is given
what came of it, and returns the reply. ``client.py`` drives it, one way with ``httpx.Client``, the other way with
``httpx.AsyncClient``.
"""

from __future__ import annotations

import re
import time
from collections.abc import Callable, Generator, Mapping
from typing import IO, TYPE_CHECKING, TypeAlias
from urllib.parse import urlsplit

from .auth import Granted
from .errors import (
    ConfigurationError,
    DeadlineExceeded,
    RateLimited,
    ServerError,
    SignInFailed,
    Timeout,
    TransportError,
    UnexpectedAnswer,
    WriteRefused,
    XapiError,
)
from .odata import encode_query
from .retry import RetryPolicy, decide

if TYPE_CHECKING:
    import httpx

    from ._secret import Secret
    from ._store import Store
    from .auth import SignInRequest, XapiAuth
    from .deadline import Deadline
    from .reply import Reply
    from .tokens import Token

API = "/xapi/v1"
_SAFE = frozenset({"GET", "HEAD"})
_HEADER_NAME = re.compile(r"[\w!#$%&'*+.^`|~-]+", re.ASCII)
_POLL = 0.05  # seconds between two looks at a lock somebody else holds
_TOKEN_LIMIT = 1 << 20  # bytes of the answer to a sign-in; a token is about one thousand
_MOST_REFUSALS = 4  # tokens refused in one request, all of them newer ones of other workers, before giving up


def target_of(path: str, params: Mapping[str, str]) -> str:
    """Path and query as they leave.

    Parameters:
        path: begins with /, encoded
        params: query, not encoded

    Raises:
        ConfigurationError: that is no path
    """
    if not path.startswith("/") or "?" in path or "#" in path:
        raise ConfigurationError(f"A path begins with / and has no query; got {path!r}.")
    query = "&".join(f"{encode_query(name)}={encode_query(value)}" for name, value in params.items())
    return f"{path}?{query}" if query else path


def checked(headers: Mapping[str, str]) -> dict[str, str]:
    """A caller's headers, by lower-case names, so that each can be there only once.

    Raises:
        ConfigurationError: one of them would end its line, or is an If-Match without a value, which a server takes for
            none at all: the write would overwrite what the condition was to protect
    """
    found = {name.lower(): value for name, value in headers.items()}
    for name, value in found.items():
        if not (_HEADER_NAME.fullmatch(name) and value.isascii() and value.isprintable()):
            raise ConfigurationError(f"The header {name!r} contains what HTTP does not allow; nothing was sent.")
        if name == "if-match" and not value.strip():
            raise ConfigurationError('If-Match is empty; give an ETag, "*", or nothing at all; nothing was sent.')
    return found


# Plain classes: they are made at import, and a generated one takes half a millisecond of everybody's start.
class Send:
    """Send this, and hand back an ``Answer`` or the exception that came instead.

    Attributes:
        limit: bytes the body of a success may have, decompressed; None for no limit
        into: where the body of a success is written to instead of being kept
        deadline: when it must be over; None for never
    """

    __slots__ = ("content", "deadline", "headers", "into", "limit", "method", "url")

    def __init__(
        self,
        method: str,
        url: str,
        headers: Mapping[str, str],
        content: bytes | None = None,
        *,
        limit: int | None = None,
        into: IO[bytes] | None = None,
        deadline: Deadline | None = None,
    ) -> None:
        self.method = method
        self.url = url
        self.headers = headers
        self.content = content
        self.limit = limit
        self.into = into
        self.deadline = deadline

    def __repr__(self) -> str:  # headers and content carry secrets; a traceback with locals prints this
        return f"Send({self.method} {self.url.partition('?')[0]})"


class Answer:
    """An HTTP answer as it came."""

    __slots__ = ("content", "headers", "status")

    def __init__(self, status: int, headers: httpx.Headers, content: bytes) -> None:
        self.status = status
        self.headers = headers
        self.content = content

    def __repr__(self) -> str:
        return f"Answer({self.status})"


class Pause:
    """Wait that many seconds."""

    __slots__ = ("seconds",)

    def __init__(self, seconds: float) -> None:
        self.seconds = seconds


Step: TypeAlias = "Send | Pause"
Outcome: TypeAlias = "Answer | XapiError | None"
Flow: TypeAlias = "Generator[Step, Outcome, Reply]"


class Held:
    """A token in use, and whether this very request signed in to get it."""

    __slots__ = ("own", "token")

    def __init__(self, token: Token, own: bool = False) -> None:
        self.token = token
        self.own = own


class Session:
    """What the requests of one client share: the PBX, the way to sign in, the token.

    Parameters:
        base: the PBX's base URL
        auth: the way to sign in
        retry: how patient to be
        read_only: refuse every write
        share_token: whether other processes use the same token
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
        share_token: bool,
        timeout: float,
        user_agent: str,
        clock: Callable[[], float] = time.time,
    ) -> None:
        self.base = base
        self.auth = auth
        self.release: str | None = None
        self._retry = retry
        self.read_only = read_only
        self._share_token = share_token
        self._patience = 60.0 + 3 * timeout
        self._always = {"accept-encoding": "gzip, deflate", "connection": "keep-alive", "user-agent": user_agent}
        self._clock = clock
        self._stores: dict[str, Store] = {}
        self._token: Token | None = None
        if (given := auth.given()) is not None:
            from .tokens import Token

            self._token = Token(given, renew_at=float("inf"), expires_at=float("inf"))

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
    ) -> Flow:
        """One request below /xapi/v1.

        Parameters:
            method: HTTP method
            target: path and query, encoded
            headers: of the request, without Authorization
            content: body
            limit, into, deadline: see Send; the deadline is that of everything, the sign-in and the pauses included

        Raises:
            XapiError: one of its subclasses
        """
        url = self.base + API + target
        shown = url.partition("?")[0]
        if self.read_only and method not in _SAFE:
            raise WriteRefused(
                f"{method} {shown} was not sent: this client is read-only.",
                reason="this client is read-only",
                method=method,
                url=shown,
            )
        refused: Token | None = None
        unsure: XapiError | None = None
        attempt = refusals = 0
        begin = 0 if into is None else into.tell()
        while True:
            try:
                held = yield from self._hold(refused, deadline)
            except XapiError as problem:
                problem.signing_in = True
                if unsure is None:
                    raise
                raise _unless(unsure, problem) from problem
            if into is not None:  # an attempt before this one may have written something
                into.seek(begin)
                into.truncate()
            attempt += 1
            if not _time_for(0, deadline):
                raise _unless(unsure, _too_late(method, shown, deadline))
            outcome = yield Send(
                method,
                url,
                {
                    **headers,
                    **self._always,
                    "authorization": f"Bearer {held.token.value.reveal()}",
                },
                content,
                limit=limit,
                into=into,
                deadline=deadline,
            )
            error = self._judge(outcome, method, shown, content, held.token.value)
            if not isinstance(error, XapiError):
                return error
            if error.status == 401:  # not processed: safe to repeat, and no failed attempt
                refused, refusals, attempt = held.token, refusals + 1, attempt - 1
                if not self._may_go_on(held, refusals):
                    raise _unless(unsure, self._token_refused(error))
                continue
            wait = decide(self._retry, attempt, error, repeatable=method in _SAFE, creates=method == "POST")
            if wait is None or not _time_for(wait, deadline):
                raise _unless(unsure, error)
            if isinstance(error, ServerError | RateLimited) and method not in _SAFE:
                unsure = error
            yield Pause(wait)

    def _hold(self, refused: Token | None, deadline: Deadline | None) -> Generator[Step, Outcome, Held]:
        """A token other than the refused one: the one in use, else the shared one, else a new one."""
        if (token := self._current(refused)) is not None:
            return Held(token)
        started, waited = self._clock(), 0.0
        # Polled, not awaited: an event loop must go on, a cancelled task must leave no lock behind, and whoever waits
        # can leave as soon as the token is there, without queueing for the lock.
        while (lock := self._store.try_lock()) is None:
            if waited >= self._patience or not _time_for(0, deadline):
                raise self._never_free(waited, deadline)
            yield Pause(_POLL)
            waited += _POLL
            if (token := self._current(refused)) is not None:
                return Held(token)
        try:
            if (token := self._current(refused)) is not None:  # somebody signed in since the look before the lock
                return Held(token)
            refusal = self._store.read().refusal
            if refusal is not None and started <= refusal.at <= self._clock():  # later: the clock has been put back
                # Refused while we waited. Asking a hundred times over gets the machine's address blocked.
                raise SignInFailed(refusal.message, reason=refusal.reason, status=refusal.status)
            return Held((yield from self._sign_in(deadline)), own=True)
        finally:
            lock.release()

    def _current(self, refused: Token | None) -> Token | None:
        now = self._clock()

        def fits(token: Token | None) -> bool:
            return token is not None and token.usable(now) and (refused is None or token.value != refused.value)

        if fits(token := self._token):
            return token
        if self.auth.given() is not None:
            return None
        if fits(token := self._store.read().token):
            self._token = token
            return token
        return None

    def _may_go_on(self, held: Held, refusals: int) -> bool:
        if self.auth.given() is not None or refusals >= _MOST_REFUSALS:
            return False
        # A token we got after a refusal is refused as well: only somebody else's newer one gives hope.
        return not held.own or refusals == 1 or self._current(held.token) is not None

    def _sign_in(self, deadline: Deadline | None = None) -> Generator[Step, Outcome, Token]:
        """Sign in, under the lock, and share the result."""
        request = self.auth.sign_in()
        url = self.base + request.path
        headers = {
            "accept": "application/json",
            **self._always,
            "content-type": request.content_type,
        }
        attempt = 0
        while True:
            attempt += 1
            if not _time_for(0, deadline):
                raise _too_late("POST", url, deadline)
            outcome = yield Send("POST", url, headers, request.content, limit=_TOKEN_LIMIT, deadline=deadline)
            reply = self._judge(outcome, "POST", url, request.content)
            if not isinstance(reply, XapiError):
                return self._share(reply, request)
            if reply.status in (400, 401, 403, 404, 405) or isinstance(reply, UnexpectedAnswer):
                raise self._sign_in_refused(reply)
            wait = decide(self._retry, attempt, reply, repeatable=self.auth.repeatable)
            if wait is None or not _time_for(wait, deadline):
                raise reply
            yield Pause(wait)

    def _share(self, reply: Reply, sent: SignInRequest) -> Token:
        from ._store import Record
        from .tokens import issued, lifetime

        granted = self._granted(reply, sent)
        if isinstance(granted, SignInFailed):
            raise self._remember(granted)
        now = self._clock()
        seconds = lifetime(
            granted.value.reveal(),
            granted.expires_in,
            release=self.release,
            date=reply.headers.get("date"),
            now=now,
        )
        token = issued(granted.value.reveal(), lifetime=seconds, now=now)
        self._token = token
        self._store.write(Record(token=token))
        return token

    def _granted(self, reply: Reply, sent: SignInRequest) -> Granted | SignInFailed:
        try:
            read = self.auth.read(reply.json())
        except UnexpectedAnswer:  # whose message may repeat the answer, and with it a token
            what = "not JSON" if reply.content.strip() else "empty"
            read = f"the answer is {what}; is there a 3CX PBX at this address?"
        if isinstance(read, Granted):
            return read
        from .redact import credentials_sent, redacting

        return self._failed(redacting(credentials_sent(sent.content))(read), reply.status, reply.request_id, reply.url)

    def _sign_in_refused(self, error: XapiError) -> SignInFailed:
        if error.status in (404, 405) or isinstance(error, UnexpectedAnswer):
            why = f"there is no sign-in at this address ({error.reason}); is it a 3CX PBX of version 20?"
            return self._failed(why, error.status, error.request_id, error.url)
        return self._remember(self._failed(error.reason, error.status, error.request_id, error.url, error.code))

    def _failed(
        self, why: str, status: int | None, request_id: str | None, url: str | None, code: str | None = None
    ) -> SignInFailed:
        shown = why.rstrip(".?!") + ("?" if why.endswith("?") else ".")
        return SignInFailed(
            f"{self._pbx} did not sign in {self.auth.who}: {shown} {self.auth.advice}",
            reason=why,
            status=status,
            code=code,
            request_id=request_id,
            method="POST",
            url=url,
        )

    def _remember(self, error: SignInFailed) -> SignInFailed:
        """Tell those who wait for this sign-in."""
        from ._store import Record, Refusal

        self._store.write(
            Record(refusal=Refusal(self._clock(), message=error.message, reason=error.reason, status=error.status))
        )
        return error

    def _token_refused(self, error: XapiError) -> SignInFailed:
        if self.auth.given() is None:
            what = f"{self._pbx} refuses even a new access token of {self.auth.who}"
            advice = "Another program may be using the same client id and ending our sessions: give each its own."
        else:
            what, advice = f"{self._pbx} refuses {self.auth.who}", self.auth.advice
        return SignInFailed(
            f"{what} on {error.method} {error.url}. {advice}",
            reason=f"the access token is refused{f' ({error.code})' if error.code else ''}",
            status=error.status,
            code=error.code,
            details=error.details,
            request_id=error.request_id,
            method=error.method,
            url=error.url,
        )

    def _never_free(self, waited: float, deadline: Deadline | None) -> Timeout:
        kind = Timeout if _time_for(0, deadline) else DeadlineExceeded
        return kind(
            f"Another process has been signing in to {self._pbx} for {waited:.0f} seconds, and has not finished. "
            f"Look for one that hangs; nothing was sent.",
            reason="another process does not finish signing in",
            sent=False,
        )

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
            from .reply import Reply  # after an answer, not before the first request

            return Reply(outcome.status, outcome.headers, outcome.content, method, url)
        from ._answers import failure  # only for those who fail
        from .redact import credentials_sent

        secrets = credentials_sent(sent) | {secret.reveal() for secret in self.auth.secrets()}
        return failure(outcome, method, url, self.release, secrets if token is None else secrets | {token.reveal()})

    @property
    def _pbx(self) -> str:
        return urlsplit(self.base).netloc

    @property
    def _store(self) -> Store:
        if (store := self._stores.get("one")) is None:
            from ._store import open_store

            identity = (self.base, self.auth.grant, *self.auth.identity())
            # All threads must end up with the same one, or its lock would keep nobody out.
            store = self._stores.setdefault("one", open_store(identity, shared=self._share_token))
        return store


def _time_for(seconds: float, deadline: Deadline | None) -> bool:
    """Whether something is left after that time. A pause that goes beyond the deadline is not begun."""
    return deadline is None or deadline.left() > seconds


def _unless(unsure: XapiError | None, error: XapiError) -> XapiError:
    """What a request fails with.

    A PATCH or DELETE is sent again after 429, and after 503 with Retry-After, because doing it twice does no harm. What
    answered so may be a proxy that had already passed it on. If the second one is refused, such as with 404 or 412, the
    first one may be the reason, so the refusal does not prove that nothing was changed. A POST that may have arrived is
    never sent again.

    Parameters:
        unsure: what was said to an attempt before, where it was a write
        error: what became of the last one
    """
    in_doubt_itself = isinstance(error, ServerError | RateLimited | UnexpectedAnswer) or (
        isinstance(error, TransportError) and error.sent is not False
    )
    if unsure is None or in_doubt_itself:
        return error
    reason = f"{unsure.reason.rstrip('.')}; sent again, it failed as well: {error.reason}"
    return type(unsure)(
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


def _too_late(method: str, url: str, deadline: Deadline | None) -> DeadlineExceeded:
    seconds = 0.0 if deadline is None else deadline.seconds
    return DeadlineExceeded(
        f"{method} {url} was not sent: the deadline of {seconds:g} seconds has passed.",
        reason=f"the deadline of {seconds:g} seconds had passed before it could be sent",
        sent=False,
        method=method,
        url=url,
    )
