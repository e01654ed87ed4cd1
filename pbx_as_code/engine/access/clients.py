"""One client for each way of connecting, kept for as long as this process lives.

A loop over a thousand items runs in one process: it signs in once and keeps one connection open.
"""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

from threecx_xapi import errors
from threecx_xapi.client import XapiClient

from pbx_as_code.engine.options.connection import Connection
from pbx_as_code.errors import PbxError

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient as Client

#: By process too: those of the one this was forked from are not closed, as that would talk on the parent's connections.
_clients: dict[tuple[object, ...], Client] = {}


def client_for(connection: Connection, *, read_only: bool) -> Client:
    """The client for a connection, new or kept.

    Parameters:
        connection: which PBX, and who signs in
        read_only: make it refuse to send any write

    Raises:
        PbxError: the options cannot work, such as a host with a path
    """
    arguments = sorted((name, repr(value)) for name, value in connection.arguments.items())
    key = (os.getpid(), read_only, *arguments)
    client = _clients.get(key)
    if client is None:
        try:
            client = XapiClient(**connection.arguments, read_only=read_only)
        except errors.XapiError as error:
            named = f"{error.target}: " if error.target else ""
            raise PbxError(f"{named}{error.message} Nothing was sent.", target=error.target) from None
        except (OSError, ValueError) as error:  # a ca_path that is missing or no certificate, a host that is no name
            raise PbxError(f"No connection can be made with these options: {error}. Nothing was sent.") from None
        client = _clients.setdefault(key, client)  # another thread may have been faster; a new one has nothing open
    return client


def forget() -> None:
    """Close and drop every client of this process."""
    for key in [key for key in _clients if key[0] == os.getpid()]:
        _clients.pop(key).close()
