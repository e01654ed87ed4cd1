"""Tasks without ansible-playbook, as in the action plugin."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import import_module
from typing import Any

from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.engine.runner import EntityRunner, Runner


@dataclass
class Result:
    """What a task returned."""

    data: dict[str, Any]
    warnings: list[str]


def runner_of(name: str) -> Runner:
    """What runs a module, by its name without threecx_."""
    module = import_module(f"ansible_collection.plugins.modules.threecx_{name}")
    entity = getattr(module, "ENTITY", None)
    if entity is None:
        runner: Runner = module.RUNNER
        return runner
    return EntityRunner(entity, name != entity.name)


def run(name: str, /, *, check_mode: bool = False, diff_mode: bool = True, **options: Any) -> Result:
    """One task of a module."""
    runner = runner_of(name)
    checked = validate(name, runner.arguments(), options)
    if checked.problem is not None:
        return Result({"failed": True, "msg": checked.problem}, [])
    return Result(*runner.perform(given=options, validated=checked.params, check_mode=check_mode, diff_mode=diff_mode))


def task_options(client_arguments: dict[str, Any]) -> dict[str, Any]:
    """The connection options of a task that connects as a client with these arguments does."""
    return {f"api_{name}" if name.startswith("client_") else name: value for name, value in client_arguments.items()}
