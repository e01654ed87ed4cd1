"""The rules of lint: each is a module in `rules` that registers one function."""

from __future__ import annotations

import importlib
import pkgutil
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, NamedTuple

from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.model.nodes import Path
from pbx_as_code.callflow.model.refs import Ref

if TYPE_CHECKING:
    from pbx_as_code.callflow.lint.context import Context


class Found(NamedTuple):
    """Statement of a rule about one object.

    Attributes:
        subject: the object
        message: one sentence
        path: option that is to blame; empty for the object as a whole
        level: other than that of the rule, if this one is better or worse
    """

    subject: Ref
    message: str
    path: Path = ()
    level: Level | None = None


Check = Callable[["Context"], Iterator[Found]]


@dataclass(frozen=True)
class Rule:
    """One rule.

    Attributes:
        id: for reports and for `# lint: ignore`
        level: of its findings
        title: the fault in a few words
        why: why it matters
        fix: what to do
        check: finds it
    """

    id: str
    level: Level
    title: str
    why: str
    fix: str
    check: Check


_RULES: dict[str, Rule] = {}


def rule(id_: str, level: Level, title: str, *, why: str, fix: str) -> Callable[[Check], Check]:
    """Register a function as a rule.

    Parameters:
        id_: of the rule
        level: of its findings
        title: the fault in a few words
        why: why it matters
        fix: what to do
    """

    def register(check: Check) -> Check:
        _RULES[id_] = Rule(id_, level, title, why, fix, check)
        return check

    return register


@cache
def all_rules() -> Mapping[str, Rule]:
    """Every rule by its id, in alphabetical order."""
    package = importlib.import_module("pbx_as_code.callflow.lint.rules")
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{package.__name__}.{module.name}")
    return dict(sorted(_RULES.items()))
