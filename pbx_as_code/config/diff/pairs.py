"""Compare two sides object by object and leaf by leaf, with the engine's equality."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pbx_as_code.config.configuration import Definition, Identity, identity_of, title_of
from pbx_as_code.config.diff.sides import Side, bound_options
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.planning.compare import NOT_SHOWN, by_option, compare_values, with_names
from pbx_as_code.config.planning.operations import LeafChange
from pbx_as_code.engine.compare.answered_nulls import NO_NULLS, Nulls

Key = tuple[str, Identity]
_ABOUT: Final = ("identity", "release", "default_department")


@dataclass(frozen=True)
class ObjectDifference:
    """An object that differs, or that one side does not have.

    Attributes:
        kind: of it
        identity: of it
        changes: leaves that differ; `old` is that of the first side
        only: name of the side that has it; empty if both have it
        removed_by: name of the plan that removes it; empty if none does
    """

    kind: ConfigKind
    identity: Identity
    changes: tuple[LeafChange, ...] = ()
    only: str = ""
    removed_by: str = ""

    @property
    def title(self) -> str:
        """Display name, such as queue 800."""
        return title_of(self.kind, self.identity)


@dataclass
class Difference:
    """Everything in which two sides differ.

    Attributes:
        first: name of the first side
        second: name of the second side
        objects: that differ, in the order of kinds
        equal: number of objects that are equal in every leaf that both declare
        about: facts about the two PBXs that differ: name, first, second
        one_sided: leaves that only one side declares, by title of the object: not compared
        uncompared: number of credentials that cannot be compared
        kinds_of_one: kinds of which only one side knows objects: name of the side, section, number of objects
        unread: kinds that a PBX does not offer: name of the side, section, reason
    """

    first: str
    second: str
    objects: list[ObjectDifference] = field(default_factory=list)
    equal: int = 0
    about: list[tuple[str, Any, Any]] = field(default_factory=list)
    one_sided: dict[str, list[str]] = field(default_factory=dict)
    uncompared: int = 0
    kinds_of_one: list[tuple[str, str, int]] = field(default_factory=list)
    unread: list[tuple[str, str, str]] = field(default_factory=list)

    def __bool__(self) -> bool:
        return bool(self.objects)


def difference(first: Side, second: Side, *, bound: bool = False) -> Difference:
    """Compare two sides.

    Objects are matched by name. Only leaves that both sides declare are compared; of a plan, only what it changes.

    Parameters:
        first: one side
        second: the other one
        bound: also compare what means something on one PBX only, such as its domain name
    """
    return _Pairing(first, second, bound).difference()


class _Pairing:
    def __init__(self, first: Side, second: Side, bound: bool) -> None:
        self._first, self._second, self._bound = first, second, bound
        self._found = Difference(first.name, second.name)
        self._nulls: dict[int, Nulls] = {}
        """Options that a PBX answered as null, by the identity of the definition in memory."""
        self._namings = (first.naming(), second.naming(_renamed_default(first, second)))

    def difference(self) -> Difference:
        found = self._found
        if self._bound:
            abouts = ((name, self._first.about.get(name), self._second.about.get(name)) for name in _ABOUT)
            found.about = [
                (name, one, other) for name, one, other in abouts if one != other and None not in (one, other)
            ]
        found.unread = [
            (side.name, section, why) for side in (self._first, self._second) for section, why in side.unread.items()
        ]
        left, right = self._by_key(self._first, 0), self._by_key(self._second, 1)
        for kind in KINDS.values():
            if self._comparable(kind, left, right):
                keys = dict.fromkeys([key for key in (*left, *right) if key[0] == kind.name])
                for key in keys:
                    self._objects(kind, key[1], left.get(key, []), right.get(key, []))
        return found

    def _by_key(self, side: Side, number: int) -> dict[Key, list[Definition]]:
        """Objects by kind and identity, with every reference under its usual name."""
        naming = self._namings[number]
        other = (self._second, self._first)[number]
        default = side.about.get("default_department") or other.about.get("default_department")
        found: dict[Key, list[Definition]] = defaultdict(list)
        for one in side.definitions:
            option = one.kind.in_default_department  # null, and no value, mean this department
            within = {option: one.values.get(option) or default} if option else {}
            values = with_names(by_option(one.kind.name), {**one.values, **within}, naming.usual)
            if one.kind.name == "group":
                values["name"] = naming.renamed.get(values.get("name", ""), values.get("name"))
            if not self._bound:
                values = _without(values, bound_options(one.kind))
            named = Definition(one.kind, values, one.node, one.defaults, one.renamed_from, one.twin)
            self._nulls[id(named)] = side.nulls.get((one.kind.name, one.identity, one.twin), NO_NULLS)
            found[one.kind.name, identity_of(one.kind, values)].append(named)
        return found

    def _comparable(
        self, kind: ConfigKind, left: Mapping[Key, list[Definition]], right: Mapping[Key, list[Definition]]
    ) -> bool:
        """Whether both sides know objects of a kind. Those of one side only are counted."""
        known = [self._knows(side, kind.name) for side in (self._first, self._second)]
        if all(known):
            return True
        for side, there, objects in ((self._first, known[0], left), (self._second, known[1], right)):
            number = sum(len(some) for key, some in objects.items() if key[0] == kind.name)
            if there and number:
                self._found.kinds_of_one.append((side.name, kind.section, number))
        return False

    @staticmethod
    def _knows(side: Side, kind: str) -> bool:
        return kind in side.kinds or any(key[0] == kind for key in side.removed)

    def _objects(self, kind: ConfigKind, identity: Identity, left: list[Definition], right: list[Definition]) -> None:
        for one, other in self._paired(left, right):
            if one is not None and other is not None:
                self._pair(one, other)
                continue
            alone, here, there = (one, self._first, self._second) if one else (other, self._second, self._first)
            if alone is None or kind.settings:
                continue
            gone = (kind.name, identity) in there.removed
            if there.partial and not gone:
                continue
            removed_by = there.name if gone else ""
            self._found.objects.append(ObjectDifference(kind, identity, (), here.name, removed_by))

    def _pair(self, one: Definition, other: Definition) -> None:
        changes, one_sided, hidden = self._leaves(one, other)
        self._found.uncompared += hidden
        if one_sided and not (self._first.partial or self._second.partial):
            self._found.one_sided.setdefault(one.title, []).extend(one_sided)
        if changes:
            self._found.objects.append(ObjectDifference(one.kind, one.identity, tuple(changes)))
        else:
            self._found.equal += 1

    def _leaves(self, one: Definition, other: Definition) -> tuple[list[LeafChange], list[str], int]:
        """Leaves that differ, leaves that only one of two objects declares, and the number of credentials."""
        nulls = self._nulls[id(one)] | self._nulls[id(other)]
        there = compare_values(other, one.values, nulls)
        here = compare_values(one, other.values, nulls)
        hidden = len({path for found in (there, here) for path, why in found.uncompared if why == NOT_SHOWN})
        alone = {
            LeafChange(path, None, None).option
            for found in (there, here)
            for path, why in found.uncompared
            if why != NOT_SHOWN
        }
        return there.changes, sorted(alone), hidden

    def _paired(
        self, left: list[Definition], right: list[Definition]
    ) -> Iterator[tuple[Definition | None, Definition | None]]:
        """Objects of equal identity, two by two: equal ones first, the others in their order."""
        if len(left) == len(right) == 1:
            yield left[0], right[0]
            return
        rest = list(right)
        unmatched = []
        for one in left:
            equal = next((other for other in rest if not self._leaves(one, other)[0]), None)
            if equal is None:
                unmatched.append(one)
            else:
                rest.remove(equal)
                yield one, equal
        for number in range(max(len(unmatched), len(rest))):
            yield (
                unmatched[number] if number < len(unmatched) else None,
                rest[number] if number < len(rest) else None,
            )


def _renamed_default(first: Side, second: Side) -> dict[str, str]:
    """Name of the first side's default department, by that of the second one, if neither has the other's."""
    one, other = first.about.get("default_department"), second.about.get("default_department")
    names = [
        {str(d.values.get("name")) for d in side.definitions if d.kind.name == "group"} for side in (first, second)
    ]
    return {other: one} if one and other and one != other and other not in names[0] and one not in names[1] else {}


def _without(values: Mapping[str, Any], paths: frozenset[str], within: str = "") -> dict[str, Any]:
    kept = {}
    for option, value in values.items():
        path = within + option
        if path in paths:
            continue
        inside = isinstance(value, Mapping) and any(one.startswith(f"{path}.") for one in paths)
        kept[option] = _without(value, paths, f"{path}.") if inside else value
    return kept
