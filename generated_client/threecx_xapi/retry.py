"""Whether, and when, a request is tried again: one decision, without side effects."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import TYPE_CHECKING, NamedTuple

from .errors import ConnectFailed, RateLimited, ServerError, Timeout, TlsError, TransportError

if TYPE_CHECKING:
    from .errors import XapiError

_BUSY = frozenset({502, 503, 504})


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
    creates: bool = False,
    jitter: Callable[[], float] = random.random,
) -> float | None:
    """Seconds to wait before the next attempt, or None to give up.

    Parameters:
        policy: how patient to be
        attempt: the attempt that failed, the first one is 1
        error: how it failed
        repeatable: whether the request changes nothing (GET); a write is repeated only where it surely was not processed
        creates: whether two of the request may create two objects (POST); an answer of any kind ends it then, because a
            429 or 503 may come from a proxy that had already passed the request on
        jitter: gives a number from 0 to 1
    """
    if attempt >= policy.attempts or not _worth_it(error, repeatable, creates):
        return None
    if error.retry_after is not None:
        # Spread by up to a tenth: whoever was told the same second must not come back in the same instant.
        wait = error.retry_after * (1 + 0.1 * jitter())
        return wait if error.retry_after <= policy.longest_retry_after else None
    backoff = min(policy.first_wait * 2.0 ** (attempt - 1), policy.longest_wait)
    return backoff * (0.5 + 0.5 * jitter())


def _worth_it(error: XapiError, repeatable: bool, creates: bool) -> bool:
    if isinstance(error, TlsError):
        return False  # a certificate does not get better by asking again
    if isinstance(error, ConnectFailed):
        return True
    if isinstance(error, TransportError):  # cut off, or no answer in time: it may have been processed
        return repeatable or (isinstance(error, Timeout) and error.sent is False)
    if creates:
        return False
    if isinstance(error, RateLimited):
        return True
    if isinstance(error, ServerError) and error.status in _BUSY:
        return repeatable or (error.status == 503 and error.retry_after is not None)
    return False
