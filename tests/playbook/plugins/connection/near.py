"""A connection to this very machine that is not the local one: modules are shipped through it."""

from __future__ import annotations

from ansible.plugins.connection.local import Connection as Local

DOCUMENTATION = """
name: near
short_description: This machine, as if it were another
description: Runs commands here, as the local connection does.
extends_documentation_fragment:
  - connection_pipelining
options: {}
"""


class Connection(Local):  # type: ignore[misc]
    """As local, under another name."""

    transport = "near"
