"""Whether what is stored is what was given, after what the documentation says is done to it.

Written without the engine's own readers: the engine must not be the judge of itself.
"""

from __future__ import annotations

import json
import re
import uuid
from collections.abc import Iterator, Mapping, Sequence
from datetime import date, datetime, time, timezone
from decimal import Decimal
from fractions import Fraction
from ipaddress import ip_network
from itertools import permutations
from typing import Any

from ansible.module_utils.common.validation import check_type_bool, check_type_dict, check_type_list

from pbx_as_code.description import Property, Reference
from pbx_simulator import SimulatedPbx

_DURATION = re.compile(r"([+-]?)P(?:(\d+)D)?(?:T(?:(\d+)H)?(?:(\d+)M)?(?:([\d.]+)S)?)?")


class Judge:
    """Knows what a PBX has of what others refer to."""

    def __init__(self, pbx: SimulatedPbx | None = None) -> None:
        self._pbx = pbx
        self._traits = pbx.traits if pbx else frozenset()

    def agrees(self, prop: Property, given: Any, stored: Any, held: Sequence[Any] = ()) -> bool:
        """Whether a property is stored as it was given.

        Args:
            given: as in the task, before anything has read it
            stored: as the PBX has it
            held: what the PBX may have had there before: what says as little as null stays as null
        """
        if prop.kind == "flags":
            return _members(given) == _members(stored)
        if not prop.many:
            return self._one(prop, given, stored, held)
        items = [] if given is None else check_type_list(given)
        if prop.encoding and not items:
            return "<BLF " not in str(stored)
        found = list(stored or [])
        if prop.reference is not None and not prop.ordered:
            return all(any(self._one(prop, item, other) for other in found) for item in items) and (
                len(found) <= len(items) and bool(found) == bool(items)
            )
        if prop.standing:
            return all(any(self._one(prop, item, other) for other in found) for item in items)
        if len(items) != len(found):
            return False
        orders = [found] if prop.ordered else permutations(found)
        before = [item for one in held if isinstance(one, list) for item in one]
        return any(all(self._one(prop, *pair, before) for pair in zip(items, order, strict=True)) for order in orders)

    def _one(self, prop: Property, given: Any, stored: Any, held: Sequence[Any] = ()) -> bool:
        if prop.reference is not None:
            return self._stands_for(prop.reference, given, stored)
        if self._stored_otherwise(prop, given, stored):
            return True
        if given is None:
            return stored is None or (_as_null(prop, stored) and any(_is(stored, one) for one in held))
        if prop.kind == "complex":
            return isinstance(stored, Mapping) and self._structure(prop, check_type_dict(given), stored, held)
        if prop.kind == "concealed":
            return isinstance(stored, Mapping) and stored.get("Value") == str(given)
        if stored is None:
            return False
        read = _READERS.get(prop.kind)
        if read is None:
            return bool(stored == str(given)) and isinstance(stored, str)
        return bool(read(given) == read(stored)) and _WIRE[prop.kind](stored)

    def _stored_otherwise(self, prop: Property, given: Any, stored: Any) -> bool:
        """Whether it is stored in the one other form in which a PBX with its traits stores such a text."""
        if prop.kind not in _TEXTS:
            return False
        if given is None:
            return "null-as-empty" in self._traits and prop.nullable and _is(stored, "")
        text = str(given)
        if text == "":
            return "empty-as-null" in self._traits and prop.nullable and stored is None
        if prop.kind == "number":
            return isinstance(stored, str) and stored.lower() == text.strip().lower()
        if prop.kind == "telephone" and "drop-plus" in self._traits and _NUMBER_WITH_PLUS.fullmatch(text):
            return _is(stored, text[1:])
        return prop.kind == "email" and "lower-case-emails" in self._traits and _is(stored, text.lower())

    def _structure(
        self, prop: Property, given: Mapping[str, Any], stored: Mapping[str, Any], held: Sequence[Any]
    ) -> bool:
        fields = {field.option: field for field in prop.fields}
        before = [one for one in held if isinstance(one, Mapping)]
        return all(
            fields[option].read_only
            # An item replaces what was there: a null that it cannot have is left out, and the PBX clears the option.
            or (
                prop.many
                and value is None
                and not fields[option].nullable
                and _as_null(fields[option], stored.get(fields[option].name))
            )
            or self.agrees(
                fields[option],
                value,
                stored.get(fields[option].name),
                [one.get(fields[option].name) for one in before],
            )
            for option, value in given.items()
        )

    def _stands_for(self, reference: Reference, given: Any, stored: Any) -> bool:
        if isinstance(stored, Mapping):
            stored = stored.get(reference.stores)
        if given in (None, "", 0):
            return stored in (None, "", 0)
        return str(given) == str(stored) or stored in self.meant(reference, given)

    def meant(self, reference: Reference, given: Any) -> list[Any]:
        """Return the stored value of every object whose name was given as a reference."""
        if isinstance(given, int) and abs(given) >= _HUGE:
            return []
        rows = self._pbx.entities(reference.entity_set) if self._pbx else ()
        return [row[reference.stores] for row in rows if str(given) in map(str, _called(reference, row))]


