"""One side of a comparison: the objects that files declare, that a plan leads to, or that a PBX has."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from pbx_as_code.config.configuration import Configuration, Definition, Identity, Key, identity_of
from pbx_as_code.config.export import identity_of_pbx, made_by_pbx, own_principal
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.exporting.filing import department_of, order_of
from pbx_as_code.config.exporting.named import NamedObjects
from pbx_as_code.config.kinds import KINDS, ConfigKind, Reason
from pbx_as_code.config.nodes import Entries, Place
from pbx_as_code.config.pbx_rows import answered_nulls, read
from pbx_as_code.config.planning.naming import Naming
from pbx_as_code.config.planning.operations import Doing, Plan
from pbx_as_code.config.reader import without_collection
from pbx_as_code.config.selection import Selection
from pbx_as_code.engine.compare.answered_nulls import Nulls
from pbx_as_code.pbx import Pbx


@dataclass
class Side:
    """Objects with their options.

    Attributes:
        name: for people
        definitions: the objects
        departments: options of all departments, whatever is compared: references name them
        about: of the PBX: `identity`, `release` and `default_department`, as far as known
        complete: kinds of which all objects are among them
        declared: kinds of which it has objects, whether they were chosen or not
        removed: objects that a plan removes
        partial: whether it declares changes only, as a plan does
        unread: kinds that the PBX does not offer, by the key of their section, and why
        nulls: options that the PBX answered as null, by kind, identity and twin; other nulls are equal to zero
        named: objects that the selection names, whether they are there
    """

    name: str
    definitions: list[Definition] = field(default_factory=list)
    departments: list[dict[str, Any]] = field(default_factory=list)
    about: dict[str, Any] = field(default_factory=dict)
    complete: frozenset[str] = frozenset()
    declared: frozenset[str] = frozenset()
    removed: frozenset[tuple[str, Identity]] = frozenset()
    partial: bool = False
    unread: dict[str, str] = field(default_factory=dict)
    nulls: dict[Key, Nulls] = field(default_factory=dict)
    named: NamedObjects = field(default_factory=lambda: NamedObjects(Selection()))

    @property
    def kinds(self) -> set[str]:
        """Names of the kinds of which it has, or would have, objects."""
        return {one.kind.name for one in self.definitions} | self.complete | self.declared

    def naming(self, renamed: Mapping[str, str] | None = None) -> Naming:
        """Names that references use on this side.

        Parameters:
            renamed: new names of departments, by those they have here
        """
        return Naming(Configuration(list(self.definitions)), {"group": self.departments}, renamed)


def of_files(name: str, configuration: Configuration, selection: Selection | None = None) -> Side:
    """Return the objects that files declare.

    Parameters:
        name: for people
        configuration: of the files
        selection: what is compared; everything if it is None
    """
    chosen = selection or Selection()
    kept = [one for one in configuration.definitions if _chosen(chosen, one.kind, one.values)]
    complete = frozenset(kind for kind in configuration.complete if chosen.reads(KINDS[kind]))
    departments = [one.values for one in configuration.of("group")]
    named = NamedObjects(chosen)
    for one in configuration.definitions:
        named.look_at(one.kind, one.values)
    declared_kinds = frozenset(one.kind.name for one in configuration.definitions if chosen.reads(one.kind))
    return Side(name, kept, departments, dict(configuration.pbx), complete, declared_kinds, named=named)


def of_pbx(
    name: str,
    pbx: Pbx,
    selection: Selection | None = None,
    *,
    parallel: int = 4,
    own_number: str | None = None,
    bound: bool = False,
) -> Side:
    """Return the objects of a PBX.

    Parameters:
        name: for people
        pbx: to read; nothing is written to it
        selection: what is compared; everything if it is None
        parallel: requests at a time
        own_number: number of the service principal that signs in, which is not part of the configuration
        bound: also options that mean something on one PBX only

    Raises:
        PbxError: something cannot be read; the first failure ends it
    """
    chosen = selection or Selection()
    kinds = [kind for kind in KINDS.values() if chosen.reads(kind) or kind.name == "group"]
    side = Side(name, named=NamedObjects(chosen))
    with without_collection():
        lacking: dict[str, list[str]] = {}
        found = read(pbx, [kind.name for kind in kinds], parallel, side.unread, lacking)
        side.unread |= {
            section: f"{pbx.url} refuses to show {', '.join(options)}" for section, options in lacking.items()
        }
    default = None
    for kind, rows in zip(kinds, found, strict=True):
        also = bound_options(kind) if bound else frozenset()
        if kind.name == "group":
            default = next((row.get("name") for row in rows if row.get("is_default")), None)
            side.departments = [{"name": row.get("name"), "number": row.get("number")} for row in rows]
        taken = [row for row in rows if not made_by_pbx(kind, row) and not own_principal(kind, row, own_number)]
        known = [(declared(kind, row, also), answered_nulls({kind.name: rows}, kind.name, row)) for row in taken]
        _add_with_twins(side, kind, known, chosen)
    side.about = {"identity": identity_of_pbx(pbx), "release": pbx.release, "default_department": default}
    side.complete = frozenset(
        kind.name
        for kind in kinds
        if chosen.reads(kind) and not kind.settings and kind.section not in side.unread
    )  # fmt: skip
    return side


def of_plan(name: str, plan: Plan) -> Side:
    """Return the options that a plan sets, and the objects that it removes.

    Parameters:
        name: for people
        plan: as it was written with --out
    """
    values: dict[Key, dict[str, Any]] = {}
    places: dict[Key, Place] = {}
    removed = set()
    for one in plan.operations:
        key = (one.kind, one.identity, one.twin)
        if one.doing is Doing.REMOVE:
            removed.add(key[:2])
        elif one.doing is not Doing.FREE:
            values.setdefault(key, {}).update(one.sends)
            places.setdefault(key, one.place or Place(name, 0, 0))
    definitions = []
    for (kind_name, identity, twin), options in values.items():
        kind = KINDS[kind_name]
        named = dict(zip(kind.identity, identity, strict=False))
        node = Entries(places[kind_name, identity, twin])
        definitions.append(Definition(kind, {**named, **options}, node, twin=twin))
    about = {"identity": plan.identity, "release": plan.release}
    return Side(name, definitions, about=about, removed=frozenset(removed), partial=True)


def bound_options(kind: ConfigKind) -> frozenset[str]:
    """Paths of the options of a kind that mean something on one PBX only."""
    return frozenset(path for path, why in kind.left_out.items() if why.reason is Reason.BOUND)


def _add_with_twins(
    side: Side, kind: ConfigKind, known: list[tuple[dict[str, Any], Nulls]], chosen: Selection
) -> None:  # fmt: skip
    seen: dict[Identity, int] = {}
    for values, nulls in sorted(known, key=lambda one: order_of(kind, one[0])):
        identity = identity_of(kind, values)
        side.named.look_at(kind, values)
        if not _chosen(chosen, kind, values):
            continue
        twin = seen.get(identity, 0)
        seen[identity] = twin + 1
        side.definitions.append(Definition(kind, values, Entries(Place("", 0, 0)), twin=twin))
        if nulls:
            side.nulls[kind.name, identity, twin] = nulls


def _chosen(chosen: Selection, kind: ConfigKind, values: Mapping[str, Any]) -> bool:
    return chosen.reads(kind) and chosen.chooses(kind, identity_of(kind, values), department_of(kind, values))
