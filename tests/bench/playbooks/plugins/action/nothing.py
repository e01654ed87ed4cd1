"""An action that does nothing: the least that a task of a collection can cost."""

from __future__ import annotations

from typing import Any

from ansible.plugins.action import ActionBase


class ActionModule(ActionBase):  # type: ignore[misc]
    """Ends at once."""

    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """Return an empty result."""
        return {**super().run(tmp, task_vars), "changed": False}
