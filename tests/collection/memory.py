"""What the engine remembers of a PBX between tasks, which a test does without where it puts the PBX
into another state.
"""

from __future__ import annotations

from pbx_as_code.engine import connection as clients
from pbx_as_code.engine.find import knowledge


def forget() -> None:
    """Whatever was read is read anew; clients stay signed in."""
    for client in clients._clients.values():
        knowledge.forget(client)
