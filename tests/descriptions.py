"""The descriptions and runners that the modules of the collection are about, by the modules' names."""

from __future__ import annotations

from functools import cache
from typing import Any

from ansible_collection.plugins.plugin_utils._arguments import arguments_of, runner_of
from pbx_as_code.engine.perform import Runner
from pbx_as_code.entities import of_module


def described(module: str) -> Any:
    """The description of a module's entity or settings; None for threecx_operation.

    Parameters:
        module: its name, such as threecx_user, or with the collection's name before it
    """
    found = of_module(module.rpartition(".")[2])
    return None if found is None else found[0]


@cache
def running(module: str) -> tuple[Runner, dict[str, Any]]:
    """Return the runner of a module and the arguments of its AnsibleModule."""
    runner = runner_of(module.rpartition(".")[2])
    return runner, arguments_of(runner)
