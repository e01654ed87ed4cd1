"""Signing in once for all workers: the shared token, refusals that are remembered, and a PBX that asks to wait."""

from __future__ import annotations

import time
from collections.abc import Callable, Collection, Generator, Mapping
from typing import TYPE_CHECKING
from urllib.parse import urlsplit

from threecx_xapi.auth import Granted
from threecx_xapi.errors import (
    DeadlineExceeded,
    RateLimited,
    ServerError,
    SignInFailed,
    Timeout,
    UnexpectedAnswer,
    XapiError,
)
from threecx_xapi.retry import Attempts, RetryPolicy

from .steps import Outcome, Pause, Send, Step, time_for, too_late

if TYPE_CHECKING:
    from threecx_xapi._token_store.store import Lock, Store
    from threecx_xapi.auth import SignInRequest, XapiAuth
    from threecx_xapi.deadline import Deadline
    from threecx_xapi.reply import Reply
    from threecx_xapi.tokens import Token

    from .rights import Rights
    from .secret import Secret

_POLL = 0.05  # seconds between two looks at a lock somebody else holds
_TOKEN_LIMIT = 1 << 20  # bytes of the answer to a sign-in; a token is about one thousand
_REFUSED = 60.0  # seconds for which refused credentials are not tried again
_UNSPOKEN_WAIT = 30.0  # seconds a PBX is left alone that is throttled and does not say for how long
_LONGEST_WAIT = 3600.0  # seconds of a Retry-After that are believed
_YOUNG = 45.0  # seconds a token lives at least on every PBX seen: one refused sooner was ended by another sign-in
_OFTEN = 3  # tokens ended so soon, within _WHILE seconds, before another holder is suspected
_WHILE = 600.0
_THROTTLED = "throttled "  # followed by the status the PBX answered with
_ENDED = "ended "  # followed by the moment
_SAME = "same "  # followed by the name of the record of another address of this PBX

Judge = Callable[[Outcome, str, str, "bytes | None"], "Reply | XapiError"]


class Held:
    """A token in use, and whether this very request signed in to get it."""

    __slots__ = ("name", "own", "token")

    def __init__(self, token: Token, own: bool = False, name: str | None = None) -> None:
        self.token = token
        self.own = own
        self.name = name  # of the record, where it was obtained at another address


