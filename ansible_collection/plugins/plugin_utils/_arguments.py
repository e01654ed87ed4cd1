# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The function that runs a module within the controller, and the arguments of its AnsibleModule: derived, so that no
module is imported.
"""

from __future__ import annotations

from typing import Any

from ..module_utils._library import EntityRunner, Runner, config_runner, of_module, operation_runner
from ..module_utils._module import with_connection


def runner_of(module: str) -> Runner:
    """Functions that run a module, by its short name, such as threecx_user_info."""
    if module == "threecx_config":
        return config_runner()
    found = of_module(module)
    return operation_runner() if found is None else EntityRunner(*found)


def arguments_of(runner: Runner) -> dict[str, Any]:
    """The keyword arguments of AnsibleModule, the connection options included."""
    return with_connection(runner.arguments())
