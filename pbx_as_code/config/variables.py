"""Variables in values: Jinja expressions of a kind whose work is bounded.

The sandbox of Jinja bounds what an expression reaches, not how long it runs: {{ "%0999999999d" % 1 }} takes minutes. So
an expression is looked at before it runs, and only what cannot grow is let through: names, attributes, indexes,
comparisons, conditions, + - ~, and a few filters. There are no statements and no calls.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from functools import lru_cache
from graphlib import CycleError, TopologicalSorter
from typing import Any, Final

from pbx_as_code.config.nodes import Entries, Items, Marker, Node, Problem, Removal, Scalar
from pbx_as_code.extras import extra
from pbx_as_code.suggestions import either, nearest_names

VARIABLES: Final = ("vars.yml", "vars.yaml")
"""The file of the variables, at the top of the directory."""
FILTERS: Final = frozenset({"default", "first", "int", "last", "length", "lower", "string", "title", "trim", "upper"})
"""Filters allowed in an expression."""
LONGEST: Final = 2000
"""Characters of a value with expressions."""
LONGEST_RESULT: Final = 100_000
"""Characters of a value after its expressions are evaluated."""
MOST_RENDERED: Final = 100_000_000
"""Characters of all results together."""
_EXPRESSION: Final = re.compile(r"\{[{%].*?[%}]\}", re.DOTALL)
_WORD: Final = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
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


class _NullError(Exception):
    """An expression whose value is null."""


def variables_of(root: Entries, problems: list[Problem]) -> Variables:
    """The variables that a file of them defines: texts, null, lists and structures, which may refer to each other.

    Parameters:
        root: of the file
        problems: filled with what is wrong; variables that refer to each other in a circle are one problem
    """
    variables = Variables({})
    for name in _in_order(root, problems):
        variables.render(root.values[name], problems)
        variables.define(name, _plain(root.values[name], problems))
    return variables


def _in_order(root: Entries, problems: list[Problem]) -> list[str]:
    """Names of the variables, each after those it refers to."""
    needed = {name: _names_in(node) & root.values.keys() for name, node in root.values.items()}
    try:
        return list(TopologicalSorter(needed).static_order())
    except CycleError as error:
        circle = error.args[1]
        names = " -> ".join(reversed(circle))
        problems.append(Problem(root.keys[circle[0]], f"These variables refer to each other in a circle: {names}."))
        return []


def _names_in(node: Node) -> set[str]:
    """Names that may be variables in the expressions of a node."""
    found: set[str] = set()
    waiting, seen = [node], set()
    while waiting:
        one = waiting.pop()
        if isinstance(one, Scalar):
            for expression in () if one.verbatim else _EXPRESSION.findall(one.text[:LONGEST]):
                found.update(_WORD.findall(expression))
        elif not isinstance(one, Marker | Removal) and id(one) not in seen:  # an alias: looked at already
            seen.add(id(one))
            waiting.extend(one.values if isinstance(one, Items) else one.values.values())
    return found


def _plain(node: Node, problems: list[Problem]) -> Any:
    if isinstance(node, Scalar):
        return None if node.is_null else node.text
    if isinstance(node, Marker):
        problems.append(
            Problem(
                node.place, "A secret cannot be a variable. Write the marker at the option that holds the credential."
            )
        )
        return ""
    if isinstance(node, Removal):  # only in files of which each value may be removed
        return ""
    if isinstance(node, Items):
        return [_plain(one, problems) for one in node.values]
    return {name: _plain(one, problems) for name, one in node.values.items()}


class Variables:
    """The variables of one configuration."""

    def __init__(self, values: Mapping[str, Any]) -> None:
        self._values = dict(values)
        self._left = MOST_RENDERED

    def define(self, name: str, value: Any) -> None:
        """Add a variable."""
        self._values[name] = value

    def render(self, node: Node, problems: list[Problem]) -> None:
        """Replace every expression in a node by its value; places stay.

        A plain value with an expression stays one, so the option's description decides what the result is. A value that
        is one expression is null if that is.
        """
        self._render(node, problems, set())

    def _render(self, node: Node, problems: list[Problem], seen: set[int]) -> None:
        if isinstance(node, Scalar):
            if (
                not node.verbatim
                and node.source is None
                and ("{{" in node.text or "{%" in node.text or "{#" in node.text)
            ):
                node.source = node.text
                try:
                    rendered = self._text(node.text)
                except _RefusedError as error:
                    problems.append(Problem(node.place, str(error)))
                    rendered = ""
                node.plain = node.plain or rendered is None
                node.text = rendered or ""
            return
        if isinstance(node, Marker | Removal) or id(node) in seen:  # an alias: rendered already
            return
        seen.add(id(node))
        for one in node.values if isinstance(node, Items) else node.values.values():
            self._render(one, problems, seen)

    def _text(self, text: str) -> str | None:
        name = _NAME.fullmatch(text)
        if name is not None:
            if name[1] not in self._values:
                raise _RefusedError(f"There is no variable {name[1]} in vars.yml.{_near(name[1], self._values)}")
            value = self._values[name[1]]
            if value is None:
                return None
            if not isinstance(value, str):
                raise _RefusedError(f"The variable {name[1]} is a list or a structure, not one value.")
            return self._counted(value)
        if len(text) > LONGEST:
            raise _RefusedError(f"A value with expressions has at most {LONGEST} characters.")
        rendered = _rendered(text, self._values)
        return None if rendered is None else self._counted(rendered)

    def _counted(self, rendered: str) -> str:
        if len(rendered) > LONGEST_RESULT:
            raise _RefusedError(f"The result of an expression has at most {LONGEST_RESULT} characters.")
        self._left -= len(rendered)
        if self._left < 0:
            raise _RefusedError(f"The expressions of all files make more than {MOST_RENDERED} characters.")
        return rendered


def _near(name: str, values: Mapping[str, Any]) -> str:
    near = nearest_names(name, values)
    return f" Did you mean {either(near)}?" if near else ""


def _rendered(text: str, values: Mapping[str, Any]) -> str | None:
    with extra("cli"):  # loaded where an expression needs it: it takes a quarter of the time of --help
        from jinja2 import TemplateError

    environment = _environment()
    try:
        tree = environment.parse(text)
        _check(tree)
        pieces, length = [], 0
        for piece in environment.from_string(tree).generate(values):
            length += len(piece)
            if length > LONGEST_RESULT:
                raise _RefusedError(f"The result of an expression has at most {LONGEST_RESULT} characters.")
            pieces.append(piece)
    except _NullError:
        if not _is_one_expression(tree):
            raise _RefusedError(
                "An expression is null. Only a value that is nothing but an expression can be."
            ) from None
        return None
    except TemplateError as error:
        raise _RefusedError(f"The expression failed: {str(error.message).rstrip('.')}.") from None
    except (RecursionError, MemoryError, SyntaxError):
        raise _RefusedError("The expression is nested too deep.") from None
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError) as error:
        raise _RefusedError(f"The expression failed: {str(error).rstrip('.')}.") from None
    return "".join(pieces)


def _is_one_expression(tree: Any) -> bool:
    """Whether a template consists of one expression."""
    return len(tree.body) == 1 and len(tree.body[0].nodes) == 1


def _one_value(value: Any) -> Any:
    """The value of an expression; a list or a structure is none."""
    from jinja2 import Undefined

    if value is None:
        raise _NullError
    if isinstance(value, Undefined):
        return str(value)  # raises: it is a strict one
    if isinstance(value, str | int | float):
        return value
    raise _RefusedError("The value of an expression is a text, a number or a truth value, nothing else.")


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

    class Environment(ImmutableSandboxedEnvironment):
        def getattr(self, obj: Any, attribute: str) -> Any:
            """The value of a structure, even if dict has a method of its name, such as `items`."""
            return obj[attribute] if isinstance(obj, dict) and attribute in obj else super().getattr(obj, attribute)

    environment = Environment(
        undefined=StrictUndefined, autoescape=False, keep_trailing_newline=True, finalize=_one_value
    )
    environment.globals.clear()  # range, cycler and the like
    return environment
