"""Every operation of the API by its operationId: what it takes, and a call checked before anything is sent.

>>> from threecx_xapi import describe
>>> describe("DeleteFax").path
'/Fax({Id})'
>>> describe("DeleteFax").prepare({"Id": 12}).path
'/Fax(12)'

The facts come from the generated index.json, which is read on first use (a few milliseconds).
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, Literal

import attrs

from . import odata
from ._operations.fit import Fitter, Problem, Schema, hint
from .errors import ConfigurationError
from .operation import plain, query_strings

__all__ = ["Described", "InvalidCall", "Prepared", "Problem", "describe", "operation_ids", "releases", "schemas"]

_BARE = ("date-time", "date", "time", "uuid")
"""Formats whose literal has no quotes."""


_TOO_LONG = f"too long; the address of a call has at most {odata.LONGEST_ADDRESS} characters, with what is encoded"


class InvalidCall(ConfigurationError):
    """An operation was called as the document does not allow; nothing was sent.

    Attributes:
        problems: everything that is wrong
    """

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        super().__init__(
            " ".join(f"{each.where}: {each.what}{'' if each.what.endswith('?') else '.'}" for each in problems)
        )
        self.problems = problems
        self.target = problems[0].where


@attrs.frozen
class Prepared:
    """A call that was checked; its attributes are the arguments of ``XapiClient.request``.

    Attributes:
        method: such as ``DELETE``
        path: below /xapi/v1, encoded, such as ``/Fax(12)``
        params: query parameters as plain text
        headers: ``If-Match``, or nothing
        body: plain JSON, None where there is none
        newer: what of the call not every known release of 3CX has, such as ``body.AIAgent``, or the operationId, and
            since which release there is it, such as ``20.0.10``; see ``threecx_xapi.releases.lacks``
    """

    method: str
    path: str
    params: dict[str, str]
    headers: dict[str, str] = attrs.field(repr=False)
    body: object = attrs.field(repr=False)
    newer: Mapping[str, str] = attrs.field(factory=dict, repr=False)


@attrs.frozen
class Described:
    """Return the documented facts of one operation.

    Attributes:
        id: the document's operationId
        method: ``GET``, ``POST``, ``PATCH`` or ``DELETE``
        path: template below /xapi/v1, such as ``/Fax({Id})``
        path_parameters: the schemas of the path's parameters by name; every one is required
        query_parameters: the schemas of the query's parameters by name; none is required
        takes_if_match: whether it takes an ETag
        body: the schema of the body, None where it takes none
        body_required: whether it must have one
        answer: what a success carries: ``none``, ``json`` (an object), ``value`` (one plain value), ``rows`` (a list)
            or ``bytes`` (a download)
        since: the first known release of 3CX that has it, None where the oldest known one does
        parts_since: the same of its parameters, and of the properties of a body that is no entity, where there is
            anything to say
    """

    id: str
    method: str
    path: str
    path_parameters: Mapping[str, Schema]
    query_parameters: Mapping[str, Schema]
    takes_if_match: bool
    body: Schema | None
    body_required: bool
    answer: Literal["none", "json", "value", "rows", "bytes"]
    since: str | None = None
    parts_since: Mapping[str, str] = attrs.field(factory=dict)

    @property
    def reads(self) -> bool:
        """Whether it changes nothing."""
        return self.method == "GET"

    @property
    def pages(self) -> bool:
        """Whether its rows come page by page."""
        return self.answer == "rows" and {"$top", "$skip"} <= set(self.query_parameters)

    @property
    def reader(self) -> Described | None:
        """The operation that reads what is at the same path, such as GetFax for DeleteFax; None where there is none."""
        found = _load().readers.get(self.path)
        return None if found is None or found == self.id or self.method == "POST" else describe(found)

    def prepare(
        self, parameters: Mapping[str, Any] | None = None, body: object = None, *, if_match: str | None = None
    ) -> Prepared:
        """Check a call against the document.

        Parameters:
            parameters: of path and query, by the document's names (``Id``, ``$filter``); lists are joined by commas
            body: plain JSON, by the document's names; control information that came with what was read is left out
            if_match: an ETag

        Raises:
            InvalidCall: something is missing, unknown, of the wrong type or out of range; all of it is named
        """
        fitter = Fitter(schemas())
        given = dict(parameters or {})
        known = {**self.path_parameters, **self.query_parameters}
        fitted: dict[str, Any] = {}
        for name, value in given.items():
            where = f"parameters.{name}"
            if name not in known:
                takes = f"{self.id} takes {', '.join(known)}" if known else f"{self.id} takes none"
                fitter.problems.append(Problem(where, f"there is no such parameter{hint(name, known) or f'; {takes}'}"))
            elif name in self.query_parameters and known[name]["type"] == "array" and isinstance(value, str):
                fitted[name] = value
            else:
                fitted[name] = fitter.fit(known[name], value, where)
        fitter.problems += [
            Problem(f"parameters.{name}", f"it is missing; {self.id} needs {', '.join(self.path_parameters)}")
            for name in self.path_parameters
            if name not in given
        ]
        fitted_body = self._fit_body(fitter, body)
        for part, names in (("parameters", given), ("body", fitted_body)):
            for name in names if isinstance(names, Mapping) else ():
                fitter.note(self.parts_since, name, f"{part}.{name}")
        if if_match is not None and not self.takes_if_match:
            fitter.problems.append(Problem("if_match", f"{self.id} takes no ETag"))
        if fitter.problems:
            raise InvalidCall(tuple(fitter.problems))
        path = odata.path(self.path, **{name: self._literal(name, fitted[name]) for name in self.path_parameters})
        params = query_strings({name: value for name, value in fitted.items() if name in self.query_parameters})
        length = len(path) + sum(len(name) + 2 + len(odata.encode_query(value)) for name, value in params.items())
        if length > odata.LONGEST_ADDRESS:
            longest = max(fitted, key=lambda name: len(str(fitted[name])))
            raise InvalidCall((Problem(f"parameters.{longest}", _TOO_LONG),))
        return Prepared(
            method=self.method,
            path=path,
            params=params,
            headers={} if if_match is None else {"If-Match": if_match},
            body=plain(fitted_body),
            newer={self.id: self.since} if self.since else fitter.newer,
        )

    def _fit_body(self, fitter: Fitter, body: object) -> object:
        if body is None:
            if self.body_required:
                fitter.problems.append(Problem("body", f"it is missing; {self.id} needs one"))
            return None
        if self.body is None:
            fitter.problems.append(Problem("body", f"{self.id} takes none"))
            return None
        return fitter.fit(self.body, body, "body")

    def _literal(self, name: str, value: object) -> object:
        if value is None:
            return None
        return odata.Bare(value) if self.path_parameters[name].get("format") in _BARE else value


@cache
def describe(operation_id: str) -> Described:
    """Documented facts of an operation.

    Raises:
        InvalidCall: there is none of that name; the message has the nearest ones
    """
    index = _load()
    raw = index.operations.get(operation_id)
    if raw is None:
        what = f"the API has no operation {operation_id}{hint(operation_id, index.operations)}"
        raise InvalidCall((Problem("operation", what),))
    return Described(
        id=operation_id,
        method=raw["method"],
        path=raw["path"],
        path_parameters=raw.get("path_parameters", {}),
        query_parameters={name: index.query[name] for name in raw.get("query", ())},
        takes_if_match=raw.get("if_match", False),
        body=raw.get("body"),
        body_required=raw.get("body_required", False),
        answer=raw["answer"],
        since=raw.get("since"),
        parts_since=raw.get("parts_since", {}),
    )


def operation_ids() -> list[str]:
    """The operationId of every operation, in alphabetical order."""
    return list(_load().operations)


def releases() -> list[str]:
    """The releases of 3CX whose documents are known, oldest first, such as ``20.0.8``."""
    return _load().releases


def schemas() -> Mapping[str, Schema]:
    """The schemas that bodies refer to, by name (without ``Pbx.``)."""
    return _load().schemas


@attrs.frozen
class _Index:
    releases: list[str]
    operations: Mapping[str, Any]
    query: Mapping[str, Schema]
    schemas: Mapping[str, Schema]
    readers: Mapping[str, str]


@cache
def _load() -> _Index:
    import json
    from pathlib import Path

    raw = json.loads(Path(__file__).with_name("index.json").read_bytes())
    readers = {each["path"]: name for name, each in raw["operations"].items() if each["method"] == "GET"}
    return _Index(raw["releases"], raw["operations"], raw["query"], raw["schemas"], readers)
