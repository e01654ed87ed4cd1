"""A list of structures that differs, with its items paired with those of the PBX."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import Any, Protocol

from pbx_as_code.config.adopting.outcome import Value
from pbx_as_code.config.adopting.targets import Path
from pbx_as_code.config.configuration import Definition, value_at
from pbx_as_code.config.exporting.defaults import without_item_defaults
from pbx_as_code.config.kinds import LISTED, ConfigKind, item_key
from pbx_as_code.config.planning.compare import Comparison, by_option, compare_values, paired
from pbx_as_code.config.planning.operations import LeafChange
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import in_order


class Compared(Protocol):
    """The object that has the list."""

    @property
    def definition(self) -> Definition:
        """As the files declare it."""

    @property
    def actual(self) -> Mapping[str, Any]:
        """As it is on the PBX."""

    def named(self) -> dict[str, Any]:
        """The object of the PBX with markers in the place of credentials."""

    def there(self, path: Path) -> Path:
        """The path of a declared value on the PBX."""

    def value(self, path: Path, declared: Any, actual: Any) -> Value:
        """Describe a value that differs."""

    def item_defaults(self, path: Path) -> Mapping[str, Any]:
        """Values that the files add to each item of a list."""


class ListDifference:
    """A list of structures that differs: its items paired with those of the PBX."""

    def __init__(self, of: Compared, path: Path, changes: Sequence[LeafChange]) -> None:
        self._of = of
        self.path = path
        self._changes = changes
        kind = of.definition.kind
        prop = property_at(kind, path)
        self.key = item_key(kind if len(path) == 1 else None, prop)
        self.wanted: list[Any] = value_at(of.definition.values, path) or []
        self.actual: list[Any] = value_at(of.actual, of.there(path)) or []
        listed = (kind.name, prop.option) in LISTED and len(path) == 1
        beside = (value_at(of.definition.values, path[:-1]), value_at(of.actual, of.there(path)[:-1]))
        ordered = listed or in_order(prop, *(one or {} for one in reversed(beside))).ordered  # as it will be
        keyed = replace(prop, item_key=self.key, ordered=prop.ordered and not self.key)
        self._partners, left = paired(keyed, [_without_secrets(item) for item in self.wanted], self.actual)
        self.removed = [number for number, partner in enumerate(self._partners) if partner is None]
        self.added = [] if prop.standing or listed else left
        kept = [partner for partner in self._partners if partner is not None]
        moved = kept != sorted(kept) or bool(kept and self.added and min(self.added) < max(kept))
        self.reordered = moved and (ordered or any(len(change.path) == len(path) for change in changes))

    def whole(self) -> list[Any]:
        """The list of the PBX; of a list that gives others their order, the items that are declared."""
        chosen = {*self.added, *(one for one in self._partners if one is not None)}
        return [self.new(number) for number in sorted(chosen)]

    def new(self, number: int) -> Any:
        """An item of the PBX, without the values that the defaults of items add to it."""
        item = value_at(self._of.named(), (*self._of.there(self.path), number))
        defaults = self._of.item_defaults(self.path)
        if not defaults or not isinstance(item, dict):
            return item
        return {option: item[option] for option in self.key if option in item} | without_item_defaults(item, defaults)

    def order(self) -> Iterator[tuple[int, int | None]]:
        """Number of each item on the PBX that the list has, and of the declared one."""
        for number in sorted({*self.added, *(one for one in self._partners if one is not None)}):
            yield number, self._partners.index(number) if number in self._partners else None

    def partner(self, number: int) -> int:
        """Number on the PBX of a declared item that is there."""
        found = self._partners[number]
        if found is None:
            raise KeyError(number)
        return found

    def items(self) -> Iterator[tuple[int, list[LeafChange]]]:
        """The differences within each item that stays."""
        within: dict[int, list[LeafChange]] = {}
        for change in self._changes:
            if len(change.path) > len(self.path) + 1:
                within.setdefault(int(change.path[len(self.path)]), []).append(change)
        yield from within.items()

    def removed_value(self, number: int) -> Value:
        """Describe an item that goes."""
        return self._of.value((*self.path, number), self.wanted[number], None)

    def added_value(self, number: int) -> Value:
        """Describe an item that comes."""
        return self._of.value((*self.path, number), None, self.new(number))

    def told(self) -> list[Value]:
        """Describe the items that come, go and change places."""
        found = [self.removed_value(number) for number in self.removed]
        found += [self.added_value(number) for number in self.added]
        if self.reordered:
            found.append(self._of.value(self.path, self.wanted, self.whole()))
        return found


def with_new_order(definition: Definition, comparison: Comparison) -> Comparison:
    """The comparison with lists whose order matters as soon as the state of the PBX is adopted.

    The order of agents counts only for some strategies: with a new strategy, another order is a difference, too.

    Parameters:
        definition: as the files declare it
        comparison: with the object of the PBX
    """
    adopted = {str(change.path[0]): change.old for change in comparison.changes if len(change.path) == 1}
    lists = {
        prop.option
        for prop in by_option(definition.kind.name)
        if prop.ordered_when is not None and adopted.get(prop.ordered_when[0]) in prop.ordered_when[1]
    }
    known = {change.path[0] for change in comparison.changes}
    if not lists - known:
        return comparison
    then = replace(definition, values={**definition.values, **adopted})
    further = compare_values(then, comparison.actual).changes
    changes = [*comparison.changes, *(one for one in further if len(one.path) == 1 and one.path[0] in lists - known)]
    return replace(comparison, changes=changes)


def property_at(kind: ConfigKind, path: Path) -> Property:
    """The property of a path; numbers of items do not matter."""
    properties = by_option(kind.name)
    found = None
    for step in path:
        if isinstance(step, str):
            found = next(prop for prop in properties if prop.option == step)
            properties = found.fields
    if found is None:
        raise KeyError(path)
    return found


def _without_secrets(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {option: _without_secrets(inner) for option, inner in value.items() if not isinstance(inner, Secret)}
    return [_without_secrets(inner) for inner in value] if isinstance(value, list) else value
