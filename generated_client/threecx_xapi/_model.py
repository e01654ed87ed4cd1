"""Base of the generated models and enums: tolerant reading, exact writing.

Absent properties and null are kept apart: both read as None, and only given properties are sent. A property, an enum
member or a type that the document does not know is kept as it came and goes back as it came: a newer PBX must not break
an older client.
"""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping
from datetime import date, datetime, time
from enum import Enum, StrEnum
from functools import cache
from typing import TYPE_CHECKING, Any, Final, NamedTuple, Self, TypeAlias, dataclass_transform

from .odata import literal

Kind: TypeAlias = "str | Callable[[object], object] | list[Any] | None"
Convert: TypeAlias = "Callable[[Any], Any] | None"
# Compiled when something is first printed, not when it is imported.
_HIDDEN: Final = (
    r"(?i)password|secret|pin$|pin_|token|credential|private|verifier|concealed|prov.*link"
    r"|^key$|(license|api|access|rps|transcribe)_?key"
)


class Field(NamedTuple):
    """Description of a model's attribute: the name of the property in the API, and the function
    that reads its value.
    """

    wire: str
    kind: Kind


def field(name: str, kind: Kind = None) -> Any:
    """An attribute of a model.

    Args:
        name: the property as the PBX spells it.
        kind: name of a model or enum, `DATE_TIME`, `GUID`, a list of one of these for an array; None for what JSON
            itself can say.
    """
    return Field(name, kind)


@dataclass_transform(kw_only_default=True)
class ModelType(type):
    """Makes a slot of each :func:`field` of a class: what was not given takes no room, and is not sent."""

    fields: dict[str, Field]
    """By attribute, in the order of the document."""

    def __new__(mcs, name: str, bases: tuple[type, ...], body: dict[str, Any]) -> ModelType:
        fields = {attribute: value for attribute, value in body.items() if isinstance(value, Field)}
        kept = {attribute: value for attribute, value in body.items() if attribute not in fields}
        kept.setdefault("__slots__", tuple(fields))
        made = super().__new__(mcs, name, bases, kept)
        made.fields = fields
        return made


class Model(metaclass=ModelType):
    """A JSON object of the API.

    Reading a property that the PBX did not send, or that nobody set, gives None; :attr:`given` tells which are there.
    Only those are sent: `None` that was set goes as null, and `del user.mobile` takes a property out again.

    Attributes:
        additional_properties: what came and the document does not know, `@odata.` annotations included; sent back.
    """

    __slots__ = ("additional_properties",)

    if TYPE_CHECKING:
        additional_properties: dict[str, Any] = {}

    def __init__(self, **values: Any) -> None:
        self.additional_properties = values.pop("additional_properties", {})
        fields = type(self).fields
        for name, value in values.items():
            if name not in fields:
                raise TypeError(_unknown(type(self), name))
            setattr(self, name, value)

    if not TYPE_CHECKING:  # hidden, or a misspelt attribute would pass for one

        def __getattr__(self, name: str) -> Any:
            if name in type(self).fields:
                return None
            raise AttributeError(_unknown(type(self), name))

    @property
    def given(self) -> frozenset[str]:
        """The attributes that were read or set, null included."""
        return frozenset(name for name, _ in self._filled())

    @property
    def etag(self) -> str | None:
        """The version of the entity, for `if_match`; None where the PBX gave none."""
        etag = self.additional_properties.get("@odata.etag")
        return etag if isinstance(etag, str) else None

    def to_dict(self) -> dict[str, Any]:
        """As JSON is sent; without what is not given."""
        fields = type(self).fields
        found = {fields[name].wire: _plain(value) for name, value in self._filled()}
        found.update(_plain(self.additional_properties))
        return found

    @classmethod
    def from_dict(cls, source: Mapping[str, Any]) -> Self:
        """As JSON came. A value of another type than documented is kept as received; nothing is refused."""
        made = cls.__new__(cls)
        made.additional_properties = {}
        # The rows of a list have the same names in the same order, so what fills each is looked up once for all.
        shapes, names = _SHAPES[cls], tuple(source)
        for fill, value in zip(shapes.get(names) or _shape(cls, names), source.values(), strict=True):
            fill(made, value)
        return made

    def _filled(self) -> Iterator[tuple[str, Any]]:
        for name in type(self).fields:
            try:
                yield name, object.__getattribute__(self, name)
            except AttributeError:
                continue

    def __getstate__(self) -> dict[str, Any]:
        return {**dict(self._filled()), "additional_properties": self.additional_properties}

    def __setstate__(self, state: dict[str, Any]) -> None:
        for name, value in state.items():
            setattr(self, name, value)

    def __eq__(self, other: object) -> bool:
        if type(other) is not type(self):
            return NotImplemented
        same: bool = self.additional_properties == other.additional_properties
        return same and dict(self._filled()) == dict(other._filled())

    __hash__ = None  # type: ignore[assignment]

    def __repr__(self) -> str:
        shown = [f"{name}={_shown(name, value)}" for name, value in self._filled()]
        if self.additional_properties:
            shown.append(f"additional_properties={_shown('additional_properties', self.additional_properties)}")
        return f"{type(self).__name__}({', '.join(shown)})"


