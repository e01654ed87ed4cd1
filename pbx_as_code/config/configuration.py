"""Declarations of one PBX, read from its files and typed."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple, TypeAlias

from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.nodes import Entries, Items, Node, Place, Problem, within
from pbx_as_code.description import Property

Refused: TypeAlias = dict[tuple[str, Any], str]
"""Messages about values that no task can set, by path without numbers of items and by value."""
Identity = tuple[Any, ...]
"""The values of a kind's identity, in its order; null for what is absent. Equal on every PBX for the same object."""
Key: TypeAlias = tuple[str, Identity, int]
"""Kind and identity of a declared object, and its number among those that are equal in both."""


@dataclass(slots=True)
class Definition:
    """One object, or settings, as the files declare it."""

    kind: ConfigKind
    values: dict[str, Any]
    """Options as `Pbx.ensure` takes them, with the kind's defaults merged in; a credential is a `values.Secret`."""
    node: Entries
    """As it was written, without defaults."""
    defaults: Entries | None = None
    """The defaults of its kind, as they were written."""
    renamed_from: str | None = None
    """An earlier name of it, for an object that is to be renamed."""
    twin: int = 0
    """How many with equal identity stand before it in its list."""

    @property
    def identity(self) -> Identity:
        """Value that identifies it among others of its kind."""
        return identity_of(self.kind, self.values)

    @property
    def key(self) -> Key:
        """Value that identifies it among everything that the files declare."""
        return (self.kind.name, self.identity, self.twin)

    @property
    def place(self) -> Place:
        """Place of its first line."""
        return self.node.place

    @property
    def title(self) -> str:
        """For people: queue 800, holiday Sales / New Year / 2027."""
        return title_of(self.kind, self.identity)

    def place_of(self, *path: str | int) -> Place:
        """Place of a value, in the object or in the defaults of its kind.

        Parameters:
            path: options and indexes, such as "agents", 0, "number"; the nearest structure around what is not written
        """
        roots = [root for root in (self.node, self.defaults) if root is not None and path and path[0] in root.values]
        whole = next((root for root in roots if _written(root, path)), roots[0] if roots else None)
        return self.place if whole is None else _place(whole, path)

    def places_within(self, *path: str | int) -> tuple[tuple[str, Place], ...]:
        """Places of the values within a structure or a list, as (path, place); empty if there is only one layer.

        Parameters:
            path: of the structure or list; the paths that are returned begin with it, such as agents[1].number
        """
        if not self.place.layer:
            return ()
        node: Node | None = self.node
        for step in path:
            node = within(node, step)
        return () if node is None else tuple((where, one.place) for where, one in _leaves(node, spelled(path)))


def _written(root: Entries, path: tuple[str | int, ...]) -> bool:
    """Whether a structure has a value; the defaults of each item of a list are no item."""
    node: Node | None = root
    last: Node | None = None
    for step in path:
        last, node = node, within(node, step)
    return node is not None and not (path and isinstance(path[-1], int) and isinstance(last, Entries))


def spelled(path: Iterable[str | int]) -> str:
    """A path for people: agents[0].number."""
    return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in path).removeprefix(".")


def options_in(path: Iterable[str | int]) -> tuple[str, ...]:
    """The options of a path, without the numbers of items."""
    return tuple(step for step in path if isinstance(step, str))


def _leaves(node: Node, path: str) -> Iterator[tuple[str, Node]]:
    if isinstance(node, Entries):
        for name, inner in node.values.items():
            yield from _leaves(inner, f"{path}.{name}")
    elif isinstance(node, Items):
        for number, item in enumerate(node.values):
            yield from _leaves(item, f"{path}[{number}]")
    else:
        yield path, node


def _place(root: Entries, path: tuple[str | int, ...]) -> Place:
    node: Node = root
    place = root.place
    for step in path:
        inner = within(node, step)
        if inner is None:
            break
        place = node.keys[step] if isinstance(node, Entries) and isinstance(step, str) else inner.place
        node = inner
    return place if isinstance(node, Entries | Items) else node.place


def value_at(values: Any, path: Iterable[str | int]) -> Any:
    """A value within structures and lists; None where there is none.

    Parameters:
        values: of an object
        path: options and indexes, such as "agents", 0, "number"
    """
    for step in path:
        if values.__class__ is dict or isinstance(values, Mapping):
            values = values.get(step)
        else:
            there = isinstance(values, list) and isinstance(step, int) and step < len(values)
            values = values[step] if there else None
    return values


