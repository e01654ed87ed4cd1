"""Tasks without ansible-playbook, as in the action plugin."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.engine.perform import Runner
from tests.descriptions import running


@dataclass
class Result:
    """Result of a task."""

    data: dict[str, Any]
    warnings: list[str]


def runner_of(name: str) -> Runner:
    """Return the runner of a module, by its name without threecx_."""
    return running(f"threecx_{name}")[0]


def run(name: str, /, *, check_mode: bool = False, diff_mode: bool = True, **options: Any) -> Result:
    """One task of a module."""
    runner, arguments = running(f"threecx_{name}")
    checked = validate(name, arguments, options)
    if checked.problem is not None:
        return Result({"failed": True, "msg": checked.problem}, [])
    return Result(*runner.perform(given=options, validated=checked.params, check_mode=check_mode, diff_mode=diff_mode))


def task_options(client_arguments: dict[str, Any]) -> dict[str, Any]:
    """The connection options of a task that connects as a client with these arguments does."""
    return {f"api_{name}" if name.startswith("client_") else name: value for name, value in client_arguments.items()}
