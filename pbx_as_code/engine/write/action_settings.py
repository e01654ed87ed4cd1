"""Settings read by a GET and written by an action, of one PBX."""

from __future__ import annotations

from typing import Any, cast

from threecx_xapi import odata, paging

from pbx_as_code.description import Action
from pbx_as_code.engine.access.pbx import Row, Singleton, accepted, not_understood
from pbx_as_code.engine.compare.values import sent_back, without_control
from pbx_as_code.engine.limits import LARGEST_LIST


class Pair(Singleton):
    """The settings of a description that has an action.

    The action takes all of them, and what it is not given is gone. So what the task leaves alone goes along as the PBX
    answered it: what only the PBX fills, what this collection does not know, and a credential that the PBX conceals,
    which is still concealed in what is sent and so stays what it is.

    No version is sent: an action accepts no If-Match, and its settings have no ETag.
    """

    def read(self, wanted: Row) -> Row:  # noqa: ARG002 nothing of it has to be asked for by name
        """The settings as they are."""
        return self.references.named(self._answered())

    def _answered(self) -> Row:
        action = self._action
        with self.task.explained("read", self._description.label):
            if action.form == "list":
                order = ",".join(self._description.properties[0].item_key)
                asked = {"$orderby": order, "$count": "true"}
                return {
                    action.parameter: _plain(
                        list(paging.iterate(self._client, self._path, params=asked, max_bytes=LARGEST_LIST))
                    )
                }
            reply = self._client.request("GET", self._path)
            if action.form == "key" and reply.status == 204:  # null, as OData says it: nothing is chosen
                return {}
            answer = reply.json()
        if not isinstance(answer, dict) or "value" in answer:
            raise not_understood(self.task)
        if action.form == "structure":
            return cast(Row, _plain(answer))
        return {action.parameter: answer[action.answered_as]} if action.answered_as in answer else {}

    def write(self, row: Row, changes: Row, etag: str | None, what: str) -> None:  # noqa: ARG002 see above
        """Set all of the settings: some of them changed, the others as they were read."""
        whole = self.references.stored(sent_back(self._description.properties, {**row, **changes}))
        action = self._action
        if action.form == "key":
            entity_set, rest = action.path.split(f"({{{action.parameter}}})", 1)
            with self.task.explained("change", what):
                accepted(self._client.request("POST", f"{odata.key(entity_set, whole[action.parameter])}{rest}"))
            return
        body = {action.parameter: whole if action.form == "structure" else whole[action.parameter]}
        try:
            with self.task.explained("change", what):
                accepted(self._client.request("POST", f"/{action.path}", json=body))
        finally:
            self.references.written(self._description.singleton)

    @property
    def _action(self) -> Action:
        return cast(Action, self._description.action)


def _plain(value: Any) -> Any:
    """A copy without control information, which is no part of what is set."""
    if isinstance(value, dict):
        return {name: _plain(inner) for name, inner in without_control(value).items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
