"""Hooks by entity set: at each of these moments a set may add specific behaviour.

A module of this folder registers a function with `@deleting("Fax")`; who gets to that moment asks
`deleting.of("Fax")`.
"""

from __future__ import annotations

import functools
import importlib
import pkgutil
from collections.abc import Callable
from typing import TYPE_CHECKING, Generic, TypeVar

from pbx_simulator.model.document import Json

if TYPE_CHECKING:
    from pbx_simulator.state.store import Store

H = TypeVar("H", bound=Callable[..., object])


class Moment(Generic[H]):
    """The hooks of one kind, one for each entity set at most."""

    def __init__(self) -> None:
        self._hooks: dict[str, H] = {}

    def __call__(self, *names: str) -> Callable[[H], H]:
        """Register a function for these entity sets.

        Raises:
            ValueError: where one of them has such a hook already.
        """

        def register(hook: H) -> H:
            for name in names:
                if name in self._hooks:
                    raise ValueError(f"{name} has two hooks of one kind: {self._hooks[name].__name__}, {hook.__name__}")
                self._hooks[name] = hook
            return hook

        return register

    def of(self, name: str) -> H | None:
        """The hook of an entity set, where it has one."""
        _load()
        return self._hooks.get(name)


#: Before a new row is checked: (store, what was sent). A refusal is raised.
creating: Moment[Callable[[Store, Json], None]] = Moment()
#: Before a change is stored: (store, row as stored, changes). A refusal is raised.
updating: Moment[Callable[[Store, Json, Json], None]] = Moment()
#: Before a row is removed: (store, row). A refusal is raised.
deleting: Moment[Callable[[Store, Json], None]] = Moment()
#: When references are completed: (store, what is written, the row before or None). Changes what is written.
referring: Moment[Callable[[Store, Json, Json | None], None]] = Moment()
#: When a new row is completed: (store, row, what was sent). Gives what stands where nothing was sent.
filling: Moment[Callable[[Store, Json, Json], Json]] = Moment()
#: After every write, also of seeds: (store, row before, row after); either is empty where there is none.
written: Moment[Callable[[Store, Json, Json], None]] = Moment()
#: After a numbered row is called otherwise: (store, row, its new name). In place of a look at all lists of members.
renamed: Moment[Callable[[Store, Json, str], None]] = Moment()
#: After a numbered row is removed: (store, row).
gone: Moment[Callable[[Store, Json], None]] = Moment()

#: When a singleton is read: (store). Gives the properties that are counted.
counted: Moment[Callable[[Store], Json]] = Moment()


@functools.cache
def _load() -> None:
    """Import every module of this folder, so that it registers. Done on first use, because they import the store."""
    package = importlib.import_module(__package__)
    for module in pkgutil.iter_modules(package.__path__):
        importlib.import_module(f"{__package__}.{module.name}")
