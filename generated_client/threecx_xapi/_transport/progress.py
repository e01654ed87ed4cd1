"""How far a request came before it failed: the truth about whether anything was sent."""

from __future__ import annotations

from typing import Any

CONNECTING = "connecting"
HANDSHAKE = "handshake"
TUNNEL = "tunnel"
SENT = "sent"


class Progress:
    """Told by httpcore's ``trace`` extension.

    Attributes:
        phase: CONNECTING, HANDSHAKE (TLS), TUNNEL (a proxy was asked to open a tunnel) or SENT; empty where nothing was
            told
        tunnelled: whether a proxy has opened a tunnel, so that answers come from the PBX
    """

    __slots__ = ("phase", "tunnelled")

    def __init__(self) -> None:
        self.phase = ""
        self.tunnelled = False

    @property
    def unsent(self) -> bool:
        """Whether the request itself surely was not sent."""
        return self.phase in (CONNECTING, HANDSHAKE, TUNNEL)

    def note(self, event: str, info: dict[str, Any]) -> None:
        """Name of the step that has just begun."""
        if not event.endswith(".started"):
            return
        if event.endswith("send_request_headers.started"):
            request = info.get("request")
            self.phase = TUNNEL if getattr(request, "method", b"") == b"CONNECT" else SENT
        elif "setup_socks" in event:
            self.phase = TUNNEL
        elif event.endswith("connect_tcp.started"):
            self.phase = CONNECTING
        elif event.endswith("start_tls.started"):
            self.tunnelled = self.tunnelled or self.phase == TUNNEL
            self.phase = HANDSHAKE

    async def note_async(self, event: str, info: dict[str, Any]) -> None:
        """See :meth:`note`."""
        self.note(event, info)
