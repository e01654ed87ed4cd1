"""Run a module, for both its callers: the action plugin in the controller, and AnsibleModule elsewhere."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Protocol

from pbx_as_code.description import Description
from pbx_as_code.engine.options.option_specs import argument_spec, info_argument_spec
from pbx_as_code.engine.perform import perform


class Runner(Protocol):
    """One module: what it takes and what it does. A module that is not one of an entity names its own as RUNNER."""

    def arguments(self) -> dict[str, Any]:
        """The keyword arguments of AnsibleModule."""

    def perform(
        self, *, given: Mapping[str, Any], validated: Mapping[str, Any], check_mode: bool, diff_mode: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """Do what a task says; its result and its warnings. Parameters are those of perform.perform."""


@dataclass(frozen=True)
class EntityRunner:
    """The module of an entity or of settings, or its _info module."""

    description: Description
    info: bool

    def arguments(self) -> dict[str, Any]:
        """See Runner."""
        return (info_argument_spec if self.info else argument_spec)(self.description)

    def perform(
        self, *, given: Mapping[str, Any], validated: Mapping[str, Any], check_mode: bool, diff_mode: bool
    ) -> tuple[dict[str, Any], list[str]]:
        """See Runner."""
        return perform(
            self.description,
            info=self.info,
            given=given,
            validated=validated,
            check_mode=check_mode,
            diff_mode=diff_mode,
        )
