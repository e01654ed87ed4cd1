"""Where the parts of a file stand in its text: the parser's marks, for the few structures that are to be edited.

Only wanted structures keep their parts, so that a file of 240,000 lines costs one pass and little memory.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

from pbx_as_code.config.nodes import Place
from pbx_as_code.config.reader import without_collection
from pbx_as_code.extras import extra

with extra("cli"):
    import yaml

_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
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
    """The text of a file and the spans of what was wanted."""

    def __init__(self, text: str, wanted: set[Start]) -> None:
        """Read the marks.

        Parameters:
            text: without a byte order mark
            wanted: starts of the structures and lists of which parts are needed
        """
        self.text = text
        self.newline = (_BREAK.search(text) or re.match("", ""))[0] or "\n"  # type: ignore[index]
        self.aliased: set[str] = set()
        """Names of the anchors that an alias stands for."""
        self._wanted = wanted
        self._found: dict[tuple[str, Start], Span] = {}
        self._lines = [0, *(match.end() for match in _BREAK.finditer(text))]
        self.root: Span | None = None
        with without_collection():
            events = iter(yaml.parse(text, Loader=_LOADER))
            for event in events:
                if isinstance(event, yaml.NodeEvent):
                    self.root = self._span(event, events, keep=True)[0]
        del self._wanted

    def span(self, kind: str, place: Place) -> Span:
        """A wanted structure or list by its place; KeyError if none begins there."""
        return self._found[kind, (place.line, place.column)]

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
        found: int = self._lines[mark.line] + mark.column
        return found

    def _span(self, event: Any, events: Iterator[Any], *, keep: bool) -> tuple[Span, bool]:
        """A node, and whether anything in it was wanted."""
        start, end = event.start_mark, event.end_mark
        begin = self._lines[start.line] + start.column
        if isinstance(event, yaml.AliasEvent):
            name = str(event.anchor)
            self.aliased.add(name)
            return Span(begin, self._offset(end), "alias", anchor=name), False
        if isinstance(event, yaml.ScalarEvent):
            style = event.style or ""
            finish = self._lines[end.line] + end.column if end.line < len(self._lines) else len(self.text)
            if style in ("|", ">"):
                finish = begin + len(self.text[begin:finish].rstrip())
            return Span(begin, finish, "scalar", style=style, anchor=event.anchor or ""), False
        is_map = isinstance(event, yaml.MappingStartEvent)
        kind, at = ("map" if is_map else "list"), (start.line + 1, start.column + 1)
        wanted = at in self._wanted
        span = Span(begin, begin, kind, flow=bool(event.flow_style), anchor=event.anchor or "")
        inside = self._map(span, events, keep=wanted) if is_map else self._list(span, events, keep=wanted)
        if wanted:
            self._found[kind, at] = span
        if not (wanted or keep):
            span.keys, span.items = [], []
        return span, wanted or inside

    def _map(self, span: Span, events: Iterator[Any], *, keep: bool) -> bool:
        inside = False
        for event in events:
            if isinstance(event, yaml.MappingEndEvent):
                span.end = self._offset(event.end_mark) if span.flow else span.end
                break
            key, _ = self._span(event, events, keep=False)
            inner = next(events)
            value, wanted = self._span(inner, events, keep=keep)
            span.end = max(value.end, key.end)
            inside |= wanted
            if keep:
                span.keys.append((event.value if isinstance(event, yaml.ScalarEvent) else "", key, value))
        return inside

    def _list(self, span: Span, events: Iterator[Any], *, keep: bool) -> bool:
        inside = False
        for event in events:
            if isinstance(event, yaml.SequenceEndEvent):
                span.end = self._offset(event.end_mark) if span.flow else span.end
                break
            item, wanted = self._span(event, events, keep=keep)
            span.end = item.end
            inside |= wanted
            if keep:
                span.items.append(item)
        return inside
