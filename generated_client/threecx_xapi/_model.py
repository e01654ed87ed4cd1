"""What every generated model and enum shares: tolerant reading, exact writing.

A value the PBX did not send is `UNSET`, null is None. A property, an enum member or a type that the document does not
know is kept as it came and goes back as it came: a newer PBX must not break an older client.
"""

from __future__ import annotations

import re
from collections import deque
from collections.abc import Callable, Mapping
from datetime import date, datetime, time
from enum import Enum, StrEnum
from functools import cache
from itertools import filterfalse, repeat
from typing import Any, Final, NamedTuple, Self, TypeAlias

import attrs

from ._unset import UNSET
from .odata import literal

Kind: TypeAlias = "str | Callable[[object], object] | list[Any] | None"
Convert: TypeAlias = "Callable[[Any], Any] | None"
# JSON name -> attribute and what reads it, in the order of the document.
Plan: TypeAlias = dict[str, tuple[str, Convert]]

_WIRE: Final = "wire"
_KIND: Final = "kind"
# Compiled when something is first printed, not when it is imported.
_HIDDEN: Final = (
    r"(?i)password|secret|pin$|pin_|token|credential|private|verifier|concealed|prov.*link"
    r"|^key$|(license|api|access|rps|transcribe)_?key"
)


def wire(name: str, kind: Kind = None) -> dict[str, object]:
    """Metadata of a model's attribute.

    Args:
        name: the property as the PBX spells it.
        kind: name of a model or enum, `DATE_TIME`, `GUID`, a list of one of these for an array; None for what JSON
            itself can say.
    """
    return {_WIRE: name, _KIND: kind}


@attrs.define(kw_only=True, repr=False)
class Model:
    """A JSON object of the API.

    Attributes:
        additional_properties: what came and the document does not know, `@odata.` annotations included; sent back.
    """

    additional_properties: dict[str, Any] = attrs.field(factory=dict)

    @property
    def etag(self) -> str | None:
        """The version of the entity, for `if_match`; None where the PBX gave none."""
        etag = self.additional_properties.get("@odata.etag")
        return etag if isinstance(etag, str) else None

    def to_dict(self) -> dict[str, Any]:
        """As JSON is sent; without what is `UNSET`."""
        found: dict[str, Any] = {}
        for key, (name, _) in _plan(type(self)).items():
            value = getattr(self, name)
            if value is not UNSET:
                found[key] = _plain(value)
        found.update(_plain(self.additional_properties))
        return found

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """As JSON came. What is not of the documented type is kept as it came; nothing is refused."""
        reader = _READERS.get(cls) or _reader(cls)
        # By way of map, because a loop of Python's own takes three times as long, and a page has a hundred rows of
        # eighty properties.
        values = list(map(source.get, reader.keys, _ALL_UNSET))
        for place, convert in reader.converters:
            value = values[place]
            if value is not None and value is not UNSET:
                values[place] = convert(value)
        made = cls.__new__(cls)
        exhaust(map(setattr, repeat(made), reader.names, values))
        made.additional_properties = {key: source[key] for key in filterfalse(reader.known, source)}
        return made

    def __repr__(self) -> str:
        given = [(name, getattr(self, name)) for name, _ in _plan(type(self)).values()]
        if self.additional_properties:
            given.append(("additional_properties", self.additional_properties))
        shown = (f"{name}={_shown(name, value)}" for name, value in given if value is not UNSET)
        return f"{type(self).__name__}({', '.join(shown)})"


class Reader(NamedTuple):
    """How JSON becomes a model, laid out for speed.

    Attributes:
        keys: the properties as the PBX spells them
        known: whether a property is one of them
        names: the attributes, in the same order
        converters: what reads a value, for the places whose value is not taken as it is
    """

    keys: tuple[str, ...]
    known: Callable[[str], bool]
    names: tuple[str, ...]
    converters: tuple[tuple[int, Callable[[Any], Any]], ...]


# Made when a model is first read or written; classes named by it are loaded then.
_PLANS: Final[dict[type[Model], Plan]] = {}
_READERS: Final[dict[type[Model], Reader]] = {}
_ALL_UNSET: Final = repeat(UNSET)
exhaust: Final = deque[None](maxlen=0).extend
"""Takes everything an iterator gives, and keeps nothing."""


