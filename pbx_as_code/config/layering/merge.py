"""Layers: what several directories say about one PBX, merged so that later layers win leaf by leaf.

Objects are merged by their identity, structures field by field, lists by the key that the description knows; a list
without a key is replaced. The merged nodes keep the place of each value, and `parts` says what each layer wrote.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from typing import Any

from pbx_as_code.config.configuration import title_of
from pbx_as_code.config.kinds import SECTIONS, ConfigKind, item_key
from pbx_as_code.config.layering.contents import Contents
from pbx_as_code.config.nodes import REMOVE, REPLACE, Entries, Items, Node, Problem, Removal, Scalar
from pbx_as_code.description import Property
from pbx_as_code.engine.compare.values import canonical

Key = tuple[Any, ...]


def merged(layers: Sequence[Contents], problems: list[Problem]) -> Contents:
    """The contents of all layers as those of one.

    Parameters:
        layers: from the lowest
        problems: filled with what is wrong
    """
    whole = layers[0]
    _nothing_below(whole, problems)
    for layer in layers[1:]:
        whole = _Merge(whole, layer, problems).contents()
    return whole


def _nothing_below(lowest: Contents, problems: list[Problem]) -> None:
    """Refuse removals in the lowest layer, except for options that its own defaults set."""
    for kind, node in lowest.removed:
        problems.append(_nothing(node, "the section" if isinstance(node, Removal) else f"this {kind.label}"))
    for name, node in lowest.removed_defaults.items():
        problems.append(_nothing(node, f"defaults of {name}"))
    for name, nodes in lowest.removed_required.items():
        problems.extend(_nothing(node, f"required.{name}") for node in nodes)
    for name, value in lowest.pbx.items():
        if isinstance(value, Removal):
            problems.append(_nothing(value, f"pbx.{name}"))


class _Merge:
    def __init__(self, lower: Contents, upper: Contents, problems: list[Problem]) -> None:
        self._lower = lower
        self._upper = upper
        self._problems = problems
        self._whole = Contents(problems)

    def contents(self) -> Contents:
        """Both layers as one."""
        self._pbx()
        self._required()
        self._defaults()
        self._objects()
        return self._whole

    def _pbx(self) -> None:
        whole = self._whole
        whole.pbx, whole.pbx_keys = dict(self._lower.pbx), dict(self._lower.pbx_keys)
        for name, value in self._upper.pbx.items():
            below = whole.pbx.get(name)
            if isinstance(value, Removal):
                if whole.pbx.pop(name, None) is None:
                    self._problems.append(_nothing(value, f"pbx.{name}"))
                continue
            if isinstance(value, Entries) and isinstance(below, Entries):
                value = self._structure((), below, value)
                removed = {option: one for option, one in value.values.items() if isinstance(one, Removal)}
                for option, one in removed.items():
                    del value.values[option]
                    if not one.found:
                        self._problems.append(_nothing(one, f"pbx.{name}.{option}"))
            whole.pbx[name] = value
            whole.pbx_keys[name] = self._upper.pbx_keys[name]

    def _required(self) -> None:
        names = {section: {one.text: one for one in listed} for section, listed in self._lower.required.items()}
        for section, removals in self._upper.removed_required.items():
            known = names.get(section, {})
            for one in removals:
                if not known or (one.name and one.name not in known):
                    self._problems.append(_nothing(one, one.name or f"required.{section}"))
                elif one.name:
                    del known[one.name]
                else:
                    known.clear()
        for section, listed in self._upper.required.items():
            names.setdefault(section, {}).update({one.text: one for one in listed})
        self._whole.required = {section: list(known.values()) for section, known in names.items()}

    def _defaults(self) -> None:
        found = dict(self._lower.defaults)
        for name, removal in self._upper.removed_defaults.items():
            if found.pop(name, None) is None:
                self._problems.append(_nothing(removal, f"defaults of {name}"))
        for name, node in self._upper.defaults.items():
            below = found.get(name)
            properties = tuple(SECTIONS[name].options.values())
            found[name] = node if below is None else self._structure(properties, below, node, SECTIONS[name])
        self._whole.defaults = found

    def _objects(self) -> None:
        lists: dict[str, Items] = {}
        index: dict[str, dict[Key, list[Entries]]] = defaultdict(lambda: defaultdict(list))
        order: dict[str, list[ConfigKind]] = {}
        for kind, node, _ in self._of_layer(self._lower):
            order.setdefault(kind.name, [kind])
            index[kind.name][self._key(kind, node)].append(node)
        for kind, removed in self._upper.removed:
            self._remove(kind, removed, index[kind.name])
        seen: dict[tuple[str, Key], int] = defaultdict(int)
        for kind, node, _ in self._of_layer(self._upper):
            order.setdefault(kind.name, [kind])
            key = self._key(kind, node)
            alike = index[kind.name][key]
            number = seen[kind.name, key]
            seen[kind.name, key] += 1
            if number < len(alike):
                alike[number] = self._structure(tuple(kind.options.values()), alike[number], node, kind)
            else:
                alike.append(node)
        for name, (kind,) in order.items():
            for alike in index[name].values():
                for node in alike:
                    container = node if kind.settings else lists.setdefault(name, Items(node.place))
                    self._whole.objects.append((kind, node, container))

    def _of_layer(self, layer: Contents) -> Iterable[tuple[ConfigKind, Entries, Node]]:
        """The objects of a layer, without those that it has twice."""
        first: dict[tuple[str, Key], tuple[Entries, Node]] = {}
        for kind, node, container in layer.objects:
            key = (kind.name, self._key(kind, node))
            before = first.setdefault(key, (node, container))
            if before[0] is node or (kind.twins and before[1] is container):
                yield kind, node, container
            else:
                message = f"{title_of(kind, key[1])} is defined twice; the first is at {before[0].place}."
                self._problems.append(Problem(node.place, message))

    def _remove(self, kind: ConfigKind, removed: Entries | Removal, index: dict[Key, list[Entries]]) -> None:
        if isinstance(removed, Removal):
            if not any(index.values()):
                self._problems.append(_nothing(removed, f"any {kind.label}"))
            index.clear()
            return
        for option in removed.values.keys() - set(kind.identity):
            message = f"To remove {kind.description.one}, give {' and '.join(kind.identity)} alone."
            self._problems.append(Problem(removed.keys[option], message))
        key = self._key(kind, removed)
        if not index.pop(key, None):
            self._problems.append(_nothing(removed, title_of(kind, key)))

    def _key(self, kind: ConfigKind, node: Entries) -> Key:
        defaults = self._whole.defaults.get(kind.section)
        return tuple(
            _text(kind.options[option], node.values.get(option, defaults and defaults.values.get(option)))
            for option in kind.identity
        )

    def _structure(
        self, properties: tuple[Property, ...], lower: Entries, upper: Entries, kind: ConfigKind | None = None
    ) -> Entries:
        """One structure of both layers; neither of them is changed."""
        if upper.mark == REPLACE:
            return upper
        known = {prop.option: prop for prop in properties}
        whole = Entries(lower.place, dict(lower.values), dict(lower.keys), parts=(*(lower.parts or (lower,)), upper))
        for name, node in upper.values.items():
            below = lower.values.get(name)
            if isinstance(node, Removal):
                node.found = below is not None and (not isinstance(below, Removal) or below.found)
            value = node if below is None else self._value(known.get(name), below, node, kind)
            whole.values[name] = value
            if value is node:
                whole.keys[name] = upper.keys[name]
        return whole

    def _value(self, prop: Property | None, lower: Node, upper: Node, kind: ConfigKind | None) -> Node:
        if prop is not None and prop.kind == "complex":
            if isinstance(lower, Entries) and isinstance(upper, Entries):  # or defaults of the items of a list
                return self._structure(prop.fields, lower, upper)
            key = item_key(kind, prop)
            if key and prop.many and isinstance(lower, Items) and isinstance(upper, Items):
                return self._items(prop, key, lower, upper)
        return upper

    def _items(self, prop: Property, key: tuple[str, ...], lower: Items, upper: Items) -> Items:
        if upper.mark == REPLACE:
            return upper
        whole = Items(lower.place, list(lower.values), parts=(*(lower.parts or (lower,)), upper))
        index: dict[Key, list[int]] = defaultdict(list)
        for number, item in enumerate(lower.values):
            index[_item_key(prop, key, item)].append(number)
        gone: set[int] = set()
        for item in upper.values:
            found = index[_item_key(prop, key, item)]
            if isinstance(item, Entries) and item.mark == REMOVE:
                gone.update(found)
                if not found:
                    self._problems.append(_nothing(item, f"this item of {prop.option}"))
                for option in item.values.keys() - set(key):
                    message = f"An item of {prop.option} that is removed is named by {' and '.join(key)} alone."
                    self._problems.append(Problem(item.keys[option], message))
                found.clear()
            elif found and isinstance(item, Entries) and isinstance(below := whole.values[found[0]], Entries):
                whole.values[found.pop(0)] = self._structure(prop.fields, below, item)
            else:
                whole.values.append(item)
        whole.values = [item for number, item in enumerate(whole.values) if number not in gone]
        return whole


def _item_key(prop: Property, key: tuple[str, ...], item: Node) -> Key:
    if not isinstance(item, Entries) or not item.values.keys() & set(key):
        return (id(item),)
    known = {inner.option: inner for inner in prop.fields}
    return tuple(_text(known[option], item.values.get(option)) for option in key)


def _text(prop: Property, node: Node | None) -> Any:
    """A value of a key such that different spellings of it are equal; null and absence are."""
    if not isinstance(node, Scalar):
        return None if node is None else repr(node)
    if node.is_null:
        return None
    try:
        return canonical(prop.kind, node.text)
    except ValueError:
        return node.text


def _nothing(node: Node, what: str) -> Problem:
    return Problem(node.place, f"No layer below declares {what}, so there is nothing to remove. Delete this line.")
