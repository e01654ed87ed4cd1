"""Records: named values that cannot be changed, as frozen dataclasses have them.

A dataclass compiles its methods whenever a program starts, which takes half a millisecond for each class. Records share
theirs, and ``dataclasses.replace`` and ``dataclasses.fields`` take them as well.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, ClassVar, NoReturn, Self

if TYPE_CHECKING:
    from dataclasses import Field
    from typing import dataclass_transform
else:

    def dataclass_transform(**_: Any) -> Any:
        """Nothing at run time: it tells type checkers what a record takes."""
        return lambda decorated: decorated


__all__ = ["Record"]


class _Fields:
    """``__dataclass_fields__``, made only for who asks."""

    def __get__(self, _: object, owner: type[Record]) -> dict[str, Field[Any]]:
        if owner._fields is None:
            owner._fields = _fields_of(owner)
        return owner._fields


@dataclass_transform(frozen_default=True)
class Record:
    """Base class of records. A subclass annotates its values, with a default where there is one.

    Parameters of a subclass:
        hidden: names of values that ``repr`` leaves out

    Raises:
        TypeError: a value is missing, unknown or given twice
    """

    _names: ClassVar[tuple[str, ...]] = ()
    _known: ClassVar[frozenset[str]] = frozenset()
    _needed: ClassVar[frozenset[str]] = frozenset()
    _hidden: ClassVar[tuple[str, ...]] = ()
    _fields: ClassVar[dict[str, Field[Any]] | None] = None
    if TYPE_CHECKING:
        __dataclass_fields__: ClassVar[dict[str, Field[Any]]]
    else:
        __dataclass_fields__ = _Fields()

    def __init_subclass__(cls, hidden: tuple[str, ...] = ()) -> None:
        own = (name for name in cls.__annotations__ if not name.startswith("_"))
        cls._names = tuple(dict.fromkeys((*cls._names, *own)))
        cls._known = frozenset(cls._names)
        cls._needed = frozenset(name for name in cls._names if not hasattr(cls, name))
        cls._hidden = (*cls._hidden, *hidden)
        cls._fields = None

    def __init__(self, *values: Any, **named: Any) -> None:
        if values:
            named = self._with_names(values, named)
        if not (self._needed <= named.keys() <= self._known):
            self._refuse(named)
        self.__dict__.update(named)

    def altered(self, **changes: Any) -> Self:
        """The same with other values; as ``dataclasses.replace``, without a dataclass.

        Raises:
            TypeError: there is no such value
        """
        return type(self)(**({name: self.__dict__[name] for name in self._names if name in self.__dict__} | changes))

    def __setattr__(self, name: str, value: object) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is a record: {name} cannot be changed")

    def __delattr__(self, name: str) -> NoReturn:
        raise AttributeError(f"{type(self).__name__} is a record: {name} cannot be removed")

    def __eq__(self, other: object) -> bool:
        if type(self) is not type(other):
            return NotImplemented
        for name in self._names:  # noqa: SIM110 a generator takes twice the time
            if getattr(self, name) != getattr(other, name):
                return False
        return True

    def __hash__(self) -> int:
        kept = self.__dict__
        if "_hash" not in kept:  # descriptions are keys, and large
            kept["_hash"] = hash(tuple([getattr(self, name) for name in self._names]))
        return int(kept["_hash"])

    def __getstate__(self) -> dict[str, Any]:  # texts have another hash in another process
        return {name: value for name, value in self.__dict__.items() if name != "_hash"}

    def __repr__(self) -> str:
        shown = (f"{name}={getattr(self, name)!r}" for name in self._names if name not in self._hidden)
        return f"{type(self).__name__}({', '.join(shown)})"

    def _with_names(self, values: tuple[Any, ...], named: dict[str, Any]) -> dict[str, Any]:
        if len(values) > len(self._names):
            raise TypeError(f"{type(self).__name__} has {len(self._names)} values, {len(values)} were given")
        first = dict(zip(self._names, values, strict=False))
        if not named:
            return first
        if twice := sorted(first.keys() & named.keys()):
            raise TypeError(f"{type(self).__name__} was given {', '.join(twice)} twice")
        return first | named

    def _refuse(self, named: dict[str, Any]) -> NoReturn:
        missing, unknown = sorted(self._needed - named.keys()), sorted(named.keys() - self._known)
        what = f"needs {', '.join(missing)}" if missing else f"has no {', '.join(unknown)}"
        raise TypeError(f"{type(self).__name__} {what}")


def _fields_of(record: type[Record]) -> dict[str, Field[Any]]:
    from dataclasses import make_dataclass

    bases = [base for base in record.__mro__ if issubclass(base, Record)]
    annotated = {name: one for base in reversed(bases) for name, one in base.__annotations__.items()}
    defaults = {name: getattr(record, name) for name in record._names if hasattr(record, name)}
    made = make_dataclass(record.__name__, [(name, annotated[name]) for name in record._names], namespace=defaults)
    found: dict[str, Field[Any]] = vars(made)["__dataclass_fields__"]
    return found
