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
        title: of the object
        option: path of the option
        old: number or name in the text
        new: that takes its place elsewhere
    """

    place: Place
    title: str
    option: str
    old: str
    new: str

    def __str__(self) -> str:
        return f"{self.place}: {self.title}: {self.option} contains {self.old}, which is now {self.new}."


def hints(
    texts: list[tuple[Definition, Path, str]], source: Configuration, names: Names, wanted: CloneMap
) -> Iterator[Hint]:
    """The texts that contain an old number or name.

    Parameters:
        texts: that stay as they are
        source: that is cloned
        names: old and new ones
        wanted: the map
    """
    olds = _changed(source, names, wanted)
    if not olds:
        return
    longest = sorted(olds, key=lambda old: (-len(old), old))
    pattern = re.compile(rf"(?<!\w)(?:{'|'.join(map(re.escape, longest))})(?!\w)", re.IGNORECASE)
    lower = {old.lower(): old for old in longest}
    for one, path, text in texts:
        for match in dict.fromkeys(found[0].lower() for found in pattern.finditer(text)):
            old = lower[match]
            yield Hint(one.place_of(*path), one.title, spelled(path), old, olds[old])


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
