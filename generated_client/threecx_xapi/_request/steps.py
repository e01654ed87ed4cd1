"""Steps of a request that a client carries out, and what came of them.

The flows in ``session.py`` and ``sign_in.py`` yield these steps. The sync and the async client carry them out.
"""

from __future__ import annotations

from collections.abc import Generator, Mapping
from typing import IO, TYPE_CHECKING, TypeAlias

from threecx_xapi.errors import DeadlineExceeded, XapiError

if TYPE_CHECKING:
    import httpx

    from threecx_xapi._transport.progress import Progress
    from threecx_xapi.deadline import Deadline
    from threecx_xapi.reply import Reply


SAFE = frozenset({"GET", "HEAD"})
"""Methods of requests that change nothing."""


# Plain classes: they are made at import, and a generated one takes half a millisecond of everybody's start.
class Send:
    """Send this, and hand back an ``Answer`` or the exception that came instead.

    Attributes:
        limit: bytes the body of a success may have, decompressed; None for no limit
        into: where the body of a success is written to instead of being kept
        deadline: when it must be over; None for never
        progress: how far it came; None where nobody looked
    """

    __slots__ = ("content", "deadline", "headers", "into", "limit", "method", "progress", "url")

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
        self.progress: Progress | None = None

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


def time_for(seconds: float, deadline: Deadline | None) -> bool:
    """Whether more than that many seconds are left. A pause that goes beyond the deadline is not begun."""
    return deadline is None or deadline.left() > seconds


def too_late(method: str, url: str, deadline: Deadline | None) -> DeadlineExceeded:
    """The exception for a request that was not sent because its deadline has passed."""
    seconds = 0.0 if deadline is None else deadline.seconds
    return DeadlineExceeded(
        f"{method} {url} was not sent: the deadline of {seconds:g} seconds has passed.",
        reason=f"the deadline of {seconds:g} seconds had passed before it could be sent",
        sent=False,
        method=method,
        url=url,
    )
