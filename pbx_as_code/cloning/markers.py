"""Names of the markers of credentials: those made of an old number get the new one."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pbx_as_code.config.configuration import Definition, identity_of
from pbx_as_code.config.exporting.filing import slug
from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.values import Secret


def renamed_markers(pairs: Iterable[tuple[Definition, dict[str, Any]]]) -> dict[str, str]:
    """Rename markers that are named after their object, as an export names them; others stay.

    Parameters:
        pairs: objects of the source, and their new options, in which markers are changed

    Returns:
        new names by old ones, of all markers
    """
    found: dict[str, str] = {}
    taken: set[str] = set()
    for one, new in pairs:
        before, after = _prefix(one.kind, one.values), _prefix(one.kind, new)
        _rename(new, before, after, found, taken)
    return found


def _prefix(kind: ConfigKind, values: Mapping[str, Any]) -> str:
    """Beginning of the names of an object's markers, see export.mark_secrets."""
    named = "_".join(str(part) for part in identity_of(kind, values) if part is not None)
    return slug(f"{kind.name}_{named}" if named else kind.name, "_")


def _rename(structure: Any, before: str, after: str, found: dict[str, str], taken: set[str]) -> None:
    for key, value in list(structure.items()) if isinstance(structure, dict) else enumerate(structure):
        if isinstance(value, Secret):
            if value.name not in found:
                new = value.name
                if before != after and new.startswith(f"{before}_"):
                    new = after + new.removeprefix(before)
                while new in taken:
                    new += "_2"
                taken.add(new)
                found[value.name] = new
            structure[key] = Secret(found[value.name])
        elif isinstance(value, dict | list):
            _rename(value, before, after, found, taken)
