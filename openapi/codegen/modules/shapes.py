"""Structures that options or results have in common: documented in one place, linked from the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

from openapi.codegen.modules.notes import Catalogue

#: Fields that a structure has at least, at any depth, for a link to be easier to read than the structure itself.
_FEWEST_FIELDS = 2

Fields = Mapping[str, Any]


_AS_RESULT = "Its suboptions are the fields of RV({})."


class Shapes:
    """The structures documented in the homes of options or of results, to be linked from everywhere else.

    Args:
        inner: key under which the documentation of options, or of results, has the fields of a structure.
        sentence: the link to a structure, with a placeholder for its path.
        catalogue: names the homes.
    """

    def __init__(self, inner: str, sentence: str, catalogue: Catalogue) -> None:
        self._inner, self._sentence, self._catalogue = inner, sentence, catalogue
        self._homes: dict[str, tuple[str, str]] = {}

    def register(self, module: str, path: str, fields: Fields) -> None:
        """Remember the structures that one module documents for all others.

        Args:
            module: name of the module.
            path: path of the result, such as users[]; empty for options.
            fields: fields of the result, or the options.
        """
        tops = self._catalogue.homes.get(module, ())
        for place, value in self._structures(path, fields) if tops else ():
            if any(f"{place}.".replace("[]", "").startswith(f"{top}.".replace("[]", "")) for top in tops):
                self._homes.setdefault(self._shape(value), (module, place))

    def linked(self, module: str, path: str, fields: Fields) -> dict[str, Any]:
        """The fields of a result, or options, with links instead of structures that are documented elsewhere or before.

        A link always leads to a structure that is written out to its last field.

        Args:
            module: name of the module.
            path: path of the result, such as users[]; empty for options.
            fields: written out.
        """
        times = Counter(self._shape(value) for _, value in self._structures(path, fields))
        return self._linked(module, path, fields, times, {})

    def _linked(
        self, module: str, path: str, fields: Fields, times: Mapping[str, int], before: dict[str, str]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in fields.items():
            found[name] = value
            if self._inner not in value:
                continue
            shape, place = self._shape(value), _below(path, name)
            if result := self._catalogue.documented_as_results.get(f"{module}#{place}"):
                found[name] = self._link(value, f"threecx.xapi.{result.replace('#', '#module:')}", _AS_RESULT)
                continue
            home, there = self._homes.get(shape) or (module, before.get(shape))
            if home != module:
                found[name] = self._link(value, f"threecx.xapi.{home}#module:{there}")
            elif there not in (None, place):
                found[name] = self._link(value, str(there))
            elif there == place or times[shape] > 1:
                before[shape] = place
                for inner, structure in self._structures(_within(place, value), value[self._inner]):
                    before.setdefault(self._shape(structure), inner)
            else:
                inside = self._linked(module, _within(place, value), value[self._inner], times, before)
                found[name] = {**value, self._inner: inside}
        return found

    def _structures(self, path: str, fields: Fields) -> Iterator[tuple[str, Fields]]:
        """Each structure large enough to be linked, at any depth, with its path."""
        for name, value in fields.items():
            if self._inner in value:
                place = _below(path, name)
                if self._size(value) >= _FEWEST_FIELDS:
                    yield place, value
                yield from self._structures(_within(place, value), value[self._inner])

    def _size(self, value: Fields) -> int:
        return sum(1 + self._size(inner) for inner in value.get(self._inner, {}).values())

    def _shape(self, value: Fields) -> str:
        return json.dumps(value[self._inner])

    def _link(self, value: Fields, target: str, sentence: str = "") -> dict[str, Any]:
        """A structure without its fields, and a sentence that says where they are documented."""
        kept = {name: said for name, said in value.items() if name not in (self._inner, "sample")}
        return {**kept, "description": [*value["description"], (sentence or self._sentence).format(target)]}


def _below(path: str, name: str) -> str:
    return f"{path}.{name}" if path else name


def _within(place: str, value: Fields) -> str:
    return f"{place}[]" if value["type"] == "list" else place
