"""Tasks without ansible-playbook: the options are validated and the engine runs, as in the action plugin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_simulator import SimulatedPbx
from tests.descriptions import running


@dataclass
class Result:
    """Result of a task."""

    data: dict[str, Any]
    warnings: list[str]

    def __getitem__(self, name: str) -> Any:
        # A failed task has changed nothing either, and must not pass for one that had nothing to do.
        assert name != "changed" or not self.data.get("failed"), f"failed: {self.data}"
        return self.data[name]

    @property
    def msg(self) -> str:
        assert self.data.get("failed"), f"did not fail: {self.data}"
        return str(self.data["msg"])


Task = Callable[..., Result]


def tasks_on(pbx: SimulatedPbx) -> Task:
    """Tasks on a PBX: ``tasks_on(pbx)("fax", number="800", state="absent")``; a name with _info reads."""

    def run(
        name: str,
        /,
        *,
        check_mode: bool = False,
        diff_mode: bool = True,
        signing_in: dict[str, Any] | None = None,
        **options: Any,
    ) -> Result:
        runner, arguments = running(f"threecx_{name}")
        access = {"host": pbx.url, "api_client_id": pbx.client_id, "api_client_secret": pbx.client_secret}
        if pbx.ca_path is not None:
            access["ca_path"] = str(pbx.ca_path)
        given = {**(access if signing_in is None else signing_in), **options}
        checked = validate(name, arguments, given)
        if checked.problem is not None:
            return Result({"failed": True, "msg": checked.problem, "refused by": "validation"}, [])
        return Result(
            *runner.perform(given=given, validated=checked.params, check_mode=check_mode, diff_mode=diff_mode)
        )

    return run
