# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The Python of a task that runs on the controller in a separate process, such as one with async.

For a host of an inventory, Ansible would look for a Python of the system, which lacks the library. For localhost it
takes the controller's, and so does this.
"""

from __future__ import annotations

import sys
from typing import Any

from ansible import constants

_VARIABLE = "ansible_python_interpreter"


def of_controller(task: Any, task_vars: dict[str, Any]) -> dict[str, Any]:
    """The variables of a task, with the controller's Python unless the host or the configuration names one.

    Parameters:
        task: Ansible's task, whose connection is the local one
        task_vars: its variables
    """
    delegated = task_vars.get("ansible_delegated_vars", {})
    variables = delegated.get(task.delegate_to, {}) if task.delegate_to else task_vars
    chosen = constants.config.get_config_value("INTERPRETER_PYTHON", variables=variables)
    if not str(chosen).startswith("auto"):
        return task_vars
    ours = {**variables, _VARIABLE: sys.executable}
    if task.delegate_to:
        return {**task_vars, "ansible_delegated_vars": {**delegated, task.delegate_to: ours}}
    return ours
