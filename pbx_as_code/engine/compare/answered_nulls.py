"""Nulls that a PBX answers: some builds leave out what is null, others what is zero, others neither. Results show null
for both, so a comparison with them has to know which nulls were there.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from types import NoneType
from typing import Any

from pbx_as_code.description import Kind, Property

Nulls = frozenset[str]
NO_NULLS: Nulls = frozenset()
_KINDS: tuple[Kind, ...] = ("int", "float", "bool", "enum")
_KEYS = (str, int, NoneType)
"""Types of keys; that of settings is None."""


class AnsweredNulls:
    """Options that a PBX answered as null where zero is another value, by the key of the object."""

    def __init__(self, properties: Iterable[Property], key: str = "") -> None:
        """Parameters:
        properties: of these objects
        key: XAPI name of the property that identifies one; none for settings
        """
        self._options = {
            prop.name: prop.option
            for prop in properties
            if prop.kind in _KINDS and prop.nullable and prop.reference is None and not prop.many
        }
        self._key = key
        self._known: dict[Nulls, Nulls] = {}
        self.found: dict[Any, Nulls] = {}

    def look_at(self, row: Mapping[str, Any]) -> None:
        """Learn from an object as the PBX answered it."""
        null = frozenset(self._options[name] for name in self._options.keys() & row.keys() if row[name] is None)
        key = row.get(self._key)
        if null and isinstance(key, _KEYS):  # ten thousand users share a few of them
            self.found[key] = self._known.setdefault(null, null)


def nulls_of(found: Mapping[Any, Nulls], key: object) -> Nulls:
    """The nulls of an object.

    Parameters:
        found: from AnsweredNulls
        key: of the object, as it was answered; one that is a list or a structure identifies nothing
    """
    return found.get(key, NO_NULLS) if isinstance(key, _KEYS) else NO_NULLS
