"""Objects as a plan found them: what is compared again before one of them is removed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, Final

from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.values import Secret

EMPTY: Final[tuple[Any, ...]] = (None, "", [], {}, "None")
"""Also the destination None, which a PBX puts in the place of an object that was removed."""


def as_found(kind: ConfigKind, row: Mapping[str, Any]) -> dict[str, Any]:
    """The options of an object that are not empty, without ids, state and credentials.

    Parameters:
        kind: of the object
        row: as `Pbx.everything` returns it
    """
    found = pruned(declared(kind, row))
    assert isinstance(found, dict)  # noqa: S101 a structure stays one
    return found


def pruned(value: Any) -> Any:
    """A value without what is empty, and without credentials."""
    if isinstance(value, Mapping):
        kept = ((option, pruned(inner)) for option, inner in value.items() if not isinstance(inner, Secret))
        return {option: inner for option, inner in kept if inner not in EMPTY}
    return [pruned(item) for item in value if not isinstance(item, Secret)] if isinstance(value, list) else value
