"""Registry of simulated functions and actions by entity set and name, filled by the modules of this folder."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any, TypeVar

from pbx_simulator.http.exchange import Call

# The result of a behaviour is put into the shape the document gives; None selects a sample of that shape.
Named = Callable[[Call, Any], Any]
B = TypeVar("B", bound=Named)
NAMED: dict[tuple[str, str], Named] = {}


def does(owner: str, *names: str) -> Callable[[B], B]:
    """Register what the functions or actions of an entity set do; owner "" is for those of the service itself."""

    def register(behaviour: B) -> B:
        for name in names:
            NAMED[owner, name] = behaviour
        return behaviour

    return register


def find(owner: str, name: str) -> Named | None:
    """Return the behaviour of a function or an action, if there is one."""
    return NAMED.get((owner, name))
