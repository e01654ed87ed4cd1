# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The action plugin that runs every module of the collection.

An API has no remote host, so a task needs no Python process: the engine runs in the worker process of the controller,
in a few milliseconds instead of a few hundred. Where the task wants to run elsewhere or otherwise, the very same module
is shipped there. Both ways give the same result.

meta/runtime.yml names this plugin as the action_plugin of each module. Had it routed them here by `action: redirect:`,
module_defaults would be looked up for what all of them are routed to, and each module would get those of the others.
An action plugin has to be called like a module, which documents it: this one is called like the one that can do
anything.
"""

from __future__ import annotations

import gc
import logging
import sys
from functools import cache
from importlib import import_module
from typing import Any

from ansible import constants as C
from ansible.errors import AnsibleError
from ansible.plugins.action import ActionBase
from ansible.utils.vars import merge_hash

from ..module_utils._library import MASK, PROBLEM, PbxError, Runner, clean_result, cleaner, masked, our_fault
from ..plugin_utils import _interpreter as interpreter
from ..plugin_utils import _source_files as source_files
from ..plugin_utils import _unreachable as unreachable
from ..plugin_utils._arguments import arguments_of, runner_of
from ..plugin_utils._plain import plain
from ..plugin_utils._validate import validate
from ..plugin_utils._written_numbers import texts_as_written

# With ANSIBLE_LOG_PATH everything any library logs goes to that file: a line for each request, with what was looked
# for.
for _library in ("httpx", "httpcore"):
    logging.getLogger(_library).setLevel(logging.WARNING)

_LOCAL = "ansible.plugins.connection.local"
_OWN = "threecx.xapi."
#: Key under which a task keeps its options while `args` is masked.
_OPTIONS = "_threecx_options"
_names: dict[tuple[str, ...], str] = {}


class ActionModule(ActionBase):  # type: ignore[misc]
    """Run a module of the collection here, or ship it to where the task has to run."""

    _supports_check_mode = True
    _supports_async = True
    _requires_connection = False

    def run(self, tmp: str | None = None, task_vars: dict[str, Any] | None = None) -> dict[str, Any]:
        """The result of the task, as the module itself would give it."""
        result: dict[str, Any] = super().run(tmp, task_vars)
        task_vars = task_vars or {}
        module = self._module_name()
        # The same task object is run again by `until`, and must not be sent what hides its credentials.
        options = self._task.__dict__.setdefault(_OPTIONS, self._task.args)
        if module.rpartition(".")[2] == source_files.MODULE:
            self._task.args = options = source_files.found_on_controller(self, options)
            if self._must_ship(task_vars) and (why := source_files.shipped_away(options, self._connection)):
                self._task.args = dict.fromkeys(options, MASK)
                return {**result, "failed": True, "msg": why}
        if PROBLEM is not None:
            return self._run_without_library(module, result, task_vars, options)
        runner, arguments = _known(module)
        try:
            self._task.args = texts_as_written(
                self._task, arguments["argument_spec"], getattr(runner, "description", None), options
            )
            if self._must_ship(task_vars):
                if type(self._connection).__module__ == _LOCAL:
                    self._task.args = source_files.in_current_directory(arguments["argument_spec"], self._task.args)
                shipped = self._ship(module, result, task_vars)
                return unreachable.reported(shipped, self._task, task_vars, self._templar)
            result.update(self._run_here(module, runner, arguments))
        except AnsibleError:
            raise
        except PbxError as failure:
            shown = masked(arguments["argument_spec"], plain(options))
            result.update(failure.result(None), invocation={"module_args": shown})
        except Exception as error:  # Ansible would show its text, which may repeat any option
            result.update(failed=True, msg=our_fault(error))
        finally:
            # Callbacks and the variable ansible_failed_task of a rescue show them.
            self._task.args = masked(arguments["argument_spec"], plain(options))
        if not _shows_invocation(task_vars):
            result.pop("invocation", None)
        return unreachable.reported(result, self._task, task_vars, self._templar)

    def _run_without_library(
        self, module: str, result: dict[str, Any], task_vars: dict[str, Any], options: dict[str, Any]
    ) -> dict[str, Any]:
        """Ship the module to a Python that may have the library; say what is missing where the task has to run here."""
        try:
            if self._must_ship(task_vars):
                return self._ship(module, result, task_vars)
            return {**result, "failed": True, "msg": PROBLEM}
        finally:
            self._task.args = dict.fromkeys(options, MASK)  # nobody can tell which of them are credentials

    def _module_name(self) -> str:
        """The full name of the module, however the task spells it. A loop asks for the same one each time."""
        if self._task.action.startswith(_OWN):  # to look it up is a third of a millisecond in each worker
            return str(self._task.action)
        spelled = (self._task.action, *(self._task.collections or ()))
        if spelled not in _names:
            context = self._shared_loader_obj.module_loader.find_plugin_with_context(
                self._task.action, collection_list=self._task.collections
            )
            _names[spelled] = str(context.resolved_fqcn if context.resolved else self._task.action)
        return _names[spelled]

    def _must_ship(self, task_vars: dict[str, Any]) -> bool:
        """Return whether the task has to run in a separate process, here or elsewhere."""
        if self._task.async_val or self._connection.become is not None or type(self._connection).__module__ != _LOCAL:
            return True
        environment: dict[str, Any] = {}
        self._compute_environment_string(environment)
        return bool(environment) or (PROBLEM is not None and self._other_interpreter(task_vars))

    def _other_interpreter(self, task_vars: dict[str, Any]) -> bool:
        """Whether the task names a Python that is not the controller's; that one may have the library."""
        if self._task.delegate_to:
            task_vars = task_vars.get("ansible_delegated_vars", {}).get(self._task.delegate_to, {})
        python = task_vars.get("ansible_python_interpreter")
        if not python:
            return False
        chosen = str(self._templar.template(python))
        return not chosen.startswith("auto") and chosen != sys.executable

    def _ship(self, module: str, result: dict[str, Any], task_vars: dict[str, Any]) -> dict[str, Any]:
        wrap_async = bool(self._task.async_val and not self._connection.has_native_async)
        if type(self._connection).__module__ == _LOCAL:
            task_vars = interpreter.of_controller(self._task, task_vars)
        shipped = self._execute_module(module_name=module, task_vars=task_vars, wrap_async=wrap_async)
        merged: dict[str, Any] = merge_hash(result, shipped)
        if not wrap_async:
            self._remove_tmp_path(self._connection._shell.tmpdir)
        return merged

    def _run_here(self, module: str, runner: Runner, arguments: dict[str, Any]) -> dict[str, Any]:
        checked = validate(module, arguments, plain(self._task.args))
        warnings = checked.warnings
        if checked.problem is not None:
            result: dict[str, Any] = {"failed": True, "msg": checked.problem}
        else:
            result, more = runner.perform(
                given=checked.given,
                validated=checked.params,
                check_mode=bool(self._task.check_mode),
                diff_mode=bool(self._task.diff),
            )
            warnings = warnings + more
        result["invocation"] = {"module_args": masked(arguments["argument_spec"], checked.params)}
        if warnings or result.get("failed"):
            clean = cleaner(checked.secrets, checked.public)
            clean_result(result, clean)
            if warnings:
                result["warnings"] = [clean(warning) for warning in warnings]
        if checked.deprecations:
            result["deprecations"] = checked.deprecations
        return result


def _shows_invocation(task_vars: dict[str, Any]) -> bool:
    """Whether results say what was asked for: since ansible-core 2.21 only where it is configured."""
    try:
        return bool(C.config.get_config_value("INJECT_INVOCATION", variables=task_vars))
    except AnsibleError:  # an older core, which always does
        return True


@cache
def _known(module: str) -> tuple[Runner, dict[str, Any]]:
    """Return the function that runs a module, and the arguments of its AnsibleModule."""
    runner = runner_of(module.rpartition(".")[2])
    return runner, arguments_of(runner)


def _prepare() -> None:
    """Do once, in the controller, what each worker would do first: a worker that is forked has it already."""
    import_module("pbx_as_code.preload").preload()
    import_module("pbx_as_code.engine.find.rehearsal").start()
    validate("threecx.xapi.threecx_fax", arguments_of(runner_of("threecx_fax")), {"number": "100", "state": "absent"})
    # A worker that collects garbage would otherwise copy every page of memory that it shares with the controller.
    gc.collect()
    gc.freeze()


if PROBLEM is None:
    _prepare()
