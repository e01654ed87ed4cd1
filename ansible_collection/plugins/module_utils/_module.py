# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running as a module: in a Python of its own, wherever the connection leads."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ansible_collection.plugins.module_utils._library import MISSING
from pbx_as_code.description import Description
from pbx_as_code.engine.options.invalid_values import unfit
from pbx_as_code.engine.options.masking import masked, public_texts, secret_texts
from pbx_as_code.engine.options.misplaced_credentials import mistaken
from pbx_as_code.engine.options.option_specs import without_nulls
from pbx_as_code.engine.report.redaction import clean_result, cleaner
from pbx_as_code.engine.runner import EntityRunner, Runner
from pbx_as_code.engine.task import our_fault


class _Module(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule that tells credentials by the option, and remembers what was given before defaults are filled in."""

    params: dict[str, Any]
    no_log_values: set[str]
    given: dict[str, Any]
    problems: dict[str, str]
    """Options that were taken out, because nothing could be done with them, each with what is wrong."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        self.given, self.problems, self._secrets = {}, {}, set[str]()
        self.params = {}
        try:
            super().__init__(**runner.arguments())
        except Exception as error:  # its text may repeat any option
            self.fail_json(our_fault(error))

    def _load_params(self) -> None:
        super()._load_params()
        self.problems = unfit(self.argument_spec, self.params)
        given = {name: value for name, value in self.params.items() if not name.startswith("_ansible_")}
        self._secrets = secret_texts(self.argument_spec, given) | mistaken(self.argument_spec, given)
        self.params = {name: value for name, value in self.params.items() if name not in self.problems}
        self.given = deepcopy({name: value for name, value in given.items() if name not in self.problems})
        self.params = without_nulls(self.argument_spec, self.params)

    def _log_invocation(self) -> None:
        """Log the options without their credentials. Ansible would search them for values, and miss what it has to escape."""
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
        super().exit_json(**kwargs)

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """End with a failure; what nothing could be done with comes first: Ansible may miss what was taken out of its sight."""
        failed = {**kwargs, "failed": True, "msg": next(iter(self.problems.values()), msg)}
        clean_result(failed, self.clean)
        self._show_options(failed)
        super().fail_json(**failed)

    def _show_options(self, result: dict[str, Any]) -> None:
        """Say what was asked for, as AnsibleModule would, and keep it from replacing values in the result."""
        result["invocation"] = {"module_args": masked(self.argument_spec, self.params)}
        self.no_log_values = set()


def run(description: Description) -> None:
    """The module of an entity or of settings."""
    run_task(EntityRunner(description, info=False))


def run_info(description: Description) -> None:
    """The _info module of an entity or of settings."""
    run_task(EntityRunner(description, info=True))


def missing_library(reason: str) -> str:
    """What to say where the client library is missing."""
    return f"{missing_required_lib('threecx-xapi')} ({reason})"


def run_task(runner: Runner) -> None:
    """The module of any runner."""
    module = _Module(runner)
    module.problems = module.problems or unfit(module.argument_spec, module.params)
    if module.problems:
        module.fail_json("")
    if MISSING is not None:
        module.fail_json(msg=missing_library(MISSING))
    result, warnings = runner.perform(
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
