"""After a 401 or a 403: does a new token help, or are rights missing?

A PBX answers 401 for a token that has ended, and on some builds for missing rights too; it answers 403 for missing
rights, and on some builds for a token that has ended. A role that was changed counts from the next token on. So one
new token is worth a try. A second one is not, unless the first one has ended too: a request that everybody may make
tells that.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Generator
from typing import TYPE_CHECKING, Any

from threecx_xapi.errors import Forbidden, MissingRights, XapiError

from .steps import Answer, Outcome, Send, Step

if TYPE_CHECKING:
    from threecx_xapi.deadline import Deadline
    from threecx_xapi.tokens import Token

    from .sign_in import Held, SignIn

_MOST_REFUSALS = 4  # tokens refused in one request, all of them newer ones of other workers, before giving up
_REMEMBERED = 30.0  # seconds for which a right that was denied to a new token is not asked for again
_NEW = 5.0  # seconds for which a token that was denied one thing when it was new is believed to be new
_DENIED = "denied "  # followed by what was denied
_REFUSED = "refused "  # followed by the moment at which even a new token was refused, and elsewhere too
_OFTEN = 2  # requests that failed so within _REMEMBERED: once, another sign-in may have ended the token
_PROBE = "/Defs"


class Rights:
    """The refusals that one request meets.

    Parameters:
        sign_in: where its tokens come from
        method: HTTP method
        target: path and query below the API
        send: makes the step that asks for a path with a token
        clock: gives ``time.time()`` or a stand-in
    """

    def __init__(
        self,
        sign_in: SignIn,
        method: str,
        target: str,
        send: Callable[[str, Token, Deadline | None], Send],
        clock: Callable[[], float],
    ) -> None:
        self._sign_in = sign_in
        self._send = send
        self._clock = clock
        self._set = "/" + target.lstrip("/").partition("?")[0].partition("/")[0].partition("(")[0]
        self._key = f"{_DENIED}{'read' if method in ('GET', 'HEAD') else 'write'} {self._set}"
        self.refused: list[Token] = []
        self.forbidden: XapiError | None = None
        """Return the error to report if no other token can be had: a 403, or missing rights found out just before
        signing in.
        """
        self._unauthorized: XapiError | None = None
        self._sent_again = False  # with a token that is accepted elsewhere
        self._ended = False  # whether a new token was taken for one that has ended

    def after(
        self, error: XapiError, held: Held, deadline: Deadline | None
    ) -> Generator[Step, Outcome, XapiError | None]:
        """Return the error to report; None if another token is worth a try.

        Parameters:
            error: with status 401 or 403
            held: the token that was refused
            deadline: of the request
        """
        if error.status == 403:
            return (yield from self._after_403(error, held, deadline))
        return (yield from self._after_401(error, held, deadline))

    def before_sign_in(self) -> None:
        """Make sure, with the lock held, that a sign-in is worth it.

        Raises:
            Forbidden: rights are missing
            SignInFailed: the PBX has refused new tokens a moment ago
        """
        if self._unauthorized is not None and (again := self._refused_until()) is not None:
            raise self._sign_in.token_refused(self._unauthorized, again)
        if self._denied_at() is not None:  # another worker has found out in the meantime
            if self._unauthorized is not None:
                self.forbidden = self._missing(self._unauthorized)
            if self.forbidden is not None:
                raise self.forbidden

    def _after_403(
        self, error: XapiError, held: Held, deadline: Deadline | None
    ) -> Generator[Step, Outcome, XapiError | None]:
        if not self._sign_in.auth.renewable:
            return error
        self.refused.append(held.token)
        # One that was obtained at another address may have ended as well, such as by a restart of the PBX.
        if held.own or (self.forbidden is not None and held.name is None):
            # Not even a new token has this right, unless another sign-in has ended it already.
            if len(self.refused) < _MOST_REFUSALS and (
                self._sign_in.known(self.refused) is not None or (yield from self._has_ended(held, deadline))
            ):
                self.forbidden = self.forbidden or error
                return None
            if len(self.refused) > 1:
                self._sign_in.not_ended()
            self._note()
            return error
        if (at := self._denied_at(held.token, _NEW)) is not None:
            return self._told_before(error, at)
        self.forbidden = self.forbidden or error
        return None

    def _after_401(
        self, error: XapiError, held: Held, deadline: Deadline | None
    ) -> Generator[Step, Outcome, XapiError | None]:
        self.refused.append(held.token)
        if self._sign_in.auth.given() is not None:
            return self._sign_in.token_refused(error)
        if self._denied_at() is not None:
            return self._missing(error)
        self._unauthorized = error
        new = held.own or len(self.refused) > 1 or self._denied_at(held.token, _REMEMBERED) is not None
        if new or self._sent_again:  # another is of no use, unless this one has ended
            if self._sent_again:
                self._note()
                if len(self.refused) > 1:
                    self._sign_in.not_ended()
                return self._missing(error)
            if (yield from self._accepted_elsewhere(held, deadline)):
                self._sent_again = True
                self.refused.pop()
                return None
        if self._may_go_on(held):
            return None
        if held.own:
            now = self._clock()
            self._sign_in.store.notes.add(f"{_REFUSED}{now}", now, now)
        return self._sign_in.token_refused(error)

    def _has_ended(self, held: Held, deadline: Deadline | None) -> Generator[Step, Outcome, bool]:
        """Whether the PBX answers 403 to a new token for something that everybody may read, too.

        A client without any rights looks the same, so this is believed once.
        """
        if self._ended or not held.own or self._set == _PROBE or self._any_denied():
            return False
        self._ended = (yield from self._probed(held, deadline)) == 403
        return self._ended

    def _accepted_elsewhere(self, held: Held, deadline: Deadline | None) -> Generator[Step, Outcome, bool]:
        """Whether the PBX takes the token for something that everybody may read."""
        if self._set == _PROBE:
            return False
        status = yield from self._probed(held, deadline)
        return 200 <= status < 300 or status == 403

    def _probed(self, held: Held, deadline: Deadline | None) -> Generator[Step, Outcome, int]:
        """The status of a request that everybody may make; 0 if it was not answered."""
        outcome = yield self._send(f"{_PROBE}?$select=Id", held.token, deadline)
        return outcome.status if isinstance(outcome, Answer) else 0

    def _may_go_on(self, held: Held) -> bool:
        if len(self.refused) >= _MOST_REFUSALS:
            return False
        # A token we got after a refusal is refused as well: only somebody else's newer one gives hope.
        return not held.own or len(self.refused) == 1 or self._sign_in.known(self.refused) is not None

    def _note(self) -> None:
        now = self._clock()
        self._sign_in.store.notes.add(self._key, now, now)

    def _refused_until(self) -> float | None:
        """The moment from which on another token may be tried; None if there is nothing to wait for.

        A PBX that takes no token at all, such as one that does not let this machine use the API, would see as many
        sign-ins as a loop has items.
        """
        now = self._clock()
        refusals = [at for key, at in self._sign_in.store.notes.read().items() if key.startswith(_REFUSED)]
        recent = [at for at in refusals if 0 <= now - at < _REMEMBERED]
        return max(recent) + _REMEMBERED if len(recent) >= _OFTEN else None

    def _any_denied(self) -> bool:
        """Whether anything was denied to a new token a moment ago."""
        now = self._clock()
        notes = self._sign_in.store.notes.read().items()
        return any(key.startswith(_DENIED) and 0 <= now - at < _REMEMBERED for key, at in notes)

    def _denied_at(self, token: Token | None = None, youth: float = 0.0) -> float | None:
        """When this was last denied to a new token, a moment ago.

        Parameters:
            token: one that is younger than that and was denied something else counts too
            youth: seconds
        """
        now = self._clock()
        denied = {
            key: at
            for key, at in self._sign_in.store.notes.read().items()
            if key.startswith(_DENIED) and 0 <= now - at < _REMEMBERED
        }
        if self._key in denied:
            return denied[self._key]
        if token is None or not 0 <= now - token.issued_at < youth:
            return None
        return max((at for at in denied.values() if at >= token.issued_at), default=None)

    def _missing(self, error: XapiError) -> MissingRights:
        return MissingRights(
            f"{error.method} {error.url} is not allowed to {self._sign_in.auth.who} (401): the PBX accepts the "
            "access token for other requests. Check the role and the department of the signed-in account and the "
            "licence of the PBX.",
            reason="rights are missing: the PBX accepts the access token for other requests",
            **_facts(error),
        )

    def _told_before(self, error: XapiError, at: float) -> XapiError:
        again = time.strftime("%H:%M:%S", time.localtime(at + _REMEMBERED))
        message = (
            f"{error.message} A new access token was denied it {self._clock() - at:.0f} s ago; the client requests "
            f"another one from {again} on."
        )
        return Forbidden(
            message,
            reason=error.reason,
            **_facts(error),
        )


def _facts(error: XapiError) -> dict[str, Any]:
    """Facts that another error about the same answer has too."""
    names = ("status", "code", "target", "details", "request_id", "method", "url")
    return {name: getattr(error, name) for name in names}
