"""One YAML file as nodes with places.

The events of libyaml are enough for that, and keep memory and time a small multiple of the file's size. A plain scalar
stays the text that was written: PyYAML would read 0123 as 83, 10:30 as 630 and off as false.
"""

from __future__ import annotations

import gc
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any, Final

from pbx_as_code.config.nodes import (
    REMOVE,
    REPLACE,
    ConfigError,
    Entries,
    Items,
    Marker,
    Node,
    Place,
    Problem,
    Removal,
    Scalar,
)
from pbx_as_code.extras import extra

with extra("cli"):
    import yaml

DEEPEST: Final = 40
"""Structures and lists in each other; the XAPI has seven."""
MOST_NODES: Final = 20_000_000
"""Values of one file with every alias counted where it is used: a file of 1 kB can stand for more than any memory
holds.
"""
_LOADER: Final[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_SECRET: Final = "!secret"  # noqa: S105 a tag, not a secret
_TEXT: Final = ("tag:yaml.org,2002:str", "!")
_PLAIN: Final = (None, "tag:yaml.org,2002:map", "tag:yaml.org,2002:seq")
_PLACE: Final = tuple.__new__
"""Makes a place without the call of its constructor: there are half a million of them."""
_MARKS: Final = {f"!{REMOVE}": REMOVE, f"!{REPLACE}": REPLACE}


def read_yaml(
    content: bytes, file: str, text_tags: tuple[str, ...] = (), *, layer: str = "", marks: bool = False
) -> Node | None:
    """The one document of a file; None where it is empty.

    Parameters:
        content: of the file
        file: its path, for places
        text_tags: further tags of texts, such as !vault
        layer: of the file, for places
        marks: understand !remove and !replace, with or without the tag

    Raises:
        ConfigError: it is no YAML, or uses what configurations have no use for
    """
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        line = content[: error.start].count(b"\n") + 1
        raise ConfigError(
            [Problem(Place(file, line, 1, layer), "This is not UTF-8. Save the file as UTF-8.")]
        ) from None
    builder = _Builder(file, text_tags, layer, marks=marks)
    with without_collection():
        try:
            node = builder.document(events_of(text))
        except yaml.YAMLError as error:
            raise ConfigError([_syntax(error, text, file, layer)]) from None
    if builder.problems:
        raise ConfigError(builder.problems)
    return node


def events_of(text: str) -> Iterator[Any]:
    """The events of the parser, without the generator that yaml.parse adds to them.

    Raises, while it is read:
        yaml.YAMLError: the text is no YAML
    """
    return iter(_LOADER(text).get_event, None)


class _Builder:
    def __init__(self, file: str, text_tags: tuple[str, ...], layer: str, *, marks: bool) -> None:
        self._file = file
        self._layer = layer
        self._marks = marks
        self._text_tags = (*_TEXT, *text_tags)
        self._anchors: dict[str, tuple[Node, int]] = {}
        self._count = 0
        self.problems: list[Problem] = []

    def document(self, events: Iterator[Any]) -> Node | None:
        node: Node | None = None
        seen = False
        for event in events:
            if isinstance(event, yaml.DocumentStartEvent):
                if seen:
                    self._wrong(event, "This is a second document. Put it in a separate file.")
                    break
                seen = True
            elif isinstance(event, yaml.NodeEvent):
                node = self._node(event, events, 0)
        return None if isinstance(node, Scalar) and node.is_null else node

    def _node(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        before = self._count
        self._count += 1
        kind = event.__class__
        node: Node
        if kind is yaml.ScalarEvent:
            if event.tag is None and event.anchor is None:  # most nodes
                mark = event.start_mark
                place = _PLACE(Place, (self._file, mark.line + 1, mark.column + 1, self._layer))
                return Scalar(event.value, not event.style, place)
            node = self._scalar(event)
        elif kind is yaml.AliasEvent:
            return self._alias(event)
        elif depth >= DEEPEST:
            raise ConfigError([Problem(self._place(event), f"More than {DEEPEST} structures are nested.")])
        elif kind is yaml.MappingStartEvent:
            node = self._entries(event, events, depth)
        else:
            node = self._items(event, events, depth)
        if event.anchor is not None:
            self._anchors[event.anchor] = (node, self._count - before)
        return node

    def _alias(self, event: Any) -> Node:
        node, size = self._anchors.get(event.anchor, (None, 0))
        if node is None:
            self._wrong(event, f"There is no anchor &{event.anchor} above.")
            return Scalar("", True, self._place(event))
        self._count += size
        if self._count > MOST_NODES:
            raise ConfigError([Problem(self._place(event), "Aliases stand for more values than can be read.")])
        return node

    def _scalar(self, event: Any) -> Node:
        place = self._place(event)
        if event.tag == _SECRET:
            name = event.value.strip()
            if not name:
                self._wrong(event, "!secret needs the name of a secret, such as !secret trunk_main.")
            return Marker(name, place)
        if self._marks and event.tag == f"!{REMOVE}":
            return Removal(place, event.value.strip())
        if event.tag is not None and event.tag not in self._text_tags:
            self._wrong(event, f"The tag {event.tag} is unknown. The only tag here is !secret.")
        return Scalar(event.value, not event.style and event.tag is None, place, event.tag in _TEXT)

    def _items(self, event: Any, events: Iterator[Any], depth: int) -> Items:
        items = Items(self._place(event), mark=self._mark(event))
        for inner in events:
            if isinstance(inner, yaml.SequenceEndEvent):
                break
            items.values.append(self._node(inner, events, depth + 1))
        return items

    def _entries(self, event: Any, events: Iterator[Any], depth: int) -> Node:
        entries = Entries(self._place(event), mark=self._mark(event))
        merged: list[Entries] = []
        for inner in events:
            if isinstance(inner, yaml.MappingEndEvent):
                break
            key = self._node(inner, events, depth + 1)
            value = self._node(next(events), events, depth + 1)
            if not isinstance(key, Scalar):
                hint = " Put an expression in quotes." if isinstance(key, Entries) else ""
                self.problems.append(Problem(key.place, f"A key is a name, not a structure or a list.{hint}"))
            elif key.text == "<<" and key.plain:
                merged.extend(self._merged(value))
            elif key.text in entries.values:
                first = entries.keys[key.text]
                self.problems.append(Problem(key.place, f"{key.text} is given twice; the first is at {first}."))
            else:
                entries.values[key.text] = value
                entries.keys[key.text] = key.place
        for source in merged:
            for name, value in source.values.items():
                if name not in entries.values:
                    entries.values[name] = value
                    entries.keys[name] = source.keys[name]
        if self._marks and (REMOVE in entries.values or REPLACE in entries.values):
            return without_tag(entries, self.problems)
        return entries

    def _merged(self, value: Node) -> list[Entries]:
        sources = value.values if isinstance(value, Items) else [value]
        wrong = [source for source in sources if not isinstance(source, Entries)]
        self.problems.extend(Problem(one.place, "<< needs a structure.") for one in wrong)
        return [source for source in sources if isinstance(source, Entries)]

    def _mark(self, event: Any) -> str:
        if event.tag in _PLAIN:
            return ""
        if self._marks and event.tag in _MARKS:
            if event.tag == f"!{REMOVE}" and isinstance(event, yaml.SequenceStartEvent):
                self._wrong(event, "!remove stands before one item or in the place of a value, not before a list.")
            return _MARKS[event.tag]
        if event.tag == _SECRET:
            self._wrong(
                event, "!secret stands before the name of a secret, such as !secret trunk_main, not before values."
            )
        else:
            self._wrong(event, f"The tag {event.tag} is unknown. The only tag here is !secret NAME.")
        return ""

    def _place(self, event: Any) -> Place:
        mark = event.start_mark
        return _PLACE(Place, (self._file, mark.line + 1, mark.column + 1, self._layer))

    def _wrong(self, event: Any, message: str) -> None:
        self.problems.append(Problem(self._place(event), message))


def without_tag(entries: Entries, problems: list[Problem]) -> Node:
    """The node for a structure that contains `remove` or `replace` instead of having the tag.

    Parameters:
        entries: {remove: true}, {remove: NAME}, {KEY: ..., remove: true} or {replace: VALUE}
        problems: filled with what is wrong
    """
    if REPLACE in entries.values:
        value = entries.values[REPLACE]
        if len(entries.values) > 1 or not isinstance(value, Items | Entries):
            message = "replace is the only key, and its value is a list or a structure: {replace: [...]}."
            problems.append(Problem(entries.keys[REPLACE], message))
            return entries
        value.mark = REPLACE
        return value
    word = entries.values.pop(REMOVE)
    place = entries.keys.pop(REMOVE)
    text = word.text if isinstance(word, Scalar) else ""
    if entries.values and text != "true":
        problems.append(Problem(place, "remove is true, or is not there."))
    if not entries.values:
        return Removal(entries.place, "" if text == "true" else text)
    entries.mark = REMOVE
    return entries


_ADVICE: Final = {
    "whitespace or line break": "A tag such as !remove needs a space before } and ].",
    "cannot start any token": "Indent with blanks, not with tabs, and quote a text that begins with @, ` or %.",
    "mapping values are not allowed": "Check the indentation, and quote a text that contains a colon and a blank.",
    "expected key": "Check the indentation, and the quotes of the text before.",
    "expected '-'": "Check the indentation: this line continues no list.",
    "unknown escape": "Between double quotes, write two backslashes for one.",
}
"""By a part of a message of the parser: how to go on."""
_OPEN: Final = {"quoted scalar": "text in quotes", "flow mapping": "{", "flow sequence": "["}
"""By the context that the parser names: what has no end."""


def _syntax(error: yaml.YAMLError, text: str, file: str, layer: str) -> Problem:
    """The problem of a file that is no YAML, at the place where it begins."""
    if isinstance(error, yaml.reader.ReaderError):
        before = text[: error.position]
        line, column = before.count("\n") + 1, error.position - before.rfind("\n")
        message = f"This is not YAML: the character U+{ord(text[error.position]):04X} is not allowed. Delete it."
        return Problem(Place(file, line, column, layer), message)
    mark, began = getattr(error, "problem_mark", None), getattr(error, "context_mark", None)
    why = str(getattr(error, "problem", None) or "it cannot be read")
    context = str(getattr(error, "context", None))
    opened = next((said for name, said in _OPEN.items() if name in context), None)
    if opened is not None and began is not None and ("end of stream" in why or "expected ','" in why):
        found = f" before line {mark.line + 1}" if mark is not None and mark.line > began.line else ""
        message = f"This is not YAML: the {opened} that begins here has no end{found}."
        return Problem(Place(file, began.line + 1, began.column + 1, layer), message)
    mark = mark or began
    line, column = (1, 1) if mark is None else (mark.line + 1, mark.column + 1)
    advice = next((f" {said}" for part, said in _ADVICE.items() if part in why), "")
    return Problem(Place(file, line, column, layer), f"This is not YAML: {why}.{advice}")


@contextmanager
def without_collection() -> Iterator[None]:
    """Millions of small objects are made and none is garbage: the collector would look at them again and again."""
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()
