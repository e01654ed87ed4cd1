"""Where the parts of a file stand in its text: the parser's marks, for the few structures that are to be edited.

Only wanted structures keep their parts, so that a file of 240,000 lines costs one pass and little memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from pbx_as_code.config.adopting.outline import Stub
from pbx_as_code.config.nodes import Place
from pbx_as_code.config.reader import events_of, without_collection
from pbx_as_code.extras import extra

with extra("cli"):
    import yaml

_BREAK: Final = re.compile("\r\n|[\r\n\x85\u2028\u2029]")
"""Line breaks as the parser counts them."""
Start = tuple[int, int]
"""Line and column of a structure or a list, from 1, as in `Place`."""


@dataclass(slots=True)
class Span:
    """A part of the text."""

    start: int
    """Offset of its first character, which may be that of an anchor or a tag."""
    end: int
    """Offset behind its last character: that of its last value, without the blank lines and comments that follow."""
    kind: str
    """scalar, alias, map or list."""
    flow: bool = False
    """Whether it is written as [a, b] or {a: b}, or is within such."""
    style: str = ""
    """Of a scalar: the quote, | or >; empty if it is plain."""
    anchor: str = ""
    """Name of its anchor, or of the one an alias stands for."""
    keys: list[tuple[str, Span, Span]] = field(default_factory=list)
    """Of a structure that was wanted: each key and its value."""
    items: list[Span] = field(default_factory=list)
    """Of a list that was wanted."""

    def value_of(self, key: str) -> Span | None:
        """The value of a key that is written here."""
        return next((value for name, _, value in self.keys if name == key), None)


class Layout:
    """The text of a file, and the spans of the structures and lists that were asked for."""

    def __init__(self, text: str, wanted: set[Start], stubs: Sequence[Stub] = ()) -> None:
        """Read the marks.

        Parameters:
            text: without a byte order mark
            wanted: starts of the structures and lists of which parts are needed
            stubs: parts of the text that are not parsed, in their order; nothing that is wanted is in them
        """
        self.text = text
        self.newline = (_BREAK.search(text) or re.match("", ""))[0] or "\n"  # type: ignore[index]
        self.aliased: set[str] = set()
        """Names of the anchors that an alias stands for."""
        self._lines: list[int] = []
        """Offset of each line that is parsed; that of its object for the line of a stub."""
        self._line_of: dict[int, int] = {}
        """Line that is parsed, by line of the text; empty if they are the same."""
        parsed = self._without(stubs)
        self._wanted = {(self._line_of.get(line, line), column) for line, column in wanted}
        self._found: dict[tuple[str, Start], Span] = {}
        with without_collection():
            events = events_of(parsed)
            for event in events:
                if isinstance(event, yaml.NodeEvent):
                    self._skipped(event, events)

    def _without(self, stubs: Sequence[Stub]) -> str:
        """The text that is parsed, with a line in the place of each stub's text."""
        pieces: list[str] = []
        at, number = 0, 1
        for start, end, line in (*stubs, (len(self.text), len(self.text), "")):
            begins = [at, *(found.end() for found in _BREAK.finditer(self.text, at, start))]
            if stubs:
                first = len(self._lines) + 1
                self._line_of.update(
                    zip(range(number, number + len(begins)), range(first, first + len(begins)), strict=True)
                )
                number += len(begins) - 1 + self.text.count("\n", start, end)
            self._lines += begins
            pieces += [self.text[at:start], line]
            at = end
        return "".join(pieces)

    def span(self, kind: str, place: Place) -> Span:
        """A wanted structure or list by its place; KeyError if none begins there."""
        return self._found[kind, (self._line_of.get(place.line, place.line), place.column)]

    def line_start(self, offset: int) -> int:
        """Offset of the first character of the line."""
        before = max(self.text.rfind(char, 0, offset) for char in "\n\r\x85\u2028\u2029")
        return before + 1

    def line_end(self, offset: int) -> int:
        """Offset of the break that ends the line, or of the end of the text."""
        found = _BREAK.search(self.text, offset)
        return len(self.text) if found is None else found.start()

    def next_line(self, offset: int) -> int:
        """Offset behind the break that ends the line."""
        found = _BREAK.search(self.text, offset)
        return len(self.text) if found is None else found.end()

    def column(self, offset: int) -> int:
        """Characters before an offset in its line."""
        return offset - self.line_start(offset)

    def _offset(self, mark: Any) -> int:
        if mark.line >= len(self._lines):
            return len(self.text)
        found: int = self._lines[mark.line] + mark.column
        return found

    def _skipped(self, event: Any, events: Iterator[Any]) -> Span:
        """A node of which no parts are kept, except for what was wanted within it."""
        kind = event.__class__
        if kind is yaml.ScalarEvent:
            return self._scalar(event)
        if kind is yaml.AliasEvent:
            return self._alias(event)
        start = event.start_mark
        if (start.line + 1, start.column + 1) in self._wanted:
            return self._kept(event, events)
        begin = self._lines[start.line] + start.column
        flow = bool(event.flow_style)
        span = Span(begin, begin, "map" if kind is yaml.MappingStartEvent else "list", flow, "", event.anchor or "")
        depth, last = 1, None
        for inner in events:
            kind = inner.__class__
            if kind is yaml.ScalarEvent:
                last = inner
            elif kind is yaml.MappingEndEvent or kind is yaml.SequenceEndEvent:
                depth -= 1
                if not depth:
                    break
                last = inner if inner.end_mark.index > inner.start_mark.index else last  # ] or }
            elif kind is yaml.AliasEvent:
                self._alias(inner)
                last = inner
            elif (inner.start_mark.line + 1, inner.start_mark.column + 1) in self._wanted:
                last = self._kept(inner, events)
            else:
                depth += 1
        if flow:
            span.end = self._offset(inner.end_mark)
        elif last is not None:
            span.end = last.end if isinstance(last, Span) else self._end(last)
        return span

    def _end(self, event: Any) -> int:
        return self._scalar(event).end if event.__class__ is yaml.ScalarEvent else self._offset(event.end_mark)

    def _alias(self, event: Any) -> Span:
        name = str(event.anchor)
        self.aliased.add(name)
        return Span(self._offset(event.start_mark), self._offset(event.end_mark), "alias", anchor=name)

    def _scalar(self, event: Any) -> Span:
        begin, finish = self._offset(event.start_mark), self._offset(event.end_mark)
        style = event.style or ""
        if style in ("|", ">"):
            finish = begin + len(self.text[begin:finish].rstrip())
        return Span(begin, finish, "scalar", style=style, anchor=event.anchor or "")

    def _kept(self, event: Any, events: Iterator[Any]) -> Span:
        """A structure or a list with its parts."""
        start = event.start_mark
        begin = self._offset(start)
        is_map = event.__class__ is yaml.MappingStartEvent
        kind = "map" if is_map else "list"
        span = Span(begin, begin, kind, bool(event.flow_style), "", event.anchor or "")
        closing: Any = None
        for inner in events:
            closing = inner
            if inner.__class__ is yaml.MappingEndEvent or inner.__class__ is yaml.SequenceEndEvent:
                break
            part = self._skipped(inner, events)
            span.end = part.end
            if is_map:
                value = self._skipped(next(events), events)
                span.end = max(value.end, part.end)
                span.keys.append((inner.value if inner.__class__ is yaml.ScalarEvent else "", part, value))
            else:
                span.items.append(part)
        if span.flow:
            span.end = self._offset(closing.end_mark)
        self._found[kind, (start.line + 1, start.column + 1)] = span
        return span
