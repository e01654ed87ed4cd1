"""Objects of which a PBX takes several with the same identity, such as contacts and inbound rules: each is created
once, even if another apply creates it at the same time, or somebody has created it since the plan was made.

Nothing but looking keeps two from being created: the PBX refuses neither. So a plan is refused if such an object exists
by now, and after the creation the one with the lowest key stays.
"""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from pbx_as_code.config.applying.refusals import Stale
from pbx_as_code.config.configuration import Identity, as_identity, title_of
from pbx_as_code.config.export import made_by_pbx
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.planning.compare import by_option
from pbx_as_code.config.planning.completing import read_completed
from pbx_as_code.config.planning.operations import Doing, Operation, Plan
from pbx_as_code.config.planning.ordering import key_of
from pbx_as_code.engine.access.target import until
from pbx_as_code.engine.compare.values import canonical
from pbx_as_code.engine.write.creation import rank
from pbx_as_code.errors import PbxError
from pbx_as_code.pbx import Pbx

_YIELDING = 5.0
"""Seconds to wait at most until others have removed the duplicates they have created."""
Row = Mapping[str, Any]
Rows = dict[tuple[str, Identity], list[Row]]


@dataclass
class Twins:
    """The creations of a plan that a PBX would carry out twice."""

    plan: Plan
    pbx: Pbx
    parallel: int = 2
    _before: set[tuple[Any, ...]] = field(default_factory=set)
    """Keys of the objects that existed before the first write."""

    @property
    def creations(self) -> list[Operation]:
        """Operations that create such an object."""
        return [one for one in self.plan.operations if one.doing is Doing.CREATE and KINDS[one.kind].twins]

    def check(self) -> None:
        """Refuse a plan whose new objects exist by now.

        Raises:
            Stale: somebody has created one of them; nothing was written
            PbxError: the PBX cannot be read
        """
        creations = self.creations
        if not creations:
            return
        rows = self._rows(creations)
        self._before = {_key(name, row) for (name, _), alike in rows.items() for row in alike}
        coming = Counter((one.kind, spelt(KINDS[one.kind], one.identity)) for one in creations)
        declared = Counter(
            (name, spelt(KINDS[name], identity)) for name, identity in self.plan.declared if name in KINDS
        )
        found = [
            title_of(KINDS[name], identity)
            for (name, identity), number in coming.items()
            if (name, identity) in declared and len(rows[name, identity]) > declared[name, identity] - number
        ]
        if found:
            raise Stale(
                f"{', '.join(found)}: somebody has created it on {self.pbx.url} since the plan was made. Nothing was "
                "written. Plan again."
            )

    def settle(self, created: Mapping[int, Mapping[str, Any]]) -> tuple[set[int], list[str]]:
        """Remove what was created and exists twice, because somebody else created it at the same moment.

        Parameters:
            created: keys of new objects by the number of their operation

        Returns:
            the numbers of operations whose object was removed again, and warnings
        """
        ours = {(one.kind, *created[one.number].values()): one for one in self.creations if created.get(one.number)}
        wanted = Counter((one.kind, spelt(KINDS[one.kind], one.identity)) for one in ours.values())
        removed: set[int] = set()
        warnings: list[str] = []
        try:
            doubled = self._doubled(ours, wanted)
            if not doubled:
                return removed, warnings
            for new, number in doubled:
                for key in new[number:]:
                    if key in ours:
                        one = ours[key]
                        self.pbx.absent(one.kind, **created[one.number])
                        removed.add(one.number)
                        warnings.append(
                            f"{_title(one)}: somebody else created it at the same moment, and theirs stays."
                        )
            staying = {key: one for key, one in ours.items() if one.number not in removed}
            left: list[tuple[list[tuple[Any, ...]], int]] = []

            def alone() -> bool | None:
                left[:] = self._doubled(staying, wanted)
                return None if left else True

            if until(alone, _YIELDING) is None:
                titles = {_title(staying[key]) for new, _ in left for key in new if key in staying}
                warnings += [
                    f"{title} exists more than once: somebody else created it at the same moment. Remove one of them."
                    for title in sorted(titles)
                ]
        except PbxError as failure:
            warnings.append(f"It is not known whether somebody else has created the same objects: {failure}")
        return removed, warnings

    def _doubled(
        self, ours: Mapping[tuple[Any, ...], Operation], wanted: Mapping[tuple[str, Identity], int]
    ) -> list[tuple[list[tuple[Any, ...]], int]]:
        """Keys of new objects of one identity, the first one first, and how many of them are wanted, where there are
        more of them and some are ours.

        Parameters:
            ours: operations by the keys of the objects they created
            wanted: how many objects of each identity the plan created
        """
        if not ours:
            return []
        found = []
        for (name, identity), alike in self._rows(list(ours.values())).items():
            new = [key for row in alike if (key := _key(name, row)) not in self._before]
            if len(new) > wanted[name, identity] and any(key in ours for key in new):
                found.append((sorted(new, key=lambda key: rank(key[1])), wanted[name, identity]))
        return found

    def _rows(self, creations: list[Operation]) -> Rows:
        kinds = list(dict.fromkeys(one.kind for one in creations))
        found: Rows = defaultdict(list)
        for name, rows in read_completed(self.pbx, kinds, self.parallel).items():
            for row in rows:
                if not made_by_pbx(KINDS[name], row):
                    found[name, spelt(KINDS[name], [row.get(option) for option in KINDS[name].identity])].append(row)
        return found


def _title(one: Operation) -> str:
    return title_of(KINDS[one.kind], one.identity)


def spelt(kind: ConfigKind, identity: Iterable[Any]) -> Identity:
    """An identity in a form in which all spellings of it are equal."""
    known = {prop.option: prop for prop in by_option(kind.name)}
    parts = zip(kind.identity, identity, strict=True)
    return as_identity(
        repr(value) if isinstance(value, list | dict) else canonical(known[option].kind, value)
        for option, value in parts
    )


def _key(name: str, row: Row) -> tuple[Any, ...]:
    return (name, *key_of(KINDS[name], row).values())
