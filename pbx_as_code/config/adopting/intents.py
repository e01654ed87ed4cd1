"""Edits that are wanted, gathered by structure and carried out once the places of the structures are known."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from pbx_as_code.config.adopting.edit import Edit, New, Unwritable
from pbx_as_code.config.adopting.layout import Layout, Span, Start
from pbx_as_code.config.adopting.outcome import Value
from pbx_as_code.config.adopting.targets import Container, Tree
from pbx_as_code.config.nodes import Entries, Items, Scalar

Links = tuple[tuple[Container, "str | int"], ...]
Failed = Callable[[Value, str], None]
"""Told which value cannot be written, and why."""


@dataclass
class Put:
    """Values for one structure."""

    container: Entries
    links: Links
    order: Sequence[str]
    """Keys of the structure, in the order of an export."""
    tree: Tree = field(default_factory=Tree)
    values: dict[str, list[Value]] = field(default_factory=dict)
    """Values that each key stands for."""


@dataclass
class ListChange:
    """Items of one list that come, go, or change places."""

    items: Items
    parent: Entries
    key: str
    links: Links
    """The structures on the way to the parent, and the parent with the key."""
    removed: dict[int, Value] = field(default_factory=dict)
    added: list[tuple[int | None, Any, Value]] = field(default_factory=list)
    """The number of the item in front (None for the last one), the new item, and what it stands for."""
    order: list[int | New] | None = None
    """The new order, with the new items."""
    ordered: list[Value] = field(default_factory=list)
    """Values that the new order stands for."""
    inner: dict[int, Intents] = field(default_factory=dict)
    """Edits within the items of a list that is put into order."""

    def told(self) -> Iterator[Value]:
        """Every value that the change stands for, those within its items included."""
        yield from self.removed.values()
        yield from (value for _, _, value in self.added)
        yield from self.ordered
        for inner in self.inner.values():
            yield from (value for put in inner.puts.values() for values in put.values.values() for value in values)
            for change in inner.lists.values():
                yield from change.told()


@dataclass
class Intents:
    """Edits of one file."""

    puts: dict[int, Put] = field(default_factory=dict)
    lists: dict[int, ListChange] = field(default_factory=dict)

    def wanted(self) -> Iterator[Start]:
        """Starts of the structures and lists whose parts have to be known."""
        for put in self.puts.values():
            yield from _starts(put.links, put.container)
            yield from (_start(one) for one in put.container.values.values() if isinstance(one, Items))
        for change in self.lists.values():
            yield from _starts(change.links, change.items)
            for inner in change.inner.values():
                yield from inner.wanted()

    def changes_objects(self, root: Entries) -> bool:
        """Whether objects come, go or change places in a file, or its sections do."""
        lists = {id(one) for one in root.values.values()}
        return id(root) in self.puts or any(change in lists for change in self.lists)

    def perform(self, edit: Edit, layout: Layout, failed: Failed) -> None:
        """Make the edits; what cannot be written safely is told and left out."""
        for put in self.puts.values():
            for key, value in put.tree.plain().items():
                with _Attempt(edit, put.values.get(key, ()), failed):
                    span = _span(layout, put.links, put.container)
                    _put(edit, layout, span, put, key, value)
        for change in self.lists.values():
            told = list(change.told())
            with _Attempt(edit, told, failed):
                _change_list(edit, layout, change, failed)


class _Attempt:
    """Edits that are all made, or none of them."""

    def __init__(self, edit: Edit, values: Sequence[Value], failed: Failed) -> None:
        self._edit, self._values, self._failed = edit, values, failed

    def __enter__(self) -> None:
        self._before = len(self._edit.splices)

    def __exit__(self, _: object, error: BaseException | None, __: object) -> bool:
        if not isinstance(error, Unwritable):
            return False
        self._edit.splices.back_to(self._before)
        for value in self._values:
            self._failed(value, str(error))
        return True


def _put(edit: Edit, layout: Layout, span: Span, put: Put, key: str, value: Any) -> None:
    old = put.container.values.get(key)
    if span.value_of(key) is None:
        if old is not None:
            raise Unwritable("it comes from another place by the merge key <<")
        position = put.order.index(key) if key in put.order else len(put.order)
        edit.add_key(span, key, value, put.order[:position])
    elif isinstance(old, Items) and _plain(old) and isinstance(value, list) and value and not _complex(value):
        written = span.value_of(key)
        if written is not None:
            edit.check_own(written)
        texts = [one.text for one in old.values if isinstance(one, Scalar)]
        edit.set_items(layout.span("list", old.place), texts, value)
    else:
        edit.set_value(span, key, value)


def _plain(items: Items) -> bool:
    return bool(items.values) and all(isinstance(one, Scalar) for one in items.values)


def _complex(values: list[Any]) -> bool:
    return any(isinstance(one, Mapping | list) for one in values)


def _change_list(edit: Edit, layout: Layout, change: ListChange, failed: Failed) -> None:
    _span(layout, change.links, change.items)
    count = len(change.items.values)
    new = [value for _, value, _ in change.added]
    if len(change.removed) == count and change.order is None:
        edit.set_value(layout.span("map", change.parent.place), change.key, new)
        return
    span = layout.span("list", change.items.place)
    if change.order is not None:
        order = change.order

        def edited(inner: Edit, number: int) -> None:
            if number in change.inner:
                change.inner[number].perform(inner, layout, failed)

        edit.arrange(span, order, edited)
        return
    edit.remove_items(span, change.removed)
    kept = [number for number in range(count) if number not in change.removed]
    for after, value, _ in change.added:
        fit = [number for number in kept if after is None or number <= after]
        edit.add_item(span, value, fit[-1] if fit else -1)


def _span(layout: Layout, links: Links, container: Container) -> Span:
    """The span of a structure, if nothing on the way to it is shared with other places."""
    for outer, step in links:
        span = _own(layout, outer)
        child = span.value_of(step) if isinstance(step, str) else span.items[step]
        if child is None:
            raise Unwritable("it comes from another place by the merge key <<")
        if child.kind == "alias":
            raise Unwritable(f"it comes from another place by the alias *{child.anchor}")
    return _own(layout, container)


def _own(layout: Layout, container: Container) -> Span:
    try:
        span = layout.span("map" if isinstance(container, Entries) else "list", container.place)
    except KeyError:
        raise Unwritable("its place was not found") from None
    if span.anchor in layout.aliased:
        raise Unwritable(f"other places refer to it by the anchor &{span.anchor}")
    return span


def _starts(links: Links, container: Container) -> Iterator[Start]:
    yield from (_start(outer) for outer, _ in links)
    yield _start(container)


def _start(node: Container) -> Start:
    return (node.place.line, node.place.column)
