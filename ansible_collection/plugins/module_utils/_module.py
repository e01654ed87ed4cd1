# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Running as a module: in a Python of its own, wherever the connection leads."""

from __future__ import annotations

from copy import deepcopy
from typing import Any

from ansible.module_utils.basic import AnsibleModule, missing_required_lib

from ._description import Description
from ._library import MISSING
from ._mistaken import mistaken
from ._runner import EntityRunner, Runner
from ._spec import without_nulls
from ._unfit import unfit


class _Module(AnsibleModule):  # type: ignore[misc]
    """AnsibleModule that remembers what was given before defaults and nulls are filled in."""

    params: dict[str, Any]
    given: dict[str, Any]
    problems: dict[str, str]
    """Options that were taken out, because nothing could be done with them, each with what is wrong."""

    def __init__(self, runner: Runner) -> None:
        self.runner = runner
        super().__init__(**runner.arguments())

    def _load_params(self) -> None:
        super()._load_params()
        self.problems = unfit(self.argument_spec, self.params)
        self.params = {name: value for name, value in self.params.items() if name not in self.problems}
        self.given = deepcopy({k: v for k, v in self.params.items() if not k.startswith("_ansible_")})
        self.params = without_nulls(self.argument_spec, self.params)
        self.no_log_values.update(self.runner.secrets(self.given) | mistaken(self.argument_spec, self.given))

    def fail_json(self, msg: str, **kwargs: Any) -> None:
        """What nothing could be done with comes first: Ansible may miss what was taken out of its sight."""
        super().fail_json(next(iter(self.problems.values()), msg), **kwargs)


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
        module.warn(warning)
    if result.pop("failed", False):
        module.fail_json(**result)
    module.exit_json(**result)
