# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The files of threecx_config, which are on the controller."""

from __future__ import annotations

import os
from collections.abc import Mapping
from typing import Any

from ansible.errors import AnsibleError

MODULE = "threecx_config"
OPTION = "src"


def found_on_controller(action: Any, options: Mapping[str, Any]) -> dict[str, Any]:
    """The options of a task, with an absolute path in the place of a relative one.

    It is searched as Ansible searches files: in the role, in the folder of the playbook, then in the current directory.

    Parameters:
        action: the action plugin of the task
        options: of the task
    """
    given = options.get(OPTION)
    if not isinstance(given, str) or not given:
        return dict(options)
    spelled = os.path.expanduser(os.path.expandvars(given))
    try:
        path = action._find_needle("files", spelled)
    except AnsibleError:
        path = os.path.abspath(spelled)  # where there is nothing either, the message names this
    return {**options, OPTION: path}


def shipped_away(options: Mapping[str, Any], connection: Any) -> str | None:
    """The reason why files of the controller cannot be used where a task runs; None if they can.

    Parameters:
        options: of the task
        connection: through which the module is shipped
    """
    if options.get(OPTION) is None or type(connection).__module__ == "ansible.plugins.connection.local":
        return None
    return (
        f"{OPTION}: these files are on the controller, and the task runs on another host, through the connection "
        f"{connection.transport}. Set delegate_to: localhost for this task, or connection: local; or give config "
        "instead. Nothing was sent."
    )