class OpenEnum(StrEnum):
    """An enum whose unknown members survive: a newer PBX may know more of them than the document."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member


class SentDateTime(datetime):
    """A date-time that remembers how it was sent: .NET sends seven fractional digits, Python keeps six."""

    text: str | None = None

    def __reduce_ex__(self, protocol: Any) -> Any:
        return (DATE_TIME, (self.text,)) if self.text is not None else super().__reduce_ex__(protocol)


def DATE_TIME(value: object) -> object:
    """A date-time from its text; what is none, as it came."""
    if not isinstance(value, str):
        return value
    try:
        moment = SentDateTime.fromisoformat(value)
    except ValueError:
        return value
    moment.text = value
    return moment


def GUID(value: object) -> object:
    """A UUID from its usual text; what is none, or is spelled in another way, as it came."""
    if not isinstance(value, str):
        return value
    from uuid import UUID  # costs a millisecond, and few models have one

    try:
        found = UUID(value)
    except ValueError:
        return value
    return found if str(found) == value else value


def model(name: str) -> Callable[[Any], Any]:
    """What reads an answer as the model or enum of a name; the class is loaded when the first answer comes.

    Raises (the function it returns):
        TypeError: the answer is not of the kind of JSON that the model is made of.
    """

    def parse(value: Any) -> Any:
        found = _find(name)
        if issubclass(found, Model):
            if isinstance(value, Mapping):
                return found.from_dict(value)
            raise TypeError(f"{type(value).__name__} instead of an object")
        bare = value.get("value") if isinstance(value, Mapping) else value
        if isinstance(bare, str):
            return found(bare)
        raise TypeError(f"{type(bare).__name__} instead of a string")

    return parse


@cache
def _find(name: str) -> Any:
    from . import models

    return getattr(models, name)


def _plan(cls: type[Model]) -> Plan:
    plan = _PLANS.get(cls)
    if plan is None:
        plan = _PLANS[cls] = {
            attribute.metadata[_WIRE]: (attribute.name, _converter(attribute.metadata[_KIND]))
            for attribute in attrs.fields(cls)
            if _WIRE in attribute.metadata
        }
    return plan


def _reader(cls: type[Model]) -> Reader:
    plan = _plan(cls)
    reader = _READERS[cls] = Reader(
        tuple(plan),
        frozenset(plan).__contains__,
        tuple(name for name, _ in plan.values()),
        tuple((place, convert) for place, (_, convert) in enumerate(plan.values()) if convert is not None),
    )
    return reader


def _converter(kind: Kind) -> Convert:
    if kind is None or not isinstance(kind, str | list):
        return kind
    if isinstance(kind, list):
        each = _converter(kind[0])
        if each is None:
            return None
        return lambda value: [each(item) for item in value] if type(value) is list else value
    found = _find(kind)
    if issubclass(found, Model):
        return lambda value: found.from_dict(value) if isinstance(value, Mapping) else value
    members = {member.value: member for member in found}
    return lambda value: (members.get(value) or found(value)) if isinstance(value, str) else value


def _plain(value: Any) -> Any:
    if isinstance(value, Model):
        return value.to_dict()
    if isinstance(value, Enum):
        return value.value
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, Mapping):
        return {key: _plain(item) for key, item in value.items()}
    if isinstance(value, SentDateTime) and value.text is not None:
        return value.text
    if isinstance(value, datetime | date | time):
        return literal(value)
    return str(value) if type(value).__name__ == "UUID" else value


def _shown(name: str, value: object) -> str:
    """A value for `repr`; a secret is not shown, because what is printed is kept in logs."""
    if value and isinstance(value, str | list | Model | Mapping) and re.search(_HIDDEN, name):
        return "'***'"
    if isinstance(value, Mapping):
        return "{" + ", ".join(f"{key!r}: {_shown(str(key), item)}" for key, item in value.items()) + "}"
    if isinstance(value, list):
        return "[" + ", ".join(_shown("", item) for item in value) + "]"
    return repr(value)
