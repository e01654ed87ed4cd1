# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Run as a module: in a separate Python process, on the host of the task's connection."""

from __future__ import annotations

import gc
from collections.abc import Callable, Mapping
from copy import deepcopy
from typing import Any

from ansible.module_utils.basic import AnsibleModule

from ._connection_options import connection_options
from ._library import (
    PROBLEM,
    EntityRunner,
    Runner,
    clean_result,
    cleaner,
    config_runner,
    description,
    invalid_values,
    masked,
    misplaced_credentials,
    operation_runner,
    our_fault,
    public_texts,
    secret_texts,
    unsupported_options,
    without_nulls,
)


class _Module(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule that tells credentials by the option, and remembers what was given before
    defaults are filled in.
    """

    params: dict[str, Any]
    no_log_values: set[str]
    given: dict[str, Any]
    problems: dict[str, str]
    """Options that were taken out, because nothing could be done with them, each with what is wrong."""

    def __init__(self, arguments: Mapping[str, Any]) -> None:
        self.given, self.problems, self._secrets = {}, {}, set[str]()
        self.params = {}
        try:
            super().__init__(**arguments)
        except Exception as error:  # its text may repeat any option
            if not hasattr(self, "cleanup_files"):  # it was not begun: ansible-test looks at the arguments alone
                raise
            self.fail_json(PROBLEM or our_fault(error))

    def _load_params(self) -> None:
        super()._load_params()
        if PROBLEM is not None:  # nobody can tell which options are credentials, so none is looked at
            self.params = {name: value for name, value in self.params.items() if name.startswith("_ansible_")}
            return
        self.problems = invalid_values(self.argument_spec, self.params)
        given = {name: value for name, value in self.params.items() if not name.startswith("_ansible_")}
        self._secrets = secret_texts(self.argument_spec, given) | misplaced_credentials(self.argument_spec, given)
        self.params = {name: value for name, value in self.params.items() if name not in self.problems}
        self.given = deepcopy({name: value for name, value in given.items() if name not in self.problems})
        self.params = without_nulls(self.argument_spec, self.params)

    def _log_invocation(self) -> None:
        """Log the options without their credentials. Ansible would search them for values, and miss what it has to
        escape.
        """
        if PROBLEM is not None:
            return
        params, values = self.params, self.no_log_values
        self.params, self.no_log_values = masked(self.argument_spec, params), set()
        try:
            super()._log_invocation()
        finally:
            self.params, self.no_log_values = params, values

    def clean(self, text: str) -> str:
        """A message without the credentials among the options."""
        secrets = self._secrets | secret_texts(self.argument_spec, self.params)
        return cleaner(secrets, public_texts(self.argument_spec, self.params))(text)

    def exit_json(self, **kwargs: Any) -> None:
        """End with a result from which the engine has left out the credentials by property."""
        self._show_options(kwargs)
        gc.freeze()  # the process ends: Python would look through every object once more, which takes 8 ms
        super().exit_json(**kwargs)

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """End with a failure; what nothing could be done with comes first: Ansible may miss what was taken out of its
        sight.
        """
        if PROBLEM is not None:
            super().fail_json(PROBLEM)
        failed = {**kwargs, "failed": True, "msg": next(iter(self.problems.values()), None) or self._explained(msg)}
        clean_result(failed, self.clean)
        self._show_options(failed)
        super().fail_json(**failed)

    def _explained(self, msg: str) -> str:
        """A message of AnsibleModule about unknown options, with the nearest names instead of all there are."""
        beginning = msg.partition(" module: ")[0]
        if not beginning.startswith("Unsupported parameters for"):
            return msg
        unknown = unsupported_options(self.argument_spec, self.given)
        return f"{beginning} module: {unknown}" if unknown else msg

    def _show_options(self, result: dict[str, Any]) -> None:
        """Say what was asked for, as AnsibleModule would, and keep it from replacing values in the result."""
        result["invocation"] = {"module_args": masked(self.argument_spec, self.params)}
        self.no_log_values = set()


def run(kind: str, arguments: Mapping[str, Any]) -> None:
    """The module of a kind of object or settings.

    Parameters:
        kind: its name in the library, such as user
        arguments: of AnsibleModule, without the connection options: what is documented. The library's, which count
            where it is installed, also accept what only the PBX fills, and know the suboptions of each link.
    """
    _run(arguments, lambda: EntityRunner(description(kind), info=False))


def run_info(kind: str, arguments: Mapping[str, Any]) -> None:
    """The _info module of a kind of object or settings; see run."""
    _run(arguments, lambda: EntityRunner(description(kind), info=True))


def run_operation(arguments: Mapping[str, Any]) -> None:
    """The module threecx_operation; see run."""
    _run(arguments, operation_runner)


def run_config(arguments: Mapping[str, Any]) -> None:
    """The module threecx_config; see run."""
    _run(arguments, config_runner)


def with_connection(arguments: Mapping[str, Any]) -> dict[str, Any]:
    """The arguments of AnsibleModule, the connection options included."""
    return {**arguments, "argument_spec": {**connection_options(), **arguments["argument_spec"]}}


def _run(arguments: Mapping[str, Any], runner: Callable[[], Runner]) -> None:
    if PROBLEM is not None:
        _Module(with_connection(arguments)).fail_json(PROBLEM)
        return
    found = runner()
    module = _Module(with_connection(found.arguments()))
    module.problems = module.problems or invalid_values(module.argument_spec, module.params)
    if module.problems:
        module.fail_json("")
    result, warnings = found.perform(
        given=module.given,
        validated=module.params,
        check_mode=module.check_mode,
        diff_mode=module._diff,
    )
    for warning in warnings:
        module.warn(module.clean(warning))
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
