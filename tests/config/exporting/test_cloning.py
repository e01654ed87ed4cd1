"""No number or name of the source stays unseen in any option of any kind: it changes, or it is listed."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

import pytest

from pbx_as_code.cloning import CloneMap, read_map
from pbx_as_code.cloning.hints import OldNames, hints
from pbx_as_code.cloning.names import Names
from pbx_as_code.cloning.roles import Role, role_of
from pbx_as_code.cloning.values import Changed, Values
from pbx_as_code.config.configuration import Configuration, Definition
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import Entries, Place
from pbx_as_code.config.planning.naming import Naming
from pbx_as_code.description import Property

SOURCE: Final = """\
groups: [{name: Zanzibar}]
users: [{number: "7101", groups: [{group: Zanzibar}]}]
trunks: [{number: "19977", gateway: {name: Quoll line}, did_numbers: ["+491557701"]}]
"""
MAP: Final = """\
numbers: {"7101": "3101", "19977": "10055"}
dids: {"+491557701": "+492008801"}
trunks: {Quoll line: New line}
departments: {Zanzibar: Berlin}
domains: {quagga.example: heron.example}
languages: {EN: DE}
prompt_sets: {Dodo Prompts: Other Prompts}
"""
HOSTS: Final = {
    "pbx.quagga.example": "pbx.heron.example",
    "https://pbx.quagga.example:5001/x": "https://pbx.heron.example:5001/x",
    "ada@quagga.example": "ada@heron.example",
}
MEANT: Final[dict[Role, dict[str, str]]] = {
    Role.NUMBER: {"7101": "3101"},
    Role.BOUND: {"7101": "3101"},
    Role.NUMBERS: {"7101, 7101": "3101, 3101"},
    Role.TELEPHONE: {
        "7101": "3101",
        "+491557701": "+492008801",
        "+49 (155) 77-01": "+492008801",
        "491557701": "+492008801",
        "+491557701, +331": "+492008801, +331",
        "+491557799": "+491557799",
    },
    Role.OWN_TELEPHONE: {"+491557701": "+492008801", "+49 155 77 01": "+492008801", "*7701": "*8801"},
    Role.TRUNK: {"19977": "10055"},
    Role.TRUNK_NAME: {"Quoll line": "New line"},
    Role.DEPARTMENT: {"Zanzibar": "Berlin"},
    Role.LANGUAGE: {"EN": "DE"},
    Role.PROMPT_SET: {"Dodo Prompts": "Other Prompts"},
    Role.EMAIL: {
        "ada@quagga.example": "ada@heron.example",
        "a@quagga.example; b@other.example": "a@heron.example; b@other.example",
    },
    Role.TEXT: HOSTS,
}
"""New values by old ones, of each role."""
LISTED: Final = ("7101", "+491557701", "491557701", "19977", "Quoll line", "Zanzibar", "for ZANZIBAR", "dial 7101.")
"""Texts that stay and are listed."""
FOREIGN: Final = {"EmergencyGeoLocations", "FxsTemplates", "Defs/GatewayParameters", "Defs/GatewayParameterValues"}
"""Entity sets whose names no map changes."""

Leaf = tuple[tuple[str, ...], Property, bool]
"""Path, property and whether it is within a list."""


@pytest.fixture(scope="module")
def source() -> Configuration:
    return load_sources([("x.yml", SOURCE.encode())])


@pytest.fixture
def wanted(tmp_path: Path) -> CloneMap:
    (tmp_path / "map.yml").write_text(MAP)
    return read_map(tmp_path / "map.yml")


def leaves(kind: ConfigKind, properties: Iterable[Property], path: tuple[str, ...] = ()) -> Iterator[Leaf]:
    """Every option that can hold a text and that files may declare."""
    for prop in properties:
        where = (*path, prop.option)
        if prop.read_only and (path or prop.option not in kind.identity):
            continue
        if prop.fields:
            yield from leaves(kind, prop.fields, where)
        elif prop.kind in ("str", "telephone", "email") and not prop.choices:
            yield where, prop, prop.many


def structure(kind: ConfigKind, path: tuple[str, ...], value: Any) -> dict[str, Any]:
    """An object with one value."""
    properties: Iterable[Property] = kind.options.values()
    listed = []
    for step in path:
        found = next(prop for prop in properties if prop.option == step)
        listed.append(found.many)
        properties = found.fields
    for step, many in zip(reversed(path), reversed(listed), strict=True):
        value = {step: [value] if many else value}
    return dict(value)


def at(values: Any, path: tuple[str, ...]) -> Any:
    for step in path:
        if step not in values:
            return None
        values = values[step]
        values = values[0] if isinstance(values, list) else values
    return values


def test_every_option_of_every_kind(source: Configuration, wanted: CloneMap) -> None:
    names = Names(source, wanted)
    changed = Changed()
    values = Values(names, Naming(source, {}), None, changed)
    olds = OldNames(source, names, wanted)
    wrong = []
    seen: dict[Role, int] = {}
    for kind in KINDS.values():
        for path, prop, _ in leaves(kind, kind.options.values()):
            role = role_of(kind.name, ".".join(path), prop)
            seen[role] = seen.get(role, 0) + 1
            if role is Role.NOTHING:
                assert prop.reference is not None, (kind.name, path)
                assert prop.reference.entity_set in FOREIGN, (kind.name, path)
                continue
            meant = MEANT[role]
            for old in (*meant, *(LISTED if role is Role.TEXT else ())):
                changed.texts.clear()
                given = structure(kind, path, old)
                if role is Role.TRUNK_NAME:
                    given["number"] = "19977"
                one = Definition(kind, given, Entries(Place("x.yml", 1, 1)))
                new = at(values.of(one), path)
                told = [hint.old for hint in hints(changed.texts, olds)]
                if new not in (meant.get(old, old), None) or (old in LISTED and role is Role.TEXT and not told and new):
                    wrong.append((kind.name, ".".join(path), role, old, new))
    assert not wrong
    assert set(seen) == {*MEANT, Role.NOTHING}, "every role is tried"
    assert sum(seen.values()) > 500
