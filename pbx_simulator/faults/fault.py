"""The fault switch: what goes wrong, for which requests, and how often."""

from __future__ import annotations

import asyncio
import json
import math
import random
import threading
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from pbx_simulator.errors import Refusal

from .clock import Clock
from .linear import Pattern
from .when import ALWAYS, When

_MESSAGES = {
    400: "The input was not valid.",
    401: "The access token is not valid.",
    403: "The licence or the role does not allow this.",
    404: "No resource is found for the request.",
    409: "The request contradicts what is stored.",
    412: "The entity has changed.",
    428: "The request must carry If-Match.",
}


class Gate:
    """Holds requests until it is opened: latency without a clock.

    The server's side waits on an asyncio event; `arrived` tells the test that a request stands at the gate.
    """

    def __init__(self) -> None:
        self.arrived = threading.Event()
        self._open = threading.Event()
        self._waiting: list[tuple[asyncio.AbstractEventLoop, asyncio.Event]] = []
        self._lock = threading.Lock()

    def open(self) -> None:
        """Let every request through, those that come later included."""
        with self._lock:
            self._open.set()
            waiting, self._waiting = self._waiting, []
        for loop, event in waiting:
            if not loop.is_closed():
                loop.call_soon_threadsafe(event.set)

    def wait_arrived(self, timeout: float = 30.0) -> bool:
        """Wait until a request stands at the gate; timeout in seconds."""
        return self.arrived.wait(timeout)

    async def pass_through(self) -> None:
        """The server's side: wait until the gate is open."""
        event = asyncio.Event()
        with self._lock:
            if not self._open.is_set():
                self._waiting.append((asyncio.get_running_loop(), event))
            else:
                event.set()
        self.arrived.set()
        await event.wait()


