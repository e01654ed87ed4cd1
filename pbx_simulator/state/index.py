"""Rows of one entity set by the value of a property: made when first asked for, kept up with every write after that."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from typing import Any

from pbx_simulator.model.document import Json

#: Values that are not stored as they are compared, worked out from a row.
Derive = Callable[[Json], Iterable[Any]]
#: A way to find rows: some properties with values each, of which a row has one.
Plan = tuple[tuple[str, tuple[Any, ...]], ...]


class Index:
    """The keys of the rows that have a value, for each property that has been asked for.

    A value that cannot be hashed, a list or an object, is not indexed: no caller searches by one.
    """

    def __init__(self) -> None:
        self._by_value: dict[str, dict[Any, set[Any]]] = {}
        self._derived: dict[str, tuple[Derive, dict[Any, set[Any]]]] = {}

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

    def derived(self, label: str, derive: Derive, value: Any, rows: dict[Any, Any]) -> Collection[Any]:
        """The keys of the rows among whose derived values, such as an address in small letters, is that one.

        label: what this derivation is called; rows: see keys.
        """
        if label not in self._derived:
            values: dict[Any, set[Any]] = {}
            for key, row in rows.items():
                for one in derive(row.data):
                    _enter(values, one, key)
            self._derived[label] = (derive, values)
        return self._derived[label][1].get(value, ())

    def enter(self, key: Any, data: Json) -> None:
        """A row is there from now on."""
        for prop, values in self._by_value.items():
            _enter(values, data.get(prop), key)
        for derive, values in self._derived.values():
            for one in derive(data):
                _enter(values, one, key)

    def move(self, key: Any, old: Json, new: Json) -> None:
        """A row has other values from now on."""
        for prop, values in self._by_value.items():
            before, after = old.get(prop), new.get(prop)
            if before is not after:
                _leave(values, before, key)
                _enter(values, after, key)
        for derive, values in self._derived.values():
            for one in derive(old):
                _leave(values, one, key)
            for one in derive(new):
                _enter(values, one, key)

    def leave(self, key: Any, data: Json) -> None:
        """A row is gone."""
        for prop, values in self._by_value.items():
            _leave(values, data.get(prop), key)
        for derive, values in self._derived.values():
            for one in derive(data):
                _leave(values, one, key)


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
