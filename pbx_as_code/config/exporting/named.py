"""Objects that a selection names: a misspelt name must not pass as "there is nothing"."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Container, Iterator, Mapping
from typing import Any

from pbx_as_code.config.configuration import identity_of, name_of
from pbx_as_code.config.exporting.filing import department_of
from pbx_as_code.config.kinds import SECTIONS, ConfigKind
from pbx_as_code.config.selection import Selection
from pbx_as_code.config.spelling import unknown
from pbx_as_code.errors import BadOption


class NamedObjects:
    """Patterns of a selection that no object has fitted yet."""

    def __init__(self, selection: Selection) -> None:
        """The patterns that name objects; those of a kind alone may fit none."""
        self._left = {pattern: Selection((pattern,)) for pattern in selection.named}
        self._names = defaultdict[str, set[str]](set)
        """Names of the objects by the section of their kind, for suggestions."""

    def look_at(self, kind: ConfigKind, values: Mapping[str, Any]) -> None:
        """Cross out the patterns that an object of the PBX fits.

        Parameters:
            kind: of the object
            values: of its options
        """
        if not self._left:
            return
        identity, department = identity_of(kind, values), department_of(kind, values)
        self._names[kind.section].add(name_of(kind, identity))
        self._left = {
            pattern: one for pattern, one in self._left.items() if not one.chooses(kind, identity, department)
        }

    def check(self, unread: Container[str], url: str) -> None:
        """Refuse the patterns that are left.

        Parameters:
            unread: sections that the PBX refuses to show
            url: of the PBX

        Raises:
            BadOption: a pattern fits no object of the PBX; the nearest name is given
        """
        for pattern, section in self._missing(unread):
            raise _names_nothing(pattern, section, self._names[section], f"{url} has nothing that it names.")

    def check_both(self, other: NamedObjects, unread: Container[str], neither: str) -> None:
        """Refuse the patterns that are left on both sides of a comparison.

        Parameters:
            other: the other side
            unread: sections that a PBX refuses to show
            neither: sides, for the message

        Raises:
            BadOption: a pattern fits no object of either side; the nearest name is given
        """
        for pattern, section in self._missing(unread):
            if pattern in other._left:
                names = self._names[section] | other._names[section]
                raise _names_nothing(pattern, section, names, f"Neither {neither} has what it names.")

    def _missing(self, unread: Container[str]) -> Iterator[tuple[str, str]]:
        """The patterns that no object fits, with the section of the objects they name."""
        for pattern in self._left:
            what = pattern.partition(":")[0]
            section = "groups" if what == "department" else what
            if section not in unread:
                yield pattern, section


def _names_nothing(pattern: str, section: str, names: set[str], where: str) -> BadOption:
    why = unknown(SECTIONS[section].label, pattern.partition(":")[2], sorted(names))
    return BadOption(f"--include {pattern}: {why} {where}", target=pattern)
