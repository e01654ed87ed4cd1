"""Values that an operation would overwrite although its plan did not show them: somebody has changed the object since.

A value that is empty by now, or that the plan showed under the same option, may be overwritten: an earlier operation of
the same apply may have changed the object.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from typing import Any, Final

from pbx_as_code.config.configuration import Definition, title_of
from pbx_as_code.config.kinds import KINDS, LISTED
from pbx_as_code.config.nodes import Entries, Place
from pbx_as_code.config.planning.compare import compare
from pbx_as_code.config.planning.operations import LeafChange, Operation
from pbx_as_code.config.planning.report import value
from pbx_as_code.errors import Conflict

_MOST_NAMED = 5
_EMPTY: Final[tuple[Any, ...]] = (None, "", [], {}, "None")
"""Also the destination None, which a PBX puts in the place of an object that was removed."""


def refuse_unseen(operation: Operation, url: str, row: Mapping[str, Any]) -> None:
    """Refuse an operation that would overwrite what its plan did not show.

    Parameters:
        operation: that changes an existing object
        url: of the PBX
        row: the object as it was just read

    Raises:
        Conflict: the object has changed since the plan was made
    """
    lost = list(unseen(operation, row))
    if not lost:
        return
    named = "; ".join(f"{one.called} is {value(one.old)}" for one in lost[:_MOST_NAMED])
    more = f"; and {len(lost) - _MOST_NAMED} more" if len(lost) > _MOST_NAMED else ""
    title = title_of(KINDS[operation.kind], operation.identity)
    raise Conflict(
        f"{title} on {url} was not changed, because somebody else has changed it since the plan was made: "
        f"{named}{more}. Plan again.",
        target=lost[0].option,
    )


def unseen(operation: Operation, row: Mapping[str, Any]) -> Iterator[LeafChange]:
    """Leaves that an operation would overwrite and that its plan did not show.

    Parameters:
        operation: that changes an existing object
        row: the object as it is now
    """
    if not operation.changes:  # it only repeats references to a number that another object gets
        return
    kind = KINDS[operation.kind]
    shown: dict[tuple[str, ...], list[Any]] = defaultdict(list)
    for change in operation.changes:
        shown[_options(change)] += _values(change.old)
    sends = {option: sent for option, sent in operation.sends.items() if (kind.name, option) not in LISTED}
    definition = Definition(kind, sends, Entries(operation.place or Place("", 0, 0)))
    for change in compare(definition, row, None).changes:
        kept, seen = _values(change.new), shown[_options(change)]
        if any(lost not in kept and lost not in seen for lost in _values(change.old)):
            yield change


def _options(change: LeafChange) -> tuple[str, ...]:
    return tuple(step for step in change.path if isinstance(step, str))


def _values(value: Any) -> list[Any]:
    """A value, or the items of a list, without what is empty: an object in a list may be answered in less detail."""
    items = value if isinstance(value, list) else [value]
    return [pruned for item in items if (pruned := _pruned(item)) not in _EMPTY]


def _pruned(value: Any) -> Any:
    if isinstance(value, Mapping):
        return {option: kept for option, inner in value.items() if (kept := _pruned(inner)) not in _EMPTY}
    return [_pruned(item) for item in value] if isinstance(value, list) else value
