"""Every writable property of every kind drifts in exactly that leaf, by itself: also those that no seed fills."""

from __future__ import annotations

from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from pbx_as_code.config.configuration import Definition
from pbx_as_code.config.kinds import KINDS, LISTED, ConfigKind
from pbx_as_code.config.nodes import Entries, Place
from pbx_as_code.config.planning.compare import compare
from pbx_as_code.description import Property
from tests.config.planning.test_plan import other_value

Path = tuple[str | int, ...]
_SAMPLES: dict[str, Any] = {
    "bool": False, "int": 1, "float": 1.0, "email": "a@example.com", "telephone": "+15550100", "network": "10.0.0.1",
    "profile": "Away",
    "date": "2031-02-04", "time": "03:04:06", "duration": "PT3H4M6S", "datetime": "2031-02-03T04:05:07Z",
    "day_begin": "PT3H5M", "day_end": "PT3H5M", "mac": "0a1b2c3d4e60", "uuid": "2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9f01",
}  # fmt: skip


def _declares(kind: ConfigKind, prop: Property, path: str) -> bool:
    """Whether an export declares a property, and with its value."""
    within_list = "." in path
    return not (path in kind.left_out or path in kind.secrets or (within_list and prop.read_only))


def _sample(kind: ConfigKind, prop: Property, path: str) -> Any:
    if prop.kind == "complex":
        one: Any = {
            field.option: _sample(kind, field, f"{path}.{field.option}")
            for field in prop.fields
            if _declares(kind, field, f"{path}.{field.option}")
        }
    elif prop.kind in ("enum", "flags"):
        one = prop.choices[0] if prop.kind == "enum" else list(prop.choices[:1])
    else:
        one = _SAMPLES.get(prop.kind, "text")
    return [one] if prop.many else one


def _changes(kind: ConfigKind, prop: Property, value: Any, path: str, here: Path) -> Iterator[tuple[Path, Path, Any]]:
    """Each leaf: the path that is to be told, the path of what is changed, and another value for it."""
    if (kind.name, prop.option) in LISTED:
        return  # see test_the_order_of_inbound_rules_is_kept_and_drifts_in_that_leaf
    if prop.kind == "complex":
        place = (*here, 0) if prop.many else here
        for field in prop.fields:
            inner = f"{path}.{field.option}"
            if _declares(kind, field, inner) and field.name not in prop.item_key:
                whole = value[0] if prop.many else value
                yield from _changes(kind, field, whole[field.option], inner, (*place, field.option))
        if prop.many and not prop.standing:
            yield place, here, []
    elif prop.many:
        if (other := other_value(prop, value[0])) is not None:
            yield here, here, [*value, other]
        yield here, here, []
    elif (other := other_value(prop, value)) is not None:
        yield here, here, other


@pytest.mark.parametrize("kind", KINDS.values(), ids=lambda kind: kind.name)
def test_every_property_drifts_in_exactly_that_leaf(kind: ConfigKind) -> None:
    options = {option: prop for option, prop in kind.options.items() if _declares(kind, prop, option)}
    values = {option: _sample(kind, prop, option) for option, prop in options.items()}
    one = Definition(kind, values, Entries(Place("a.yml", 1, 1)))
    assert compare(one, deepcopy(values), None).changes == []
    told = set()
    for option, prop in options.items():
        for expected, path, other in _changes(kind, prop, values[option], option, (option,)):
            row: Any = deepcopy(values)
            structure = row
            for step in path[:-1]:
                structure = structure[step]
            structure[path[-1]] = other
            seen = {change.path for change in compare(replace(one), row, None).changes}
            assert seen == {expected}, (path, other, seen)
            told.add(option)
    single = {o for o, p in options.items() if p.kind in ("enum", "flags") and len(p.choices) < 2}
    assert told >= options.keys() - single - {option for _, option in LISTED}
