"""Values for a property: valid ones in any spelling, nearly valid ones, and invalid ones.

They are derived from the descriptions, so new modules are covered automatically.
"""

from __future__ import annotations

import json
from typing import Any

from hypothesis import strategies as st

from pbx_as_code.description import Property
from tests.collection.property_values import known_names
from tests.fuzz.texts import texts

Values = st.SearchStrategy[Any]

_EDGES = [
    0, 1, -1, 255, 256, 65535, 65536, 2**31 - 1, 2**31, -(2**31), -(2**31) - 1, 2**63 - 1, 2**63, -(2**63) - 1, 10**30,
    10**400, 10**5000,
]  # fmt: skip
INTS: Values = st.sampled_from(_EDGES) | st.integers(-5, 400) | st.integers()
_FLOATS: Values = (
    st.sampled_from([0.0, -0.0, 0.5, 1.0, 1e3, 1e300, float("nan"), float("inf"), -float("inf")]) | st.floats()
)
_BOOLS: Values = st.sampled_from(
    [True, False, "yes", "no", "on", "off", "true", "False", "1", "0", 1, 0, 1.0, "y", "T"]
)
_OFFSETS = st.sampled_from(["", "Z", "+00:00", "+05:30", "-11:59"])
_SPACED = st.sampled_from(["{}", "{}", "{}", " {}", "{}\n", "{}\t"])


def _deep(depth: int, inner: Any) -> Any:
    for _ in range(depth):
        inner = {"x": inner} if depth % 2 else [inner]
    return inner


#: Values that fit hardly anything.
STRANGE: Values = st.one_of(
    st.none(),
    st.booleans(),
    INTS,
    _FLOATS,
    texts(),
    st.lists(texts(10) | st.integers() | st.none(), max_size=3),
    st.dictionaries(texts(10), texts(10) | st.none(), max_size=3),
    st.sampled_from([[], {}, [[]], [{}], [None], {"x": None}, {"": ""}, [[["x"]]]]),
    st.builds(_deep, st.sampled_from([3, 30, 31, 150, 151, 5000]), st.sampled_from(["x", None])),
)


def _zoned(moment: str, offset: str) -> str:
    return moment + offset


_MOMENTS: Values = st.builds(
    lambda spaced, moment, offset: spaced.format(moment + offset),
    _SPACED,
    st.datetimes().map(lambda it: it.isoformat())
    | st.datetimes().map(lambda it: it.isoformat(" "))
    | st.datetimes().map(lambda it: it.strftime("%Y-%m-%dT%H:%M"))
    | st.datetimes().map(lambda it: it.strftime("%Y%m%dT%H%M%S"))
    | st.dates().map(lambda it: it.isoformat()),
    _OFFSETS,
)
_TIMES: Values = st.builds(
    lambda spaced, it: spaced.format(it),
    _SPACED,
    st.times().map(lambda it: it.isoformat())
    | st.times().map(lambda it: it.strftime("%H:%M"))
    | st.times().map(lambda it: it.strftime("%H%M%S"))
    | st.times().map(lambda it: it.isoformat() + "+01:00")
    | st.times().map(lambda it: it.strftime("T%H:%M:%S")),
)
_LENGTHS: Values = st.builds(
    lambda spaced, sign, days, seconds: spaced.format(f"{sign}P{days}{seconds}"),
    _SPACED,
    st.sampled_from(["", "", "-", "+"]),
    st.sampled_from(["", "0D", "2D", "1DT", "0DT", "99999999999D", "1W"]),
    st.sampled_from(
        ["", "T0S", "T5M", "T1H2M3S", "T0.5S", "T.5S", "T1.123456789S", "T90M", "T99999999999999H", "T", "\u0661S"]
    ),
)
_MACS: Values = st.builds(
    lambda digits, sign, upper: sign.join(
        (digits.upper() if upper else digits)[at : at + 2] for at in range(0, len(digits), 2)
    ),
    st.text("0123456789abcdef", min_size=12, max_size=12),
    st.sampled_from(["", ":", "-", ".", " ", ": ", "::"]),
    st.booleans(),
)
_UUIDS: Values = st.uuids().flatmap(
    lambda it: st.sampled_from([str(it), str(it).upper(), it.hex, f"{{{it}}}", it.urn, f" {it} "])
)
_NETWORKS: Values = st.builds(
    lambda address, mask: f"{address}{mask}",
    st.ip_addresses(),
    st.sampled_from(["", "/32", "/24", "/0", "/33", "/128", "/255.255.255.0", "/-1", "%eth0", " "]),
)
FORMS: dict[str, Values] = {
    "int": INTS
    | st.integers().map(str)
    | st.sampled_from([" 7 ", "+7", "7.0", "1_000", "\u0661\u0662", "0x10", 7.0, 7.5]),
    "float": _FLOATS | INTS | st.floats().map(str),
    "bool": _BOOLS,
    "datetime": _MOMENTS,
    "date": st.dates().map(lambda it: it.isoformat()) | st.sampled_from(["20260131", "2026-W05-1", " 2026-01-31 "]),
    "time": _TIMES,
    "duration": _LENGTHS,
    "uuid": _UUIDS,
    "mac": _MACS,
    "network": _NETWORKS,
    "telephone": texts()
    | st.from_regex(r"\+?[0-9]{3,15}", fullmatch=True)
    | st.sampled_from(["+1 (555) 0133", "*0102", "anonymous", "49.30/12"]),
    "email": texts() | st.emails(),
    "profile": st.sampled_from(("Away", "away", "2", "Out of office", "7")),
    "day_begin": _LENGTHS | _TIMES,
    "day_end": _LENGTHS | _TIMES | st.sampled_from(["24:00", "P1D"]),
}


