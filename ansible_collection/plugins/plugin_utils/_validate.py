# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Validate a task's arguments as AnsibleModule does, for a task that runs within the controller."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass, field
from typing import Any

from ansible.module_utils.common.arg_spec import ArgumentSpecValidator
from ansible.module_utils.errors import UnsupportedError

from ..module_utils._library import (
    invalid_values,
    misplaced_credentials,
    public_texts,
    secret_texts,
    unsupported_options,
    without_nulls,
)


@dataclass
class Validated:
    """The options of a task, checked and completed."""

    params: dict[str, Any] = field(repr=False)
    given: dict[str, Any] = field(repr=False)
    """As they were written, without those that nothing can be done with."""
    spec: Mapping[str, Any] = field(repr=False)
    """The options there are."""
    written: Mapping[str, Any] = field(repr=False)
    """The options as they were written."""
    problem: str | None = None
    """Return the first error in the options, worded as AnsibleModule words it; None if there is none."""
    warnings: list[str] = field(default_factory=list)
    deprecations: list[dict[str, Any]] = field(default_factory=list)

    @property
    def secrets(self) -> set[str]:
        """The credentials among the options; no message may repeat them."""
        secrets = secret_texts(self.spec, self.written) | secret_texts(self.spec, self.params)
        return secrets | misplaced_credentials(self.spec, self.params)

    @property
    def public(self) -> set[str]:
        """Words that stay readable in messages, even if they contain a credential."""
        return public_texts(self.spec, self.params)


def validate(module: str, arguments: Mapping[str, Any], given: Mapping[str, Any]) -> Validated:
    """Check the options of a task as AnsibleModule would.

    Parameters:
        module: its full name, for the message about unknown options
        arguments: the keyword arguments of AnsibleModule
        given: the options as they were written, plain
    """
    rules = {name: rule for name, rule in arguments.items() if name not in ("argument_spec", "supports_check_mode")}
    spec = arguments["argument_spec"]
    problems = invalid_values(spec, given)
    kept = {name: value for name, value in given.items() if name not in problems}
    params = without_nulls(spec, deepcopy(kept))
    # Not the ModuleArgumentSpecValidator: it puts warnings where only a module's process would find them again.
    found = ArgumentSpecValidator(spec, **rules).validate(params)
    params.update(found.validated_parameters)
    problem = next(iter((problems or invalid_values(spec, params)).values()), None)
    if problem is None and found.errors.errors:
        problem = found.errors.msg
        if isinstance(found.errors.errors[0], UnsupportedError):
            problem = f"Unsupported parameters for ({module}) module: {unsupported_options(spec, given) or problem}"
    return Validated(
        params,
        kept,
        spec,
        given,
        problem,
        [f"Both option {both['option']} and its alias {both['alias']} are set." for both in found._warnings],
        list(found._deprecations),
    )
