"""The rules of removal and the undeclared names that stand in the section `pbx` of the files."""

from __future__ import annotations

from typing import Any, Final

from pbx_as_code.config.nodes import Entries, Items, Node, Problem, Scalar
from pbx_as_code.config.selection import Selection
from pbx_as_code.config.spelling import unknown
from pbx_as_code.errors import PbxError

REMOVAL: Final = ("none", "owned")
LIMITS: Final = ("objects", "percent")
_HIGHEST: Final = {"objects": 1_000_000, "percent": 100}


def rule(name: str, node: Node, problems: list[Problem]) -> Any:
    """The value of a rule; what is wrong with it is added to the problems.

    Parameters:
        name: removal, prune, limits or undeclared
        node: as it was written
        problems: of the files
    """
    if name == "removal":
        return _removal(node, problems)
    if name == "undeclared":
        return _undeclared(node, problems)
    return _prune(node, problems) if name == "prune" else limits(node, "pbx.limits", problems)


def _removal(node: Node, problems: list[Problem]) -> str:
    text = node.text if isinstance(node, Scalar) else "a structure"
    if text not in REMOVAL:
        problems.append(Problem(node.place, unknown("choice for pbx.removal", text, REMOVAL)))
    return text


def _undeclared(node: Node, problems: list[Problem]) -> list[str]:
    names = []
    for item in node.values if isinstance(node, Items) else [node]:
        if isinstance(item, Scalar):
            names.append(item.text)
        else:
            problems.append(Problem(item.place, "Each of pbx.undeclared is a name or a number."))
    return names


def _prune(node: Node, problems: list[Problem]) -> list[str]:
    patterns = []
    for item in node.values if isinstance(node, Items) else [node]:
        if not isinstance(item, Scalar):
            problems.append(Problem(item.place, "Each of pbx.prune is KIND, KIND:NAME or department:NAME."))
            continue
        try:
            Selection((item.text,))
        except PbxError as failure:
            problems.append(Problem(item.place, f"pbx.prune: {failure}"))
        patterns.append(item.text)
    return patterns


def limits(node: Node, where: str, problems: list[Problem]) -> dict[str, int]:
    """Read the limits on removals, objects and percent; add what is wrong with them to the problems.

    Parameters:
        node: as they were written
        where: they stand, such as pbx.limits
        problems: of the files
    """
    if not isinstance(node, Entries):
        problems.append(Problem(node.place, f"{where} needs a structure with {' and '.join(LIMITS)}."))
        return {}
    found = {}
    for option, value in node.values.items():
        if option not in LIMITS:
            problems.append(Problem(node.keys[option], unknown("limit", option, LIMITS)))
            continue
        text = value.text if isinstance(value, Scalar) else ""
        if not (text.isascii() and text.isdigit() and int(text) <= _HIGHEST[option]):
            message = f"{where}.{option} is a whole number from 0 to {_HIGHEST[option]}."
            problems.append(Problem(value.place, message))
            continue
        found[option] = int(text)
    return found
