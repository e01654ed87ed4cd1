"""Structures that several results have in common: documented in one place, linked from the others."""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import Any

#: Where a structure is documented that several modules return: name of the _info module, path of the result in it.
HOMES = (
    ("threecx_user_info", "users[].groups"),
    ("threecx_group_info", "groups[].office_route"),
    ("threecx_group_info", "groups[].hours"),
    ("threecx_backup_repository_settings_info", "backup_repository_settings.location"),
    ("threecx_backup_settings_info", "backup_settings.schedule"),
)
#: Fields that a structure has at least, at any depth, for a link to be easier to read than the structure itself.
_FEWEST_FIELDS = 3


Fields = Mapping[str, Any]


class Shapes:
    """The structures documented in HOMES, to be linked from everywhere else."""

    def __init__(self) -> None:
        """Know no structure yet."""
        self._homes: dict[str, tuple[str, str]] = {}

    def register(self, module: str, path: str, contains: Fields) -> None:
        """Remember the structures that one module documents for all others.

        Args:
            module: name of the _info module.
            path: path of the result, such as users[].
            contains: fields of the result.
        """
        tops = [place for home, place in HOMES if home == module]
        for place, value in _structures(path, contains):
            if any(f"{place}.".replace("[]", "").startswith(f"{top}.".replace("[]", "")) for top in tops):
                self._homes.setdefault(_shape(value), (module, place))

    def linked(self, module: str, path: str, contains: Fields) -> dict[str, Any]:
        """The fields of a result, with links instead of structures that are documented elsewhere or before.

        A link always leads to a structure that is written out to its last field.

        Args:
            module: name of the _info module.
            path: path of the result, such as users[].
            contains: fields of the result, written out.
        """
        times = Counter(_shape(value) for _, value in _structures(path, contains))
        return self._linked(module, path, contains, times, {})

    def _linked(
        self, module: str, path: str, contains: Fields, times: Mapping[str, int], before: dict[str, str]
    ) -> dict[str, Any]:
        found: dict[str, Any] = {}
        for name, value in contains.items():
            found[name] = value
            if "contains" not in value:
                continue
            shape, place = _shape(value), f"{path}.{name}"
            home, there = self._homes.get(shape, (module, before.get(shape)))
            if home != module:
                found[name] = _link(value, f"threecx.xapi.{home}#module:{there}")
            elif there not in (None, place):
                found[name] = _link(value, str(there))
            elif there == place or times[shape] > 1:
                before[shape] = place
                for inner, structure in _structures(_within(place, value), value["contains"]):
                    before.setdefault(_shape(structure), inner)
            else:
                fields = self._linked(module, _within(place, value), value["contains"], times, before)
                found[name] = {**value, "contains": fields}
        return found


def _structures(path: str, contains: Fields) -> Iterator[tuple[str, Fields]]:
    """Each structure large enough to be linked, at any depth, with its path."""
    for name, value in contains.items():
        if "contains" in value:
            place = f"{path}.{name}"
            if _size(value) >= _FEWEST_FIELDS:
                yield place, value
            yield from _structures(_within(place, value), value["contains"])


def _within(place: str, value: Fields) -> str:
    return f"{place}[]" if value["type"] == "list" else place


def _size(value: Fields) -> int:
    return sum(1 + _size(inner) for inner in value.get("contains", {}).values())


def _shape(value: Fields) -> str:
    return json.dumps(value["contains"])


def _link(value: Fields, target: str) -> dict[str, Any]:
    """A structure without its fields, and a sentence that says where they are documented."""
    kept = {name: said for name, said in value.items() if name not in ("contains", "sample")}
    return {**kept, "description": [*value["description"], f"Its fields are those of RV({target})."]}
