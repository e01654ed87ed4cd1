"""Former names of the connection options.

They were also names of properties: `timeout` of a digital receptionist is the menu's, `password` of a gateway is the
gateway's. Where a module has an option of that name, it is the entity's; everywhere else the task is refused with the
new name, as a setting that silently does nothing is worse.
"""

from __future__ import annotations

import os

#: The new name of each connection option by its former one.
RENAMED_OPTIONS = {
    "port": "host_port",
    "client_id": "api_client_id",
    "client_secret": "api_client_secret",
    "username": "login_username",
    "password": "login_password",
    "timeout": "request_timeout",
    "deadline": "task_deadline",
}
#: The same for variables of the environment. No entity has any, so most of them kept their names.
RENAMED_VARIABLES = {"THREECX_TIMEOUT": "THREECX_REQUEST_TIMEOUT", "THREECX_DEADLINE": "THREECX_TASK_DEADLINE"}


def renamed_variables_warnings() -> list[str]:
    """A warning for each variable of the environment whose former name is set and whose new name is not."""
    return [
        f"The environment variable {former} is ignored: it is called {new} now. Rename it."
        for former, new in RENAMED_VARIABLES.items()
        if former in os.environ and new not in os.environ
    ]
