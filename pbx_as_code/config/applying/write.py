"""One operation of a plan, by the engine; it reads back what it wrote."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import Any, Final

from pbx_as_code.config.applying.unseen import refuse_changed, refuse_created, refuse_unseen
from pbx_as_code.config.configuration import identity_of, title_of
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.planning.hints import own_name
from pbx_as_code.config.planning.operations import Doing, Operation, Plan
from pbx_as_code.engine.compare.values import repeating
from pbx_as_code.errors import NotFound, PbxError, Refused
from pbx_as_code.pbx import Pbx
from pbx_as_code.result import Result

_BROKEN: Final = 500
_READ_ONE_BY_ONE: Final = 5
"""Objects that are read by themselves before their removal; more are read with all of their kind."""


@dataclass
class Written:
    """Result of one write."""

    changed: bool = False
    key: Mapping[str, Any] = field(default_factory=dict)
    """Of an object that was created, on its PBX."""
    warnings: list[str] = field(default_factory=list)
    failure: PbxError | None = None


def write(pbx: Pbx, plan: Plan, operation: Operation, key: Mapping[str, Any], values: Mapping[str, Any]) -> Written:
    """Carry out one operation.

    Parameters:
        pbx: with a client that may write
        plan: of the operation
        operation: what to do
        key: of the object, such as {"id": 24}; empty for what is not there yet, and for settings
        values: options to set, with credentials in the place of their markers
    """
    try:
        done = _done(pbx, plan, operation, key, values)
    except PbxError as failure:
        return Written(failure=_second_holiday(pbx, operation, failure) or failure)
    option = _key_option(operation.kind)
    made = done.after.get(option) if option and done.after is not None else None
    return Written(done.changed, {} if made is None else {option: made}, done.warnings)


def _done(pbx: Pbx, plan: Plan, operation: Operation, key: Mapping[str, Any], values: Mapping[str, Any]) -> Result:
    kind = KINDS[operation.kind]
    if operation.doing is Doing.REMOVE:
        return pbx.absent(kind.name, accept=partial(refuse_changed, operation, plan, pbx.url), **key)
    if operation.doing is Doing.CREATE:
        if kind.twins:
            return pbx.create(kind.name, **values)
        return pbx.ensure(kind.name, accept=partial(refuse_created, operation, pbx.url), **values)
    if not (key or kind.settings):
        raise NotFound(f"The {kind.label} that was to be changed has not been created.")
    named = {**values, **key}
    if "rename" in Pbx.options(kind.name):  # what the files call it may be spelled otherwise than on the PBX
        named["rename"] = True
    accept = partial(refuse_unseen, operation, plan, pbx.url) if operation.alters else None
    with repeating(operation.repeats):
        return pbx.ensure(kind.name, accept=accept, **named)


def _second_holiday(pbx: Pbx, operation: Operation, failure: PbxError) -> PbxError | None:
    """The failure of a holiday that was not created because the PBX has one of its name: some answer 500 to it."""
    if operation.kind != "holiday" or operation.doing is not Doing.CREATE or failure.status != _BROKEN:
        return None
    kind, named = KINDS["holiday"], dict(zip(KINDS["holiday"].identity, operation.identity, strict=True))
    try:
        alike = [row for row in pbx.everything("holiday") if row.get("name") == named["name"]]
    except PbxError:
        return None
    created = sum(identity_of(kind, row) == operation.identity for row in alike) > operation.twin
    if created or not alike or named["group"] is None:
        return None
    return Refused(
        f"{title_of(kind, operation.identity)} was not created on {pbx.url} ({_BROKEN}), because "
        f"{title_of(kind, identity_of(kind, alike[0]))} exists: this PBX takes one holiday of each name, whatever its "
        f"department. Give it its own name, such as {own_name(named['name'], operation.identity)}.",
        status=failure.status,
        target="name",
    )


def write_removals(pbx: Pbx, plan: Plan, operations: Sequence[Operation]) -> list[Written]:
    """Remove several objects of one kind, by as few requests as the PBX offers, and see which are gone.

    Parameters:
        pbx: with a client that may write
        plan: of the operations
        operations: removals of one kind
    """
    kind = operations[0].kind
    if not pbx.can_remove_many(kind):
        return [write(pbx, plan, one, one.key, {}) for one in operations]
    try:
        refused = _changed(pbx, plan, operations)
    except PbxError as failure:
        return [Written(failure=failure) for _ in operations]
    accepted = [one for one in operations if one.number not in refused]
    keys = [next(iter(one.key.values())) for one in accepted]
    try:
        left = pbx.remove_many(kind, keys) if keys else {}
    except NotFound:  # a release without that action
        return [write(pbx, plan, one, one.key, {}) for one in operations]
    except PbxError as failure:
        return [Written(failure=refused.get(one.number, failure)) for one in operations]
    return [
        Written(failure=refused[one.number]) if one.number in refused
        else _removed(pbx, plan, one, left.get(next(iter(one.key.values()))))
        for one in operations
    ]  # fmt: skip


def _changed(pbx: Pbx, plan: Plan, operations: Sequence[Operation]) -> dict[int, PbxError]:
    """Refusals, by number of the operation, for objects that have changed since the plan was made."""
    kind = operations[0].kind
    option = _key_option(kind)
    if len(operations) > _READ_ONE_BY_ONE:
        rows = {row[option]: row for row in pbx.everything(kind)}
    else:
        found = (pbx.read(kind, **one.key) for one in operations)
        rows = {row[option]: row for row in found if row is not None}
    refused: dict[int, PbxError] = {}
    for one in operations:
        row = rows.get(one.key[option])
        try:
            if row is not None:
                refuse_changed(one, plan, pbx.url, row)
        except PbxError as failure:
            refused[one.number] = failure
    return refused


def _removed(pbx: Pbx, plan: Plan, operation: Operation, failure: PbxError | None) -> Written:
    """Result of a removal among others; a PBX that refuses one may refuse all of them, so one is tried by itself."""
    if failure is None:
        return Written(changed=True)
    if isinstance(failure, Refused):
        return write(pbx, plan, operation, operation.key, {})
    return Written(failure=failure)


def _key_option(kind: str) -> str:
    key = getattr(KINDS[kind].description, "key", None)
    return "" if key is None else str(key.option)
