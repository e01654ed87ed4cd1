"""Search exported objects for values that no task can set: a PBX may hold them, and the files then list them.

Reading the files again would find them, too, but takes longer than the export of a large PBX.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from functools import cache
from typing import Any, Final

from pbx_as_code.config.checking.collisions import collisions
from pbx_as_code.config.checking.items import has_item_faults, has_key_faults, name_doubts
from pbx_as_code.config.checking.times import holiday_problem, period_problem
from pbx_as_code.config.configuration import Configuration, Definition, identity_of
from pbx_as_code.config.exporting.declared import NESTED
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.nodes import Entries, Place
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.config.values import can_be_refused, is_refused
from pbx_as_code.description import Property

_NOWHERE: Final = Entries(Place("", 1, 1))


def has_refused(objects: Mapping[str, list[dict[str, Any]]]) -> bool:
    """Whether the files of these objects may have to list a value that no task can set.

    Parameters:
        objects: that were exported, by the name of their kind
    """
    search = _Search()
    definitions = []
    for name, those in objects.items():
        kind = KINDS[name]
        if any(search.finds(_doubtful(kind), one) for one in those) or _is_repeated(kind, those):
            return True
        encoded = [prop for prop in kind.options.values() if prop.encoding]
        if any(has_key_faults(prop, one.get(prop.option) or []) for prop in encoded for one in those):
            return True
        definitions += [Definition(kind, one, _NOWHERE) for one in those]
    holidays = any(holiday_problem(one) is not None for one in objects.get("holiday", ()))
    unnamed = any(True for one in definitions for _ in name_doubts(one))
    return holidays or unnamed or any(True for _ in collisions(Configuration(definitions)))


def _is_repeated(kind: ConfigKind, objects: list[dict[str, Any]]) -> bool:
    """Whether objects that have a name each share one."""
    if kind.twins or kind.settings:
        return False
    return len({repr(identity_of(kind, one)) for one in objects}) < len(objects)


@cache
def _doubtful(kind: ConfigKind) -> tuple[Property, ...]:
    return _within(by_option(kind.name))


def _within(properties: Iterable[Property]) -> tuple[Property, ...]:
    """Properties with values that may be refused."""
    return tuple(prop for prop in properties if prop.many or prop.anywhere(can_be_refused))


class _Search:
    def __init__(self) -> None:
        self._accepted: set[tuple[int, Any]] = set()
        """Values by their property; of structures and lists, which many objects share, the id."""
        self._fields: dict[int, tuple[Property, ...]] = {}

    def finds(self, properties: tuple[Property, ...], values: Mapping[str, Any]) -> bool:
        for prop in properties:
            value = values.get(prop.option)
            if value is None or value == []:
                continue
            key = (id(prop), id(value) if value.__class__ in NESTED else value)
            if key not in self._accepted:
                if self._refuses(prop, value):
                    return True
                self._accepted.add(key)
        return False

    def _refuses(self, prop: Property, value: Any) -> bool:
        if value.__class__ is list:
            return has_item_faults(prop, value) or any(self._refuses(prop, item) for item in value)
        if value.__class__ is dict:
            if id(prop) not in self._fields:
                self._fields[id(prop)] = _within(prop.fields)
            is_period = prop.option == "periods" and period_problem(value) is not None
            return is_period or self.finds(self._fields[id(prop)], value)
        return is_refused(prop, value)
