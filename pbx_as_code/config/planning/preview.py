"""Preview of a standard: the changes that a layer would make on a PBX that does not follow it yet.

A standard declares few objects and many defaults. So every object of the PBX counts as declared as far as the defaults
of its kind go, and nothing is removed: lists that layers merge keep what the PBX has.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, cast

from pbx_as_code.config.configuration import Configuration, Definition, identity_of, options_in
from pbx_as_code.config.export import made_by_pbx, own_principal
from pbx_as_code.config.kinds import KINDS, ConfigKind, item_key
from pbx_as_code.config.nodes import Entries
from pbx_as_code.config.pbx_rows import read
from pbx_as_code.config.planning.operations import Doing, LeafChange, Operation, Plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.description import Property
from pbx_as_code.pbx import FoundList, Pbx

_HINT = (
    "This is a preview of a standard: the defaults count for every object of the PBX, and lists that layers merge keep "
    "what the PBX has. It cannot be applied."
)


def preview(
    configuration: Configuration, pbx: Pbx, *, parallel: int = 4, own_number: str | None = None
) -> Plan:  # fmt: skip
    """Compare the values that a standard declares, and nothing else, with what a PBX has.

    Parameters:
        configuration: the standard, without problems
        pbx: to read; nothing is written to it
        parallel: requests at a time
        own_number: number of the service principal that signs in, which is not part of the configuration

    Raises:
        PbxError: something cannot be read; the first failure ends it
    """
    once = cast("Pbx", _ReadOnce(pbx))
    kinds = [name for name in configuration.defaults if name in KINDS]
    there = {(one.kind.name, one.identity) for one in configuration.definitions}
    more = [
        _by_defaults(KINDS[name], row, configuration)
        for name, rows in zip(kinds, read(once, kinds, parallel, {}), strict=True)
        for row in rows
        if not (made_by_pbx(KINDS[name], row) or own_principal(KINDS[name], row, own_number))
        and (name, identity_of(KINDS[name], row)) not in there
    ]
    whole = replace(configuration, definitions=[*configuration.definitions, *more])
    made = plan(whole, once, parallel=parallel, own_number=own_number)
    made.operations = [
        one for operation in made.operations for one in _without_removals(operation)
    ]  # fmt: skip
    made.unmanaged = []
    made.hints.append(_HINT)
    return made


class _ReadOnce:
    """A PBX whose kinds are read once: the preview and the plan need the same rows."""

    def __init__(self, pbx: Pbx) -> None:
        self._pbx = pbx
        self._rows: dict[str, FoundList[dict[str, Any]]] = {}

    def everything(self, kind: str, *, each: None = None) -> FoundList[dict[str, Any]]:
        """See Pbx.everything."""
        assert each is None  # noqa: S101 a plan takes whole objects
        if kind not in self._rows:
            self._rows[kind] = self._pbx.everything(kind)
        return self._rows[kind]

    def __getattr__(self, name: str) -> Any:
        return getattr(self._pbx, name)


def _by_defaults(kind: ConfigKind, row: dict[str, Any], configuration: Configuration) -> Definition:
    defaults = configuration.defaults[kind.name]
    own = {option: row.get(option) for option in kind.identity}
    for option, of_each in defaults.items.items():
        key, there = item_key(kind, kind.options[option]), row.get(option)
        if key and isinstance(there, list):
            own[option] = [{**{name: item.get(name) for name in key}, **_counting(of_each, item)} for item in there]
    return Definition(kind, {**defaults.values, **own}, Entries(defaults.node.place), defaults.node)


def _counting(of_each: Mapping[str, Any], item: Mapping[str, Any]) -> dict[str, Any]:
    """The defaults of items that count for one item: those within a structure only where it has this structure."""
    return {
        option: value
        for option, value in of_each.items()
        if not isinstance(value, dict) or isinstance(item.get(option), dict)
    }


def _without_removals(operation: Operation) -> Iterable[Operation]:
    """The operation without the items that a list of the PBX has in addition; nothing if no change is left."""
    if operation.doing is not Doing.UPDATE:
        return [operation]
    kept = tuple(change for change in operation.changes if not _additional(KINDS[operation.kind], change))
    return [replace(operation, changes=kept)] if kept else []


def _additional(kind: ConfigKind, change: LeafChange) -> bool:
    if change.new is not None or change.secret is not None or not isinstance(change.path[-1], int):
        return False
    steps = options_in(change.path)
    properties: tuple[Property, ...] = tuple(kind.options.values())
    for step in steps[:-1]:
        properties = next(prop.fields for prop in properties if prop.option == step)
    found = next(prop for prop in properties if prop.option == steps[-1])
    return bool(item_key(kind if len(steps) == 1 else None, found))
