"""Desired state of one object, compared with each reading of the object."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare.compare import ABSENT, Absent, same
from pbx_as_code.engine.compare.list_modes import REPLACE, combined

Row = dict[str, Any]


@dataclass(frozen=True)
class Declaration:
    """Desired state of a task.

    Parameters:
        properties: of the object
        wanted: what the task gives, in wire form, with references resolved
        lists: the option of that name
        spared: what of it is left alone, given what is there; None where nothing is
    """

    properties: tuple[Property, ...]
    wanted: Row
    lists: str = REPLACE
    spared: Callable[[Row, Row], Row] | None = None

    def on(self, row: Row) -> Row:
        """How the object is to be, where it is like this now.

        Raises:
            Failure: a list cannot be added to or taken from
        """
        whole = combined(self.lists, self.properties, self.wanted, row)
        return whole if self.spared is None else self.spared(whole, row)

    def merges(self, prop: Property) -> bool:
        """Whether a property is a list that is added to or taken from: whatever else is in it stays."""
        return self.lists != REPLACE and prop.many and not prop.read_only

    def overtaken(self, before: Row, now: Row) -> list[str]:
        """The options this declares, that somebody has changed between two reads, and that are not as declared now.

        Parameters:
            before: as the object was when the task decided what to write
            now: as it is now
        """
        replaced = tuple(prop for prop in self.properties if not self.merges(prop))
        return list(_overtaken(replaced, self.on(now), before, now))


def _overtaken(
    properties: tuple[Property, ...],
    wanted: Mapping[str, Any],
    before: Mapping[str, Any],
    now: Mapping[str, Any],
    within: str = "",
) -> Iterator[str]:
    for prop in properties:
        if prop.name not in wanted or prop.read_only:
            continue
        declared, old, new = wanted[prop.name], before.get(prop.name, ABSENT), now.get(prop.name, ABSENT)
        if isinstance(declared, Mapping) and isinstance(old, Mapping) and isinstance(new, Mapping):
            yield from _overtaken(prop.fields, declared, old, new, f"{within}{prop.option}.")
        elif not _unchanged(prop, old, new) and not same(prop, declared, new):
            yield within + prop.option


def _unchanged(prop: Property, old: Any, new: Any) -> bool:
    if isinstance(old, Absent) or isinstance(new, Absent):
        return isinstance(old, Absent) and isinstance(new, Absent)
    return bool(old == new) or same(prop, old, new)
