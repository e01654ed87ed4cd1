# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Keeping credentials out of what a failed task says.

The client hides what is called like a credential. What only the catalogue knows to be one, and what the PBX has and
nobody gave, is known here: from the description, the options and the rows that were read.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from ._description import Property
from ._failure import Failure
from ._library import redacting


def hush(
    failure: Failure, properties: tuple[Property, ...], given: Mapping[str, Any], rows: Iterable[Mapping[str, Any]]
) -> None:
    """Take the credentials of an entity out of what a failure says.

    Parameters:
        failure: changed in place
        properties: of the entity
        given: the options
        rows: what was read of the PBX
    """
    secrets = secrets_given(properties, given)
    # A PIN may be the number of its extension, and whose PIN it is has to be told all the same.
    options = {prop.option for prop in properties if not prop.secret}
    public = {str(value) for name, value in given.items() if name in options}
    for row in rows:
        secrets.update(_secrets(properties, row, "name"))
        public.update(str(row[prop.name]) for prop in properties if not prop.secret and prop.name in row)
    without(failure, secrets - public)


def without(failure: Failure, secrets: set[str]) -> None:
    """Take what is known to be secret out of what a failure says; it is changed in place."""
    if secrets:
        clean = redacting(secrets)
        failure.msg = clean(failure.msg)
        failure.code = failure.code and clean(failure.code)
        failure.target = failure.target and clean(failure.target)


def secrets_given(properties: tuple[Property, ...], given: Mapping[str, Any]) -> set[str]:
    """The credentials in the options of a task, as they were written or after validation."""
    return set(_secrets(properties, given, "option"))


def _secrets(properties: tuple[Property, ...], values: Mapping[str, Any], named_by: str) -> Iterator[str]:
    for prop in properties:
        value = values.get(getattr(prop, named_by))
        if value is None:
            continue
        if prop.secret:
            yield from _texts(value)
        elif prop.fields:
            for item in _mappings(value):
                yield from _secrets(prop.fields, item, named_by)


def _mappings(value: Any) -> Iterator[Mapping[str, Any]]:
    """The structures in a list or a structure, however wrongly it was put together: what refuses it may repeat it."""
    if isinstance(value, Mapping):
        yield value
    elif isinstance(value, list):
        for item in value:
            yield from _mappings(item)


def _texts(value: Any) -> Iterator[str]:
    if isinstance(value, Mapping):
        for inner in value.values():
            yield from _texts(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _texts(item)
    elif isinstance(value, str) or (isinstance(value, int | float) and not isinstance(value, bool)):
        yield str(value)
