"""A PBX as files: everything that can be declared, without ids, state and credentials. The same PBX gives the same
bytes.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache, cached_property, total_ordering
from typing import Any, Final

from pbx_as_code.config.configuration import identity_of, value_at
from pbx_as_code.config.defaults import defaults_of, without_defaults
from pbx_as_code.config.emitter import emit
from pbx_as_code.config.kinds import DIALLED, KINDS, REQUIRED, SECTIONS, ConfigKind, Reason
from pbx_as_code.config.pbx_rows import read
from pbx_as_code.config.reader import without_collection
from pbx_as_code.config.selection import Selection
from pbx_as_code.config.values import Secret
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.entities import description
from pbx_as_code.errors import Forbidden, NotFound, Unsupported
from pbx_as_code.pbx import Pbx

_PBX_MAKES_UP: Final = frozenset({"fax", "sbc", "user"})
"""Kinds whose credentials the PBX makes up for a new object: no marker asks for them."""
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
        PbxError: something cannot be read; the first failure ends it
    """
    with without_collection():
        return _export(pbx, Selection() if selection is None else selection, parallel, own_number)


def _export(pbx: Pbx, chosen: Selection, parallel: int, own_number: str | None) -> Export:
    made = Export()
    objects: dict[str, list[dict[str, Any]]] = {}
    names: set[str] = set()
    default = None
    zoned: dict[str, list[dict[str, Any]]] = {}
    kinds = [kind for kind in KINDS.values() if chosen.reads(kind)]
    for kind, rows in zip(
        kinds, read(pbx, [kind.name for kind in kinds], parallel, made.unread, made.lacking), strict=True
    ):
        taken = [
            declared(kind, row)
            for row in rows
            if not made_by_pbx(kind, row) and not own_principal(kind, row, own_number)
        ]
        kept = [one for one in taken if chosen.chooses(kind, identity_of(kind, one), department_of(kind, one))]
        for one in kept:
            _leave_out_nulls(kind, one)
        objects[kind.name] = sorted(kept, key=lambda one: order_of(kind, one))
        for one in objects[kind.name]:
            mark_secrets(kind, one, names)
        if kind.name in ("group", "office_hours"):
            zoned[kind.name] = rows
        if kind.name == "group":
            default = next((row.get("name") for row in rows if row.get("is_default")), None)
        lost = sorted({path for row in rows for path in _bound(kind, row)})
        if lost and kept:
            made.left_out[kind.section] = lost
        made.counts[kind.section] = len(kept)
    contents = filed(objects)
    if chosen.everything:
        named: set[str] = set()
        add_texts(objects, named)
        own = {str(one["number"]) for kind in DIALLED for one in objects.get(kind, ()) if one.get("number")}
        required = required_names(pbx, parallel, made.unread, named - own)
        contents["required.yml"] = {"required": required} if required else {}
    about: dict[str, Any] = {"url": pbx.url, "identity": identity_of_pbx(pbx), "release": pbx.release}
    if chosen.everything:
        about |= {"default_department": default} if default else {}
        about |= _zones(pbx, parallel, made, zoned)
        about["complete"] = sorted(
            section for section in made.counts if section not in made.unread and not SECTIONS[section].settings
        )
    contents["pbx.yml"] = {"pbx": about}
    made.contents = {path: content for path, content in sorted(contents.items()) if content}
    return made


def add_texts(values: dict[str, Any] | list[Any], found: set[str]) -> None:
    """Add every text within values to those that were found."""
    for value in values.values() if isinstance(values, dict) else values:
        if value.__class__ is str:
            found.add(value)
        elif value.__class__ in _NESTED:
            add_texts(value, found)


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
    office_hours: list[dict[str, Any]], groups: list[dict[str, Any]], zones: list[dict[str, Any]]
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


def declared(kind: ConfigKind, row: Mapping[str, Any], also: frozenset[str] = frozenset()) -> dict[str, Any]:
    """Return the declared options of an object: identity first, then in the order of the description.

    Parameters:
        kind: of the object
        row: as `Pbx.everything` returns it
        also: paths of options to return as they are, although an export leaves them out or writes a marker
    """
    started = {
        option: value for option, path in kind.started_from.items() if (value := value_at(row, path)) is not None
    }
    return _structure(_leaves(kind.name), {**row, **started} if started else row, also)


