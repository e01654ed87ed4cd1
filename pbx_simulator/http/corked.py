"""One write for what is one answer: the server writes head, body and end of it each by itself."""

from __future__ import annotations

import asyncio
from typing import Any


class Corked(asyncio.Transport):
    """A transport that gathers what is written until the loop comes round, or the connection ends.

    A system call costs as much as a small request, and the peer is woken once instead of twice.
    """

    def __init__(self, inner: asyncio.Transport) -> None:
        super().__init__()
        self._inner = inner
        self._loop = asyncio.get_running_loop()
        self._gathered: list[bytes | bytearray | memoryview] = []

    def write(self, data: bytes | bytearray | memoryview) -> None:
        """Send, soon."""
        if not data:
            return
        if not self._gathered:
            self._loop.call_soon(self._flush)
        self._gathered.append(data)

    def _flush(self) -> None:
        gathered, self._gathered = self._gathered, []
        if gathered:
            self._inner.write(gathered[0] if len(gathered) == 1 else b"".join(gathered))

    def close(self) -> None:
        """End the connection after what was written."""
        self._flush()
        self._inner.close()

    def abort(self) -> None:
        """End the connection at once; what was written may have gone out."""
        self._flush()
        self._inner.abort()

    def is_closing(self) -> bool:
        """Whether the connection ends or has ended."""
        return self._inner.is_closing()

    def get_extra_info(self, name: str, default: Any = None) -> Any:
        """State of the transport."""
        return self._inner.get_extra_info(name, default)

    def pause_reading(self) -> None:
        """Receive nothing for a while."""
        self._inner.pause_reading()

    def resume_reading(self) -> None:
        """Receive again."""
        self._inner.resume_reading()
