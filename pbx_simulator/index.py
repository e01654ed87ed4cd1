"""Rows of one entity set by the value of a property: made when first asked for, kept up with every write after that."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from .document import Json

#: A way to find rows: some properties with values each, of which a row has one.
Plan = tuple[tuple[str, tuple[Any, ...]], ...]


class Index:
    """The keys of the rows that have a value, for each property that has been asked for.

    What cannot be hashed, a list or an object, is not found by its value: nobody looks for it by one.
    """

    def __init__(self) -> None:
        self._by_value: dict[str, dict[Any, set[Any]]] = {}

    def keys(self, prop: str, value: Any, rows: dict[Any, Any]) -> Collection[Any]:
        """The keys of the rows whose property has that value.

        rows: all there are, by key; read where the property has not been asked for before.

        Raises:
            TypeError: for a value that cannot be hashed.
        """
        values = self._by_value.get(prop)
        if values is None:
            values = self._by_value[prop] = {}
            for key, row in rows.items():
                _enter(values, row.data.get(prop), key)
        return values.get(value, ())

    def enter(self, key: Any, data: Json) -> None:
        """A row is there from now on."""
        for prop, values in self._by_value.items():
            _enter(values, data.get(prop), key)

    def move(self, key: Any, old: Json, new: Json) -> None:
        """A row has other values from now on."""
        for prop, values in self._by_value.items():
            before, after = old.get(prop), new.get(prop)
            if before is not after:
                _leave(values, before, key)
                _enter(values, after, key)

    def leave(self, key: Any, data: Json) -> None:
        """A row is gone."""
        for prop, values in self._by_value.items():
            _leave(values, data.get(prop), key)


def _enter(values: dict[Any, set[Any]], value: Any, key: Any) -> None:
    try:
        values.setdefault(value, set()).add(key)
    except TypeError:
        return


def _leave(values: dict[Any, set[Any]], value: Any, key: Any) -> None:
    try:
        keys = values.get(value)
    except TypeError:
        return
    if keys is not None:
        keys.discard(key)
        if not keys:
            del values[value]
