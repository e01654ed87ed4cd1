"""Caches that the engine keeps of a PBX between tasks. Tests clear them after changing the PBX directly."""

from __future__ import annotations

from pbx_as_code.engine import connection as clients
from pbx_as_code.engine.find import knowledge


def forget() -> None:
    """Clear all cached rows and names. Clients stay signed in."""
    for client in clients._clients.values():
        knowledge.forget(client)
