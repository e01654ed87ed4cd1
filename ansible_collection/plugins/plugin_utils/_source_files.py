# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of threecx_config, which are on the controller."""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

MODULE = "threecx_config"
OPTION = "src"
PLAN = "plan"
HOME = "home"
_RELATIVE = re.compile(r"[^/~$]")
"""A path that neither is absolute nor becomes so in the process of the module."""


def found_on_controller(action: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a task, with absolute paths in the place of relative ones.

    The files are searched as Ansible searches files: in the role, in the folder of the playbook, then in the current
    directory. A plan and a home are always in the current directory, so that one task finds what another has written.

    Parameters:
        action: the action plugin of the task
        options: of the task
    """
    found = dict(options)
    given = options.get(OPTION)
    if isinstance(given, list):
        found[OPTION] = [_found(action, one) for one in given]
    elif given is not None:
        found[OPTION] = _found(action, given)
    for option in (PLAN, HOME):
        if (path := _spelled(options.get(option))) is not None:
            found[option] = os.path.abspath(path)
    return found


def in_current_directory(spec: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a task that runs on the controller in a separate process, with absolute paths.

    Ansible starts such a process in the directory of the playbook, and all other tasks run in the current directory.

    Parameters:
        spec: the argument spec of the module
        options: of the task
    """
    return {
        name: os.path.abspath(value)
        if spec.get(name, {}).get("type") == "path" and isinstance(value, str) and _RELATIVE.match(value)
        else value
        for name, value in options.items()
    }


def _found(action: Any, given: Any) -> Any:
    """The absolute path of a layer; anything but a path stays, for the module to refuse."""
    path = _spelled(given)
    if path is None:
        return given
    try:
        return action._find_needle("files", path)
    except AnsibleError:
        return os.path.abspath(path)  # where there is nothing either, the message names this


def _spelled(path: Any) -> str | None:
    """A path of a task with the home directory and variables of the environment; None if it is none."""
    return os.path.expanduser(os.path.expandvars(path)) if isinstance(path, str) and path else None


def shipped_away(options: Mapping[str, Any], connection: Any) -> str | None:
    """The reason why files of the controller cannot be used where a task runs; None if they can.

    Parameters:
        options: of the task
        connection: through which the module is shipped
    """
    option = next((one for one in (OPTION, PLAN) if options.get(one) is not None), None)
    if option is None or type(connection).__module__ == "ansible.plugins.connection.local":
        return None
    what, instead = ("these files are", "; or give config instead") if option == OPTION else ("the plan is", "")
    return (
        f"{option}: {what} on the controller, and the task runs on another host, through the connection "
        f"{connection.transport}. Set delegate_to: localhost for this task, or connection: local{instead}. "
        "Nothing was sent."
    )
