"""Variables in values: Jinja expressions of a kind whose work is bounded.

The sandbox of Jinja bounds what an expression reaches, not how long it runs: {{ "%0999999999d" % 1 }} takes minutes. So
an expression is looked at before it runs, and only what cannot grow is let through: names, attributes, indexes,
comparisons, conditions, + - ~, and a few filters. There are no statements and no calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from typing import Any, Final

from pbx_as_code.config.nodes import Entries, Items, Marker, Node, Problem, Scalar

VARIABLES: Final = ("vars.yml", "vars.yaml")
"""The file of the variables, at the top of the directory."""
FILTERS: Final = frozenset({"default", "first", "int", "last", "length", "lower", "string", "title", "trim", "upper"})
"""Operators allowed in an expression."""
LONGEST: Final = 2000
"""Characters of a value with expressions."""
LONGEST_RESULT: Final = 100_000
"""Characters of a value after its expressions are evaluated."""
_NAME: Final = re.compile(r"\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}")
_NODES: Final = frozenset(
    {
        "Add", "And", "Compare", "Concat", "CondExpr", "Const", "Filter", "Getattr", "Getitem", "Name", "Neg",
        "Not", "Operand", "Or", "Output", "Sub", "Template", "TemplateData", "Test",
    }
)  # fmt: skip
_TESTS: Final = frozenset({"defined", "none", "undefined"})


class _RefusedError(Exception):
    """An expression that is not let through, or fails."""


def variables_of(root: Entries, problems: list[Problem]) -> Variables:
    """The variables that a file of them defines; texts, lists and structures of texts."""
    return Variables({name: _plain(node, problems) for name, node in root.values.items()})


def _plain(node: Node, problems: list[Problem]) -> Any:
    if isinstance(node, Scalar):
        return node.text
    if isinstance(node, Marker):
        problems.append(Problem(node.place, "A secret is no variable. Write the marker where the credential belongs."))
        return ""
    if isinstance(node, Items):
        return [_plain(one, problems) for one in node.values]
    return {name: _plain(one, problems) for name, one in node.values.items()}


class Variables:
    """The variables of one configuration."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = values

    def render(self, node: Node, problems: list[Problem]) -> None:
        """Replace every expression in a node by its value; places stay.

        A plain value with an expression stays one, so the option's description decides what the result is.
        """
        self._render(node, problems, set())

    def _render(self, node: Node, problems: list[Problem], seen: set[int]) -> None:
        if isinstance(node, Scalar):
            if not node.verbatim and ("{{" in node.text or "{%" in node.text or "{#" in node.text):
                try:
                    node.text = self._text(node.text)
                except _RefusedError as error:
                    problems.append(Problem(node.place, str(error)))
                    node.text = ""
            return
        if isinstance(node, Marker) or id(node) in seen:  # an alias stands for a node that was rendered already
            return
        seen.add(id(node))
        for one in node.values if isinstance(node, Items) else node.values.values():
            self._render(one, problems, seen)

    def _text(self, text: str) -> str:
        name = _NAME.fullmatch(text)
        if name is not None:
            if name[1] not in self._values:
                raise _RefusedError(f"There is no variable {name[1]} in vars.yml.")
            value = self._values[name[1]]
            if not isinstance(value, str):
                raise _RefusedError(f"The variable {name[1]} is a list or a structure, not one value.")
            return value
        if len(text) > LONGEST:
            raise _RefusedError(f"A value with expressions has at most {LONGEST} characters.")
        rendered = _rendered(text, self._values)
        if len(rendered) > LONGEST_RESULT:
            raise _RefusedError(f"The result of an expression has at most {LONGEST_RESULT} characters.")
        return rendered


def _rendered(text: str, values: Mapping[str, Any]) -> str:
    from jinja2 import TemplateError  # loaded where an expression needs it: it takes a quarter of the time of --help

    environment = _environment()
    try:
        tree = environment.parse(text)
        _check(tree)
        rendered: str = environment.from_string(tree).render(values)
    except TemplateError as error:
        raise _RefusedError(f"The expression fails: {error.message}.") from None
    except (ArithmeticError, LookupError, TypeError, ValueError, RecursionError) as error:
        raise _RefusedError(f"The expression fails: {error}.") from None
    return rendered


def _check(tree: Any) -> None:
    waiting = [tree]
    while waiting:
        node = waiting.pop()
        name = type(node).__name__
        if name not in _NODES:
            raise _RefusedError(
                f"An expression has no {name.lower()} here: no statements, calls or arithmetic but + and -."
            )
        if name == "Filter" and node.name not in FILTERS:
            raise _RefusedError(f"There is no filter {node.name} here; there are {', '.join(sorted(FILTERS))}.")
        if name == "Test" and node.name not in _TESTS:
            raise _RefusedError(f"There is no test {node.name} here; there are {', '.join(sorted(_TESTS))}.")
        waiting.extend(node.iter_child_nodes())


@lru_cache(maxsize=1)
def _environment() -> Any:
    from jinja2 import StrictUndefined
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    return ImmutableSandboxedEnvironment(undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True)
