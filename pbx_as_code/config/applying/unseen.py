"""Objects and values that an operation would overwrite or remove although its plan did not show them: somebody has
created or changed the object since.

A value that is empty by now, or that the plan showed under the same option, may be overwritten: an earlier operation of
the same apply may have changed the object. So may one beside a reference to an object that the plan removes: a PBX may
have put another destination, such as EndCall, in its place.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping
from functools import partial
from typing import Any

from pbx_as_code.config.configuration import Definition, options_in, title_of
from pbx_as_code.config.exporting.declared import NESTED
from pbx_as_code.config.kinds import DIALLED, KINDS, LISTED, SENT_TOGETHER
from pbx_as_code.config.nodes import Entries, Place
from pbx_as_code.config.planning.as_found import EMPTY, as_found, pruned
from pbx_as_code.config.planning.compare import by_option, compare, with_names
from pbx_as_code.config.planning.dangling import wrapped
from pbx_as_code.config.planning.naming import references
from pbx_as_code.config.planning.operations import Doing, LeafChange, Operation, Plan
from pbx_as_code.config.reporting.report import value
from pbx_as_code.description import DEPARTMENTS, Property
from pbx_as_code.errors import Conflict
from pbx_as_code.walk import ABSENT

_MOST_NAMED = 5


def refuse_unseen(operation: Operation, plan: Plan, url: str, row: Mapping[str, Any]) -> None:
    """Refuse an operation that would overwrite what its plan did not show.

    Parameters:
        operation: that changes an existing object
        plan: of the operation
        url: of the PBX
        row: the object as it was just read

    Raises:
        Conflict: the object has changed since the plan was made
    """
    lost = list(unseen(operation, plan, row))
    if lost:
        named = [f"{one.called} is {value(one.old)}" for one in lost]
        raise _conflict(operation, url, "changed", "changed", named, lost[0].option)


def refuse_created(operation: Operation, url: str, row: Mapping[str, Any]) -> None:
    """Refuse the creation of an object that exists by now and is otherwise.

    Parameters:
        operation: that creates it
        url: of the PBX
        row: the object as it was just read

    Raises:
        Conflict: in any case
    """
    changes = compare(_sent(operation), row, None).changes
    named = [f"{one.called} is {value(one.old)}" for one in changes if one.secret is None]
    raise _conflict(operation, url, "changed", "created", named, changes[0].option if changes else None)


def refuse_changed(operation: Operation, plan: Plan, url: str, row: Mapping[str, Any]) -> None:
    """Refuse to remove an object that has anything that the plan has not seen.

    Values that it lacks by now, and new names of objects that the plan renames, do not matter: an earlier operation may
    have changed the object.

    Parameters:
        operation: that removes it
        plan: of the operation
        url: of the PBX
        row: the object as it was just read

    Raises:
        Conflict: the object has changed since the plan was made
    """
    kind = KINDS[operation.kind]
    if not operation.was:
        return
    before = _leaves(operation.was, "")
    found: dict[str, Any] = {}
    for option, values in _leaves(as_found(kind, row), "").items():
        new = [one for one in values if values.count(one) > before[option].count(one)]
        if new and option != kind.order:  # a PBX may renumber the others after a removal
            known = {part for one in plan.operations for part in one.identity}
            found.update((option, one) for one in new if one not in known)
    for path in _beside_removed(plan, kind.name, [operation.was]) if found else ():
        found.pop(".".join(path), None)
    if found:
        named = [f"{option} is {value(new)}" for option, new in found.items()]
        raise _conflict(operation, url, "removed", "changed", named, next(iter(found)))


def _conflict(
    operation: Operation, url: str, undone: str, meanwhile: str, named: list[str], option: str | None
) -> Conflict:
    title = title_of(KINDS[operation.kind], operation.identity)
    more = [f"and {len(named) - _MOST_NAMED} more"] if len(named) > _MOST_NAMED else []
    told = "; ".join([*named[:_MOST_NAMED], *more])
    return Conflict(
        f"{title} on {url} was not {undone}, because somebody else has {meanwhile} it since the plan was made"
        f"{f': {told}' if told else ''}. Plan again.",
        target=option,
    )


def _leaves(found: Any, option: str) -> dict[str, list[Any]]:
    """Every value that is no structure and no list, by its option: agents.number."""
    leaves: dict[str, list[Any]] = defaultdict(list)
    if isinstance(found, Mapping):
        for name, inner in found.items():
            for path, values in _leaves(inner, f"{option}.{name}" if option else name).items():
                leaves[path] += values
    elif isinstance(found, list):
        for item in found:
            for path, values in _leaves(item, option).items():
                leaves[path] += values
    elif found not in EMPTY:
        leaves[option].append(found)
    return leaves


def unseen(operation: Operation, plan: Plan, row: Mapping[str, Any]) -> Iterator[LeafChange]:
    """Leaves that an operation would overwrite and that its plan did not show.

    Parameters:
        operation: that changes an existing object
        plan: of the operation
        row: the object as it is now
    """
    if not operation.changes:  # it only repeats references to a number that another object gets
        return
    if _as_planned(operation, row):
        return
    if plan.new_names:  # the plan shows them, and the departments may have them already
        row = with_names(by_option(operation.kind, texts=False), row, partial(_new_name, plan))
    shown: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for change in operation.changes:
        shown[options_in(change.path)] += _values(change.old)
    found = []
    for change in compare(_sent(operation), row, None).changes:
        kept, seen = _values(change.new), shown[options_in(change.path)]
        if any(lost not in kept and lost not in seen for lost in _values(change.old)):
            found.append(change)
    if not found:
        return
    before = [wrapped(change.path, change.old) for change in operation.changes if change.secret is None]
    replaced = _beside_removed(plan, operation.kind, [operation.sends, *before])
    for change in found:
        options = options_in(change.path)
        if options in replaced:
            continue
        known = [*_values(change.new), *shown[options]]
        if not all(any(_shows(one, lost, options, replaced) for one in known) for lost in _values(change.old)):
            yield change


def _new_name(plan: Plan, prop: Property, name: str) -> str:
    assert prop.reference is not None  # noqa: S101 asked for references only
    return plan.new_names.get(name, name) if prop.reference.entity_set == DEPARTMENTS else name


def _shows(known: Any, lost: Any, options: tuple[str, ...], replaced: set[tuple[str, ...]]) -> bool:
    """Whether a value that is known is one that would be lost, apart from what is empty by now or replaced.

    Parameters:
        known: that the plan showed or sends
        lost: that is there now
        options: path of both
        replaced: see `_beside_removed`
    """
    if options in replaced:
        return True
    if isinstance(lost, Mapping) and isinstance(known, Mapping):
        return all(_shows(known.get(name), inner, (*options, name), replaced) for name, inner in lost.items())
    return bool(lost == known)


def _beside_removed(plan: Plan, kind: str, objects: Iterable[Mapping[str, Any]]) -> set[tuple[str, ...]]:
    """Paths of the options beside references to numbers of objects that a plan removes, such as the type of a
    destination.

    Parameters:
        plan: that removes them
        kind: of the objects that refer
        objects: their options, or some of them
    """
    removed = {
        name
        for one in plan.operations
        if one.doing is Doing.REMOVE and one.kind in DIALLED
        for name in (*one.identity, one.was.get("name"))
    }
    found: set[tuple[str, ...]] = set()
    for values in objects if removed else ():
        for path, _, name in references(by_option(kind), values, ()):
            if name in removed:
                *within, option = options_in(path)
                found |= {(*within, beside) for beside in _beside(kind, tuple(within), option)}
    return found


def _beside(kind: str, within: tuple[str, ...], option: str) -> Iterable[str]:
    """Options that belong to a reference: all of its structure, or those that are sent with it."""
    if not within:
        return SENT_TOGETHER.get((kind, option), ())
    properties = by_option(kind)
    for step in within:
        properties = next(prop.fields for prop in properties if prop.option == step)
    return (prop.option for prop in properties if prop.option != option)


def _as_planned(operation: Operation, row: Mapping[str, Any]) -> bool:
    """Whether each option that is sent is a plain value, and is as the plan found it: then nothing has to be compared,
    as with most of thousands.
    """
    seen = {
        change.path[0]: change.old for change in operation.changes if change.secret is None and len(change.path) == 1
    }
    for option, sent in operation.sends.items():
        before, now = seen.get(option, sent), row.get(option, ABSENT)
        if now.__class__ in NESTED or now.__class__ is not before.__class__ or now != before:
            return False
    return True


def _sent(operation: Operation) -> Definition:
    """The options that an operation sets, without the orders of other objects."""
    kind = KINDS[operation.kind]
    sends = {option: sent for option, sent in operation.sends.items() if (kind.name, option) not in LISTED}
    return Definition(kind, sends, Entries(operation.place or Place("", 0, 0)))


def _values(value: Any) -> list[Any]:
    """A value, or the items of a list, without what is empty: an object in a list may be answered in less detail."""
    items = value if isinstance(value, list) else [value]
    return [kept for item in items if (kept := pruned(item)) not in EMPTY]
