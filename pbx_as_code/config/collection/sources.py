"""Checks of the paths of a task and of the files in them. An empty path, such as that of an unset variable, and files
without any declaration would otherwise be reported as a PBX without drift."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, Final

from pbx_as_code.engine.report.failures import refused

if TYPE_CHECKING:
    from pbx_as_code.config.configuration import Configuration

_PATHS: Final = {"src": "directory", "home": "directory", "dest": "directory", "plan": "file"}
"""Options that are paths, and what of."""


def check_paths(validated: Mapping[str, Any]) -> None:
    """Refuse empty paths, which would mean the current directory.

    Parameters:
        validated: options of the task

    Raises:
        BadOption: an option is empty, or a list with an empty item
    """
    for option, what in _PATHS.items():
        given = validated.get(option)
        if given is None:
            continue
        if not given or not all(given):
            raise refused(option, f"the path of a {what} is needed, and this is empty.")


def check_declarations(configuration: Configuration, validated: Mapping[str, Any]) -> None:
    """Refuse files that declare nothing: a checkout that failed must not pass as a PBX without drift.

    Parameters:
        configuration: of the files
        validated: options of the task. With consent to removals, files may have become empty.

    Raises:
        BadOption: no file declares anything
    """
    src = validated.get("src")
    consented = validated.get("removal") == "owned" or any(
        validated.get(option) for option in ("prune", "replace", "remove")
    )
    if src and configuration.declares_nothing and not consented:
        raise refused("src", f"no file in {' or '.join(src)} declares anything, so there is nothing to do.")
