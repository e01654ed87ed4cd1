"""Cached facts of a PBX: one object per client, shared by the tasks of a process in all their threads.

It is an attribute of the client and goes with it. Visible rows depend on the signed-in account, so a cache belongs to
one client; writes invalidate the caches of all clients of the PBX.
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
    """Rows read through one client, kept for seconds; see known_through."""

    def __init__(self, client: XapiClient) -> None:
        self._client = client
        self._names: dict[Reference, Names] = {}
        self._lists: dict[tuple[str, str], List] = {}
        self.writes = _writes.setdefault(client.base_url, Writes())
        """Writes of this process to the PBX."""

    def directory(self, reference: Reference) -> Directory:
        """Names of the entities of a reference; for one task."""
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
    """Return the cache of a client."""
    attributes = vars(client)
    found: Knowledge | None = attributes.get(_ATTRIBUTE)
    return attributes.setdefault(_ATTRIBUTE, Knowledge(client)) if found is None else found


def forget(client: XapiClient) -> None:
    """The next task on a client reads everything again, as after a write that did not go through the engine."""
    vars(client).pop(_ATTRIBUTE, None)
