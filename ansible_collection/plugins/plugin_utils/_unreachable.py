# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""A PBX that does not answer as an unreachable host, where a play asks for it and the host stands for the PBX.

Ansible drops an unreachable host from the rest of the run, past every rescue and always. So it is done only where the
host is the PBX's own entry in the inventory: with localhost, a delegated task or a loop over PBXs, the wrong host would
go.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from ansible import constants
from ansible.module_utils.parsing.convert_bool import boolean

VARIABLE = "threecx_unreachable"
"""Variable that asks for it, such as in the group_vars of the PBXs."""


def reported(result: dict[str, Any], task: Any, task_vars: Mapping[str, Any], templar: Any) -> dict[str, Any]:
    """The result of a task, as that of an unreachable host where that is asked for and fits.

    Parameters:
        result: of the task
        task: Ansible's task
        task_vars: its variables
        templar: resolves templates in them
    """
    if result.get("kind") != "unreachable" or not result.get("failed") or result.get("changed"):
        return result
    if task.delegate_to or task.loop or task.loop_with or task.until or task.async_val:
        return result
    if task_vars.get("inventory_hostname", "localhost") in constants.LOCALHOST:
        return result
    if not boolean(templar.template(task_vars.get(VARIABLE, False)), strict=False):
        return result
    return {**{name: value for name, value in result.items() if name != "failed"}, "unreachable": True}