@dataclass(frozen=True)
class _Leaf:
    """An option of a kind, with what an export has to know of it: there may be ten thousand objects."""

    option: str
    path: str
    left_out: bool
    secret: bool
    ordered: bool
    fields: tuple[_Leaf, ...]


@cache
def _leaves(kind: str) -> tuple[_Leaf, ...]:
    """The options of a kind: identity first, then in the order of the description."""
    about = KINDS[kind]
    properties = list(about.options.values())
    properties.sort(key=lambda prop: about.identity.index(prop.option) if prop.option in about.identity else 99)
    return _leaves_of(about, properties, "")


def _leaves_of(kind: ConfigKind, properties: Iterable[Property], within: str) -> tuple[_Leaf, ...]:
    return tuple(
        _Leaf(
            prop.option,
            path,
            path in kind.left_out,
            path in kind.secrets,
            bool(prop.ordered or prop.ordered_when),
            _leaves_of(kind, prop.fields, f"{path}.") if prop.kind == "complex" else (),
        )
        for prop in properties
        if not (within and prop.read_only)
        for path in [within + prop.option]
    )


_NESTED: Final = (dict, list)


def _structure(leaves: tuple[_Leaf, ...], row: Mapping[str, Any], also: frozenset[str]) -> dict[str, Any]:
    said: dict[str, Any] = {}
    for leaf in leaves:
        option = leaf.option
        if option not in row or (leaf.left_out and leaf.path not in also):
            continue
        value = row[option]
        if leaf.secret and value not in (None, "") and leaf.path not in also:
            said[option] = Secret("")  # named when its object is known
        else:
            said[option] = _value(leaf, value, also) if value.__class__ in _NESTED else value
    return said


def _value(leaf: _Leaf, value: Any, also: frozenset[str]) -> Any:
    if value.__class__ is list:
        kept = [item for item in [_value(leaf, item, also) for item in value] if not _empty(item)] if value else []
        return kept if leaf.ordered or len(kept) < 2 else sorted(kept, key=repr)
    return _structure(leaf.fields, value, also) if leaf.fields and value.__class__ is dict else value


def _leave_out_nulls(kind: ConfigKind, one: dict[str, Any]) -> None:
    """Leave out null where no write can set it: an apply to another PBX could never succeed."""
    for *within, option in kind.never_null:
        structure = value_at(one, within)
        if structure.__class__ is dict and option in structure and structure[option] is None:
            del structure[option]


def _empty(item: Any) -> bool:
    """Whether an item of a list says nothing: a PBX may fill lists with samples such as {} and ""."""
    if item.__class__ is dict:
        return all(map(_empty, item.values()))
    return item in (None, "", [])


def _bound(kind: ConfigKind, row: Mapping[str, Any]) -> Iterator[str]:
    """Paths of the values that mean something on this PBX only, and are left out."""
    for path, left_out in kind.left_out.items():
        value = value_at(row, path.split("."))
        if left_out.reason is Reason.BOUND and value not in (None, "", [], {}, False):
            yield path


def mark_secrets(kind: ConfigKind, one: dict[str, Any], names: set[str]) -> None:
    """Put a marker wherever a credential is or may be, each with a name that no other has.

    Parameters:
        kind: of the object
        one: the object, which is changed
        names: those that are taken, which are added to
    """
    named = "_".join(str(part) for part in identity_of(kind, one) if part is not None)
    prefix = slug(f"{kind.name}_{named}" if named else kind.name, "_")
    for path in sorted(kind.secrets):
        if kind.name not in _PBX_MAKES_UP:
            _place_marker(one, path.split("."))
    for path in sorted(kind.secrets):
        _name_markers(one, path.split("."), prefix, names)