# Puts a value into a new object: what fills the slot of a property, after its value was read. Made when a model is
# first read; classes named by it are loaded then.
Fill: TypeAlias = "Callable[[Any, Any], None]"
_FILLS: Final[dict[type[Model], dict[str, Fill]]] = {}
# By model and the names that came, in their order: what fills each.
_SHAPES: Final[defaultdict[type[Model], dict[tuple[str, ...], tuple[Fill, ...]]]] = defaultdict(dict)
_MOST_SHAPES = 64  # of one model; a PBX that leaves out what is empty may answer many


class OpenEnum(StrEnum):
    """An enum whose unknown members survive: a newer PBX may know more of them than the document."""

    @classmethod
    def _missing_(cls, value: object) -> Self | None:
        if not isinstance(value, str):
            return None
        member = str.__new__(cls, value)
        member._name_ = member._value_ = value
        return member

    def __reduce_ex__(self, protocol: Any) -> Any:
        # Up to Python 3.11.3 an enum is copied and pickled by its name in the class, which unknown members do not have.
        return type(self), (self._value_,)


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
    """Return a reader of answers for the model or enum of a name; the class is loaded when the first answer arrives.

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


def page(kind: Kind = None) -> Callable[[Any], Any]:
    """Return a reader of the rows of an answer; kind is that of a row, see :func:`field`.

    Raises (the function it returns):
        TypeError: the answer has no rows.
    """

    def parse(answer: Any) -> Any:
        from .page import Page

        rows = answer.get("value") if isinstance(answer, Mapping) else None
        if not isinstance(rows, list):
            raise TypeError(f"{type(rows).__name__} instead of rows")
        read = _converter(kind)
        total, link = answer.get("@odata.count"), answer.get("@odata.nextLink")
        return Page(
            rows if read is None else [value if value is None else read(value) for value in rows],
            total if type(total) is int else None,
            link if isinstance(link, str) else None,
        )

    return parse


def value(kind: Kind = None) -> Callable[[Any], Any]:
    """Return a reader of the single plain value of an answer; None if the PBX has none.

    Raises (the function it returns):
        TypeError: the answer is no object.
    """

    def parse(answer: Any) -> Any:
        if not isinstance(answer, Mapping):
            raise TypeError(f"{type(answer).__name__} instead of an object")
        found, read = answer.get("value"), _converter(kind)
        return found if read is None or found is None else read(found)

    return parse


@cache
def _find(name: str) -> Any:
    from . import models

    return getattr(models, name)


def _shape(cls: type[Model], names: tuple[str, ...]) -> tuple[Fill, ...]:
    fills = _FILLS.get(cls)
    if fills is None:
        fills = _FILLS[cls] = {each.wire: _fill(cls, name, each.kind) for name, each in cls.fields.items()}
    made = tuple([fills.get(name) or _keep(name) for name in names])
    shapes = _SHAPES[cls]
    if len(shapes) < _MOST_SHAPES:
        shapes[names] = made
    return made


def _fill(cls: type[Model], name: str, kind: Kind) -> Fill:
    fill: Fill = cls.__dict__[name].__set__
    convert = _converter(kind)
    if convert is None:
        return fill
    return lambda made, value: fill(made, value if value is None else convert(value))


def _keep(name: str) -> Fill:
    def fill(made: Any, value: Any) -> None:
        made.additional_properties[name] = value

    return fill


def _unknown(cls: type[Model], name: str) -> str:
    from difflib import get_close_matches

    near = get_close_matches(name, cls.fields, n=3)
    hint = f"; did you mean {' or '.join(near)}?" if near else "."
    return f"{cls.__name__} has no property {name!r}{hint}"


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
