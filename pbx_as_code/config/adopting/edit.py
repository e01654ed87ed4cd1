"""Edits of one file: a value, a key or an item is changed, added or removed where it stands."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Sequence
from difflib import SequenceMatcher
from typing import Any, Final

from pbx_as_code.config.adopting.layout import Layout, Span
from pbx_as_code.config.adopting.splices import Splices
from pbx_as_code.config.adopting.writing import block, flow, is_one_line, literal
from pbx_as_code.config.exporting.emitter import scalar_text

_DASH: Final = re.compile(r"[ \t]*-[ \t]+")
_COLON: Final = re.compile(r"[ \t]*:")
_COMMENT: Final = re.compile(r"(?<!\S)#[^\r\n]*")
_HEADER: Final = re.compile(r"[|>][-+0-9]*(?P<comment>[ \t]+#[^\r\n]*)?")
"""First line of a block scalar."""


class Unwritable(Exception):
    """A place of a file that cannot be edited safely; the message says why."""


class Edit:
    """Edits of one file, collected as splices of its text."""

    def __init__(self, layout: Layout, splices: Splices | None = None) -> None:
        """Edits of a file.

        Parameters:
            layout: of its text
            splices: that the edits are added to
        """
        self._layout = layout
        self._text = layout.text
        self.splices = Splices() if splices is None else splices

    def set_value(self, span: Span, key: str, value: Any) -> None:
        """Change the value of a key that is written in a structure.

        Raises:
            Unwritable: the value is an alias, or others refer to it
        """
        name, old = next((name, inner) for known, name, inner in span.keys if known == key)
        self._check_own(old)
        if old.kind != "scalar":
            self._check_anchors(old.start, old.end)
        colon = _COLON.match(self._text, name.end)
        if colon is None:
            raise Unwritable("its key is not written in front of a colon")
        if old.kind == "scalar" and is_one_line(value):
            self._set_scalar(old, value, self._child_indent(span, old))
        elif span.flow or (old.kind != "scalar" and old.flow and not _is_empty(self._text, old)):
            self._replace(old.start, old.end, flow(value), old)
        elif is_one_line(value):
            self._block_to_line(colon.end(), old, scalar_text(value))
        elif old.kind == "scalar" or old.flow:
            self._line_to_block(colon.end(), old, value, " " * self._layout.column(name.start))
        else:
            self._replace(old.start, old.end, block(value, " " * self._dash_or_key_column(old)), old)

    def add_key(self, span: Span, key: str, value: Any, behind: Sequence[str]) -> None:
        """Add a key to a structure.

        Parameters:
            span: of the structure
            key: that it does not have
            value: new
            behind: keys that precede the new one in an export
        """
        known = [name for name, _, _ in span.keys]
        before = max((known.index(name) for name in behind if name in known), default=0 if span.keys else None)
        if span.flow:
            new = f"{key}: {flow(value)}"
            if before is None:
                self.splices.replace(span.end - 1, span.end - 1, new)
            else:
                at = span.keys[before][2].end
                self.splices.replace(at, at, f", {new}")
            return
        if before is None:
            raise Unwritable("it is an empty structure")
        _, first, _ = span.keys[0]
        _, name, last = span.keys[before]
        indent = " " * self._layout.column(first.start)
        self._insert_lines(max(last.end, name.end), f"{indent}{block({key: value}, indent)}")

    def add_item(self, span: Span, value: Any, after: int | None = None) -> None:
        """Add an item to a list that is not empty.

        Parameters:
            span: of the list
            value: of the item
            after: number of the item that precedes it; the last one if this is None; -1 for the first place
        """
        number = len(span.items) - 1 if after is None else after
        if span.flow:
            if number < 0:
                self.splices.replace(span.items[0].start, span.items[0].start, f"{flow(value)}, ")
            else:
                self.splices.replace(span.items[number].end, span.items[number].end, f", {flow(value)}")
            return
        item = span.items[max(number, 0)]
        dash = self._dash(item)
        indent = " " * self._layout.column(dash)
        as_flow = item.kind == "map" and item.flow
        written = f"{indent}- {flow(value)}" if as_flow or is_one_line(value) else f"{indent}{block([value], indent)}"
        if number < 0:
            start = self._layout.line_start(dash)
            self.splices.replace(start, start, self._lines(written) + self._layout.newline)
        else:
            self._insert_lines(item.end, written)

    def remove_items(self, span: Span, numbers: Iterable[int]) -> None:
        """Remove some items, but not all, each with the comment directly above it."""
        runs: list[list[int]] = []
        for number in sorted(numbers):
            self._check_own(span.items[number])
            self._check_anchors(span.items[number].start, span.items[number].end)
            if runs and runs[-1][-1] == number - 1:
                runs[-1].append(number)
            else:
                runs.append([number])
        for run in runs:
            if span.flow:
                self._cut_flow(span.items, run[0], run[-1])
                continue
            for number in run:
                self._cut_lines(self._dash(span.items[number]), span.items[number].end, first=number == 0)

    def set_items(self, span: Span, old: Sequence[str], new: Sequence[Any]) -> None:
        """Change a list of single values, neither of which is empty, item by item.

        Parameters:
            span: of the list
            old: its texts
            new: values
        """
        texts = ["" if value is None else str(value) for value in new]
        removed: list[int] = []
        for doing, first, last, begin, end in SequenceMatcher(None, old, texts, autojunk=False).get_opcodes():
            if doing == "equal":
                continue
            shared = min(last - first, end - begin)
            for number in range(shared):
                self._check_own(span.items[first + number])
                self._set_scalar(span.items[first + number], new[begin + number], "")
            removed += range(first + shared, last)
            for number in range(begin + shared, end):
                self.add_item(span, new[number], first + shared - 1)
        self.remove_items(span, removed)

    def arrange(self, span: Span, order: Sequence[int | Any], edited: Callable[[Edit, int], None]) -> None:
        """Put the items of a list into another order.

        Parameters:
            span: of the list
            order: numbers of items that stay, and values of new ones, wrapped as `New`
            edited: makes the edits within an item
        """
        self._check_anchors(span.start, span.end)
        if span.flow:
            self._arrange_flow(span, order, edited)
            return
        dashes = [self._layout.line_start(self._dash(item)) for item in span.items]
        indent = " " * self._layout.column(self._dash(span.items[0]))
        ends = [self._layout.next_line(item.end) for item in span.items]
        starts = [dashes[0], *ends[:-1]]
        pieces = []
        for one in order:
            if isinstance(one, New):
                as_flow = span.items[0].kind == "map" and span.items[0].flow
                text = f"- {flow(one.value)}" if as_flow or is_one_line(one.value) else block([one.value], indent)
                pieces.append(self._lines(indent + text))
                continue
            inner = Edit(self._layout)
            edited(inner, one)
            piece = inner.splices.applied(self._text, starts[one], ends[one])
            pieces.append(piece.removesuffix(self._layout.newline))
        tail = self._text[ends[-1] - len(self._layout.newline) : ends[-1]] == self._layout.newline
        whole = self._layout.newline.join(pieces) + (self._layout.newline if tail else "")
        self.splices.replace(starts[0], ends[-1], whole)

    def _arrange_flow(self, span: Span, order: Sequence[int | Any], edited: Callable[[Edit, int], None]) -> None:
        """Put the items between brackets into another order; each keeps the comment behind it."""
        ends = [*(item.start for item in span.items[1:]), span.end - 1]
        text = self._text[span.start : span.items[0].start]
        indent = " " * (self._layout.column(span.items[0].start) or 1)
        for number, one in enumerate(order):
            text += self._item_text(span, one, edited) + ("," if number + 1 < len(order) else "")
            gap = "" if isinstance(one, New) else self._text[span.items[one].end : ends[one]]
            comments = _COMMENT.findall(gap)
            if comments:
                text += "".join(f"  {comment}\n{indent}" for comment in comments)
            elif number + 1 < len(order):
                text += " "
        self._replace(span.start, span.end, text + "]", span)

    def _item_text(self, span: Span, one: Any, edited: Callable[[Edit, int], None]) -> str:
        if isinstance(one, New):
            return flow(one.value)
        inner = Edit(self._layout)
        edited(inner, one)
        return inner.splices.applied(self._text, span.items[one].start, span.items[one].end)

    def append_section(self, text: str) -> None:
        """Add lines at the end of the file."""
        end = len(self._text)
        gap = "" if not self._text or self._layout.line_start(end) == end else self._layout.newline
        self.splices.replace(end, end, gap + self._lines(text))

    def check_own(self, span: Span) -> None:
        """Refuse a value that others refer to; see set_value."""
        self._check_own(span)

    def _check_own(self, span: Span) -> None:
        if span.kind == "alias":
            raise Unwritable(f"it is the alias *{span.anchor}")
        if span.anchor:
            raise Unwritable(f"it has the anchor &{span.anchor}, to which other places may refer")

    def _check_anchors(self, start: int, end: int) -> None:
        """Refuse to remove or to move a part of the text to which other places refer."""
        for name in self._layout.aliased:
            if re.compile(rf"&{re.escape(name)}(?![^\s,\]}}])").search(self._text, start, end):
                raise Unwritable(f"other places refer to the anchor &{name} in it")

    def _set_scalar(self, old: Span, value: Any, indent: str) -> None:
        written = (literal(value, indent) if old.style == "|" and indent else None) or scalar_text(value)
        header = _HEADER.match(self._text, old.start) if old.style in ("|", ">") else None
        comment = (header["comment"] if header is not None else None) or ""
        first, *rest = written.split("\n")
        self._replace(old.start, old.end, "\n".join([first + comment, *rest]), old)

    def _replace(self, start: int, end: int, text: str, old: Span) -> None:
        lacks_space = start == end and self._text[start - 1 : start] in (":", "-")
        self.splices.replace(start, end, (" " if lacks_space else "") + self._lines(text))
        del old

    def _block_to_line(self, colon: int, old: Span, text: str) -> None:
        """Write a value behind its key in the place of the lines below it."""
        if self._layout.line_start(old.start) <= colon:
            raise Unwritable("it begins in the line of its key")
        self.splices.replace(colon, colon, f" {text}")
        self.splices.replace(self._layout.line_end(colon), self._layout.line_end(old.end), "")

    def _line_to_block(self, colon: int, old: Span, value: Any, indent: str) -> None:
        """Write lines below a key in the place of the value behind it."""
        if old.style in ("|", ">") or self._layout.line_start(old.end) > colon:
            raise Unwritable("it is a text of several lines where a structure or a list is needed")
        self.splices.replace(colon, old.end, "")
        inner = indent + "  " if isinstance(value, dict) else indent
        self._insert_lines(old.end, f"{inner}{block(value, inner)}")

    def _insert_lines(self, offset: int, text: str) -> None:
        """Insert lines below the line of an offset, at the start of the next one: this line may be removed."""
        end, start = self._layout.line_end(offset), self._layout.next_line(offset)
        lines, newline = self._lines(text), self._layout.newline
        self.splices.replace(start, start, f"{lines}{newline}" if start > end else f"{newline}{lines}")

    def _lines(self, text: str) -> str:
        return text if self._layout.newline == "\n" else text.replace("\n", self._layout.newline)

    def _dash(self, item: Span) -> int:
        """Offset of the dash of an item."""
        start = self._layout.line_start(item.start)
        found = _DASH.match(self._text, start)
        if found is None or found.end() < item.start or found.end() > item.start:
            raise Unwritable("its dash is on another line, or behind another dash")
        return start + found[0].index("-")

    def _dash_or_key_column(self, old: Span) -> int:
        return self._layout.column(old.start)

    def _child_indent(self, span: Span, old: Span) -> str:
        """Indentation of the lines of a block scalar."""
        if old.style != "|":
            return ""
        second = self._layout.next_line(old.start)
        found = re.match(r" *", self._text[second : self._layout.line_end(second)])
        least = self._layout.column(span.start) + 1
        return found[0] if found is not None and len(found[0]) >= least else " " * (least + 1)

    def _cut_flow(self, items: Sequence[Span], first: int, last: int) -> None:
        """Remove items between brackets; a comment behind the item in front stays."""
        if last + 1 < len(items):
            self.splices.replace(items[first].start, items[last + 1].start, "")
            return
        before = items[first - 1].end
        comma = self._text.index(",", before)
        comment = _COMMENT.search(self._text, before, items[first].start)
        if comment is not None and comment.start() > comma:
            self.splices.replace(comma, comma + 1, "")
            self.splices.replace(items[first].start, items[last].end, "")
        else:
            self.splices.replace(before, items[last].end, "")

    def _cut_lines(self, start: int, end: int, *, first: bool) -> None:
        """Remove whole lines, and the comment lines directly above; a comment above the first of a list stays."""
        begin = self._layout.line_start(start)
        column = start - begin
        while begin > 0 and not first:
            above = self._layout.line_start(begin - 1 if self._text[begin - 2 : begin] != "\r\n" else begin - 2)
            line = self._text[above:begin]
            if not line.lstrip(" ").startswith("#") or len(line) - len(line.lstrip(" ")) != column:
                break
            begin = above
        stop = self._layout.next_line(end)
        if stop == len(self._text) and self._layout.line_end(end) == stop and begin > 0:  # no break at the end
            begin -= len(self._layout.newline)
        self.splices.replace(begin, stop, "")


class New:
    """A new item of a list that is arranged."""

    def __init__(self, value: Any) -> None:
        """An item with this value."""
        self.value = value


def _is_empty(text: str, span: Span) -> bool:
    return not text[span.start + 1 : span.end - 1].strip()