class SignIn:
    """The token of one client: kept, shared, or obtained.

    Parameters:
        base: the PBX's base URL
        auth: the way to sign in
        retry: how patient to be
        share_token: whether other processes use the same token, or the URL of the redis server through which they do
        timeout: seconds one step may take; bounds the wait for another worker's sign-in
        headers: sent with every request
        judge: makes a reply or an exception of an outcome
        release: gives the PBX's release, where it is known
        clock: gives ``time.time()`` or a stand-in
    """

    def __init__(
        self,
        base: str,
        auth: XapiAuth,
        *,
        retry: RetryPolicy,
        share_token: bool | str,
        timeout: float,
        headers: Mapping[str, str],
        judge: Judge,
        release: Callable[[], str | None],
        clock: Callable[[], float],
    ) -> None:
        self._base = base
        self.auth = auth
        self._release = release
        self.notices: list[str] = []
        self._retry = retry
        self._share_token = share_token
        self._patience = 60.0 + 3 * timeout
        self._headers = headers
        self._judge = judge
        self._clock = clock
        self._stores: dict[str, Store] = {}
        self.current: Token | None = None
        self._foreign: set[Secret] = set()  # tokens obtained at other addresses that were tried at this one
        if (given := auth.given()) is not None:
            from threecx_xapi.tokens import Token

            self.current = Token(given, renew_at=float("inf"), expires_at=float("inf"))

    def token(
        self,
        rights: Rights | None,
        deadline: Deadline | None,
    ) -> Generator[Step, Outcome, Held]:
        """A token that was not refused yet: the one in use, else a shared one, else a new one.

        Parameters:
            rights: which tokens the PBX did not accept for this request; None where it met no refusal
            deadline: when it must be over; None for never

        Raises:
            XapiError: there is none to be had
        """
        refused: Collection[Token] = () if rights is None else rights.refused
        if (held := self.known(refused)) is not None:
            return held
        started, waited = self._clock(), 0.0
        # Polled, not awaited: the event loop must go on, a cancelled task must leave no lock behind, and waiting tasks
        # can continue as soon as there is a token, without queueing for the lock.
        while (lock := self.store.try_lock()) is None:
            if waited >= self._patience or not time_for(0, deadline):
                raise self._never_free(waited, deadline)
            yield Pause(_POLL)
            waited += _POLL
            if (held := self.known(refused)) is not None:
                return held
        try:
            if (held := self.known(refused)) is not None:  # somebody signed in since the look before the lock
                return held
            if rights is not None:
                rights.before_sign_in()
            if (problem := self._still_refused(started)) is not None:
                raise problem
            yield from self._wait_for_pbx(deadline)
            self._note_ended(refused)
            return Held((yield from self.sign_in(deadline, lock)), own=True)
        finally:
            lock.release()

    def known(self, refused: Collection[Token] = ()) -> Held | None:
        """A token that needs no sign-in; None where there is none."""
        now = self._clock()
        values = {token.value for token in refused}

        def fits(token: Token | None) -> bool:
            return token is not None and token.usable(now) and token.value not in values

        if (token := self.current) is not None and fits(token):
            return Held(token)
        if self.auth.given() is not None:
            return None
        if (token := self.store.read().token) is not None and fits(token):
            self.current = token
            return Held(token)
        return self._from_another_address(refused, fits)

    def _from_another_address(self, refused: Collection[Token], fits: Callable[[Token], bool]) -> Held | None:
        """The token of the same credentials that ended ours, where it was obtained at another address.

        A PBX may be reached by its name and by its IP address in turn. Each sign-in there ends the token obtained here.
        So when a token of ours was refused, a newer one of the same credentials is tried before signing in. The server
        at this address gets the credentials anyway, so the token tells it nothing it could not obtain itself. Once it
        was accepted, the two addresses are known to be the same PBX.
        """
        last = max((token.issued_at for token in refused), default=None)
        same = {key.removeprefix(_SAME) for key in self.store.notes.read() if key.startswith(_SAME)}
        if last is None and not same:
            return None
        others = self.store.elsewhere()
        # One try: a fleet may share a secret, and its PBXs obtain new tokens all the time.
        tried = any(token.value in self._foreign for token in refused)
        for name, token in others:
            newer = last is not None and token.issued_at >= last and not tried
            if fits(token) and (name in same or newer):
                self._foreign.add(token.value)
                return Held(token, name=name)
        return None

    def accepted(self, held: Held) -> None:
        """The PBX took a token that was obtained at another address: it is the same PBX."""
        if held.name is not None:
            from threecx_xapi._token_store.record import Record

            self.current = held.token
            self.store.write(Record(token=held.token))
            self.store.notes.add(f"{_SAME}{held.name}", self._clock(), self._clock())

    def sign_in(self, deadline: Deadline | None = None, lock: Lock | None = None) -> Generator[Step, Outcome, Token]:
        """Sign in, under the lock, and share the result."""
        request = self.auth.sign_in()
        url = self._base + request.path
        headers = {"accept": "application/json", **self._headers, "content-type": request.content_type}
        attempts = Attempts(self._retry)
        while True:
            attempts.made += 1
            if not time_for(0, deadline):
                raise too_late("POST", url, deadline)
            outcome = yield Send("POST", url, headers, request.content, limit=_TOKEN_LIMIT, deadline=deadline)
            reply = self._judge(outcome, "POST", url, request.content)
            if not isinstance(reply, XapiError):
                return self._share(reply, request, lock)
            if reply.status in (400, 401, 403, 404, 405) or isinstance(reply, UnexpectedAnswer):
                raise self._sign_in_refused(reply, lock)
            wait = attempts.wait(reply, repeatable=self.auth.repeatable, idempotent=self.auth.repeatable)
            self._note_throttle(reply, last=wait is None)
            if wait is None or not time_for(wait, deadline):
                raise self._throttled(reply)
            yield Pause(wait)

    # -- what is remembered
    # ---------------------------------------------------------------------------------------------

    def _still_refused(self, started: float) -> SignInFailed | None:
        """The refusal that these credentials met a moment ago: asking a hundred times gets the address blocked."""
        refusal = self.store.read().refusal
        now = self._clock()
        if refusal is None or refusal.credentials != self._credentials:
            return None
        waited_for_it = started <= refusal.at <= now
        if not (waited_for_it or refusal.at <= now < refusal.until):  # of the future: the clock has been put back
            return None
        again = f"It was refused {now - refusal.at:.0f} s ago and is not asked again until {_time(refusal.until)}."
        return SignInFailed(f"{refusal.message} {again}", reason=refusal.reason, status=refusal.status)

    def _wait_for_pbx(self, deadline: Deadline | None) -> Generator[Step, Outcome, None]:
        """Send no sign-in to a PBX that has asked to wait, whichever client it asked.

        Raises:
            RateLimited, ServerError: that would take too long
        """
        now = self._clock()
        ends = {key: at for key, at in self.store.pbx.read().items() if key.startswith(_THROTTLED)}
        if not ends:
            return
        key, until = max(ends.items(), key=lambda entry: entry[1])
        left = until - now
        if not 0 < left <= _LONGEST_WAIT:  # over, or the clock has been put back
            return
        if left <= self._retry.longest_retry_after and time_for(left, deadline):
            yield Pause(left)
            return
        status = key.removeprefix(_THROTTLED)
        raise self._throttle_error(int(status) if status.isdigit() else 429, left)

    def _note_throttle(self, error: XapiError, last: bool) -> None:
        wait = error.retry_after
        if wait is None and last and error.status == 429:
            wait = _UNSPOKEN_WAIT
        if wait is not None and error.status in (429, 503):
            now = self._clock()
            self.store.pbx.add(f"{_THROTTLED}{error.status}", now + min(wait, _LONGEST_WAIT), now)

    def _throttled(self, error: XapiError) -> XapiError:
        if error.retry_after is None or error.status not in (429, 503):
            return error
        return self._throttle_error(error.status, min(error.retry_after, _LONGEST_WAIT))

    def _throttle_error(self, status: int, left: float) -> XapiError:
        until = _time(self._clock() + left)
        return (RateLimited if status == 429 else ServerError)(
            f"{self._pbx} did not sign in {self.auth.who}: sign-in is throttled for another {left:.0f} s, until "
            f"{until}, because the PBX asked to wait ({status}). Try again then; nothing was sent.",
            reason=f"sign-in is throttled for another {left:.0f} s",
            status=status,
            method="POST",
            url=self._base + self.auth.sign_in().path,
            retry_after=left,
        )

    def _note_ended(self, refused: Collection[Token]) -> None:
        """Count tokens that ended long before their time; several of them mean that somebody else signs in."""
        now = self._clock()
        if not any(0 <= now - token.issued_at < _YOUNG for token in refused):
            return
        self.store.notes.add(f"{_ENDED}{now}", now, now)
        ended = [at for key, at in self.store.notes.read().items() if key.startswith(_ENDED) and now - at < _WHILE]
        if len(ended) >= _OFTEN:
            notice = (
                f"{self._pbx} ended {len(ended)} access tokens of {self.auth.who} within {_WHILE / 60:.0f} minutes. "
                f"{_OTHER}"
            )
            self.notices[:] = [notice]

    def not_ended(self) -> None:
        """The token last signed in for had not ended: rights were missing."""
        now = self._clock()
        entries = [key for key in self.store.notes.read() if key.startswith(_ENDED)]
        if entries:
            self.store.notes.drop(max(entries), now)

    def _remember(self, error: SignInFailed, lock: Lock | None) -> SignInFailed:
        """Tell those who wait for this sign-in, and those who come soon."""
        from threecx_xapi._token_store.record import Record, Refusal

        now = self._clock()
        hold = min(max(_REFUSED, error.retry_after or 0.0), _LONGEST_WAIT)
        refusal = Refusal(now, now + hold, self._credentials, error.message, error.reason, error.status)
        # The token stays: a refused sign-in after a change of roles leaves the old token usable.
        self.store.write(Record(token=self.store.read().token, refusal=refusal), lock)
        return error

    @property
    def _credentials(self) -> str:
        return self.store.digest(self.auth.credentials())

    # -- the result of a sign-in
    # ----------------------------------------------------------------------------------------

    def _share(self, reply: Reply, sent: SignInRequest, lock: Lock | None) -> Token:
        from threecx_xapi._token_store.record import Record
        from threecx_xapi.tokens import issued, lifetime

        granted = self._granted(reply, sent)
        if isinstance(granted, SignInFailed):
            raise self._remember(granted, lock)
        now = self._clock()
        seconds = lifetime(
            granted.value.reveal(),
            granted.expires_in,
            release=self._release(),
            date=reply.headers.get("date"),
            now=now,
        )
        token = issued(granted.value.reveal(), lifetime=seconds, now=now)
        self.current = token
        self.store.write(Record(token=token), lock)
        self.store.pbx.drop(_THROTTLED, now)
        return token

    def _granted(self, reply: Reply, sent: SignInRequest) -> Granted | SignInFailed:
        try:
            read = self.auth.read(reply.json())
        except UnexpectedAnswer:  # whose message may repeat the answer, and with it a token
            what = "not JSON" if reply.content.strip() else "empty"
            read = f"the answer is {what}; is there a 3CX PBX at this address?"
        if isinstance(read, Granted):
            return read
        from threecx_xapi.redact import credentials_sent, redacting

        return self._failed(redacting(credentials_sent(sent.content))(read), reply.status, reply.request_id, reply.url)

    def _sign_in_refused(self, error: XapiError, lock: Lock | None) -> SignInFailed:
        if error.status in (404, 405) or isinstance(error, UnexpectedAnswer):
            why = f"there is no sign-in at this address ({error.reason}); is it a 3CX PBX of version 20?"
            return self._failed(why, error.status, error.request_id, error.url)
        failed = self._failed(error.reason, error.status, error.request_id, error.url, error.code)
        failed.retry_after = error.retry_after
        return self._remember(failed, lock)

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

    def token_refused(self, error: XapiError, again: float | None = None) -> SignInFailed:
        """The exception for a request whose new token was refused as well.

        Parameters:
            error: the last refusal
            again: the moment from which on another token is requested; None for the next request
        """
        if self.auth.given() is None:
            what, advice = f"{self._pbx} refuses even a new access token of {self.auth.who}", _OTHER
        else:
            what, advice = f"{self._pbx} refuses {self.auth.who}", self.auth.advice
        later = "" if again is None else f"new ones were refused too, and the next is requested from {_time(again)} on"
        reason = f"the access token is refused{f' ({error.code})' if error.code else ''}"
        return SignInFailed(
            f"{what} on {error.method} {error.url}. {advice}{f' {later.capitalize()}.' if later else ''}",
            reason=f"{reason}; {later}" if later else reason,
            status=error.status,
            code=error.code,
            details=error.details,
            request_id=error.request_id,
            method=error.method,
            url=error.url,
        )

    def _never_free(self, waited: float, deadline: Deadline | None) -> Timeout:
        kind = Timeout if time_for(0, deadline) else DeadlineExceeded
        return kind(
            f"Another process has been signing in to {self._pbx} for {waited:.0f} seconds, and has not finished. "
            f"Look for a process that hangs. Nothing was sent.",
            reason="another process does not finish signing in",
            sent=False,
        )

    @property
    def _pbx(self) -> str:
        return urlsplit(self._base).netloc

    @property
    def store(self) -> Store:
        """The record shared with the other workers."""
        if (store := self._stores.get("one")) is None:
            from threecx_xapi._token_store.store import open_store

            identity = (self._base, self.auth.grant, *self.auth.identity())
            # All threads must end up with the same one, or its lock would keep nobody out.
            store = self._stores.setdefault("one", open_store(identity, shared=self._share_token, notices=self.notices))
        return store


_OTHER = (
    "Another program has probably signed in with the same client id, which ends this access token: each client id has "
    "one session. Give each machine and program its own service principal (admin console: Integrations > API)."
)


def _time(moment: float) -> str:
    return time.strftime("%H:%M:%S", time.localtime(moment))
