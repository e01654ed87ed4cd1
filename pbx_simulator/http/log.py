"""The request log: what arrived, as it was on the wire."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from typing import Any

WRITES = frozenset({"POST", "PATCH", "PUT", "DELETE"})
SERVICE_ROOT = "/xapi/v1"


@dataclass
class LoggedRequest:
    """One request. path: raw, without query; headers: names in lower case; status: 0 where nothing was answered;
    faulty: it met a fault; processed: it came to those whom it was meant for, whatever was answered.
    """

    method: str
    path: str
    query: str
    headers: dict[str, str]
    body: bytes
    status: int = 0
    faulty: bool = False
    processed: bool = False

    @property
    def is_write(self) -> bool:
        """Whether it is meant to change something below /xapi/v1: actions count, sign-ins do not."""
        return self.method in WRITES and self.path.startswith(SERVICE_ROOT + "/")

    def as_json(self) -> dict[str, Any]:
        """The request for /_simulator/requests; the body as text, or in base64 where it is none."""
        shown: dict[str, Any] = {
            "method": self.method,
            "path": self.path,
            "query": self.query,
            "headers": self.headers,
            "status": self.status,
            "faulty": self.faulty,
            "processed": self.processed,
        }
        try:
            shown["body"] = self.body.decode("utf-8")
        except UnicodeDecodeError:
            shown["body_base64"] = base64.b64encode(self.body).decode("ascii")
        return shown