@dataclass
class Fault:
    """One thing that goes wrong. Omitted effects leave the request as usual.

    Which requests:
    path: regular expression searched in the raw path (see linear); method: None for any; when: which of those that
    match; times: how often at most, None for ever.

    Effects on such a request, in this order:
    clock: from now on the PBX's clock is so many seconds ahead (Date, and iat and exp of its tokens), negative for
    behind;
    revoke: all existing tokens answer 401 from now on, this request's too; delay: seconds, or a Gate, before anything
    else; disconnect: the connection is reset "before" or "after" processing (True is "before"); processed: the request
    is processed although another answer is sent; status: of the answer, None to process as usual; body: text, bytes, or
    anything else as JSON, None for the usual form of that status (and no body at all from 500 on); headers: of the
    answer, instead of the usual ones; retry_after: seconds, as the header; retry_after_as: "seconds" or "date"; size:
    bytes of a JSON text that is the answer, infinity for one that never ends; cut: how much of the answer is sent, a
    share below 1 or a number of bytes; honest: whether Content-Length tells what is sent or what there was; drip:
    seconds between the single bytes of the answer; away: seconds for which connections are refused, all others reset:
    the PBX restarts. The request that meets it is answered first, unless disconnect says otherwise.
    """

    path: str = ""
    status: int | None = None
    times: int | None = 1
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str | None = None
    delay: float | Gate | None = None
    disconnect: bool | str = False
    drip: float | None = None
    when: When = ALWAYS
    processed: bool = False
    retry_after: float | None = None
    retry_after_as: str = "seconds"
    size: float | None = None
    cut: float | None = None
    honest: bool = True
    revoke: bool = False
    away: float | None = None
    clock: float | None = None
    seen: int = field(default=0, init=False)
    """How many requests it could have met."""
    met: int = field(default=0, init=False)
    """How many it has met."""
    _pattern: Pattern = field(init=False, repr=False)
    _dice: random.Random = field(default_factory=lambda: random.Random(0), init=False, repr=False)

    def __post_init__(self) -> None:
        try:
            self._pattern = Pattern(self.path)
        except ValueError as error:
            raise ValueError(f"path {error}") from None
        except TypeError:
            raise TypeError(f"path cannot be {self.path!r}") from None
        for name, kinds in _FIELDS.items():
            value = getattr(self, name)
            # To Python true is a number; nobody means that.
            if not isinstance(value, kinds) or (isinstance(value, bool) and name not in _SWITCHES):
                raise TypeError(f"{name} cannot be {value!r}")
        for name, value in self.headers.items():
            if not (isinstance(name, str) and isinstance(value, str) and (name + value).isprintable()):
                raise TypeError(f"headers cannot be {self.headers!r}: names and values are text")
        self._check()

    def _check(self) -> None:
        if self.disconnect not in (False, True, "before", "after"):
            raise ValueError('disconnect is False, True, "before" or "after"')
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status is an HTTP status from 200 to 599")
        if self.retry_after_as not in ("seconds", "date"):
            raise ValueError('retry_after_as is "seconds" or "date"')
        if self.times is not None and self.times < 1:
            raise ValueError("times is a whole number from 1 on, or nothing for ever")
        for name in ("delay", "drip", "away", "retry_after", "size", "cut"):
            value = getattr(self, name)
            if isinstance(value, int | float) and not (value >= 0 and (name in ("size", "away") or value < math.inf)):
                raise ValueError(f"{name} cannot be {value!r}")
        if self.clock is not None and not abs(self.clock) <= _LONGEST_OFF:
            raise ValueError("clock is a number of seconds, at most a year")

    def rolls(self, seed: str) -> Fault:
        """Return a copy with separate dice: the same seed meets the same requests."""
        self._dice = random.Random(seed)
        return self

    def matches(self, method: str, path: str) -> bool:
        """Whether a request is one of those it is about."""
        return (self.method is None or self.method.upper() == method) and self._pattern.found_in(path)

    def due(self) -> bool:
        """Count one more request it is about, and say whether it is to meet that."""
        self.seen += 1
        return self.when.meets(self.seen, self._dice) and not self.over

    @property
    def over(self) -> bool:
        """Whether it has met as many as it may."""
        return self.times is not None and self.met >= self.times

    def answer(self, clock: Clock) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of what is answered instead."""
        status = self.status or 500
        body, media = self._content(status)
        headers = [("content-type", media)] if media else []
        if status == 401:
            headers.append(("www-authenticate", "Bearer"))
        return status, self.dressed(headers, clock), body

    def dressed(self, headers: Iterable[tuple[str, str]], clock: Clock) -> list[tuple[str, str]]:
        """Headers of an answer, with its own in the place of those of the same name."""
        own = {name.lower(): value for name, value in self.headers.items()}
        if self.retry_after is not None:
            wait = f"{self.retry_after:g}" if self.retry_after_as == "seconds" else clock.date(self.retry_after)
            own.setdefault("retry-after", wait)
        return [(name, value) for name, value in headers if name not in own] + list(own.items())

    def kept(self, size: int) -> int:
        """How many bytes of an answer are sent."""
        if self.cut is None:
            return size
        return min(size, int(self.cut * size) if self.cut < 1 else int(self.cut))

    def _content(self, status: int) -> tuple[bytes, str]:
        if self.body is None:
            if status >= 500 or status == 429 or status < 400:
                return b"", ""
            refusal = Refusal(status, _MESSAGES.get(status, "The request was refused."))
            return json.dumps(refusal.body()).encode(), "application/json; charset=utf-8"
        if isinstance(self.body, bytes):
            return self.body, "application/octet-stream"
        if isinstance(self.body, str):
            markup = self.body.lstrip().startswith("<")
            return self.body.encode(), f"text/{'html' if markup else 'plain'}; charset=utf-8"
        return json.dumps(self.body).encode(), "application/json; charset=utf-8"


# A fault comes over HTTP too: what is wrong with it is said there, not at the request that meets it.
_FIELDS: dict[str, Any] = {
    "status": int | None,
    "times": int | None,
    "headers": dict,
    "method": str | None,
    "delay": float | int | Gate | None,
    "disconnect": bool | str,
    "drip": float | int | None,
    "when": When,
    "processed": bool,
    "retry_after": float | int | None,
    "retry_after_as": str,
    "size": float | int | None,
    "cut": float | int | None,
    "honest": bool,
    "revoke": bool,
    "away": float | int | None,
    "clock": float | int | None,
}
_SWITCHES = frozenset({"disconnect", "processed", "honest", "revoke"})
_LONGEST_OFF = 366 * 86400.0


class Faults:
    """The faults that are switched on, the oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def __iter__(self) -> Any:
        return iter(tuple(self._faults))

    def add(self, fault: Fault) -> None:
        """Switch one more on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Switch all off."""
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault a request meets: the oldest that is due. Each counts every request it is about."""
        due = [fault for fault in self._faults if fault.matches(method, path) and fault.due()]
        if not due:
            return None
        due[0].met += 1
        self._faults = [fault for fault in self._faults if not fault.over]
        return due[0]
