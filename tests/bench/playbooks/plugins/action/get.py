"""An action that sends one GET by httpx: the least that a task which asks a PBX can cost."""

from __future__ import annotations

import os
from typing import Any

import httpcore  # noqa: F401 httpx imports it with the first request, which each worker would otherwise do
import httpx
from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Looks a fax up."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return the status of the answer."""
        headers, number = {"Authorization": f"Bearer {os.environ['BENCH_TOKEN']}"}, self._task.args["number"]
        with httpx.Client(headers=headers, verify=False) as http:
            found = http.get(os.environ["THREECX_HOST"] + "/xapi/v1/Fax", params={"$filter": f"Number eq '{number}'"})
        return {**super().run(tmp, task_vars), "changed": False, "status": found.status_code}
