"""The fault switch: what goes wrong, for which requests, and how often."""

from __future__ import annotations

import asyncio
import json
import re
import threading
from dataclasses import dataclass, field
from typing import Any

from .errors import Refusal

_MESSAGES = {
    400: "The input was not valid.",
    401: "The access token is not valid.",
    403: "The licence or the role does not allow this.",
    404: "No resource is found for the request.",
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
    """One thing that goes wrong.

    path: regular expression searched in the raw path; method: None for any; status: what is answered instead of
    processing, None to process as usual; body: text, bytes, or anything else as JSON, None for the usual form of that
    status (and nothing at all from 500 on); delay: seconds, or a Gate, before anything happens; disconnect: False,
    "before" or "after" processing (True is "before"); drip: seconds between the single bytes of the answer; times: how
    often, None for ever.
    """

    path: str
    status: int | None = None
    times: int | None = 1
    body: Any = None
    headers: dict[str, str] = field(default_factory=dict)
    method: str | None = None
    delay: float | Gate | None = None
    disconnect: bool | str = False
    drip: float | None = None

    def __post_init__(self) -> None:
        try:
            re.compile(self.path)
        except re.error as error:
            raise ValueError(f"path is no regular expression: {error}") from None
        for name, kinds in _FIELDS.items():
            if not isinstance(getattr(self, name), kinds):
                raise TypeError(f"{name} cannot be {getattr(self, name)!r}")
        if self.disconnect not in (False, True, "before", "after"):
            raise ValueError('disconnect is False, True, "before" or "after"')
        if self.status is not None and not 200 <= self.status <= 599:
            raise ValueError("status is an HTTP status from 200 to 599")

    def answer(self) -> tuple[int, list[tuple[str, str]], bytes]:
        """Status, headers and body of what is answered instead."""
        status = self.status or 500
        body, media = self._content(status)
        headers = [("content-type", media)] if media else []
        given = {name.lower() for name in self.headers}
        headers = [(name, value) for name, value in headers if name not in given]
        if status == 401 and "www-authenticate" not in given:
            headers.append(("www-authenticate", "Bearer"))
        return status, headers + [(name.lower(), value) for name, value in self.headers.items()], body

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
    "drip": float | int | None,
}


class Faults:
    """The faults that are switched on, the oldest first."""

    def __init__(self) -> None:
        self._faults: list[Fault] = []

    def add(self, fault: Fault) -> None:
        """Switch one more on."""
        self._faults.append(fault)

    def clear(self) -> None:
        """Switch all off."""
        self._faults.clear()

    def take(self, method: str, path: str) -> Fault | None:
        """The fault a request meets, counted down."""
        for fault in self._faults:
            if (fault.method is None or fault.method.upper() == method) and re.search(fault.path, path):
                if fault.times is not None:
                    fault.times -= 1
                    if fault.times <= 0:
                        self._faults.remove(fault)
                return fault
        return None
