"""Markers in the place of credentials."""

from __future__ import annotations

from typing import Any, Final

from pbx_as_code.config.configuration import identity_of
from pbx_as_code.config.exporting.filing import slug
from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.values import Secret

_PBX_MAKES_UP: Final = frozenset({"fax", "sbc", "user"})
"""Kinds whose credentials the PBX makes up for a new object: no marker asks for them."""


def places_markers(kind: ConfigKind) -> bool:
    """Whether `mark_secrets` puts a marker where nothing was read."""
    return bool(kind.secrets) and kind.name not in _PBX_MAKES_UP


def mark_secrets(kind: ConfigKind, one: dict[str, Any], names: set[str]) -> None:
    """Put a marker wherever a credential is or may be, each with a name that no other has.

    Parameters:
        kind: of the object
        one: the object, which is changed
        names: those that are taken, which are added to
    """
    places = places_markers(kind)
    paths = [path for path in kind.secret_paths if places or one.get(path[0])]
    if not paths:
        return
    named = "_".join(str(part) for part in identity_of(kind, one) if part is not None)
    prefix = slug(f"{kind.name}_{named}" if named else kind.name, "_")
    for path in paths if places else ():
        _place_marker(one, path)
    for path in paths:
        _name_markers(one, path, prefix, names)


def _place_marker(structure: Any, path: list[str]) -> None:
    if isinstance(structure, list):
        for item in structure:
            _place_marker(item, path)
    elif isinstance(structure, dict):
        if len(path) > 1:
            _place_marker(structure.get(path[0]), path[1:])
        elif path[0] not in structure:
            structure[path[0]] = Secret("")


def _name_markers(structure: Any, path: list[str], name: str, names: set[str]) -> None:
    """Name the markers along a path; nothing else of an object is looked at."""
    if isinstance(structure, list):
        for number, item in enumerate(structure, 1):
            _name_markers(item, path, f"{name}_{number}", names)
    elif isinstance(structure, dict) and path[0] in structure:
        held = structure[path[0]]
        if isinstance(held, Secret):
            structure[path[0]] = Secret(_untaken(f"{name}_{path[0]}", names)) if not held.name else held
        elif len(path) > 1:
            _name_markers(held, path[1:], f"{name}_{path[0]}", names)


def _untaken(name: str, names: set[str]) -> str:
    """The name, with a number behind it where another credential has it: A-B and A_B have one slug."""
    found, number = name, 2
    while found in names:
        found, number = f"{name}_{number}", number + 1
    names.add(found)
    return found
