"""The definitions of a configuration, indexed for the nodes that are made of them."""

from __future__ import annotations

from collections.abc import Iterator
from functools import cached_property

from pbx_as_code.callflow.build import values as read
from pbx_as_code.callflow.model.refs import Kind, Ref, rule_key
from pbx_as_code.callflow.model.schedule import Holiday
from pbx_as_code.config.configuration import Configuration, Definition, identity_of
from pbx_as_code.config.time_zones import is_zone
from pbx_as_code.description import is_empty_route

DIALLED = (
    Kind.USER, Kind.QUEUE, Kind.RING_GROUP, Kind.RECEPTIONIST, Kind.PARKING, Kind.FAX, Kind.CALL_FLOW_APP,
)  # fmt: skip
"""Kinds that share one set of numbers; a trunk has a number, but no call is sent to it by that number."""


class Sources:
    """A configuration by kind, number and name."""

    def __init__(self, configuration: Configuration) -> None:
        self.configuration = configuration
        self.complete = frozenset(configuration.complete)
        self.by_kind: dict[str, list[Definition]] = {}
        for definition in configuration.definitions:
            self.by_kind.setdefault(definition.kind.name, []).append(definition)
        self.numbers: dict[str, Ref] = {}
        self.collisions: dict[str, list[Ref]] = {}
        self.definitions: dict[Ref, Definition] = {}
        self._index()

    def _index(self) -> None:
        for kind in (Kind.DEPARTMENT, Kind.TRUNK, *DIALLED):
            option = "name" if kind is Kind.DEPARTMENT else "number"
            for definition in self.by_kind.get(kind.value, ()):
                key = read.text(definition.values, option)
                if key is None:
                    continue
                ref = Ref(kind, key)
                self.definitions.setdefault(ref, definition)
                if kind in DIALLED:
                    first = self.numbers.setdefault(key, ref)
                    if first != ref:
                        self.collisions.setdefault(key, [first]).append(ref)
        for number in self.configuration.required.get("system_extensions", ()):
            self.numbers.setdefault(number, Ref(Kind.SYSTEM_EXTENSION, number))
        for kind in (Kind.INBOUND_RULE, Kind.OUTBOUND_RULE):
            for definition in self.by_kind.get(kind.value, ()):
                self.definitions[Ref(kind, self.key_of_rule(kind, definition))] = definition

    def key_of_rule(self, kind: Kind, definition: Definition) -> str:
        """Key of the ref of an inbound or outbound rule."""
        if kind is Kind.OUTBOUND_RULE:
            return rule_key(read.text(definition.values, "name") or "", twin=definition.twin)
        values = definition.values
        parts = [read.text(values, option) for option in ("trunk", "condition", "data", "call_type")]
        return rule_key(*parts, twin=definition.twin)

    @cached_property
    def default_department(self) -> Ref | None:
        """The default department, if the files tell: `pbx.default_department`, or the only one there is."""
        named = self.configuration.pbx.get("default_department")
        if named:
            return Ref(Kind.DEPARTMENT, str(named))
        groups = self.by_kind.get("group", [])
        marked = [one for one in groups if one.values.get("is_default") is True]
        chosen = marked or (groups if len(groups) == 1 and "group" in self.complete else [])
        return Ref(Kind.DEPARTMENT, str(chosen[0].values.get("name"))) if len(chosen) == 1 else None

    def departments(self, values: read.Values, option: str = "groups") -> tuple[Ref, ...]:
        """Departments that an object says it belongs to."""
        return tuple(Ref(Kind.DEPARTMENT, name) for name in read.department_names(values, option))

    def trunk(self, name: str | None) -> Ref | None:
        """A trunk by its number, or by the name of its gateway; None for an empty slot of a rule."""
        if name is None or is_empty_route("Trunks", name):
            return None
        ref = Ref(Kind.TRUNK, name)
        return ref if ref in self.definitions else self._trunk_names.get(name, ref)

    @cached_property
    def _trunk_names(self) -> dict[str, Ref]:
        found: dict[str, Ref] = {}
        for definition in self.by_kind.get("trunk", ()):
            gateway = read.structure(definition.values, "gateway")
            name = read.text(gateway, "name") if gateway else None
            if name:
                found.setdefault(name, Ref(Kind.TRUNK, str(definition.values["number"])))
        return found

    @cached_property
    def names(self) -> dict[str, Ref]:
        """Objects by a name that only one of them has: files may say a name instead of a number."""
        found: dict[str, list[Ref]] = {}
        for ref, definition in self.definitions.items():
            if ref.kind in DIALLED and (name := name_of(definition)):
                found.setdefault(name, []).append(ref)
        return {name: refs[0] for name, refs in found.items() if len(refs) == 1}

    def zone_of(self, department: str, given: str | None) -> str | None:
        """IANA name of a department's time zone; None if it has none, or if only an id of one PBX is known.

        Parameters:
            department: its name
            given: its `time_zone_id`
        """
        zones = self.configuration.pbx.get("time_zones")
        named = zones.get(department) if isinstance(zones, dict) else None
        return zone_name(named) or zone_name(given)

    @cached_property
    def _holidays(self) -> dict[str | None, list[Holiday]]:
        from pbx_as_code.callflow.build.departments import holiday

        found: dict[str | None, list[Holiday]] = {}
        for definition in self.by_kind.get("holiday", ()):
            one = holiday(definition)
            found.setdefault(one.department, []).append(one)
        return found

    def holidays_of(self, department: str) -> tuple[Holiday, ...]:
        """Holidays of a department and those of all departments, by date; the order of files means nothing."""
        both = [*self._holidays.get(department, ()), *self._holidays.get(None, ())]
        return tuple(sorted(both, key=lambda one: (one.month or 0, one.day or 0, one.year or 0, one.name)))

    @cached_property
    def _served(self) -> dict[str, Ref]:
        """Inbound rules by the DID for which the PBX names them."""
        rules = {
            identity_of(definition.kind, definition.values): ref for ref, definition in self.every(Kind.INBOUND_RULE)
        }
        listed: dict[str, tuple[str | None, ...]] = self.configuration.pbx.get("did_rules") or {}
        return {number: rules[identity] for number, identity in listed.items() if identity in rules}

    def served_by(self, number: str) -> Ref | None:
        """The inbound rule that the PBX itself names for a DID."""
        return self._served.get(number)

    def settings(self, kind: str) -> read.Values | None:
        """The options of settings; None if the configuration does not have them."""
        return next((definition.values for definition in self.by_kind.get(kind, ())), None)

    def every(self, kind: Kind) -> Iterator[tuple[Ref, Definition]]:
        """The definitions of a kind with their refs."""
        return ((ref, definition) for ref, definition in self.definitions.items() if ref.kind is kind)


def name_of(definition: Definition) -> str | None:
    """Name that people give an object."""
    values = definition.values
    named = read.text(values, "name") or read.text(values, "rule_name")
    if named is None and definition.kind.name == "user":
        parts = (read.text(values, option) for option in ("first_name", "last_name"))
        named = " ".join(part for part in parts if part)
    if named is None and definition.kind.name == "trunk":
        gateway = read.structure(values, "gateway")
        named = read.text(gateway, "name") if gateway else None
    return named or None


def zone_name(given: object) -> str | None:
    """A text if it is the name of a time zone; an id of one PBX is none."""
    return given if isinstance(given, str) and is_zone(given) else None
