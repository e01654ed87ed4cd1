"""Seeds on a PBX that lacks some of what they name: what a newer release has is left out, what nobody knows is a
mistake.
"""

from __future__ import annotations

import functools
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from pbx_simulator import knowledge
from pbx_simulator.model import releases
from pbx_simulator.model.document import Json
from pbx_simulator.model.routes import Routes
from pbx_simulator.model.schema import Type, Value

_UNKNOWN = object()
#: Gives the type of an entity set, a singleton or a function by its name; None where there is none.
Kinds = Callable[[str], Type | None]


class SeedWarning(UserWarning):
    """A part of a seed was left out, because the simulated release does not have it."""


@dataclass
class Adaptation:
    """Select the parts of a seed that a PBX has.

    dropped: what was left out, such as "Users.ForbidRecording"; lenient: leave out whatever is unknown, for a seed that
    was written for a release we have no document of, or for the built-in company.
    """

    routes: Routes
    lenient: bool = False
    dropped: list[str] = field(default_factory=list)

    def content(self, content: Mapping[str, Any]) -> Json:
        """A seed's sections, without what this PBX does not have."""
        result: Json = {}
        for name, given in content.items():
            kind = kind_of(self.routes, name)
            if kind is None:
                if self._later(name, kind_of(_newest(), name) if not self.lenient else None):
                    continue
                result[name] = given
            elif isinstance(given, list):
                result[name] = [self._structure(row, kind, name) for row in given]
            else:
                result[name] = self._structure(given, kind, name)
        return result

    def _later(self, place: str, newest: Any) -> bool:
        """Whether what is unknown here is left out: it is known to a newer release, or everything unknown is."""
        if not self.lenient and newest is None:
            return False
        if place not in self.dropped:
            self.dropped.append(place)
        return True

    def _structure(self, given: Any, kind: Type, place: str) -> Any:
        if not isinstance(given, dict):
            return given
        result = {}
        for name, value in given.items():
            prop = kind.properties.get(name)
            if prop is None:
                if (
                    kind.open
                    or str(name).startswith("$")
                    or not self._later(f"{place}.{name}", _newest_property(kind, name))
                ):
                    result[name] = value
                continue
            fitting = self._value(value, prop.value, f"{place}.{name}", kind, name)
            if fitting is not _UNKNOWN:
                result[name] = fitting
        return result

    def _value(self, given: Any, value: Value, place: str, kind: Type, name: str) -> Any:
        if value.collection and isinstance(given, list):
            one = replace(value, collection=False)
            items = (self._value(item, one, place, kind, name) for item in given)
            return [item for item in items if item is not _UNKNOWN]
        if value.type is not None:
            return self._structure(given, value.type, place)
        if value.kind == "enum" and isinstance(given, str):
            unknown = {part.strip() for part in given.split(",")} - set(value.members)
            newest = None if self.lenient or not unknown else _newest_property(kind, name)
            members = set() if newest is None else set(newest.members)
            if unknown and self._later(f"{place} {given}", True if self.lenient or unknown <= members else None):
                return _UNKNOWN
        return given


def kind_of(routes: Routes, name: str) -> Type | None:
    """The type of what a section of a seed holds."""
    if name in routes.sets:
        return routes.sets[name].type
    kind = routes.singletons.get(name) or routes.settings.get(name)
    if kind is not None:
        return kind
    function = routes.function(name)
    return None if function is None or function.answer.value is None else function.answer.value.type


@functools.lru_cache(maxsize=1)
def _newest() -> Routes:
    return Routes(releases.load(releases.newest()))


def _newest_property(kind: Type, name: str) -> Value | None:
    routes = _newest()
    if kind.name not in routes.schema.names():
        return None
    prop = routes.schema.type(kind.name).properties.get(name)
    return None if prop is None else prop.value


def is_newer(release: object, simulated: str) -> bool:
    """Whether a seed says that it was written for a newer release than the simulated one.

    Raises:
        ValueError: for what is no release.
    """
    return knowledge.release_number(str(release)) > knowledge.release_number(simulated)
