"""Writes what every task returned, one JSON object a line, to the file named by RECORD_TO."""

from __future__ import annotations

import json
import os
import sys
from typing import Any

from ansible.plugins.callback import CallbackBase

DOCUMENTATION = """
name: record
type: aggregate
short_description: Record results
description: Record what every task returned.
"""


class CallbackModule(CallbackBase):  # type: ignore[misc]
    """The recorder of these tests."""

    CALLBACK_VERSION = 2.0
    CALLBACK_TYPE = "aggregate"
    CALLBACK_NAME = "record"
    CALLBACK_NEEDS_ENABLED = True

    def _write(self, what: dict[str, Any]) -> None:
        with open(os.environ["RECORD_TO"], "a", encoding="utf-8") as file:
            file.write(json.dumps(what, default=str) + "\n")

    def _record(self, outcome: str, result: Any) -> None:
        fields = {"task": result._task.get_name(), "host": result._host.get_name(), "outcome": outcome}
        if os.environ.get("RECORD_ACTIONS"):
            fields["action"] = result._task.action
        arguments = dict(result._task_fields.get("args") or {})
        self._write({**fields, "result": dict(result._result), "arguments": arguments})

    def v2_runner_on_ok(self, result: Any) -> None:
        self._record("ok", result)

    def v2_runner_on_failed(self, result: Any, ignore_errors: bool = False) -> None:
        self._record("failed", result)

    def v2_runner_on_skipped(self, result: Any) -> None:
        self._record("skipped", result)

    def v2_runner_on_unreachable(self, result: Any) -> None:
        self._record("unreachable", result)

    def v2_playbook_on_stats(self, stats: Any) -> None:
        # This runs in the process that all workers were forked from.
        self._write({"inherited": sorted({"httpcore", "httpx", "threecx_xapi"} & set(sys.modules))})