def _place_marker(structure: Any, path: list[str]) -> None:
    if isinstance(structure, list):
        for item in structure:
            _place_marker(item, path)
    elif isinstance(structure, dict):
        if len(path) > 1:
            _place_marker(structure.get(path[0]), path[1:])
        elif path[0] not in structure:
            structure[path[0]] = Secret("")


def _name_markers(structure: Any, path: list[str], name: str, names: set[str]) -> None:
    """Name the markers along a path; nothing else of an object is looked at."""
    if isinstance(structure, list):
        for number, item in enumerate(structure, 1):
            _name_markers(item, path, f"{name}_{number}", names)
    elif isinstance(structure, dict) and path[0] in structure:
        held = structure[path[0]]
        if isinstance(held, Secret):
            structure[path[0]] = Secret(_untaken(f"{name}_{path[0]}", names)) if not held.name else held
        elif len(path) > 1:
            _name_markers(held, path[1:], f"{name}_{path[0]}", names)


def _untaken(name: str, names: set[str]) -> str:
    """The name, with a number behind it where another credential has it: A-B and A_B have one slug."""
    found, number = name, 2
    while found in names:
        found, number = f"{name}_{number}", number + 1
    names.add(found)
    return found


def filed(objects: Mapping[str, list[dict[str, Any]]]) -> dict[str, dict[str, Any]]:
    """The content of each file by its path.

    Parameters:
        objects: options of the objects of each kind, sorted; what many share becomes defaults
    """
    departments = {department_of(kind, one) for kind in KINDS.values() for one in objects.get(kind.name, ())} - {None}
    slugs = _slugs(sorted(str(name) for name in departments))
    contents: dict[str, dict[str, Any]] = {}
    defaults: dict[str, Any] = {}
    for kind in SECTIONS.values():
        block = {} if kind.settings else defaults_of(objects.get(kind.name, ()), {*kind.identity, *kind.personal})
        if block:
            defaults[kind.section] = block
        for one in objects.get(kind.name, ()):
            department = department_of(kind, one)
            path = kind.file
            if "{department}" in path:
                path = f"{kind.section}.yml" if department is None else path.format(department=slugs[department])
            content = contents.setdefault(path, {})
            if kind.settings:
                content[kind.section] = one
            else:
                content.setdefault(kind.section, []).append(without_defaults(one, block))
    contents["defaults.yml"] = {"defaults": defaults} if defaults else {}
    return contents


def department_of(kind: ConfigKind, one: Mapping[str, Any]) -> str | None:
    """The department an object is filed under, by its options; None where there is none."""
    if kind.name == "group":
        return str(one["name"]) if one.get("name") else None
    value = one.get(kind.department) if kind.department else None
    if isinstance(value, list):
        value = next((item.get("group") for item in value if isinstance(item, Mapping)), None)
    return str(value) if value else None


def _slugs(names: list[str]) -> dict[str, str]:
    found: dict[str, str] = {}
    taken: set[str] = set()
    for name in names:
        wanted = base = slug(name) or "department"
        number = 2
        while wanted in taken:
            wanted, number = f"{base}-{number}", number + 1
        taken.add(wanted)
        found[name] = wanted
    return found


def slug(text: str, between: str = "-") -> str:
    """Lower-case letters and digits of a text, for the name of a file or of a secret."""
    plain = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"[^a-z0-9]+", between, plain).strip(between)


def order_of(kind: ConfigKind, one: Mapping[str, Any]) -> tuple[Any, ...]:
    """Sort key that puts the objects of a kind in the order of an export."""
    return (*(natural(part) for part in identity_of(kind, one)), _Spelled(one))


@total_ordering
class _Spelled:
    """An object in the order of its text, which is made only where identities are equal."""

    def __init__(self, one: Mapping[str, Any]) -> None:
        self._one = one

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Spelled) and repr(self._one) == repr(other._one)

    def __lt__(self, other: _Spelled) -> bool:
        return repr(self._one) < repr(other._one)

    __hash__ = None  # type: ignore[assignment]


def natural(part: Any) -> tuple[int, int, str]:
    """A part of an identity such that numbers come in their order."""
    text = "" if part is None else str(part)
    return (len(text) if text.isascii() and text.isdigit() else 0, 0, text)
