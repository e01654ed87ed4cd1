"""Decide where each difference is written, and gather the edits of each file."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from copy import deepcopy
from dataclasses import dataclass, replace
from typing import Any

from pbx_as_code.config.adopting.edit import New
from pbx_as_code.config.adopting.intents import Intents, ListChange, Put
from pbx_as_code.config.adopting.lists import ListDifference, property_at
from pbx_as_code.config.adopting.outcome import KEEP, Adoption, Choices, Conflict, Reason, Value
from pbx_as_code.config.adopting.targets import Path, Tree, expressions, node_at, owner_of, part_in, target
from pbx_as_code.config.adopting.variables import Use, VariableChange, variable_changes
from pbx_as_code.config.configuration import Defaults, Definition, spelled, value_at
from pbx_as_code.config.exporting.markers import mark_secrets
from pbx_as_code.config.kinds import ConfigKind, item_key
from pbx_as_code.config.loader import Layer
from pbx_as_code.config.nodes import REMOVE, REPLACE, Entries, Items, Node
from pbx_as_code.config.planning.compare import Comparison, by_option, label_of, shown
from pbx_as_code.config.planning.operations import LeafChange
from pbx_as_code.config.values import Secret
from pbx_as_code.config.variables import VARIABLES
from pbx_as_code.description import Property

FileKey = tuple[str, str]
"""Layer and path of a file."""


@dataclass
class Overlay:
    """New values of an object in a layer that does not write it yet."""

    definition: Definition
    tree: Tree
    values: list[Value]


class Gathering:
    """Edits of all files, gathered object by object."""

    def __init__(
        self, last: str, choices: Choices, names: set[str], adoption: Adoption, defaults: Mapping[str, Defaults]
    ) -> None:
        """Nothing gathered yet.

        Parameters:
            last: name of the last layer
            choices: decisions about values that are not simply written where they stand
            names: of all secrets, to which new ones are added
            adoption: filled with what is adopted and what is not
            defaults: of the files, by kind
        """
        self.defaults = defaults
        self.intents: dict[FileKey, Intents] = {}
        self.overlays: dict[tuple[Any, ...], Overlay] = {}
        self._last = last
        self._choices = choices
        self._names = names
        self._adoption = adoption
        self._inner: Intents | None = None
        self.uses: list[Use] = []
        """Values that variables are to give."""

    def take(self, definition: Definition, comparison: Comparison) -> None:
        """Gather the edits of one object that differs."""
        _Object(self, definition, comparison.actual).process(comparison.changes, ())

    def settle_variables(self, layers: list[Layer], appended: dict[FileKey, dict[str, Any]]) -> None:
        """Gather the edits of variables.

        Parameters:
            layers: loaded
            appended: filled with variables of files that do not define them yet
        """
        for one in variable_changes(layers, self.uses, self._choices):
            if not isinstance(one, VariableChange):
                self.conflict(one.value, one.reason, one.why)
                continue
            for value in one.values:
                self.adopt(value)
            key, container = one.name[-1], one.container
            if container is None:
                last = layers[-1]
                root = last.roots.get(VARIABLES[0])
                if root is None or not root.values:
                    appended.setdefault((last.name, VARIABLES[0]), {})[key] = one.new
                    continue
                container = root
            put = self.into(container).puts.setdefault(id(container), Put(container, one.links, ()))
            put.tree.values[key] = one.new
            put.values.setdefault(key, []).extend(one.values)

    def conflict(self, value: Value, reason: Reason, why: str = "") -> None:
        """Note that a value is left as it is."""
        self._adoption.conflicts.append(Conflict(value, reason, why))

    def adopt(self, value: Value) -> None:
        """Note that a value is taken over."""
        self._adoption.adopted.append(value)

    def into(self, node: Node) -> Intents:
        """The edits of the file of a node, or those within an item of a list that is put into order."""
        if self._inner is not None:
            return self._inner
        return self.intents.setdefault((node.place.layer, node.place.file), Intents())

    @property
    def last(self) -> str:
        """Name of the last layer."""
        return self._last

    @property
    def choices(self) -> Choices:
        """The decisions."""
        return self._choices

    def named(self, kind: ConfigKind, values: dict[str, Any]) -> dict[str, Any]:
        """A copy with a marker in the place of each credential."""
        copied = deepcopy(values)
        for path in kind.secrets:
            if kind.conceals(path, copied, copied.get(path)):
                _hide(copied, path.split("."))
        mark_secrets(kind, copied, self._names)
        return copied

    def within(self, intents: Intents | None) -> Intents | None:
        """Gather the edits that follow elsewhere; returns where they were gathered before."""
        before, self._inner = self._inner, intents
        return before


class _Object:
    """One object that differs."""

    def __init__(self, gathering: Gathering, definition: Definition, actual: Mapping[str, Any]) -> None:
        self._to = gathering
        self._definition = definition
        self._kind = definition.kind
        self._actual = actual
        self._named: dict[str, Any] | None = None
        self._items_there: dict[Path, Path] = {}

    def process(self, changes: Sequence[LeafChange], prefix: Path) -> None:
        """Decide about the differences below a path."""
        lists: dict[Path, list[LeafChange]] = {}
        for change in changes:
            relative = change.path[len(prefix) :]
            number = next((n for n, step in enumerate(relative) if isinstance(step, int)), None)
            if number is not None:
                lists.setdefault((*prefix, *relative[:number]), []).append(change)
            elif self._property(change.path).many and self._property(change.path).kind == "complex":
                lists.setdefault(change.path, []).append(change)
            else:
                self._leaf(change)
        for path, inside in lists.items():
            self._list(path, inside)

    def _leaf(self, change: LeafChange) -> None:
        value = self._value(change.path, change.new, change.old)
        if change.secret is not None:
            self._to.conflict(value, Reason.CREDENTIAL)
        elif change.path[0] in self._kind.identity or change.path[0] in self._kind.started_from:
            self._to.conflict(value, Reason.NAME)
        else:
            self._write(value, change.path, self._at(change.path))

    def _write(self, value: Value, path: Path, new: Any) -> None:
        layer = self._where(value, path, new)
        if layer is not None:
            self._put(value, path, new, layer)

    def _where(self, value: Value, path: Path, new: Any) -> str | None:
        """The layer into which a value is written; None if that is for the user to decide."""
        one, last, shared = self._definition, self._to.last, self._to.choices.shared
        owner = owner_of(one, path)
        own = owner or (one.node.parts or (one.node,))[-1].place.layer
        default = None if owner is not None or one.defaults is None else node_at(one.defaults, path)
        if own != last or (default is not None and default.place.layer != last):
            if shared == KEEP:
                place = (default.place if default is not None else value.place) or one.place
                self._to.conflict(replace(value, place=place), Reason.SHARED, f"it is declared at {place}")
                return None
            own = last if shared == "override" else own
        written = expressions(node_at(one.node, path))
        if written and owner == own and self._to.choices.variables != "replace":
            if self._to.choices.variables == KEEP:
                self._to.conflict(value, Reason.VARIABLE, f"it is written as {written[0].source}")
            elif written[0] is node_at(one.node, path):
                self._to.uses.append(Use(value, written[0], new))
            else:
                self._to.conflict(value, Reason.UNCHANGEABLE, f"{written[0].source} is a part of a list or structure")
            return None
        return own

    def _put(self, value: Value, path: Path, new: Any, layer: str) -> None:
        found = target(self._definition, path, layer)
        keys = self._keys(path, found.rest)
        if keys is None:
            self._to.conflict(value, Reason.TEXT, "the items of its list cannot be told apart")
            return
        self._to.adopt(value)
        if found.container is None:
            key = (layer, self._kind.name, self._definition.identity, self._definition.twin)
            overlay = self._to.overlays.setdefault(key, Overlay(self._definition, Tree(), []))
            overlay.tree.put(found.rest, new, keys)
            overlay.values.append(value)
            return
        if isinstance(found.container, Items):
            tree = Tree(dict(keys[0]))
            if len(found.rest) > 1:
                tree.put(found.rest[1:], new, keys[1:])
            else:
                tree.values.update(new)
            self._added(path[: len(path) - len(found.rest)], layer, tree, value)
            return
        above = path[: len(path) - len(found.rest)]
        puts = self._to.into(found.container).puts
        put = puts.setdefault(id(found.container), Put(found.container, found.links, self._order(above)))
        put.tree.put(found.rest, new, keys)
        put.values.setdefault(str(found.rest[0]), []).append(value)

    def _list(self, path: Path, changes: list[LeafChange]) -> None:
        one = ListDifference(self, path, changes)
        node = node_at(self._definition.node, path)
        if not isinstance(node, Items) or not node.values:
            self._write(self._value(path, one.wanted, one.actual), path, one.whole())
        elif node.parts:
            self._merged_list(one, node)
        else:
            self._single_list(one, node)

    def _single_list(self, one: ListDifference, node: Items) -> None:
        layer, choice = node.place.layer, self._to.choices.shared
        if layer == self._to.last or choice == "change":
            self._own_list(one, node, layer)
        elif choice == KEEP:
            for value in one.told():
                self._to.conflict(value, Reason.SHARED, f"the list is declared at {node.place}")
            self._items(one)
        elif one.key and not one.reordered:
            self._override_items(one)
            self._items(one)
        else:
            whole = one.whole()
            new = {REPLACE: whole} if one.key else whole
            self._put(self._value(one.path, one.wanted, one.actual), one.path, new, self._to.last)

    def _merged_list(self, one: ListDifference, node: Items) -> None:
        if one.reordered:
            self._to.conflict(self._value(one.path, one.wanted, one.actual), Reason.ORDER)
        for number in one.removed:
            item = node.values[number]
            layers = [part.place.layer for part in (item.parts if isinstance(item, Entries) else ())]
            layers = layers or [item.place.layer]
            value = one.removed_value(number)
            if layers == [self._to.last]:
                self._removed(one.path, number, self._to.last, value)
            elif self._to.choices.shared == KEEP:
                self._to.conflict(value, Reason.SHARED, f"the item is declared at {item.place}")
            elif self._to.choices.shared == "change":
                for layer in layers:
                    self._removed(one.path, number, layer, value)
            else:
                self._put(value, (*one.path, number), {REMOVE: True}, self._to.last)
        for number in one.added:
            value = one.added_value(number)
            if part_in(node, self._to.last) is not None:
                self._added(one.path, self._to.last, one.new(number), value)
                self._to.adopt(value)
            else:
                self._overlay_item(one, number, value)
        self._items(one)

    def _override_items(self, one: ListDifference) -> None:
        for number in one.removed:
            self._put(one.removed_value(number), (*one.path, number), {REMOVE: True}, self._to.last)
        for number in one.added:
            self._overlay_item(one, number, one.added_value(number))

    def _overlay_item(self, one: ListDifference, number: int, value: Value) -> None:
        """Add an item to the last layer, which does not write the list yet."""
        found = target(self._definition, one.path, self._to.last)
        new = one.new(number)
        key = {option: new.get(option) for option in one.key}
        self._put_item(found.rest, one.path, key, new, value)

    def _put_item(self, rest: Path, path: Path, key: dict[str, Any], new: Any, value: Value) -> None:
        found = target(self._definition, path, self._to.last)
        above = self._keys(path, rest) or []
        self._to.adopt(value)
        step = (*rest, 0)
        if isinstance(found.container, Entries):
            puts = self._to.into(found.container).puts
            order = self._order(path[: len(path) - len(rest)])
            put = puts.setdefault(id(found.container), Put(found.container, found.links, order))
            put.tree.put(step, new, [*above, key])
            put.values.setdefault(str(rest[0]), []).append(value)
            return
        identity = (self._to.last, self._kind.name, self._definition.identity, self._definition.twin)
        overlay = self._to.overlays.setdefault(identity, Overlay(self._definition, Tree(), []))
        overlay.tree.put(step, new, [*above, key])
        overlay.values.append(value)

    def _own_list(self, one: ListDifference, node: Items, layer: str) -> None:
        """Edit a list that one layer writes."""
        for value in one.told():
            self._to.adopt(value)
        if not one.reordered:
            for number in one.removed:
                self._removed(one.path, number, layer, one.removed_value(number), note=False)
            for number in one.added:
                self._added(one.path, layer, one.new(number), one.added_value(number))
            self._items(one)
            return
        change = self._change(one.path, layer)
        if change is None:
            return
        change.order = [partner if partner is not None else New(one.new(number)) for number, partner in one.order()]
        change.ordered = one.told()
        for number, inside in self._paired_items(one):
            change.inner[number] = Intents()
            before = self._to.within(change.inner[number])
            self.process(inside, (*one.path, number))
            self._to.within(before)
        del node

    def _paired_items(self, one: ListDifference) -> Iterator[tuple[int, list[LeafChange]]]:
        for number, inside in one.items():
            self._items_there[(*one.path, number)] = (*self.there(one.path), one.partner(number))
            yield number, inside

    def _items(self, one: ListDifference) -> None:
        for number, inside in self._paired_items(one):
            self.process(inside, (*one.path, number))

    def _removed(self, path: Path, number: int, layer: str, value: Value, *, note: bool = True) -> None:
        change = self._change(path, layer)
        merged = node_at(self._definition.node, (*path, number))
        raw = part_in(merged, layer) or merged
        at = None if change is None else next((n for n, one in enumerate(change.items.values) if one is raw), None)
        if change is None or at is None:
            self._to.conflict(value, Reason.TEXT, "it was not found in its list")
            return
        change.removed[at] = value
        if note:
            self._to.adopt(value)

    def _added(self, path: Path, layer: str, new: Any, value: Value) -> None:
        change = self._change(path, layer)
        if change is not None:
            change.added.append((None, new, value))

    def _change(self, path: Path, layer: str) -> ListChange | None:
        found = target(self._definition, path, layer)
        items = node_at(found.container, found.rest)
        if not isinstance(found.container, Entries) or len(found.rest) != 1 or not isinstance(items, Items):
            return None
        lists, key = self._to.into(items).lists, str(found.rest[0])
        links = (*found.links, (found.container, key))
        return lists.setdefault(id(items), ListChange(items, found.container, key, links))

    def _keys(self, path: Path, rest: Path) -> list[dict[str, Any]] | None:
        """Options that tell the items on the rest of a path from others; None if nothing does."""
        found = []
        for number in range(len(path) - len(rest), len(path)):
            if not isinstance(path[number], int):
                continue
            prop = self._property(path[:number])
            options = item_key(self._kind if number == 1 else None, prop)
            held = value_at(self._definition.values, path[: number + 1])
            if not options or not isinstance(held, Mapping):
                return None
            found.append({option: held.get(option) for option in options})
        return found

    def _property(self, path: Path) -> Property:
        return property_at(self._kind, path)

    def _order(self, path: Path) -> list[str]:
        fields = self._property(path).fields if path else by_option(self._kind.name)
        options = [prop.option for prop in fields]
        return options if path else [*self._kind.identity, *(o for o in options if o not in self._kind.identity)]

    def _at(self, path: Path) -> Any:
        return value_at(self.named(), self.there(path))

    def there(self, path: Path) -> Path:
        """The path of a declared value on the PBX, where its item may have another number."""
        for length in range(len(path), 0, -1):
            if path[:length] in self._items_there:
                return (*self._items_there[path[:length]], *path[length:])
        return path

    def named(self) -> dict[str, Any]:
        """The object of the PBX with markers in the place of credentials."""
        if self._named is None:
            self._named = self._to.named(self._kind, dict(self._actual))
        return self._named

    def _value(self, path: Path, declared: Any, actual: Any) -> Value:
        return self.value(path, declared, actual)

    def value(self, path: Path, declared: Any, actual: Any) -> Value:
        """Describe a value that differs."""
        one = self._definition
        comes = declared is None and isinstance(path[-1], int)  # an item of the PBX, which has its number there
        values, at = (self._actual, (*self.there(path[:-1]), path[-1])) if comes else (one.values, path)
        label = label_of(one.kind.name, values, at, actual if comes else declared)
        return Value(
            one.kind.name, one.title, spelled(path), shown(declared), shown(actual), one.place_of(*path), label
        )

    def item_defaults(self, path: Path) -> Mapping[str, Any]:
        """Values that the files add to each item of a list."""
        block = self._to.defaults.get(self._kind.name)
        return {} if block is None or len(path) > 1 else block.items.get(str(path[0]), {})

    @property
    def definition(self) -> Definition:
        """As the files declare it."""
        return self._definition

    @property
    def actual(self) -> Mapping[str, Any]:
        """As it is on the PBX."""
        return self._actual


def _hide(structure: Any, path: list[str]) -> None:
    """Put a nameless marker in the place of a credential, wherever the path leads."""
    if isinstance(structure, list):
        for item in structure:
            _hide(item, path)
    elif isinstance(structure, dict) and path[0] in structure:
        if len(path) > 1:
            _hide(structure[path[0]], path[1:])
        elif structure[path[0]] not in (None, ""):
            structure[path[0]] = Secret("")
