"""Whether, and when, a request is tried again: one decision, without side effects."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .errors import ConnectFailed, RateLimited, ServerError, Timeout, TlsError, TransportError

if TYPE_CHECKING:
    from .errors import XapiError

_BUSY = frozenset({502, 503, 504})
_MOST_TIMEOUTS = 2  # of one request: a PBX that times out twice hangs


class RetryPolicy(NamedTuple):
    """How patient the client is.

    Attributes:
        attempts: how often a request is sent at most, the first time included; 1 never repeats
        first_wait: seconds before the second attempt; doubled for each further one, with jitter
        longest_wait: seconds an own wait never exceeds
        longest_retry_after: seconds of Retry-After that are honoured; asked to wait longer, the client gives up at once
    """

    attempts: int = 4
    first_wait: float = 0.5
    longest_wait: float = 8.0
    longest_retry_after: float = 60.0


def decide(
    policy: RetryPolicy,
    attempt: int,
    error: XapiError,
    *,
    repeatable: bool,
    idempotent: bool = False,
    jitter: Callable[[], float] = random.random,
) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    Parameters:
        policy: how patient to be
        attempt: the attempt that failed, the first one is 1
        error: how it failed
        repeatable: whether the request changes nothing (GET)
        idempotent: whether sending it twice has the effect of sending it once. Such a write is repeated where the PBX
            says that it is busy; any other only where it surely was not sent, because what says that it is busy may be
            a proxy that gave up waiting for a write that was carried out
        jitter: gives a number from 0 to 1
    """
    if attempt >= policy.attempts or not _worth_it(error, repeatable, idempotent):
        return None
    if error.retry_after is not None:
        # Spread by up to a tenth: clients with the same Retry-After must not return at the same instant.
        wait = error.retry_after * (1 + 0.1 * jitter())
        return wait if error.retry_after <= policy.longest_retry_after else None
    backoff = min(policy.first_wait * 2.0 ** (attempt - 1), policy.longest_wait)
    return backoff * (0.5 + 0.5 * jitter())


class Attempts:
    """The attempts of one request.

    Attributes:
        made: how many there were
    """

    def __init__(self, policy: RetryPolicy) -> None:
        self._policy = policy
        self._timeouts = 0
        self.made = 0

    def wait(self, error: XapiError, *, repeatable: bool, idempotent: bool = False) -> float | None:
        """Seconds to wait before the next attempt, or None to give up; see :func:`decide`.

        Parameters:
            error: how the last one failed
            repeatable: whether the request changes nothing
            idempotent: whether sending it twice has the effect of sending it once
        """
        if isinstance(error, Timeout):
            self._timeouts += 1
            if self._timeouts >= _MOST_TIMEOUTS:
                return None
        return decide(self._policy, self.made, error, repeatable=repeatable, idempotent=idempotent)


def _worth_it(error: XapiError, repeatable: bool, idempotent: bool) -> bool:
    if isinstance(error, TlsError):
        return False  # a certificate does not get better by asking again
    if isinstance(error, ConnectFailed):
        return True
    if isinstance(error, TransportError):  # cut off, or no answer in time: it may have been processed
        return repeatable or error.sent is False
    if isinstance(error, RateLimited):
        return repeatable or idempotent
    if isinstance(error, ServerError) and error.status in _BUSY:
        return repeatable or (idempotent and error.status == 503 and error.retry_after is not None)
    return False
