"""Entities that are there only within another one of one PBX: they have no URL, but functions and actions."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from threecx_xapi import odata

from pbx_as_code.description import Below
from pbx_as_code.engine.access.pbx import EntitySet, Row, accepted
from pbx_as_code.engine.compare.values import sent_back, without_control

if TYPE_CHECKING:
    from pbx_as_code.engine.task import EntityTask


class Owned(EntitySet):
    """Those within one other. Rows say within which; no write can be made to depend on a version."""

    def __init__(self, task: EntityTask, below: Below, within: str) -> None:
        super().__init__(task)
        self._below = below
        self._within = {below.within.name: within}

    def create(self, row: Row, what: str) -> Row:
        """Create one; the PBX does not say what it stored."""
        with self.task.explained("create", what):
            self._act(self._below.create, self._below.parameter, self._whole(row))
        return {}

    def change(self, row: Row, changes: Row, etag: str | None, what: str) -> None:  # noqa: ARG002 no action takes one
        """Change one: all of it is sent, because what an action is not given is gone."""
        with self.task.explained("change", what):
            self._act(self._below.update, self._below.parameter, self._whole({**row, **changes}))

    def remove(self, row: Row, etag: str | None, what: str) -> None:  # noqa: ARG002 no action takes one
        """Remove one."""
        with self.task.explained("remove", what):
            self._act(self._below.delete, self._below.named, row[self._description.key.name])

    def _act(self, action: str, parameter: str, value: Any) -> None:
        accepted(self._client.request("POST", f"/{action}", json={**self._within, parameter: value}))

    def _whole(self, row: Row) -> Row:
        body = without_control(self.references.stored(sent_back(self._description.properties, row)))
        return {name: value for name, value in body.items() if name not in self._within}

    def _expanded(
        self, expand: tuple[str, ...], read: Callable[[dict[str, str]], list[Row]], *, named: bool = False
    ) -> list[Row]:
        rows = super()._expanded(expand, read, named=named)
        return [{**{n: v for n, v in row.items() if n != "@odata.etag"}, **self._within} for row in rows]

    @property
    def _list(self) -> str:
        return odata.path(super()._list, **self._within)
