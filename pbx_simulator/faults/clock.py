"""Time of the PBX."""

from __future__ import annotations

import time
from email.utils import formatdate


class Clock:
    """A clock that may be wrong. offset: seconds it is ahead, negative where it is behind."""

    def __init__(self) -> None:
        self.offset = 0.0

    def now(self) -> float:
        """Seconds since 1970, as the PBX has them."""
        return time.time() + self.offset

    def date(self, ahead: float = 0.0) -> str:
        """The same as an HTTP date, some seconds ahead."""
        return formatdate(self.now() + ahead, usegmt=True)
