"""Values that a plan adds to what files declare: names of inbound rules in lists, and of the default department."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Mapping, Sequence
from copy import deepcopy
from dataclasses import replace
from typing import Any, Final

from pbx_as_code.config.configuration import Configuration, Doubt, Identity, Key
from pbx_as_code.config.kinds import KINDS, LISTED
from pbx_as_code.config.pbx_rows import read
from pbx_as_code.pbx import Pbx

Row = dict[str, Any]
_IN_DEFAULT_DEPARTMENT: Final = {
    kind.name: kind.in_default_department for kind in KINDS.values() if kind.in_default_department
}
"""Options in which null means the default department, by the kind that has them."""
_COMPLETED: Final = frozenset({kind for kind, _ in LISTED} | _IN_DEFAULT_DEPARTMENT.keys())
"""Kinds whose declared values a plan completes."""


def completable(configuration: Configuration) -> Configuration:
    """A configuration whose values may be completed for one PBX. The original may be planned for others.

    Parameters:
        configuration: which stays as it is
    """
    kept = [
        replace(one, values=deepcopy(one.values)) if one.kind.name in _COMPLETED else one
        for one in configuration.definitions
    ]
    return replace(configuration, definitions=kept)


def name_listed_rules(configuration: Configuration) -> None:
    """Let a list of inbound rules call each rule what its declaration does: there its name is declared.

    Parameters:
        configuration: which is completed
    """
    for (kind, option), listed in LISTED.items():
        names: dict[tuple[Any, ...], list[Any]] = defaultdict(list)
        for rule in configuration.of(listed.kind):
            if listed.name in rule.values:
                names[listed.key_of(rule.values, rule.values.get(listed.option))].append(rule.values[listed.name])
        for one in configuration.of(kind):
            items: dict[tuple[Any, ...], list[Row]] = defaultdict(list)
            for item in one.values.get(option) or ():
                items[listed.key_of(item, one.values.get(listed.equal_to))].append(item)
            for key, alike in items.items():
                _name(alike, listed.name, list(names[key]))


def _name(items: Sequence[Row], option: str, names: list[Any]) -> None:
    """Name items that tell the same calls apart: several rules may be for these, and then the name tells which."""
    others = []
    for item in items:
        if item.get(option) in names and len(names) > 1:
            names.remove(item[option])
        else:
            others.append(item)
    for item, name in zip(others, names, strict=False):
        item[option] = name


def name_default_department(
    configuration: Configuration, rows: Mapping[str, Sequence[Row]], renamed: Mapping[str, str]
) -> None:
    """Name the default department where null means it, on the PBX and in the files.

    Parameters:
        configuration: which is completed
        rows: of the PBX by kind, which are completed, too
        renamed: new names of departments that are to be renamed, by those they have
    """
    default = _complete(rows)
    keys: dict[Key, Key] = {}
    for name, option in _IN_DEFAULT_DEPARTMENT.items() if default is not None else ():
        alike: Counter[Identity] = Counter()
        for one in configuration.of(name):
            before = one.key
            one.values[option] = one.values.get(option) or renamed.get(str(default), default)
            one.twin = alike[one.identity]  # another one may name the department
            alike[one.identity] += 1
            keys[before] = one.key
    configuration.doubts = [_rekeyed(one, keys) for one in configuration.doubts]


def _rekeyed(doubt: Doubt, keys: Mapping[Key, Key]) -> Doubt:
    """A doubt about the same objects, which have other keys now."""
    shared = doubt.shared_with
    return doubt._replace(
        key=keys.get(doubt.key, doubt.key),
        shared_with=None if shared is None else (keys.get(shared[0], shared[0]), shared[1]),
    )


def read_completed(pbx: Pbx, kinds: Sequence[str], parallel: int) -> dict[str, list[Row]]:
    """Every object of some kinds, by kind, as a plan compares them: with the name of the default department.

    Parameters:
        pbx: to read
        kinds: their names
        parallel: requests at a time

    Raises:
        PbxError: something cannot be read
    """
    more = ["group"] if _IN_DEFAULT_DEPARTMENT.keys() & set(kinds) else []
    names = list(dict.fromkeys([*kinds, *more]))
    rows = dict(zip(names, read(pbx, names, parallel, {}), strict=True))
    _complete(rows)
    return {kind: rows[kind] for kind in kinds}


def _complete(rows: Mapping[str, Sequence[Row]]) -> str | None:
    """Name the default department in rows where null means it; the name, if the rows tell it."""
    default = next((str(row["name"]) for row in rows.get("group", ()) if row.get("is_default")), None)
    for name, option in _IN_DEFAULT_DEPARTMENT.items() if default is not None else ():
        for row in rows.get(name, ()):
            row[option] = row.get(option) or default
    return default
