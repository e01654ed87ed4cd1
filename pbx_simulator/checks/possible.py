"""Refuse what cannot be: values, combinations and duplicates that fit the document's types and that no PBX takes.

Three tables hold the reasons for refusal: value_rules (one property), structure_rules (several properties of a
structure, items of a list) and uniqueness (rows). Only what a write changes is looked at, however deep; what is stored
stays valid.
"""

from __future__ import annotations

import re
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.errors import DUPLICATE, NON_EXISTENT_NUMBER, TOO_LONG, warning
from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Property, Type
from pbx_simulator.state.store import Store

from .structure_rules import DISTINCT, STRUCTURE_RULES
from .value_rules import VALUE_RULES

#: Properties that hold a name, a number or an address, by how they end.
_NAMES = re.compile(r"(?:Name|Number|Email|EmailAddress|Mobile|Caller[Ii][Dd]|AuthID|Prefix)$")


def check(store: Store, kind: Type, new: Json, old: Json | None = None, own: Any = None) -> None:
    """Hold what is written against the tables.

    new: the structure as it would be stored, or what was given of it; old: as it is stored, None where it is new; own:
    the number of the entity itself, which may lead to itself before it is there.

    Raises:
        Refusal: 400; its details name the property and one of the document's WARNINGS codes.
    """
    for name, value in new.items():
        prop = kind.properties.get(name)
        before = None if old is None else old.get(name)
        if prop is None or value in (None, "", []) or value == before:
            continue
        items = value if isinstance(value, list) else [value]
        kept = before if isinstance(before, list) else []
        rule = VALUE_RULES.get((kind.name, name))
        for item in items:
            if item in (None, "") or item in kept:
                continue
            code = TOO_LONG if _too_long(kind, prop, item) else None if rule is None else rule(store, item)
            if code is not None:
                raise warning(code, name)
            if prop.value.type is not None and isinstance(item, dict):
                check(store, prop.value.type, item, before if isinstance(before, dict) else None, own)
        _distinct(kind, name, items)
    for structure in STRUCTURE_RULES.get(kind.name, ()):
        if old is None or any(new.get(name) != old.get(name) for name in structure.properties if name in new):
            complaint = structure.check(store, new if old is None else {**old, **new})
            itself = complaint is not None and complaint[1] == NON_EXISTENT_NUMBER and new.get(complaint[0]) == own
            if complaint is not None and not itself:
                raise warning(complaint[1], complaint[0])


def _too_long(kind: Type, prop: Property, item: Any) -> bool:
    """Whether a name, a number or an address is longer than any PBX stores it."""
    if not isinstance(item, str) or len(item) <= knowledge.LONGEST_NAME or kind.name in knowledge.ANY_LENGTH:
        return False
    return _NAMES.search(prop.name) is not None


def _distinct(kind: Type, name: str, items: list[Any]) -> None:
    same = DISTINCT.get((kind.name, name))
    if same is None:
        return
    seen = [one for one in map(same, items) if one is not None]
    if len(set(seen)) < len(seen):
        raise warning(DUPLICATE, name)