def placed(
    properties: Iterable[Property],
    values: Mapping[str, Any],
    path: tuple[str | int, ...] = (),
    concerns: Callable[[Property], bool] | None = None,
) -> Iterator[tuple[tuple[str | int, ...], Property, Any]]:
    """Every value of an object with its path and its property: structures before their fields, lists by their items.

    Parameters:
        properties: of the values
        values: by option; null is passed over
        path: of the values
        concerns: whether to look at a property and into it; None for every one
    """
    for prop in properties:
        value = values.get(prop.option)
        if value is None or not (concerns is None or concerns(prop)):
            continue
        numbered = enumerate(value) if isinstance(value, list) else ((None, value),)
        for number, item in numbered:
            here = (*path, prop.option) if number is None else (*path, prop.option, number)
            yield here, prop, item
            if isinstance(item, dict):
                yield from placed(prop.fields, item, here, concerns)


def identity_of(kind: ConfigKind, values: Mapping[str, Any]) -> Identity:
    """The identity of an object by its options, be they declared or read from a PBX."""
    return as_identity(values.get(option) for option in kind.identity)


def as_identity(values: Iterable[Any]) -> Identity:
    """An identity in which absent, null, empty text and zero are one: a PBX has year 0 for a holiday of every year."""
    return tuple(None if value in ("", 0) and not isinstance(value, bool) else value for value in values)


def title_of(kind: ConfigKind, identity: Identity) -> str:
    """Display name of an object in messages and plans."""
    named = " / ".join(str(part) for part in identity if part is not None)
    return f"{kind.label} {named}" if named else kind.label


def name_of(kind: ConfigKind, identity: Identity) -> str:
    """Name of an object in patterns: its title without the kind."""
    return title_of(kind, identity).removeprefix(kind.label).strip()


class Defaults(NamedTuple):
    """Values that count for every object of a kind that does not say otherwise."""

    values: dict[str, Any]
    """By option."""
    items: dict[str, dict[str, Any]]
    """By option that is a list of structures: values that count for each item."""
    node: Entries
    """As they were written."""


class Doubt(NamedTuple):
    """A reference or another value that is wrong unless the PBX has the same."""

    key: Key
    """Of the definition, see `Definition.key`."""
    path: tuple[str | int, ...]
    """Options and indexes."""
    value: str
    """Name or number that it refers to, or the text of the value."""
    problem: Problem
    """Message and place."""
    of_other_type: bool = False
    """Whether the object is declared, but of another type than the destination says."""
    refused: bool = False
    """Whether it is no reference, but a value that no task can set."""
    depends_on: tuple[tuple[str | int, ...], ...] = ()
    """Paths of other values of the object that make this one wrong."""
    shared_with: tuple[Key, tuple[str | int, ...]] | None = None
    """For a value that only one object can have: the key of the other one, and the path of its value."""


@dataclass(slots=True)
class Configuration:
    """Everything that the files of a directory declare."""

    definitions: list[Definition] = field(default_factory=list)
    """In the order of the files' names, and within a file as written."""
    required: dict[str, list[str]] = field(default_factory=dict)
    """Names of objects that the target must have, by the plural of their kind."""
    required_places: dict[tuple[str, str], Place] = field(default_factory=dict)
    """Place of each declaration."""
    pbx: dict[str, Any] = field(default_factory=dict)
    """The section `pbx`: url and release of the PBX the files were exported from, and the rules of removal."""
    pbx_places: dict[str, Place] = field(default_factory=dict)
    """Places of its values."""
    defaults: dict[str, Defaults] = field(default_factory=dict)
    """Defaults of each kind by its name."""
    complete: frozenset[str] = frozenset()
    """Names of the kinds of which the files declare every object: only of those can a reference be said to be missing.
    """
    doubts: list[Doubt] = field(default_factory=list)
    """Values that are wrong unless the PBX has the same, once the configuration was checked."""
    refused: dict[str, Refused] = field(default_factory=dict)
    """Values that no task can set, by the name of their kind."""

    @property
    def declares_nothing(self) -> bool:
        """Whether there is nothing to compare a PBX with."""
        return not (self.definitions or self.required or self.complete)

    def of(self, kind: str) -> list[Definition]:
        """The definitions of a kind, by its name."""
        return [one for one in self.definitions if one.kind.name == kind]