def fitting(prop: Property, depth: int = 0) -> Values:
    """Return valid values for a property."""
    if prop.kind == "flags":
        members = st.sampled_from([*prop.choices, "Nobody"]) if prop.choices else texts(10)
        return st.lists(members, max_size=4) | st.lists(members, max_size=3).map(",".join)
    one = _item(prop, depth)
    if not prop.many:
        return one
    lists = st.lists(one, max_size=3)
    twice = lists.map(lambda items: items + items[:1])
    return st.one_of(lists, lists, twice, one.map(_as_text) if prop.kind == "complex" else st.just([]))


def _as_text(value: Any) -> Any:
    """A structure as JSON, which Ansible takes too."""
    try:
        return json.dumps(value)
    except (RecursionError, ValueError):
        return value


def _item(prop: Property, depth: int) -> Values:
    if prop.reference is not None:
        return st.sampled_from(known_names(prop.reference)) | texts()
    if prop.choices:
        return st.sampled_from(prop.choices)
    if prop.kind == "complex":
        return _structure(prop, depth)
    if prop.kind in FORMS:
        return FORMS[prop.kind]
    # Mostly what can be stored, so that it is seen how.
    return st.one_of(texts(), texts().map(lambda text: text[: prop.max_length]), st.integers(0, 10**12))


def _structure(prop: Property, depth: int) -> Values:
    """Some of the fields: a few at a time, or the example of a mistake would be everything that there is."""
    if not prop.fields or depth > 3:
        return st.just({})

    def of(chosen: list[Property]) -> Values:
        return st.fixed_dictionaries({field.option: given(field, depth + 1) for field in chosen})

    some = st.lists(st.sampled_from(prop.fields), max_size=3, unique_by=lambda field: field.option)
    keyed = [field for field in prop.fields if field.name in prop.item_key]
    whole = some.map(lambda fields: [*keyed, *(field for field in fields if field not in keyed)]).flatmap(of)
    return st.one_of(whole, whole, whole, whole.map(_as_text))


def given(prop: Property, depth: int = 0) -> Values:
    """Anything for a property, most of it meant for it."""
    fits = fitting(prop, depth)
    return st.one_of(fits, fits, fits, st.none() if depth else fits, STRANGE)
