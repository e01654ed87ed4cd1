"""Which options of a task were seen on the wire: in a body that was written, or in a URL."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any
from urllib.parse import unquote_plus

from ansible_collection.plugins.module_utils._connection_options import connection_options
from openapi.codegen.modules.own_options import OWN_OPTIONS
from pbx_as_code.description import Description, EntityDescription
from pbx_simulator.http.log import LoggedRequest
from tests.descriptions import described

#: Options about the task itself, which no PBX is told.
NOT_SENT = {*OWN_OPTIONS, "enabled"}


class Wire:
    """Requests that a simulated PBX received."""

    def __init__(self, requests: Iterable[LoggedRequest]) -> None:
        self.urls = ""
        self.bodies = ""
        self.names: set[str] = set()
        for request in requests:
            self.urls += f"\n{unquote_plus(request.path)}?{unquote_plus(request.query)}"
            if request.is_write and request.body:
                body = json.loads(request.body)
                self.bodies += f"\n{json.dumps(body, ensure_ascii=False)}"
                self.names.update(_names(body))

    def told(self, value: Any) -> bool:
        """Whether a value stands in a body or, for names of what is looked up, in a URL."""
        return json.dumps(value, ensure_ascii=False) in self.bodies or str(value) in f"{self.bodies}{self.urls}"

    def carried(self, name: str, value: Any) -> bool:
        """Whether a property was written, or looked for by its name; or a value was the key in a URL."""
        return (
            name in self.names
            or re.search(rf"\b{re.escape(name)}\b", self.urls) is not None
            or (value is not None and re.search(rf"\('?{re.escape(str(value))}'?\)", self.urls) is not None)
        )


def description_of(module: str) -> Description | None:
    """The description of the entity of a module, by the module's full or short name; None for threecx_operation."""
    found: Description | None = described(module)
    return found


def unsent_options(module: str, options: Mapping[str, Any] | None, wire: Wire) -> list[str]:
    """Options of a task, as text for people, that nothing on the wire came from."""
    description = description_of(module)
    if description is None:
        return []
    names = {prop.option: prop.name for prop in description.properties}
    names |= {key.option: key.name for key in description.keys}
    if isinstance(description, EntityDescription):
        names |= {one.option: one.name for one in description.init_with}
        if description.below is not None:
            names[description.below.within.option] = description.below.within.name
        if description.making is not None:
            names |= {prop.option: prop.name for prop in description.making.properties}
    reload = getattr(description, "reload", None)
    own: set[str] = set() if reload is None else {reload.option}
    unsent = []
    for option, value in (options or {}).items():
        if option in connection_options():
            unsent.append(f"{module}: {option} is an option of the connection")
        elif option in names and not wire.carried(names[option], value):
            unsent.append(f"{module}: {option} was not sent")
        elif option not in names and option not in NOT_SENT | own:
            unsent.append(f"{module}: nothing is called {option}")
    return unsent


def _names(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for name, inner in value.items():
            yield name
            yield from _names(inner)
    elif isinstance(value, list):
        for item in value:
            yield from _names(item)
