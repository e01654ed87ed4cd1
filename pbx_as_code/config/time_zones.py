"""Time zones in the section `pbx`: names of the IANA database, for whatever has to understand hours without a PBX."""

from __future__ import annotations

from typing import Final
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from pbx_as_code.config.nodes import Entries, Node, Problem, Scalar
from pbx_as_code.errors import MissingPackage

_ALWAYS_THERE: Final = "Europe/Berlin"


def is_zone(name: str) -> bool:
    """Whether this is the name of a time zone, such as Europe/Berlin.

    Raises:
        MissingPackage: the machine has no database of time zones, so no name is known
    """
    if _known(name):
        return True
    if name and not _known(_ALWAYS_THERE):
        raise MissingPackage("This machine has no database of time zones. Run: pip install tzdata")
    return False


def _known(name: str) -> bool:
    try:
        ZoneInfo(name)
    except (ValueError, OSError, ZoneInfoNotFoundError):
        return False
    return bool(name)


def time_zone(node: Node, problems: list[Problem]) -> str | None:
    """Name of one time zone; None if it is wrong, which is added to the problems."""
    if isinstance(node, Scalar) and is_zone(node.text):
        return node.text
    given = f"not {node.text}" if isinstance(node, Scalar) else "one value"
    problems.append(Problem(node.place, f"A time zone is a name such as Europe/Berlin or America/New_York, {given}."))
    return None


def time_zones(node: Node, problems: list[Problem]) -> dict[str, str]:
    """Names of time zones by department; whatever is wrong is added to the problems."""
    if not isinstance(node, Entries):
        problems.append(Problem(node.place, "pbx.time_zones is a structure: the time zone of each department."))
        return {}
    found = {name: time_zone(value, problems) for name, value in node.values.items()}
    return {name: zone for name, zone in found.items() if zone is not None}
