"""Faults of one request, or of all requests from one on, as entries of the simulator's fault plan."""

from __future__ import annotations

import math
from dataclasses import dataclass, field
from typing import Any

#: Which nobody may ever follow with a token. Documentation addresses: nobody is there.
ELSEWHERE = "http://192.0.2.1/"
#: Seconds; long enough for every other request on a machine that is busy.
_SHORT = 0.4
_HTML = "<html><title>Bad gateway</title><body>nginx</body></html>"


@dataclass(frozen=True)
class Kind:
    """One way to go wrong.

    what: keys of a fault plan; lasting: it stays so until the task has ended; before: the PBX is away before the task
    begins;
    held: the request stands at a gate until the task has given up; options: what the task says because of it.
    """

    name: str
    what: dict[str, Any]
    lasting: bool = False
    before: bool = False
    held: bool = False
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def heavy(self) -> bool:
        """Whether it takes real time, so that it is tried less often."""
        return self.held or "size" in self.what or "drip" in self.what

    @property
    def lies(self) -> bool:
        """Whether a write that was not processed is answered as one that was."""
        return 200 <= self.what.get("status", 500) < 300 and "HTML" not in self.name

    def plan(self, path: str, n: int) -> dict[str, Any]:
        """The plan by which the n-th request for a path meets it."""
        if self.before or self.held:
            return {}
        return {"faults": [{"path": path, **({"from": n} if self.lasting else {"n": n}), **self.what}]}


def _status(status: int, name: str = "", **more: Any) -> Kind:
    return Kind(name or str(status), {"status": status, **more})


KINDS = {
    kind.name: kind
    for kind in (
        *map(_status, (400, 401, 403, 404, 405, 409, 412, 415, 422, 428, 429, 500, 501, 503)),
        _status(429, "429 with seconds", retry_after=1),
        _status(503, "503 with seconds", retry_after=2),
        _status(503, "503 with a date", retry_after=30, retry_after_as="date"),
        _status(503, "503 for an hour", retry_after=3600),
        _status(503, "503 with a date that has passed", retry_after_as="date", retry_after=0),
        _status(502, "502 HTML", body=_HTML),
        _status(429, "429 with seconds, processed", retry_after=1, processed=True),
        _status(503, "503 with seconds, processed", retry_after=2, processed=True),
        _status(429, "429, processed", processed=True),
        _status(500, "500, processed", processed=True),
        _status(502, "502 HTML, processed", body=_HTML, processed=True),
        _status(504, "504, processed", processed=True),
        _status(500, "500 that tells a trace", body="System.NullReferenceException: Object\n   at "
                                                    "Pbx.Controllers.Get()\n" * 50),
        _status(200, "200 HTML", body=_HTML),
        _status(200, "200 empty", body=""),
        _status(200, "200 null", body="null", headers={"Content-Type": "application/json"}),
        _status(200, "200 something else", body=[1, 2]),
        _status(204, "204 and nothing done"),
        _status(302, "redirected to another host", headers={"Location": ELSEWHERE}),
        _status(307, "redirected to http", headers={"Location": ELSEWHERE + "xapi/v1/Fax"}),
        _status(308, "redirected, processed", headers={"Location": ELSEWHERE}, processed=True),
        _status(304, "304 not modified"),
        Kind("cut off honestly", {"cut": 0.5}),
        Kind("cut off", {"cut": 0.5, "honest": False}),
        Kind("another content type", {"headers": {"Content-Type": "text/html"}}),
        Kind("reset before", {"disconnect": "before"}),
        Kind("reset after", {"disconnect": "after"}),
        Kind("refused next", {"away": 3599}),
        Kind("restart", {"disconnect": "before", "revoke": True, "away": 3599}),
        Kind("restart after", {"disconnect": "after", "revoke": True, "away": 3599}),
        Kind("token dies", {"revoke": True}),
        Kind("an hour ahead", {"clock": 3600}),
        Kind("an hour behind", {"clock": -3600}),
        Kind("refused", {}, before=True),
        Kind("slow", {}, held=True, options={"request_timeout": _SHORT}),
        # Each byte comes in time, and all of them never do.
        Kind("drips", {"drip": _SHORT}, options={"task_deadline": 2 * _SHORT}),
        Kind("drips for ever", {"drip": _SHORT}, lasting=True, options={"task_deadline": 2 * _SHORT}),
        Kind("never ends", {"size": math.inf}),
        Kind("200 MB", {"size": 200e6}),
        Kind("200 MB, processed", {"size": 200e6, "processed": True}),
        Kind("tokens die all the time", {"revoke": True}, lasting=True),
        Kind("401 for ever", {"status": 401}, lasting=True),
        Kind("429 for ever", {"status": 429, "retry_after": 1}, lasting=True),
        Kind("500 for ever", {"status": 500}, lasting=True),
        Kind("503 for ever", {"status": 503, "retry_after": 1}, lasting=True),
        Kind("reset for ever", {"disconnect": "before"}, lasting=True),
        Kind("reset after for ever", {"disconnect": "after"}, lasting=True),
        Kind("away for good", {"disconnect": "before", "away": math.inf}, lasting=True),
        Kind("refused for good", {}, before=True, lasting=True),
        Kind("cut off for ever", {"cut": 0.5, "honest": False}, lasting=True),
        Kind("HTML for ever", {"status": 200, "body": _HTML}, lasting=True),
        Kind("redirected for ever", {"status": 302, "headers": {"Location": ELSEWHERE}}, lasting=True),
    )
}  # fmt: skip
