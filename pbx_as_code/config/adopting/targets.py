"""Where a value is to be written: the layer that owns it, and the structure of that layer to which it belongs."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any

from pbx_as_code.config.configuration import Definition
from pbx_as_code.config.nodes import Entries, Items, Marker, Node, Removal, Scalar, within

Path = tuple[str | int, ...]
Container = Entries | Items


@dataclass(frozen=True)
class Target:
    """A structure of one layer, and what is to be written there."""

    links: tuple[tuple[Container, str | int], ...]
    """The structures on the way to it, each with the key or the number that leads on."""
    container: Container | None
    """The innermost structure that the layer writes; None if it does not write the object."""
    rest: Path
    """The path from there."""


@dataclass
class Tree:
    """New content of a structure, gathered value by value; items of lists are told apart by their keys."""

    values: dict[str, Any] = field(default_factory=dict)
    items: dict[str, dict[Any, Tree]] = field(default_factory=dict)

    def put(self, path: Path, value: Any, keys: Sequence[dict[str, Any]]) -> None:
        """Add a value.

        Parameters:
            path: options, and numbers of items
            value: new
            keys: options that tell each item on the path from others
        """
        step = str(path[0])
        if len(path) == 1:
            self.values[step] = value
        elif isinstance(path[1], int):
            key = keys[0]
            listed = self.items.setdefault(step, {})
            item = listed.setdefault(tuple(key.items()), Tree(dict(key)))
            if len(path) == 2:
                item.values.update(value)
            else:
                item.put(path[2:], value, keys[1:])
        else:
            inner = self.values.setdefault(step, Tree())
            if isinstance(inner, Tree):
                inner.put(path[1:], value, keys)

    def plain(self) -> dict[str, Any]:
        """The content as structures and lists."""
        found = {name: one.plain() if isinstance(one, Tree) else one for name, one in self.values.items()}
        return found | {name: [item.plain() for item in listed.values()] for name, listed in self.items.items()}


def node_at(node: Node | None, path: Iterable[str | int]) -> Node | None:
    """A node within structures and lists; None if it is not written."""
    for step in path:
        node = within(node, step)
    return node


def part_in(node: Node | None, layer: str) -> Container | None:
    """The structure or list that a layer writes for a merged one."""
    if not isinstance(node, Entries | Items):
        return None
    parts: Sequence[Container] = node.parts or (node,)
    return next((part for part in reversed(parts) if part.place.layer == layer), None)


def owner_of(definition: Definition, path: Path) -> str | None:
    """Layer that declares a value at the object itself; None if none does."""
    node = node_at(definition.node, path)
    if node is None or isinstance(node, Removal):
        return None
    above = node_at(definition.node, path[:-1])
    if isinstance(above, Entries) and isinstance(path[-1], str):
        parts = above.parts or (above,)
        written = (part for part in reversed(parts) if path[-1] in part.values)
        return next((part.place.layer for part in written), node.place.layer)
    return node.place.layer


def target(definition: Definition, path: Path, layer: str) -> Target:
    """The structure of a layer into which the value of a path belongs."""
    merged: Node | None = definition.node
    raw = part_in(merged, layer)
    links: list[tuple[Container, str | int]] = []
    for number, step in enumerate(path[:-1]):
        if raw is None:
            break
        merged = within(merged, step)
        inner = part_in(merged, layer)
        at = _number_in(raw, inner) if isinstance(step, int) and inner is not None else step
        if inner is None or at is None or (isinstance(step, str) and within(raw, step) is not inner):
            return Target(tuple(links), raw, path[number:])
        links.append((raw, at))
        raw = inner
    return Target(tuple(links), raw, path[len(links) :])


def _number_in(items: Container, item: Container) -> int | None:
    return next((n for n, one in enumerate(items.values) if one is item), None)


def expressions(node: Node | None) -> list[Scalar]:
    """Values within a node that come from an expression."""
    if isinstance(node, Scalar):
        return [node] if node.source is not None else []
    if node is None or isinstance(node, Marker | Removal):
        return []
    inner = node.values.values() if isinstance(node, Entries) else node.values
    return [scalar for one in inner for scalar in expressions(one)]
