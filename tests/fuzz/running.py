"""Tasks as the action plugin runs them, without Ansible around them: a few milliseconds each."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any

from ansible_collection.plugins.plugin_utils._plain import plain
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.engine.options.redaction import clean_result, cleaner, masked
from pbx_as_code.engine.perform import Runner
from pbx_simulator import SimulatedPbx
from tests.descriptions import running
from tests.figures import record


@dataclass
class Result:
    """Result of a task, as displayed."""

    data: dict[str, Any]
    warnings: list[str]
    validated: bool = True
    """Whether the options were what the argument specification allows."""

    @property
    def failed(self) -> bool:
        return bool(self.data.get("failed"))

    @property
    def changed(self) -> bool:
        return bool(self.data.get("changed"))

    @property
    def msg(self) -> str:
        return str(self.data.get("msg"))


@dataclass
class Tasks:
    """Tasks on one PBX."""

    pbx: SimulatedPbx

    def __call__(self, name: str, options: Mapping[str, Any], *, check_mode: bool = False) -> Result:
        access = {
            "host": self.pbx.url,
            "api_client_id": self.pbx.client_id,
            "api_client_secret": self.pbx.client_secret,
        }
        return self.as_given(name, {**access, **options}, check_mode=check_mode)

    def as_given(self, name: str, options: Mapping[str, Any], *, check_mode: bool = False) -> Result:
        """The same with the connection options of the task's own."""
        record("inputs tried")
        runner, arguments = _known(name)
        given = plain(options)
        checked = validate(f"threecx.xapi.threecx_{name}", arguments, given)
        if checked.problem is not None:
            return Result({"failed": True, "msg": checked.problem}, [], False)
        result, warnings = runner.perform(
            given=checked.given, validated=checked.params, check_mode=check_mode, diff_mode=True
        )
        clean = cleaner(checked.secrets, checked.public)
        clean_result(result, clean)
        masked(arguments["argument_spec"], checked.params)
        return Result(result, [clean(warning) for warning in warnings])


@cache
def _known(name: str) -> tuple[Runner, dict[str, Any]]:
    return running(f"threecx_{name}")
