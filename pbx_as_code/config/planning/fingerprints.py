"""Fingerprints of objects: equal as long as nobody has changed what files can declare."""

from __future__ import annotations

import hashlib
import json
from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Any, Final

from pbx_as_code.config.configuration import Identity
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.kinds import DIALLED, KINDS, ConfigKind, Reason
from pbx_as_code.config.pbx_rows import standing
from pbx_as_code.config.planning.compare import shown
from pbx_as_code.config.planning.naming import TARGETS, Goal, Naming, Row, at, listed, names_for_others
from pbx_as_code.config.planning.operations import Doing, Fingerprint, Operation
from pbx_as_code.config.planning.ordering import key_of


def fingerprint(kind: ConfigKind, identity: Identity, rows: Iterable[Mapping[str, Any]]) -> Fingerprint:
    """The fingerprint of the objects of one identity, without ids, ETags, credentials and state.

    Parameters:
        kind: of the objects
        identity: of each of them
        rows: as `Pbx.everything` returns them
    """
    return Fingerprint(kind.name, identity, tuple(sorted(_digest(kind, row) for row in rows)))


def _digest(kind: ConfigKind, row: Mapping[str, Any]) -> str:
    bound = frozenset(path for path, why in kind.left_out.items() if why.reason is Reason.BOUND)
    return hashlib.sha256(_ENCODER.encode(declared(kind, row, bound)).encode()).hexdigest()[:20]


def _said(value: Any) -> str:
    """Text in the place of a value that JSON cannot hold: never a credential."""
    return str(shown(value))


_ENCODER: Final = json.JSONEncoder(sort_keys=True, default=_said)


def fingerprints(operations: Iterable[Operation], rows: Mapping[str, list[Row]], naming: Naming) -> list[Fingerprint]:
    """The fingerprints of everything that operations change or refer to, and of the numbers of new objects.

    Parameters:
        operations: of a plan
        rows: by kind, everything that was read
        naming: what objects are called by others
    """
    there: dict[tuple[str, Identity], list[Row]] = defaultdict(list)
    keyed: dict[tuple[Any, ...], Identity] = {}
    called: dict[Goal, tuple[str, Identity]] = {}
    for kind, identity, row in standing(rows):
        there[kind.name, identity].append(row)
        keyed[kind.name, *key_of(kind, row).values()] = identity
        for goal in names_for_others(kind.name, row):
            called[goal] = (kind.name, identity)
    found: dict[tuple[str, Identity], Fingerprint] = {}
    named = Named(rows)
    for operation in operations:
        kind = KINDS[operation.kind]
        about = (kind.name, operation.identity)
        if about not in found:
            found[about] = fingerprint(kind, operation.identity, rows[kind.name] if kind.settings else there[about])
        earlier = keyed.get((kind.name, *operation.key.values()))
        if earlier is not None and earlier != operation.identity:  # it is to be renamed
            found[kind.name, earlier] = fingerprint(kind, earlier, there[kind.name, earlier])
        if operation.doing is Doing.CREATE and kind.name in DIALLED:  # another kind may take the number meanwhile
            number = str(operation.sends["number"])
            if ("peer", (number,)) not in found:
                found["peer", (number,)] = named.fingerprint("peer", number)
        for _, goal in naming.goals_of(kind.name, operation.sends):
            if goal in called:
                name, identity = about = called[goal]
                if about not in found:  # many may refer to one
                    found[about] = fingerprint(KINDS[name], identity, there[about])
            elif goal[0] in TARGETS and TARGETS[goal[0]][0] in rows:
                name = TARGETS[goal[0]][0]
                if (name, (goal[1],)) not in found:
                    found[name, (goal[1],)] = named.fingerprint(name, goal[1])
    return list(found.values())


class Named:
    """Objects that are only referred to, by kind and name; each list is gone through once, however many names it has.

    Parameters:
        rows: by kind, everything that was read
    """

    def __init__(self, rows: Mapping[str, list[Row]]) -> None:
        self._rows = rows
        self._named: dict[str, dict[str, list[Mapping[str, Any]]]] = {}

    def fingerprint(self, kind: str, name: str) -> Fingerprint:
        """The fingerprint of all that have a name: it changes if a name, number or type changes.

        Parameters:
            kind: that lists it, such as peer
            name: it is referred to by
        """
        options = next(options for target, options in TARGETS.values() if target == kind)
        if kind not in self._named:
            self._named[kind] = defaultdict(list)
            for row in listed(kind, self._rows[kind]):
                self._named[kind][str(at(row, options[0]))].append(row)
        said = ([str(at(row, one)) for one in (*options, "type")] for row in self._named[kind].get(name, ()))
        digests = (hashlib.sha256(json.dumps(one).encode()).hexdigest()[:20] for one in said)
        return Fingerprint(kind, (name,), tuple(sorted(digests)))
