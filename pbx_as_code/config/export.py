"""A PBX as files: everything that can be declared, without ids, state and credentials. The same PBX gives the same
bytes.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from itertools import chain
from typing import Any, Final

from pbx_as_code.config.configuration import identity_of, value_at
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.exporting.emitter import emit
from pbx_as_code.config.exporting.filing import department_of, filed, order_of
from pbx_as_code.config.exporting.markers import mark_secrets, places_markers
from pbx_as_code.config.exporting.named import NamedObjects
from pbx_as_code.config.exporting.refused import has_refused
from pbx_as_code.config.exporting.sharing import add_texts, share
from pbx_as_code.config.exporting.undeclared import dangling, doubts_of, has_undeclared
from pbx_as_code.config.kinds import DIALLED, KINDS, REQUIRED, SECTIONS, ConfigKind
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.pbx_rows import read
from pbx_as_code.config.reader import without_collection
from pbx_as_code.config.selection import Selection
from pbx_as_code.description import EntityDescription
from pbx_as_code.entities import description
from pbx_as_code.errors import Forbidden, NotFound, Unsupported
from pbx_as_code.pbx import Pbx

_NOT_OURS: Final = {"blocklist_address": "expires_at"}
"""Objects with a value here were made by the PBX itself, and go by themselves."""


@dataclass
class Export:
    """The files, and what could not be read."""

    contents: dict[str, dict[str, Any]] = field(default_factory=dict)
    """Structure of each file by its relative path, sorted; a `Secret` stands for each credential."""
    counts: dict[str, int] = field(default_factory=dict)
    """How many objects there are of each kind, by the key of their section."""
    left_out: dict[str, list[str]] = field(default_factory=dict)
    """Options with values that mean something on this PBX only, by the key of their section."""
    unread: dict[str, str] = field(default_factory=dict)
    """Kinds that this PBX does not offer, by the key of their section, and why."""
    lacking: dict[str, list[str]] = field(default_factory=dict)
    """Options that this PBX refuses to show, by the key of their section: the files lack them."""
    dangling: list[str] = field(default_factory=list)
    """Places and options of references that lead nowhere on this PBX, such as to an extension that was removed."""

    @cached_property
    def files(self) -> dict[str, str]:
        """Content by relative path, sorted."""
        return {path: emit(content) for path, content in self.contents.items()}


def export(pbx: Pbx, selection: Selection | None = None, *, parallel: int = 4, own_number: str | None = None) -> Export:
    """Read a PBX and write it as files.

    Parameters:
        pbx: to read; nothing is written to it
        selection: what is wanted; everything where it is None
        parallel: requests at a time
        own_number: number of the service principal that signs in, which is not part of the configuration

    Raises:
        BadOption: a pattern of the selection names nothing
        PbxError: something cannot be read; the first failure ends it
    """
    with without_collection():
        return _export(pbx, Selection() if selection is None else selection, parallel, own_number)


def _export(pbx: Pbx, chosen: Selection, parallel: int, own_number: str | None) -> Export:
    made = Export()
    objects: dict[str, list[dict[str, Any]]] = {}
    names: set[str] = set()
    kinds = [kind for kind in KINDS.values() if chosen.reads(kind)]
    taking = _Taking(chosen, own_number)
    for kind, taken in zip(
        kinds, read(pbx, [one.name for one in kinds], parallel, made.unread, made.lacking, taking.take), strict=True
    ):
        kept = [one for one in taken if one is not None]
        objects[kind.name] = sorted(kept, key=lambda one: order_of(kind, one))
        for one in objects[kind.name]:
            mark_secrets(kind, one, names)
        lost = taking.lost.get(kind.name)
        if lost and kept:
            made.left_out[kind.section] = sorted(lost)
        made.counts[kind.section] = len(kept)
    taking.named.check(made.unread, pbx.url)
    default = next((row.get("name") for row in taking.zoned["group"] if row.get("is_default")), None)
    contents = filed(objects)
    required: dict[str, list[str]] = {}
    if chosen.everything:
        named: set[str] = set()
        add_texts(objects, named)
        own = {str(one["number"]) for kind in DIALLED for one in objects.get(kind, ()) if one.get("number")}
        required = required_names(pbx, parallel, made.unread, named - own)
        contents["required.yml"] = {"required": required} if required else {}
    about: dict[str, Any] = {"url": pbx.url, "identity": identity_of_pbx(pbx), "release": pbx.release}
    if chosen.everything:
        about |= {"default_department": default} if default else {}
        about |= _zones(pbx, parallel, made, taking.zoned)
        about["complete"] = sorted(
            section for section in made.counts if section not in made.unread and not SECTIONS[section].settings
        )
    contents["pbx.yml"] = {"pbx": about}
    made.contents = {path: content for path, content in sorted(contents.items()) if content}
    listed = chain.from_iterable(required.values())
    if has_undeclared(objects, listed) if chosen.everything else has_refused(objects):
        try:
            doubts = doubts_of(Export(made.contents).files)
        except ConfigError as error:  # values of a type that this release does not know
            made.dangling = list(map(str, error.problems))
            return made
        made.dangling = dangling(doubts, pbx, parallel, made.unread)
        about |= {"undeclared": sorted({one.value for one in doubts})} if doubts else {}
    return made


class _Taking:
    """Convert objects of a PBX for files while their further pages are read."""

    def __init__(self, chosen: Selection, own_number: str | None) -> None:
        self._chosen = chosen
        self._own_number = own_number
        self.named = NamedObjects(chosen)
        self._shared: dict[bytes, Any] = {}
        self.lost: dict[str, set[str]] = {}
        """Options with values that mean something on this PBX only, by kind."""
        self.zoned: dict[str, list[dict[str, Any]]] = {"group": [], "office_hours": []}
        """Objects that have time zones, as they were read."""

    def take(self, name: str, row: dict[str, Any]) -> dict[str, Any] | None:
        """The options of one object; None for one that is not to be in the files."""
        kind = KINDS[name]
        if name in self.zoned:
            self.zoned[name].append(row)
        self.lost.setdefault(name, set()).update(_bound(kind, row))
        one = declared(kind, row)
        self.named.look_at(kind, one)
        if made_by_pbx(kind, row) or own_principal(kind, row, self._own_number):
            return None
        if not self._chosen.chooses(kind, identity_of(kind, one), department_of(kind, one)):
            return None
        _leave_out_nulls(kind, one)
        if not places_markers(kind):
            share(one, self._shared)
        return one


def required_names(pbx: Pbx, parallel: int, unread: dict[str, str], used: set[str]) -> dict[str, list[str]]:
    """Names in the exported objects that belong to objects files cannot create, by kind."""
    names = sorted(REQUIRED)
    found: dict[str, list[str]] = {}
    for name, rows in zip(names, read(pbx, names, parallel, unread), strict=True):
        about = description(name)
        listed = sorted({str(row[REQUIRED[name]]) for row in rows if row.get(REQUIRED[name]) is not None} & used)
        if isinstance(about, EntityDescription) and listed:
            found[about.plural] = listed
    return found


def _zones(
    pbx: Pbx, parallel: int, made: Export, rows: Mapping[str, list[dict[str, Any]]]
) -> dict[str, Any]:  # fmt: skip
    """Time zones by name: their ids mean something on one PBX only, and without them no hours can be understood."""
    found = read(pbx, ["time_zone"], parallel, made.unread)[0]
    return zones_of(rows.get("office_hours", []), rows.get("group", []), found)


def zones_of(
    office_hours: Sequence[Mapping[str, Any]], groups: Sequence[Mapping[str, Any]], zones: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    """Options `time_zone` and `time_zones` of the section `pbx`: IANA names, of the PBX and by department.

    Parameters:
        office_hours: the settings, in a list
        groups: departments
        zones: time zones that the PBX knows
    """
    names = {str(zone["id"]): zone["iana_name"] for zone in zones if zone.get("id") and zone.get("iana_name")}
    own = next((names.get(str(row.get("time_zone_id"))) for row in office_hours), None)
    departments = {
        str(row["name"]): names[str(row["time_zone_id"])]
        for row in groups
        if row.get("name") and str(row.get("time_zone_id")) in names
    }
    return ({"time_zone": own} if own else {}) | ({"time_zones": departments} if departments else {})


def identity_of_pbx(pbx: Pbx) -> str:
    """Name that tells a PBX from others: its FQDN, or its address if it does not show one."""
    try:
        status: Mapping[str, Any] = pbx.read("system_status") or {}
    except (Forbidden, NotFound, Unsupported):
        status = {}
    return str(status.get("fqdn") or pbx.url)


def made_by_pbx(kind: ConfigKind, row: Mapping[str, Any]) -> bool:
    """Whether the PBX made an object by itself and will remove it again."""
    return bool(row.get(_NOT_OURS.get(kind.name, "")))


def own_principal(kind: ConfigKind, row: Mapping[str, Any], own_number: str | None) -> bool:
    """Whether it is the service principal that signs in, which is not part of a configuration."""
    return kind.name == "service_principal" and own_number is not None and row.get("number") == own_number


def _leave_out_nulls(kind: ConfigKind, one: dict[str, Any]) -> None:
    """Leave out null where no write can set it: an apply to another PBX could never succeed."""
    for *within, option in kind.never_null:
        structure = value_at(one, within)
        if structure.__class__ is dict and option in structure and structure[option] is None:
            del structure[option]


def _bound(kind: ConfigKind, row: Mapping[str, Any]) -> Iterator[str]:
    """Paths of the values that mean something on this PBX only, and are left out."""
    for path, steps in kind.bound:
        if value_at(row, steps) not in (None, "", [], {}, False):
            yield path
