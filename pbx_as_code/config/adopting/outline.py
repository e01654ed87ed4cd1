"""A short form of a file: a line in the place of each object that an adoption leaves alone.

Parsing takes most of the time of an adoption, and a large file has ten thousand objects of which few change. The lists
of objects are split at their dashes, which is safe only in a text without anchors.
"""

from __future__ import annotations

import re
from bisect import bisect_left
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from pbx_as_code.config.adopting.splices import Splices
from pbx_as_code.config.nodes import Entries, Items, Node, Scalar

Stub = tuple[int, int, str]
"""Offsets of the text of an object, and the line in its place."""
_STUB: Final = "~"
"""An object that is null is an error of the files, so that no other item looks like this one."""
_REFERENCE: Final = re.compile(r"(?<![^\s,:\[{}\]])[&*]\S")
"""An anchor or an alias, or what looks like one: its other end may be in another object."""
_UNSAFE: Final = ("\n...", "\x85", "\u2028", "\u2029")
"""The end of the document, and breaks that only the parser counts as lines."""


@dataclass(frozen=True)
class Outline:
    """The objects of a file that are not parsed."""

    stubs: tuple[Stub, ...] = ()
    sections: tuple[tuple[str, tuple[Node | None, ...]], ...] = ()
    """Each list of objects that was split: what was read before for each stub, None for an object that is parsed."""

    def after(self, text: str, edits: Splices) -> ShortForm | None:
        """The short form of a text after its edits; None if an edit is within an object that is not parsed."""
        if not self.stubs:
            return None
        try:
            return ShortForm(edits.and_replaced(self.stubs).applied(text).encode(), self)
        except ValueError:
            return None

    def restore(self, root: Entries | None) -> bool:
        """Put the objects back that were read before; False if the items are others than expected.

        Parameters:
            root: of the short form, which is changed
        """
        for section, known in self.sections:
            items = root.values.get(section) if root is not None else None
            if not isinstance(items, Items) or len(items.values) != len(known):
                return False
            for number, node in enumerate(known):
                written = items.values[number]
                stub = isinstance(written, Scalar) and written.plain and written.text == _STUB
                if stub != (node is not None):
                    return False
                if node is not None:
                    items.values[number] = node
        return True


@dataclass(frozen=True)
class ShortForm:
    """The content of a changed file with a line in the place of each object that was not edited."""

    content: bytes
    outline: Outline


def outline(text: str, root: Entries, lines: Iterable[int]) -> Outline:
    """The objects of a file that contain none of some lines; an outline without any if it has to be parsed as a whole.

    Parameters:
        text: without a byte order mark
        root: of this text
        lines: numbers of the lines that are to be edited, from 1
    """
    wanted = sorted(set(lines))
    if not _can_be_split(text):
        return Outline()
    stubs: list[Stub] = []
    sections = []
    for section, items, begin, finish in _lists(text, root):
        starts = _dashes(text, items, begin, finish)
        line = text.count("\n", 0, starts[0]) + 1 if starts else 0
        if len(starts) != len(items.values) or line != items.place.line:  # within brackets, or with lines like dashes
            continue
        indent = " " * (items.place.column - 1)
        known: list[Node | None] = []
        for node, start, end in zip(items.values, starts, [*starts[1:], finish], strict=True):
            after = line + text.count("\n", start, end)
            edited = bisect_left(wanted, line) < bisect_left(wanted, max(after, line + 1))
            known.append(None if edited else node)
            if not edited:
                stubs.append((start, end, f"{indent}- {_STUB}\n"))
            line = after
        sections.append((section, tuple(known)))
    return Outline(tuple(stubs), tuple(sections)) if stubs else Outline()


def _can_be_split(text: str) -> bool:
    """Whether no part of an object depends on another object."""
    if any(one in text for one in _UNSAFE) or text.count("\r") != text.count("\r\n"):
        return False
    return not (("&" in text or "*" in text) and _REFERENCE.search(text))


def _lists(text: str, root: Entries) -> Iterator[tuple[str, Items, int, int]]:
    """Each list that is written below its key, with the offsets of the lines of this key and of the next one."""
    keys = sorted((place.line, section) for section, place in root.keys.items())
    if len({line for line, _ in keys}) < len(keys):  # {users: [], queues: []}
        return
    offset, line = 0, 1
    begins = []
    for wanted, _ in keys:
        for _ in range(wanted - line):
            offset = text.index("\n", offset) + 1
        line = wanted
        begins.append(offset)
    for (_, section), begin, finish in zip(keys, begins, [*begins[1:], len(text)], strict=True):
        items = root.values[section]
        if isinstance(items, Items) and items.values:
            yield section, items, begin, finish


def _dashes(text: str, items: Items, begin: int, finish: int) -> Sequence[int]:
    """Offsets of the lines with a dash in the column of the list.

    Each item of a list that begins with a dash has one. If there are no others, the lines split the list.
    """
    dash = re.compile(rf"^ {{{items.place.column - 1}}}-(?=[ \t\r\n]|\Z)", re.MULTILINE)
    return [found.start() for found in dash.finditer(text, begin, finish)]