def _called(reference: Reference, row: Mapping[str, Any]) -> Iterator[Any]:
    for name in reference.names:
        found: Any = row
        for step in name.split("/"):
            found = found.get(step) if isinstance(found, Mapping) else None
        yield found


#: The kinds of property that the document knows as plain text.
_TEXTS = frozenset({"str", "number", "telephone", "email", "profile", "mac", "network"})
_NUMBER_WITH_PLUS = re.compile(r"\+[0-9]{6,}")
#: Values that are equal to null, so that null does not overwrite them.
_AS_NULL = (0, False, "", "PT0S", "P0D", "00:00:00")


def _as_null(prop: Property, stored: Any) -> bool:
    """Whether null does not overwrite it: zeros, the member None of an enum, and structures of nothing else."""
    if isinstance(stored, Mapping):
        return all(one is None or _as_null(prop, one) for one in stored.values())
    return stored in _AS_NULL or (prop.kind == "enum" and stored == "None")


def _is(one: Any, other: Any) -> bool:
    return type(one) is type(other) and one == other


def _members(value: Any) -> set[str]:
    parts = value.split(",") if isinstance(value, str) else value or []
    return {str(part).strip() for part in parts} - {""}


def _moment(value: Any) -> datetime:
    read = datetime.fromisoformat(value.strip())
    return read if read.tzinfo else read.replace(tzinfo=timezone.utc)  # noqa: UP017 as in the engine


def _length(value: Any) -> Fraction:
    found = _DURATION.fullmatch(value.strip())
    assert found is not None, value
    sign, days, hours, minutes, seconds = found.groups()
    total = (int(days or 0) * 24 + int(hours or 0)) * 3600 + int(minutes or 0) * 60 + Fraction(seconds or 0)
    # Durations are compared in microseconds.
    return Fraction(int(total * 1_000_000), 1_000_000) * (-1 if sign == "-" else 1)


def _in_day(value: str) -> Fraction:
    """A time of day as seconds since midnight, written as such or as a duration."""
    written = value.strip()
    if ":" not in written:
        return _length(value)
    hours, minutes, *seconds = written.split(":")
    return Fraction(int(hours) * 3600 + int(minutes) * 60) + Fraction(seconds[0] if seconds else 0)


def _number(value: Any) -> Fraction:
    return Fraction(Decimal(value) if isinstance(value, str) else value)  # as Ansible reads 1_0 and 0_


def integers_of(value: Any) -> set[str]:
    """The whole number that Ansible reads in a value, such as 1 in "1.0"; none in any other value."""
    try:
        number = Decimal(str(value))
        return {str(int(number))} if number == number.to_integral_value() and abs(number) < 10**18 else set()
    except (ArithmeticError, ValueError, RecursionError):
        return set()


#: A number with more digits than any name; of far more Python makes no text.
_HUGE = 10**1000
_READERS: dict[str, Any] = {
    "int": _number,
    "float": lambda value: float(value),
    "bool": check_type_bool,
    "datetime": _moment,
    "date": lambda value: date.fromisoformat(value.strip()),
    "time": lambda value: time.fromisoformat(value.strip()),
    "duration": _length,
    "day_begin": _in_day,
    "day_end": _in_day,
    "uuid": lambda value: uuid.UUID(value.strip()),
    "mac": lambda value: re.sub(r"[\s:.\-]", "", value).lower(),
    "network": lambda value: ip_network(value.strip(), strict=False),
}


def _text(pattern: str) -> Any:
    expression = re.compile(pattern)
    return lambda stored: isinstance(stored, str) and expression.fullmatch(stored) is not None


#: How each kind has to look on the wire.
_WIRE: dict[str, Any] = {
    "int": lambda stored: type(stored) is int,
    "float": lambda stored: type(stored) in (int, float),
    "bool": lambda stored: type(stored) is bool,
    "datetime": _text(r"\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d+)?)?(Z|[+-]\d\d:\d\d)"),
    "date": _text(r"\d{4}-\d\d-\d\d"),
    "time": _text(r"\d\d:\d\d:\d\d(\.\d+)?"),
    "duration": _text(r"-?P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"),
    "day_begin": _text(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"),
    "day_end": _text(r"P(?=.)(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"),
    "uuid": _text(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}"),
    "mac": _text(r"[0-9a-f]{12}"),
    "network": _text(r"\S+"),
}


def short(value: Any) -> str:
    """A value for the message of a test that fails."""
    try:
        text = json.dumps(value, default=str)
    except (RecursionError, ValueError):  # too deep, or a number of too many digits
        return f"something that cannot be shown: {type(value).__name__}"
    return text if len(text) < 400 else f"{text[:400]}... ({len(text)} characters)"
