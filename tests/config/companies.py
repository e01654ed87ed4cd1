"""Random companies: simulated PBXs after many random changes, and what has to be true of their files."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from itertools import count
from random import Random
from typing import Any, Final

from pbx_as_code import PbxError
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.kinds import KINDS, REQUIRED, ConfigKind
from pbx_as_code.config.layering.contents import REQUIRED_SECTIONS
from pbx_as_code.config.planning.limits import Limits
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.entities import description
from pbx_simulator import SimulatedPbx
from tests.collection.property_values import KNOWN, known_names
from tests.config.applying import Site, site
from tests.config.seeds import TEXTS

CHANGES: Final = 150
_OWN: Final = frozenset({"service_principal"})
"""Kinds that stay: the tests sign in with one."""
_OFTEN: Final = frozenset(
    {"user", "queue", "ring_group", "receptionist", "inbound_rule", "outbound_rule", "trunk", "group", "holiday"}
)
_NAMED: Final[Mapping[str, tuple[tuple[str, str], ...]]] = {
    "Groups": (("group", "name"),),
    "Trunks": (("trunk", "number"),),
    "Peers": (("user", "number"), ("queue", "number"), ("ring_group", "number")),
}
"""By entity set of a reference: kinds that can be meant, and the option that names one."""


class Company:
    """A simulated PBX that is changed at random."""

    def __init__(self, at: Site, seed: int) -> None:
        self._at = at
        self._random = Random(seed)
        self._numbers = count(1)
        self._values: Mapping[str, Callable[[], Any]] = {
            "bool": lambda: self._random.random() < 0.5,
            "int": lambda: self._any(0, 1, 2, 5, 10, 30, 60, 120),
            "float": lambda: self._any(0.0, 0.5, 1.0, 2.25),
            "telephone": lambda: self._any(f"+1555{self._next():05}", f"0049 30 {self._next()}", f"*0{self._next()}"),
            "email": lambda: f"u{self._next()}@example.com",
            "datetime": lambda: self._any("2026-01-31T08:00:00Z", "2027-02-28T09:30:00+02:00"),
            "date": lambda: f"2026-0{self._random.randint(1, 9)}-11",
            "time": lambda: self._any("08:00:00", "00:00:00", "23:59:59"),
            "duration": lambda: self._any("PT8H", "PT0S", "PT90M", "P1D"),
            "day_begin": lambda: self._any("PT8H", "PT9H30M"),
            "day_end": lambda: self._any("PT17H", "PT18H30M"),
            "mac": lambda: f"{self._random.getrandbits(48):012x}",
            "network": lambda: f"192.0.2.{self._random.randint(1, 200)}/32",
            "uuid": lambda: f"00000000-0000-4000-8000-{self._next():012}",
            "profile": lambda: self._any("Available", "Away", "Out of office"),
        }

    def change(self) -> int:
        """Change it many times; how many of the changes the PBX took."""
        kinds = [kind for kind in KINDS.values() if kind.name not in _OWN]
        often = [4 if kind.name in _OFTEN else 1 for kind in kinds]
        names = self._names()
        taken = 0
        for kind in self._random.choices(kinds, often, k=CHANGES):
            try:
                taken += self._change_one(kind, names)
            except PbxError:
                continue
            if kind.name in _OFTEN:
                names = self._names()
        return taken

    def _names(self) -> dict[str, list[str]]:
        pbx = self._at.pbx
        return {
            place: [str(row[option]) for kind, option in kinds for row in pbx.info(kind)]
            for place, kinds in _NAMED.items()
        }

    def _change_one(self, kind: ConfigKind, names: Mapping[str, list[str]]) -> bool:
        about = kind.description
        options = {
            option: prop for option, prop in kind.options.items()
            if option not in kind.left_out and not (prop.read_only or prop.secret or prop.write_only)
        }  # fmt: skip
        chosen = self._random.sample(sorted(options), min(len(options), self._random.randint(1, 5)))
        values = {option: self._value(options[option], names) for option in chosen}
        if isinstance(about, EntityDescription):
            rows = self._at.pbx.info(kind.name)
            if rows and self._random.random() < 0.6:
                if not about.can_update:
                    return False
                key = about.key.option
                named = {key: self._any(*rows)[key]}
                values = {option: value for option, value in values.items() if option not in kind.identity} | named
            elif about.can_create:
                values |= {
                    option: str(3000 + self._next()) if option == "number" else self._value(options[option], names)
                    for option in kind.identity if option in options
                }  # fmt: skip
            else:
                return False
        self._at.pbx.ensure(kind.name, **values)
        return True

    def _value(self, prop: Property, names: Mapping[str, list[str]]) -> Any:
        if prop.kind == "flags":
            return self._random.sample(list(prop.choices), min(2, len(prop.choices)))
        if prop.many:
            return [self._one(prop, names) for _ in range(self._any(0, 1, 1, 2, 3))]
        return None if prop.nullable and not prop.fields and self._random.random() < 0.15 else self._one(prop, names)

    def _one(self, prop: Property, names: Mapping[str, list[str]]) -> Any:
        if prop.reference is not None:
            return self._any(*(names.get(prop.reference.entity_set) or known_names(prop.reference)))
        if prop.kind == "complex":
            fields = [one for one in prop.fields if not (one.read_only or one.secret or one.write_only)]
            return {
                one.option: self._value(one, names)
                for one in fields
                if one.name in prop.item_key or self._random.random() < 0.6
            }
        if prop.choices:
            return self._any(*prop.choices)
        if prop.name in KNOWN:
            return self._any(*KNOWN[prop.name])
        made = self._values.get(prop.kind)
        return made() if made is not None else self._any(*TEXTS, *(f"text {self._next()}" for _ in range(40)))

    def _any(self, *values: Any) -> Any:
        return self._random.choice(values)

    def _next(self) -> int:
        return next(self._numbers)


EVERYTHING: Final = tuple(kind.section for kind in KINDS.values() if not kind.settings and kind.name != "group")
"""Kinds to prune. Departments may have members that no file can move."""


def check_rebuilt(traits: frozenset[str], seed: int) -> None:
    """A company plans nothing for itself, and is built again on an empty PBX."""
    with company(traits, seed) as source, SimulatedPbx("empty", traits=traits) as new, site(new) as target:
        files = exported_and_checked(source)
        provide(source.simulated, new)
        brought_to(target, files)


def check_becomes(traits: frozenset[str], seed: int, other: int) -> None:
    """A PBX that is the other company becomes this one, with consent to removals."""
    with company(traits, seed) as source, company(traits, other) as target:
        brought_to(target, exported_and_checked(source), prune=EVERYTHING)


@contextmanager
def company(traits: frozenset[str], seed: int) -> Iterator[Site]:
    """The built-in company after many random changes."""
    with SimulatedPbx(traits=traits) as simulated, site(simulated) as at:
        assert Company(at, seed).change() > CHANGES / 2
        yield at


def exported_and_checked(at: Site) -> Configuration:
    """Its files: they plan nothing for it."""
    files = at.exported()
    made = at.plan(files)
    assert (made.operations, made.impossible, made.unmanaged) == ([], [], [])
    assert {one.why for one in made.uncompared} <= {"the PBX does not show credentials"}
    return files


def brought_to(at: Site, files: Configuration, **consent: Any) -> None:
    """Apply files until nothing is left to do.

    One apply is enough, unless it creates an emergency location of an id that objects already refer to: then these
    objects seem to be changed by somebody else, and are changed by a second one.
    """
    files = possible(at, files, consent)
    for _ in range(2):
        applied = at.apply(at.plan(files, **consent), limits=Limits(objects=100_000, percent=100))
        again = at.plan(files, **consent)
        assert again.impossible == [], again.impossible
        if not again.operations:
            assert not applied.failed, [one for one in applied.fates if one.why]
            return
        assert applied.failed, "everything was done, and more is to be done"
    raise AssertionError([one for one in applied.fates if one.why])


def possible(at: Site, files: Configuration, consent: Mapping[str, Any]) -> Configuration:
    """Files without objects that the PBX cannot have, such as those that refer to what their own PBX does not have."""
    while (made := at.plan(files, **consent)).impossible:
        refused = {(kind, identity) for kind, identity, _ in made.impossible}
        refused |= {(kind, (None, *identity[1:])) for kind, identity in refused}  # of the default department
        kept = [one for one in files.definitions if (one.kind.name, one.identity) not in refused]
        required = {
            section: [name for name in names if (REQUIRED_SECTIONS[section], (name,)) not in refused]
            for section, names in files.required.items()
        }
        fewer = replace(files, definitions=kept, required=required)
        assert (len(kept), required) != (len(files.definitions), files.required), made.impossible
        files = fewer
    return files


def provide(old: SimulatedPbx, new: SimulatedPbx) -> None:
    """Give a PBX what files require and cannot create."""
    for kind, option in REQUIRED.items():
        about = description(kind)
        assert isinstance(about, EntityDescription)
        if "/" in about.entity_set:  # what a function lists is that of every PBX
            continue
        name = {**{key.option: key.name for key in about.keys}, **{p.option: p.name for p in about.properties}}[option]
        there = {row[name] for row in new.entities(about.entity_set)}
        for row in old.entities(about.entity_set):
            if row[name] not in there:
                new.put(about.entity_set, row)
