"""Names by which objects refer to each other, on the PBX and in the files."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Container, Iterable, Iterator, Mapping, Sequence
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Definition, options_in, value_at
from pbx_as_code.config.kinds import DIALLED, names_in
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.description import Property, Reference
from pbx_as_code.walk import Step, steps

Row = dict[str, Any]
Path = tuple[str | int, ...]
Goal = tuple[str, str]
"""The target of a reference: the entity set, and the usual name in it."""

TARGETS: Final[Mapping[str, tuple[str, tuple[str, ...]]]] = {
    "Groups": ("group", ("name", "number")),
    "Trunks": ("trunk", ("number", "gateway.name")),
    "Peers": ("peer", ("number", "name")),
    "PromptSets": ("prompt_set", ("name",)),
    "FxsTemplates": ("fxs_template", ("id",)),
    "Sbcs": ("sbc", ("name",)),
    "EmergencyGeoLocations": ("emergency_locations", ("friendly_name",)),
    "Defs/GatewayParameters": ("gateway_parameter", ("name",)),
    "Defs/GatewayParameterValues": ("gateway_parameter_value", ("name",)),
}
"""By entity set of a reference: the kind that lists it, and the options that name its objects, the usual one first."""
SPARED: Final = frozenset({"emergency_locations", "gateway_parameter", "gateway_parameter_value", "time_zone"})
"""Those of these kinds that not every role may read. Then references to them are not judged before they are written."""
DECLARED_AS: Final[Mapping[str, tuple[str, ...]]] = {
    "Groups": ("group",), "Trunks": ("trunk",), "Peers": DIALLED, "Sbcs": ("sbc",),
    "EmergencyGeoLocations": ("emergency_locations",),
}  # fmt: skip
"""The kinds that create what is referred to."""
LISTED_IN: Final[Mapping[str, str]] = {"emergency_locations": "locations"}
"""Settings that list what others refer to, and the option that holds the list."""
_OF_TYPE: Final[Mapping[str, str]] = {
    "Extension": "user", "Fax": "fax", "IVR": "receptionist", "Parking": "parking", "Queue": "queue",
    "RingGroup": "ring_group", "RoutePoint": "call_flow_app",
}  # fmt: skip
"""Kinds by the type that a PBX lists with a number."""


class Naming:
    """Names of the objects of one PBX and of the files for it."""

    def __init__(
        self,
        configuration: Configuration,
        rows: Mapping[str, list[Row]],
        renamed: Mapping[str, str] | None = None,
        unread: Container[str] = (),
    ) -> None:
        """Names that references may use.

        Parameters:
            configuration: the files
            rows: by kind, as they were read
            renamed: new names of departments, by the names they have on the PBX
            unread: kinds that cannot be read, so that nobody knows their objects
        """
        self._configuration = configuration
        self._rows = rows
        self.renamed: Mapping[str, str] = renamed or {}
        self._others: dict[str, frozenset[str]] = {}
        self._called = {target: self._names_of(target) for target, (kind, _) in TARGETS.items() if kind not in unread}

    def usual(self, prop: Property, value: str) -> str:
        """The name everybody uses for what a property refers to by some name."""
        assert prop.reference is not None  # noqa: S101 asked for references only
        if self.is_other_name(prop.reference, value):
            return value
        return self._called.get(prop.reference.entity_set, {}).get(value, value)

    def is_other_name(self, reference: Reference, value: str) -> bool:
        """Whether a plain text has another name of an object than the one that is stored: nothing translates it."""
        return len(reference.names) == 1 and self.has_other_name(reference.entity_set, value)

    def has_other_name(self, entity_set: str, value: str) -> bool:
        """Whether an object is called so, but not usually."""
        return value in self._others.get(entity_set, ())

    def known(self, entity_set: str) -> Mapping[str, str] | None:
        """Every name of the objects of a set, and what they are usually called; None where nobody knows them."""
        return self._called.get(entity_set)

    def kinds_on_pbx(self, numbers: set[str]) -> dict[str, str]:
        """The kinds of those numbers that the PBX has and the files do not declare, as far as they were read."""
        declared = {str(one.values.get("number")) for kind in DIALLED for one in self._configuration.of(kind)}
        if numbers <= declared:  # as in most files
            return {}
        typed = ((row.get("number"), _OF_TYPE.get(str(row.get("type")))) for row in self._rows.get("peer", ()))
        found = {str(number): kind for number, kind in typed if kind is not None}
        found |= {str(row.get("number")): kind for kind in DIALLED for row in self._rows.get(kind, ())}
        return {number: kind for number, kind in found.items() if number in numbers - declared}

    def calls_all(self, names: Iterable[tuple[str, str]]) -> bool:
        """Whether names, each with its entity set, are those that everybody uses."""
        return all(self._called.get(entity_set, {}).get(name, name) == name for entity_set, name in names)

    def goals(self, one: Definition) -> Iterator[tuple[Path, Goal]]:
        """References of a declared object."""
        yield from self.goals_of(one.kind.name, one.values)

    def goals_of(self, kind: str, values: Mapping[str, Any]) -> Iterator[tuple[Path, Goal]]:
        """References of an object by its options, be they declared or read from a PBX."""
        for path, reference, value in references(by_option(kind), values, ()):
            called = self._called.get(reference.entity_set, {})
            yield path, (reference.entity_set, called.get(value, value))

    def _names_of(self, target: str) -> dict[str, str]:
        """Usual name of each object of a set, by each of its names on the PBX or in the files."""
        kind, options = TARGETS[target]
        rows: list[Mapping[str, Any]] = listed(kind, self._rows.get(kind, ()))
        if target == "Peers" and not rows:  # not read, because these are enough
            rows += [row for dialled in DIALLED for row in self._rows.get(dialled, ())]
        # Of two departments of one name, the PBX calls each by its number.
        shared = {name for name, times in Counter(str(at(row, options[0])) for row in rows).items() if times > 1}
        declared = [one for name in DECLARED_AS.get(target, ()) for one in self._configuration.of(name)]
        if any(LISTED_IN.get(one.kind.name) in one.values for one in declared):
            rows = []  # the declared list replaces that of the PBX
        rows += [row for one in declared for row in listed(one.kind.name, [one.values])]
        firsts = [at(row, options[0]) for row in rows]
        usual = {str(first) for first in firsts if first not in (None, "")}
        found: dict[str, set[str]] = defaultdict(set)
        for option in options[1:]:
            for row, first in zip(rows, firsts, strict=True):
                name = at(row, option)
                if name not in (None, "") and first not in (None, ""):
                    found[str(name)].add(str(name if str(first) in shared else first))
        others = {name: next(iter(those)) for name, those in found.items() if len(those) == 1}
        self._others[target] = frozenset(name for name in others.keys() - usual if others[name] != name)
        names = others | {name: name for name in usual}
        if target == "Groups":
            names |= {name: self.renamed.get(first, first) for name, first in names.items()}
        return names


def listed(kind: str, rows: Iterable[Mapping[str, Any]]) -> list[Mapping[str, Any]]:
    """The objects that others can refer to: those of a kind, or those that settings list.

    Parameters:
        kind: in TARGETS
        rows: of the kind
    """
    option = LISTED_IN.get(kind)
    return list(rows) if option is None else [item for row in rows for item in row.get(option) or ()]


def all_names(target: str, kind: str, rows: Iterable[Mapping[str, Any]]) -> set[str]:
    """Every name that references may use for objects.

    Parameters:
        target: entity set of the references
        kind: of the objects
        rows: the objects, or the settings that list them
    """
    return {str(at(row, option)) for row in listed(kind, rows) for option in TARGETS[target][1]}


def names_for_others(kind: str, values: Mapping[str, Any]) -> list[Goal]:
    """The names by which others refer to an object, by entity set."""
    return [
        (target, str(name))
        for target, kinds in DECLARED_AS.items()
        if kind in kinds
        for row in listed(kind, [values])
        if (name := row.get(TARGETS[target][1][0])) not in (None, "")
    ]


def references(
    properties: tuple[Property, ...], values: Mapping[str, Any], path: Path
) -> Iterator[tuple[Path, Reference, str]]:
    """Each name by which an object refers to another one."""
    return _referring(steps(properties), values, path)


def has_reference(kind: str, row: Mapping[str, Any], path: Path, name: str) -> bool:
    """Whether an option of an object on the PBX already contains this reference.

    Parameters:
        kind: of the object
        row: the object on the PBX
        path: of the option, from `references`; positions in lists do not count
        name: in the reference, such as the number of a queue
    """
    return occurrences(kind, row, path, name) > 0


def occurrences(kind: str, values: Mapping[str, Any], path: Path, name: str) -> int:
    """How often an option of an object contains a reference.

    Parameters:
        kind: of the object
        values: its options, or some of them
        path: of the option, from `references`; positions in lists do not count
        name: in the reference, such as the number of a queue
    """
    options = options_in(path)
    return sum(there == name and options_in(at) == options for at, _, there in references(by_option(kind), values, ()))


def _referring(of: tuple[Step, ...], values: Mapping[str, Any], path: Path) -> Iterator[tuple[Path, Reference, str]]:
    for step in of:
        value = values.get(step.name)
        if not value:
            continue
        here, listed = (*path, step.name), value.__class__ is list
        for number, item in enumerate(value if listed else (value,)):
            if item.__class__ is dict:
                yield from _referring(step.within, item, (*here, number) if listed else here)
            elif step.reference is not None and item and isinstance(item, str):
                for name in names_in(step.reference, item):
                    yield (*here, number) if listed else here, step.reference, name


def referred(kind: str, objects: Sequence[Mapping[str, Any]], found: set[Goal]) -> None:
    """Add what objects refer to: the entity set and the name in the files.

    Parameters:
        kind: of the objects
        objects: their options; they may share structures and lists, and each is looked at once
        found: what others refer to
    """
    for step in steps(by_option(kind)):
        seen: set[int] = set()
        for values in objects:
            value = values.get(step.name)
            if value and id(value) not in seen:
                seen.add(id(value))
                found.update((ref.entity_set, name) for _, ref, name in _referring((step,), {step.name: value}, ()))


def at(row: Mapping[str, Any], option: str) -> Any:
    """A value within structures, such as gateway.name; None where there is none."""
    return value_at(row, option.split(".")) if "." in option else row.get(option)
