"""The thread in which a simulated PBX, or a fleet of them, answers requests."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Coroutine
from typing import Any

# Serves until told to stop, and calls its argument once requests are answered.
Serve = Callable[[Callable[[], None]], Coroutine[Any, Any, None]]


class ServingThread(threading.Thread):
    """Runs `serve` in an event loop that belongs to this thread."""

    def __init__(self, name: str, serve: Serve) -> None:
        super().__init__(name=name, daemon=True)
        self._serve = serve
        self._settled = threading.Event()
        self._failure: BaseException | None = None

    def start_serving(self) -> None:
        """Start, and return when requests are answered. Raises the error of a server that could not start."""
        self.start()
        self._settled.wait()
        if self._failure is not None:
            raise self._failure

    def run(self) -> None:
        """Serve; the caller of start_serving() gets an error."""
        try:
            asyncio.run(self._serve(self._settled.set))
        except BaseException as error:  # whatever it is, the thread that waits must hear of it
            self._failure = error
        finally:
            self._settled.set()
