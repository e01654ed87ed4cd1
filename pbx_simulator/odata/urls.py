"""Raw request paths: split at the slashes as they were sent, then decoded, then read as OData segments and literals."""

from __future__ import annotations

import datetime
import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote_to_bytes

from pbx_simulator.model.schema import Value

_NOTHING_ENCODED = re.compile(rb"%(?![0-9A-Fa-f]{2})")
_SEGMENT = re.compile(r"(?P<name>[A-Za-z_][\w.]*)(?:\((?P<inside>.*)\))?", re.DOTALL)
_INTEGER = re.compile(r"[+-]?\d{1,19}")
_GUID = re.compile(r"[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}")
_DATE_TIME = re.compile(
    r"\d{4}-(?:0[1-9]|1[012])-(?:0[1-9]|[12]\d|3[01])T(?:[01]\d|2[0-3]):[0-5]\d:[0-5]\d(?:\.\d{1,12})?(?:Z|[+-]\d\d:\d\d)"
)
_NAMED = re.compile(r"\s*(?P<name>[A-Za-z_]\w*)\s*=\s*(?P<value>'(?:[^']|'')*'|[^,']*)\s*")
_POSITIONAL = re.compile(r"'(?:[^']|'')*'|[^,'=]+")


class BadPath(Exception):
    """A path that is no OData path."""


class BadEncoding(Exception):
    """A percent sign that encodes nothing: somebody forgot to encode it."""


class BadLiteral(Exception):
    """A literal in the wrong form for what it is to be."""


@dataclass(frozen=True)
class Segment:
    """One segment of a path: `Fax`, `Fax(12)`, `Fax(Number='1')`, `Pbx.InitFax()`.

    arguments: literals as sent, by name; a key without a name is under "". None where there are no parentheses.
    """

    name: str
    arguments: dict[str, str] | None

    @property
    def shape(self) -> tuple[str, frozenset[str] | None]:
        """Key of a route: the name and the names of the arguments."""
        return self.name, None if self.arguments is None else frozenset(self.arguments)


def parse(raw: bytes) -> tuple[Segment, ...]:
    """Read a raw path (percent-encoded, without query, below the service root and the slash after it).

    Nothing is corrected: an empty segment, as of a doubled or a trailing slash, is no segment.

    Raises:
        BadPath: where it is none.
        BadEncoding: where its percent-encoding is broken.
    """
    check_encoding(raw)
    return tuple(_segment(part) for part in raw.split(b"/"))


def check_encoding(raw: bytes) -> None:
    """Hold every percent sign of a raw path or query against what it must be followed by.

    Raises:
        BadEncoding: where one encodes nothing.
    """
    found = _NOTHING_ENCODED.search(raw)
    if found is not None:
        raise BadEncoding(raw[found.start() : found.start() + 3].decode("ascii", "replace"))


def _segment(raw: bytes) -> Segment:
    try:
        text = unquote_to_bytes(raw).decode("utf-8")
    except UnicodeDecodeError:
        raise BadPath("not UTF-8") from None
    match = _SEGMENT.fullmatch(text)
    if match is None:
        raise BadPath(text)
    inside = match["inside"]
    if inside is None:
        return Segment(match["name"], None)
    return Segment(match["name"], _arguments(inside))


def _arguments(inside: str) -> dict[str, str]:
    if not inside.strip():
        return {}
    if _POSITIONAL.fullmatch(inside):
        return {"": inside}
    found: dict[str, str] = {}
    position = 0
    while True:
        match = _NAMED.match(inside, position)
        if match is None or match["name"] in found:
            raise BadPath(inside)
        found[match["name"]] = match["value"].strip()
        position = match.end()
        if position == len(inside):
            return found
        if inside[position] != ",":
            raise BadPath(inside)
        position += 1


def read_literal(text: str, value: Value) -> Any:
    """Turn a literal into the value it stands for.

    Raises:
        BadLiteral: where it is in the wrong form.
    """
    if text == "null" and value.nullable:
        return None
    if value.kind == "integer":
        if _INTEGER.fullmatch(text) is None:
            raise BadLiteral(text)
        number = int(text)
        if not (value.minimum if value.minimum is not None else number) <= number <= (value.maximum or number):
            raise BadLiteral(text)
        return number
    if value.kind == "boolean":
        if text not in ("true", "false"):
            raise BadLiteral(text)
        return text == "true"
    if value.format == "uuid":
        if _GUID.fullmatch(text) is None:
            raise BadLiteral(text)
        return text.lower()
    if value.format == "date-time":
        if _DATE_TIME.fullmatch(text) is None or not _is_a_day(text[:10]):
            raise BadLiteral(text)
        return text
    if value.kind == "enum":
        if text not in value.members:
            raise BadLiteral(text)
        return text
    if len(text) < 2 or text[0] != "'" or text[-1] != "'" or "'" in text[1:-1].replace("''", ""):
        raise BadLiteral(text)
    return text[1:-1].replace("''", "'")


def _is_a_day(text: str) -> bool:
    try:
        datetime.date.fromisoformat(text)
    except ValueError:
        return False
    return True
