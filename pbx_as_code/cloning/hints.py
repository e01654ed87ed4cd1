"""Texts that still contain an old number or name: they are listed and never changed."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from pbx_as_code.cloning.mapping import CloneMap
from pbx_as_code.cloning.names import Names
from pbx_as_code.cloning.values import Path
from pbx_as_code.config.configuration import Configuration, Definition, spelled
from pbx_as_code.config.nodes import Place
from pbx_as_code.engine.compare.values import telephone


@dataclass(frozen=True)
class Hint:
    """A text with an old number or name.

    Attributes:
        place: of the text in the source
        title: of the object; empty for a line of a file
        option: path of the option; empty for a line of a file
        old: number or name in the text
        new: that takes its place elsewhere
    """

    place: Place
    title: str
    option: str
    old: str
    new: str

    def __str__(self) -> str:
        about = f"{self.title}: {self.option}" if self.title else "this line"
        return f"{self.place}: {about} contains {self.old}, which is now {self.new}."


class OldNames:
    """Numbers and names that change, to be found in texts."""

    def __init__(self, source: Configuration, names: Names, wanted: CloneMap) -> None:
        """The numbers and names of a source.

        Parameters:
            source: that is cloned
            names: old and new ones
            wanted: the map
        """
        self._new_of = _changed(source, names, wanted)
        longest = sorted(self._new_of, key=lambda old: (-len(old), old))
        self._lower = {old.lower(): old for old in longest}
        # Without any, the pattern matches nothing.
        self._pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest)) or '(?!)'})(?!\w)", re.IGNORECASE)

    def within(self, text: str) -> Iterator[tuple[str, str]]:
        """Each old number or name in a text, and the new one."""
        for match in dict.fromkeys(found[0].lower() for found in self._pattern.finditer(text)):
            old = self._lower[match]
            yield old, self._new_of[old]


def hints(texts: list[tuple[Definition, Path, str]], olds: OldNames) -> Iterator[Hint]:
    """The texts that contain an old number or name.

    Parameters:
        texts: that stay as they are
        olds: that change
    """
    for one, path, text in texts:
        for old, new in olds.within(text):
            yield Hint(one.place_of(*path), one.title, spelled(path), old, new)


def line_hints(content: bytes, file: str, olds: OldNames) -> Iterator[Hint]:
    """The lines of a file that contain an old number or name, comments included.

    Parameters:
        content: of the file
        file: its path, for places
        olds: that change
    """
    for number, line in enumerate(content.decode("utf-8-sig").splitlines(), 1):
        for old, new in olds.within(line):
            at = line.lower().index(old.lower()) + 1
            yield Hint(Place(file, number, at), "", "", old, new)


def _changed(source: Configuration, names: Names, wanted: CloneMap) -> dict[str, str]:
    """New numbers and names by the old ones, of those that change."""
    found = {number: names.number(number) for number in names.owners}
    found |= {name: names.department(name) for name in names.departments}
    for did in names.dids:
        found[did] = telephone(names.telephone(did, own=True))
    for trunk in source.of("trunk"):
        name = (trunk.values.get("gateway") or {}).get("name")
        if name:
            found[name] = names.trunk_name(name, str(trunk.values.get("number")))
    found |= {rule.old: rule.new for table in (wanted.domains, wanted.prompt_sets) for rule in table.rules}
    return {old: new for old, new in found.items() if old != new}
