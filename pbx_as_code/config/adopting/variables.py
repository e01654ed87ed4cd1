"""Changing a variable in the place of the expressions that use it, if that changes nothing else."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any, Final

from pbx_as_code.config.adopting.intents import Links
from pbx_as_code.config.adopting.outcome import KEEP, Choices, Reason, Value
from pbx_as_code.config.adopting.targets import expressions
from pbx_as_code.config.exporting.emitter import scalar_text
from pbx_as_code.config.loader import Layer
from pbx_as_code.config.nodes import Entries, Node, Place, Scalar, within
from pbx_as_code.config.variables import VARIABLES

_VARIABLE: Final = re.compile(r"\{\{\s*([A-Za-z_]\w*(?:\.[A-Za-z_]\w*)*)\s*\}\}", re.ASCII)
_WORD: Final = re.compile(r"[A-Za-z_]\w*", re.ASCII)
_SHOWN: Final = 3  # places of other uses in one sentence

Name = tuple[str, ...]
"""A variable, or a value within one: ("site", "prefix")."""


@dataclass(frozen=True)
class Use:
    """A value that comes from an expression and differs on the PBX."""

    value: Value
    scalar: Scalar
    new: Any


@dataclass(frozen=True)
class VariableChange:
    """A new value of a variable, and the values that it changes."""

    layer: str
    name: Name
    new: Any
    values: tuple[Value, ...]
    container: Entries | None
    """Structure that has the old value; None if the layer does not define the variable yet."""
    links: Links


@dataclass(frozen=True)
class Refused:
    """A value that no change of a variable adopts."""

    value: Value
    reason: Reason
    why: str


def variable_of(scalar: Scalar) -> Name | None:
    """The variable that an expression consists of; None if it is more than that.

    Parameters:
        scalar: with its expression as `source`
    """
    found = _VARIABLE.fullmatch(scalar.source or "")
    return tuple(found[1].split(".")) if found is not None else None


def variable_changes(layers: list[Layer], uses: list[Use], choices: Choices) -> Iterator[VariableChange | Refused]:
    """The changes of variables that adopt the values of their uses.

    A variable changes only if all values that use it are to become the same one.

    Parameters:
        layers: loaded
        uses: of values that differ
        choices: decide whether a variable of a lower layer changes there or in the last layer
    """
    if not uses:
        return
    by_name: dict[Name, list[Use]] = defaultdict(list)
    for use in uses:
        name = variable_of(use.scalar)
        if name is None:
            yield Refused(use.value, Reason.UNCHANGEABLE, f"{use.scalar.source} is more than a variable")
        else:
            by_name[name].append(use)
    everything = [one for layer in layers for root in layer.roots.values() for one in expressions(root)]
    for name, listed in by_name.items():
        yield from _change(layers, everything, name, listed, choices)


def _change(
    layers: list[Layer], everything: list[Scalar], name: Name, uses: list[Use], choices: Choices
) -> Iterator[VariableChange | Refused]:
    why = _why_not(everything, name, uses)
    defined = _defined(layers, name)
    if defined is None or not isinstance(defined[2], Scalar):
        why = why or "it is no single value in vars.yml"
    elif defined[2].source is not None:
        why = why or f"it is defined as {defined[2].source}"
    if why or defined is None:
        yield from (Refused(one.value, Reason.UNCHANGEABLE, f"{'.'.join(name)}: {why}") for one in uses)
        return
    layer, root, node = defined
    last = layers[-1].name
    if layer != last and choices.shared == KEEP:
        said = f"the variable {'.'.join(name)} is defined at {node.place}"
        yield from (Refused(replace(one.value, place=node.place), Reason.SHARED, said) for one in uses)
        return
    values = tuple(replace(one.value, place=node.place) for one in uses)
    if layer == last or choices.shared == "change":
        *links, container = _way(root, name)
        yield VariableChange(
            layer, name, uses[0].new, values, container, tuple(zip(links, name[:-1], strict=True))
        )  # fmt: skip
    elif len(name) > 1:
        why = f"{'.'.join(name)} is a part of a variable that is defined at {node.place}"
        yield from (Refused(one, Reason.UNCHANGEABLE, why) for one in values)
    else:
        yield VariableChange(last, name, uses[0].new, values, None, ())


def _why_not(everything: list[Scalar], name: Name, uses: list[Use]) -> str:
    """Why a variable cannot change; empty if it can."""
    if any(one.new is None or isinstance(one.new, dict | list) for one in uses):
        return "a variable is a text, not null, a list or a structure"
    if len({scalar_text(str(one.new)) for one in uses}) > 1:
        return "the values that use it become different ones"
    known = {id(one.scalar) for one in uses}
    others = list(dict.fromkeys(one.place for one in everything if id(one) not in known and _uses(one, name)))
    return f"it is used at {_listed(others)} as well" if others else ""


def _listed(places: list[Place]) -> str:
    more = len(places) - _SHOWN
    shown = ", ".join(map(str, places[:_SHOWN]))
    return f"{shown} and {more} more" if more > 0 else shown


def _uses(scalar: Scalar, name: Name) -> bool:
    """Whether an expression depends on a variable, or on a value within it."""
    exact = variable_of(scalar)
    if exact is None:
        return name[0] in _WORD.findall(scalar.source or "")
    shared = min(len(exact), len(name))
    return exact[:shared] == name[:shared]


def _defined(layers: list[Layer], name: Name) -> tuple[str, Entries, Node] | None:
    """Layer, file and value of a variable: the last layer that defines it counts."""
    for layer in reversed(layers):
        for file in reversed(VARIABLES):
            root = layer.roots.get(file)
            if root is not None and name[0] in root.values:
                node: Node | None = root
                for step in name:
                    node = within(node, step)
                return None if node is None else (layer.name, root, node)
    return None


def _way(root: Entries, name: Name) -> Iterator[Entries]:
    """The structures that lead to a variable's value, from its file's root."""
    node: Node | None = root
    for step in name:
        if isinstance(node, Entries):
            yield node
        node = within(node, step)
