"""What the tasks of a process know of a PBX: one object for each client, which they share, in whichever threads they run.

It is an attribute of the client and goes with it. Who signs in decides what is seen, so no client is served what another has
read; but what is written through one of them counts for all clients of the PBX.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from pbx_as_code.description import Reference
from pbx_as_code.engine.find.directory import Directory, Names
from pbx_as_code.engine.find.look_ahead import List, Writes

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

_ATTRIBUTE = "_pbx_as_code_knowledge"
#: By the URL of the PBX. Nothing of it is ever removed or replaced, and it holds nothing that was read.
_writes: dict[str, Writes] = {}


class Knowledge:
    """What was read through one client, for seconds; see known_through."""

    def __init__(self, client: XapiClient) -> None:
        self._client = client
        self._names: dict[Reference, Names] = {}
        self._lists: dict[tuple[str, str], List] = {}
        self.writes = _writes.setdefault(client.base_url, Writes())
        """What this process has written to the PBX."""

    def directory(self, reference: Reference) -> Directory:
        """What the entities of a reference are called; for one task."""
        return Directory(self._client, reference, self._names, self.writes)

    def list(self, path: str, key: str, expand: tuple[str, ...]) -> List:
        """The list of an entity set, with what comes expanded; for all tasks."""
        more = ",".join(expand)
        found = self._lists.get((path, more))
        if found is None:
            params = {"$expand": more} if more else {}
            found = self._lists.setdefault((path, more), List(path, key, params, self.writes))
        return found


def known_through(client: XapiClient) -> Knowledge:
    """What is known of a PBX through a client."""
    attributes = vars(client)
    found: Knowledge | None = attributes.get(_ATTRIBUTE)
    return attributes.setdefault(_ATTRIBUTE, Knowledge(client)) if found is None else found


def forget(client: XapiClient) -> None:
    """The next task on a client reads everything anew, as after a write that did not go through the engine."""
    vars(client).pop(_ATTRIBUTE, None)
