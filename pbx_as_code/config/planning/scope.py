"""The part of the files and of a PBX that a plan compares, creates, changes and removes."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from typing import Any

from pbx_as_code.config.configuration import Configuration, Definition, Identity, identity_of, name_of
from pbx_as_code.config.exporting.filing import department_of
from pbx_as_code.config.kinds import KINDS, SECTIONS, ConfigKind
from pbx_as_code.config.planning.naming import DECLARED_AS, Row, all_names
from pbx_as_code.config.selection import Selection, like
from pbx_as_code.config.spelling import unknown
from pbx_as_code.errors import BadOption


class Scope:
    """Objects of a selection. References may lead out of it; changes and removals do not."""

    def __init__(self, whole: Configuration, selection: Selection) -> None:
        """The part of a configuration that a selection chooses.

        Parameters:
            whole: everything that the files declare
            selection: what is chosen of it
        """
        self.whole = whole
        """Everything that the files declare."""
        self.selection = selection
        self._departments: dict[tuple[str, Identity], str] = {}
        self.configuration = self._part(settled=False)
        """The declared objects that are chosen."""

    def settle(self, rows: Mapping[str, Sequence[Row]], renamed: Mapping[str, str]) -> None:
        """Choose again, once the PBX tells in which departments those objects are whose declaration names none.

        Parameters:
            rows: of the PBX, by kind
            renamed: new names of departments, by those they have on the PBX
        """
        for name in {one.kind.name for one in self.configuration.definitions if self._undecided(one)}:
            for row in rows.get(name, ()):
                there = department_of(KINDS[name], row)
                if there is not None:
                    self._departments[name, identity_of(KINDS[name], row)] = renamed.get(there, there)
        self.configuration = self._part(settled=True)

    def _part(self, *, settled: bool) -> Configuration:
        if self.selection.everything:
            return self.whole
        chosen = {
            (one.kind.name, one.identity)
            for one in self.whole.definitions
            if (self._undecided(one) and not settled) or self._has(one)
        }
        return replace(
            self.whole,
            definitions=[one for one in self.whole.definitions if (one.kind.name, one.identity) in chosen],
            required={},
            complete=frozenset(name for name in self.whole.complete if self.reads(name)),
        )

    def _undecided(self, one: Definition) -> bool:
        """Whether the selection may have an object, depending on its department, which the files do not name."""
        return bool(
            one.kind.department and department_of(one.kind, one.values) is None and self.selection.reads(one.kind)
        )

    def _has(self, one: Definition) -> bool:
        there = self._departments.get((one.kind.name, one.identity))
        return self.selection.chooses(one.kind, one.identity, department_of(one.kind, one.values) or there)

    def reads(self, kind: str) -> bool:
        """Whether any object of a kind, by its name, may be chosen."""
        return self.selection.everything or (kind in KINDS and self.selection.reads(KINDS[kind]))

    def chooses(self, kind: ConfigKind, values: Mapping[str, Any]) -> bool:
        """Whether an object is chosen, by its options, be they declared or read from a PBX."""
        return self.selection.everything or self.selection.chooses(
            kind, identity_of(kind, values), department_of(kind, values)
        )

    def outside(self) -> list[Definition]:
        """Declared objects that are not chosen."""
        if self.selection.everything:
            return []
        chosen = {id(one) for one in self.configuration.definitions}
        return [one for one in self.whole.definitions if id(one) not in chosen]

    def not_compared(self) -> dict[str, int]:
        """Numbers of declared objects that are not chosen, by the section of their kind."""
        return dict(sorted(Counter(one.kind.section for one in self.outside()).items()))

    def undeclared_kinds(self) -> set[str]:
        """Names of the kinds to read because only the PBX can have what a pattern of the selection names."""
        undeclared = (self._kind_of(pattern) for pattern in self._unmatched(()))
        return {kind.name for kind in undeclared}

    def check_matched(self, left: Iterable[tuple[ConfigKind, Row]], unread: Iterable[str], url: str) -> None:
        """Refuse patterns that name nothing: a misspelt one must not pass as "nothing to do". A kind of which there is
        no object is no mistake: the last one may just have been removed.

        Parameters:
            left: objects of the PBX that the files do not declare
            unread: sections that the PBX refuses to show
            url: of the PBX

        Raises:
            BadOption: a pattern fits no object of the files or of the PBX; the nearest name is given
        """
        rows = list(left)
        for pattern in self._unmatched(rows):
            kind, name = self._kind_of(pattern), pattern.partition(":")[2]
            if kind.section in set(unread) or not name:
                continue
            known = [*((one.kind, one.values) for one in self.whole.definitions), *rows]
            names = {name_of(kind, identity_of(kind, values)) for of, values in known if of.name == kind.name}
            why = unknown(kind.label, name, sorted(names))
            raise BadOption(
                f"--include {pattern}: {why} Neither the files nor {url} have what it names.", target=pattern
            )

    def idle_exclusions(self, rows: Mapping[str, Sequence[Row]]) -> list[str]:
        """Sentences about patterns of --exclude that name no object: a misspelt one leaves an object in the selection.

        Parameters:
            rows: of the PBX, by kind
        """
        said = []
        for pattern in self.selection.exclude:
            kind, name = self._kind_of(pattern), pattern.partition(":")[2]
            there = [*self._declared_values(kind), *rows.get(kind.name, ())]
            names = {name_of(kind, identity_of(kind, values)) for values in there}
            if name and kind.name in rows and not any(like(one, name) for one in names):
                said.append(f"--exclude {pattern}: {unknown(kind.label, name, sorted(names))} It excludes nothing.")
        return said

    def _declared_values(self, kind: ConfigKind) -> list[Mapping[str, Any]]:
        return [one.values for one in self.whole.definitions if one.kind.name == kind.name]

    def _unmatched(self, rows: Iterable[tuple[ConfigKind, Row]]) -> list[str]:
        objects = [*((one.kind, one.values) for one in self.whole.definitions), *rows]
        return [
            pattern for pattern in self.selection.include
            if not any(Scope._fits(pattern, kind, values) for kind, values in objects)
        ]  # fmt: skip

    @staticmethod
    def _fits(pattern: str, kind: ConfigKind, values: Mapping[str, Any]) -> bool:
        return Selection((pattern,)).chooses(kind, identity_of(kind, values), department_of(kind, values))

    @staticmethod
    def _kind_of(pattern: str) -> ConfigKind:
        section = pattern.partition(":")[0]
        return next(one for name, one in SECTIONS.items() if name == section or (
            section == "department" and one.name == "group"
        ))  # fmt: skip

    def declared_outside(self, entity_set: str, name: str) -> str | None:
        """The sentences about a reference to an object that is declared, but not chosen; None if it is not declared.

        Parameters:
            entity_set: of the reference
            name: by which it refers
        """
        for one in self.outside():
            if one.kind.name not in DECLARED_AS.get(entity_set, ()):
                continue
            if name in all_names(entity_set, one.kind.name, [one.values]):
                excluding = [one_of for one_of in self.selection.exclude if self._fits(one_of, one.kind, one.values)]
                pattern = f"{one.kind.section}:{name_of(one.kind, one.identity)}"
                way_out = f"Give no --exclude {excluding[0]}" if excluding else f"Add --include {pattern}"
                return (
                    f"{one.title} is not on the PBX. It is declared at {one.place}, outside of the selection. {way_out}"
                )
        return None


def by_kind(definitions: list[Definition]) -> dict[str, list[Definition]]:
    """Declared objects by the name of their kind."""
    found: dict[str, list[Definition]] = defaultdict(list)
    for one in definitions:
        found[one.kind.name].append(one)
    return found
