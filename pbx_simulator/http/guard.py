"""Access check of the control endpoints: they take no token, so a page in a browser must not reach them.

A foreign page is known by its Origin; a name that somebody made point at this machine, by the Host.
"""

from __future__ import annotations

import ipaddress
import socket

from starlette.datastructures import Headers
from starlette.responses import JSONResponse
from starlette.types import ASGIApp, Receive, Scope, Send


class ExposedWarning(UserWarning):
    """A simulated PBX listens beyond this machine."""


def is_loopback(host: str) -> bool:
    """Whether nobody but this machine reaches what listens there."""
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return host.lower() == "localhost"


def exposed(host: str) -> str:
    """Return the warning for a PBX that listens beyond this machine."""
    return (
        f"listening on {host or 'all addresses'}, beyond this machine: everybody who can connect can read and change "
        "all of it below /_simulator without a token. Use --host 127.0.0.1 if that is not wanted"
    )


class Guard:
    """Refuse requests with a foreign Host or Origin.

    host: the address the PBX listens on.
    """

    def __init__(self, app: ASGIApp, host: str) -> None:
        self._app = app
        self._names = {"localhost", host.lower(), socket.gethostname().lower()} - {""}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        reason = self._foreign(Headers(scope=scope), str(scope.get("scheme", "http")))
        if reason is None:
            await self._app(scope, receive, send)
            return
        message = f"{reason} The control endpoints answer only what comes from this machine's own addresses."
        await JSONResponse({"error": message}, status_code=403)(scope, receive, send)

    def _foreign(self, headers: Headers, scheme: str) -> str | None:
        host = headers.get("host", "")
        if not self._own(_without_port(host)):
            return f"The Host {host!r} is foreign."
        origin = headers.get("origin")
        if origin is not None and origin.lower() != f"{scheme}://{host}".lower():
            return f"The Origin {origin!r} is foreign."
        return None

    def _own(self, name: str) -> bool:
        """Names that are ours, and addresses: those nobody can make point elsewhere."""
        if name.lower() in self._names:
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _without_port(host: str) -> str:
    if host.startswith("["):
        return host[1:].partition("]")[0]
    return host.rpartition(":")[0] if ":" in host else host
