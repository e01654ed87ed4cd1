"""Choices of modules that stand for all, made from the descriptions of modules.

Two modules of one shape run the same code whatever fails. A shape is what the engine asks a description for: which
calls there are, how an object is found, and which properties cost further requests or cannot be read back. Names and
plain properties are no part of it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import fields
from typing import Any

from pbx_as_code.description import Action, Description, Key, Property
from tests.descriptions import described

#: Names and texts of a description, and its properties, of which only the marks below count.
_NAMES = frozenset(
    {
        "name",
        "plural",
        "label",
        "entity_set",
        "singleton",
        "since",
        "title",
        "order",
        "properties",
        "required_for_create",
    }
)
#: Facts of a property that lead to other requests, other comparisons or hidden values.
_MARKS = (
    "navigation", "large", "ordered", "ordered_when", "standing", "order_only", "conceals", "write_only", "secret",
    "reference", "item_key", "led_by", "encoding",
)  # fmt: skip


def of_each_shape(modules: Sequence[str]) -> list[str]:
    """The first module of each shape.

    Parameters:
        modules: names without threecx_
    """
    first: dict[Any, str] = {}
    for module in modules:
        first.setdefault(_shape(module), module)
    return list(first.values())


def of_each_kind_of_property(modules: Iterable[str]) -> list[str]:
    """Modules that together have a property of each kind that any of them has, whatever its name and its limits.

    Parameters:
        modules: names without threecx_
    """
    kinds = {module: set(_kinds(described(f"threecx_{module}"))) for module in modules}
    missing, chosen = set().union(*kinds.values()), list[str]()
    while missing:
        chosen.append(max(kinds, key=lambda module: len(kinds[module] & missing)))
        missing -= kinds[chosen[-1]]
    return [module for module in kinds if module in chosen]


def _kinds(description: Description) -> Iterator[tuple[Any, ...]]:
    form = type(description), _fact(getattr(description, "action", None))
    todo = [(prop, False) for prop in description.properties]
    while todo:
        prop, nested = todo.pop()
        todo += [(field, True) for field in prop.fields]
        flags = (prop.many, prop.read_only, prop.immutable, prop.nullable, prop.max_length is None)
        yield form, nested, prop.kind, flags, *(bool(getattr(prop, mark)) for mark in _MARKS)


def _shape(module: str) -> Any:
    description = described(f"threecx_{module}")
    if description is None:
        return module
    facts = tuple(
        (field.name, _fact(getattr(description, field.name)))
        for field in fields(description)
        if field.name not in _NAMES
    )
    return module.endswith("_info"), type(description), facts, _marks(description.properties)


def _fact(value: Any) -> Any:
    if isinstance(value, Key):
        return value.kind, value.ending
    if isinstance(value, Action):
        return value.form
    return value if isinstance(value, bool) else bool(value)


def _marks(properties: Sequence[Property]) -> frozenset[str]:
    def has(mark: str) -> bool:
        return any(prop.anywhere(lambda one: bool(getattr(one, mark))) for prop in properties)

    return frozenset(filter(has, _MARKS))
