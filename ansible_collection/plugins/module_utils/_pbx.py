# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One entity set or singleton of one PBX, as plain data: the only place of the engine that sends requests."""

from __future__ import annotations

from collections.abc import Mapping
from contextlib import AbstractContextManager
from dataclasses import replace
from typing import TYPE_CHECKING, Any
from uuid import UUID

from ._description import EntityDescription, SettingsDescription
from ._explain import Context, explained
from ._failure import Failure
from ._library import odata, paging

if TYPE_CHECKING:
    from threecx_xapi.client import XapiClient

Row = dict[str, Any]


class _Endpoint:
    """Every method raises Failure, with a message for people, where the PBX or the way to it fails."""

    def __init__(self, client: XapiClient, context: Context) -> None:
        self._client = client
        self._context = context

    @property
    def pbx(self) -> str:
        """The URL of the PBX."""
        return self._context.pbx

    @property
    def if_match(self) -> str | None:
        """The option of that name."""
        return self._context.if_match

    def _explained(self, verb: str, what: str) -> AbstractContextManager[None]:
        return explained(replace(self._context, verb=verb, what=what))


class Singleton(_Endpoint):
    """The settings of a description."""

    def __init__(self, client: XapiClient, context: Context, description: SettingsDescription) -> None:
        super().__init__(client, context)
        self._description = description

    def read(self, wanted: Row) -> Row:
        """The settings as they are; those of `wanted` that the PBX answers only when asked for too."""
        expand = [prop.name for prop in self._description.properties if prop.navigation and prop.name in wanted]
        params = {"$expand": ",".join(expand)} if expand else None
        with self._explained("read", self._description.label):
            reply = self._client.request("GET", self._path, params=params)
            answer = reply.json()
        if not isinstance(answer, dict) or "value" in answer:
            raise _not_understood(self._context)
        if reply.etag is not None:
            answer.setdefault("@odata.etag", reply.etag)
        return answer

    def write(self, row: Row, changes: Row, etag: str | None, what: str) -> None:  # noqa: ARG002 of entities, it names one
        """Change some of the settings, where their ETag is still the given one."""
        with self._explained("change", what):
            self._client.request("PATCH", self._path, json=changes, headers=_if_match(etag))

    @property
    def _path(self) -> str:
        return f"/{self._description.singleton}"


class EntitySet(_Endpoint):
    """The entity set of a description."""

    def __init__(self, client: XapiClient, context: Context, description: EntityDescription) -> None:
        super().__init__(client, context)
        self._description = description

    def query(self, condition: str, what: str, expand: tuple[str, ...] = ()) -> list[Row]:
        """The rows a $filter selects: a page at most, for look-ups by what is unique."""
        params = {"$filter": condition}
        if expand:
            params["$expand"] = ",".join(expand)
        with self._explained("read", what):
            return _rows(
                self._client.request("GET", self._path, params=params).json(), self._context, self._description.key.name
            )

    def every(
        self,
        what: str,
        condition: str | None = None,
        search: str | None = None,
        *,
        order_by: str | None = None,
        limit: int | None = None,
    ) -> list[Row]:
        """Every row a $filter and a $search select, or every one there is.

        Parameters:
            what: for messages
            condition: the $filter
            search: the $search
            order_by: the $orderby; by the key, where nothing else is said and the list takes one
            limit: how many at most; None for all
        """
        params: dict[str, str] = {}
        if self._description.can_order:
            params["$orderby"] = order_by or self._description.order or self._description.key.name
        if limit is not None:
            params["$top"] = str(limit)
        if condition:
            params["$filter"] = condition
        if search:
            params["$search"] = search
        with self._explained("read", what):
            return list(paging.iterate(self._client, self._path, params=params))

    def large(self, row: Row, names: tuple[str, ...], what: str) -> Row:
        """The properties of an entity that come only when asked for by name."""
        with self._explained("read", what):
            answer = self._client.request("GET", self._entity(row), params={"$select": ",".join(names)}).json()
        return {name: answer[name] for name in names if isinstance(answer, Mapping) and name in answer}

    def initial(self, what: str) -> Row:
        """A pre-filled entity to create one from; empty where the PBX hands out none."""
        if self._description.init is None:
            return {}
        with self._explained("read", what):
            answer = self._client.request("GET", f"/{self._description.init.lstrip('/')}").json()
        return (
            {name: value for name, value in answer.items() if "@odata" not in name} if isinstance(answer, dict) else {}
        )

    def create(self, body: Row, what: str) -> Row:
        """Create an entity; what the PBX stored, empty where it does not say."""
        with self._explained("create", what):
            reply = self._client.request("POST", self._path, json=body)
            stored = reply.json() if reply.content.strip() else {}
        return stored if isinstance(stored, dict) else {}

    def change(self, row: Row, changes: Row, etag: str | None, what: str) -> None:
        """Change some properties of an entity, where its ETag is still the given one."""
        with self._explained("change", what):
            self._client.request("PATCH", self._entity(row), json=changes, headers=_if_match(etag))

    def remove(self, row: Row, etag: str | None, what: str) -> None:
        """Remove an entity, where its ETag is still the given one."""
        with self._explained("remove", what):
            self._client.request("DELETE", self._entity(row), headers=_if_match(etag))

    @property
    def _path(self) -> str:
        return f"/{self._description.entity_set}"

    def _entity(self, row: Row) -> str:
        key = self._description.key
        value = row[key.name]
        return odata.key(self._description.entity_set, UUID(value) if key.kind == "uuid" else value)


def _if_match(etag: str | None) -> dict[str, str]:
    return {} if etag is None else {"If-Match": etag}


def _rows(answer: Any, context: Context, key: str) -> list[Row]:
    """The rows of a list, each with the key without which nothing can be done to it."""
    rows = answer.get("value") if isinstance(answer, dict) else None
    if not isinstance(rows, list) or not all(isinstance(row, dict) and key in row for row in rows):
        raise _not_understood(context)
    return rows


def _not_understood(context: Context) -> Failure:
    return Failure(
        f"{context.pbx} answered {context.description.endpoint} in a way that cannot be understood. "
        "Check that host and port lead to the PBX itself and not to a proxy or another service."
    )
