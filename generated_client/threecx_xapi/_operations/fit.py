"""Values held against what the document says of them, before they are sent.

The PBX refuses a body as a whole, and with a misleading message, for one property it does not know or one value of the
wrong type. Here each mistake is found and named. No value is ever quoted: it may be a secret.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime, time
from typing import Any, NamedTuple

from threecx_xapi import odata

Schema = Mapping[str, Any]
_BOUNDS = {"uint8": (0, 255), "int32": (-(2**31), 2**31 - 1), "int64": (-(2**63), 2**63 - 1)}
#: The forms in which every PBX reads times and durations.
_TIME = re.compile(r"\d\d:\d\d:\d\d(\.\d{1,12})?", re.ASCII)
_INSTANT = re.compile(rf"\d{{4}}-\d\d-\d\dT{_TIME.pattern}(Z|[+-]\d\d:\d\d)", re.ASCII)
_DURATION = re.compile(r"-?P(?=.)(\d+D)?(T(?=\d)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?", re.ASCII)
_DIFFERENT = 0.6
"""How alike a name must be to be offered instead of another one."""


class Problem(NamedTuple):
    """One thing that is wrong.

    Attributes:
        where: such as ``body.Groups[0].GroupId``
        what: a sentence
    """

    where: str
    what: str


class Fitter:
    """Makes values fit their schemas, and collects what cannot be made to fit.

    A value that a template engine or a command line turned into text is converted by its content: ``"12"`` for an
    integer, ``"true"`` for a boolean; and a number for a text where the document says text (a ``Number: 100``).

    Parameters:
        schemas: those that references name

    Attributes:
        problems: what cannot be made to fit
        newer: where something stands that not every known release has, and since which release there is it
    """

    def __init__(self, schemas: Mapping[str, Schema]) -> None:
        self._schemas = schemas
        self._kinds: dict[str, Callable[[Schema, Any, str], object]] = {
            "object": self._object,
            "array": self._array,
            "integer": self._integer,
            "number": self._number,
            "boolean": self._boolean,
            "string": self._string,
        }
        self.problems: list[Problem] = []
        self.newer: dict[str, str] = {}

    def fit(self, schema: Schema, value: object, where: str) -> object:
        """The value as it is sent; where it cannot be, a problem is noted and the value stays."""
        nullable = bool(schema.get("nullable"))
        if "$ref" in schema:
            schema = self._schemas[schema["$ref"]]
        if value is None:
            return value if nullable else self._wrong(where, value, "null is not allowed here")
        return self._kinds[schema["type"]](schema, value, where)

    def _object(self, schema: Schema, value: Any, where: str) -> object:
        if not isinstance(value, Mapping):
            return self._wrong(where, value, f"expected an object, got {_called(value)}")
        derived = str(value.get("@odata.type", "")).rpartition(".")[2]
        schema = self._schemas.get(derived, schema)
        known = schema.get("properties")
        if known is None:  # an object of anything
            return dict(value)
        made: dict[str, object] = {}
        for name, inner in value.items():
            below = f"{where}.{name}"
            if "@odata." in str(name):  # control information, or a reference (Trunk@odata.bind)
                made[name] = inner
            elif name in known:
                made[name] = self.fit(known[name], inner, below)
                self.note(schema.get("since", {}), name, below)
            else:
                self._wrong(below, inner, f"there is no such property{hint(str(name), known)}")
        return made

    def note(self, since: Mapping[str, str], name: str, where: str) -> None:
        """Note what not every known release has."""
        if name in since:
            self.newer[where] = since[name]

    def _array(self, schema: Schema, value: Any, where: str) -> object:
        if not isinstance(value, list | tuple):
            return self._wrong(where, value, f"expected a list, got {_called(value)}")
        return [self.fit(schema["items"], item, f"{where}[{place}]") for place, item in enumerate(value)]

    def _integer(self, schema: Schema, value: Any, where: str) -> object:
        number = value
        if isinstance(value, str):
            try:
                number = int(value) if value.strip().lstrip("+-").isdigit() else value
            except ValueError:
                number = value
        elif isinstance(value, float) and value.is_integer():
            number = int(value)
        if not isinstance(number, int) or isinstance(number, bool):
            return self._wrong(where, value, f"expected an integer, got {_called(value)}")
        return self._bounded(schema, number, where)

    def _number(self, schema: Schema, value: Any, where: str) -> object:
        words = schema.get("words", ())
        if value in words and isinstance(value, str):
            return value
        number = value
        if isinstance(value, str):
            try:
                number = float(value)
            except ValueError:
                number = value
        if not isinstance(number, int | float) or isinstance(number, bool):
            return self._wrong(where, value, f"expected a number, got {_called(value)}")
        if isinstance(number, float) and not math.isfinite(number):  # JSON has no number for these
            word = odata.literal(number)
            return word if word in words else self._wrong(where, value, f"expected a number, got {word}")
        return self._bounded(schema, number, where)

    def _bounded(self, schema: Schema, number: Any, where: str) -> object:
        least, most = _BOUNDS.get(schema.get("format", ""), (None, None))
        least, most = schema.get("minimum", least), schema.get("maximum", most)
        if least is not None and number < least:
            return self._wrong(where, number, f"too small; the minimum is {least}")
        if most is not None and number > most:
            return self._wrong(where, number, f"too large; the maximum is {most}")
        return number

    def _boolean(self, schema: Schema, value: Any, where: str) -> object:  # noqa: ARG002
        if isinstance(value, str) and value.lower() in ("true", "false"):
            return value.lower() == "true"
        if not isinstance(value, bool):
            return self._wrong(where, value, f"expected true or false, got {_called(value)}")
        return value

    def _string(self, schema: Schema, value: Any, where: str) -> object:
        if "enum" in schema:
            return self._member(schema, value, where)
        if isinstance(value, datetime | date | time):
            value = odata.literal(value)
        if isinstance(value, int | float) and not isinstance(value, bool):
            value = str(value)
        if not isinstance(value, str):
            return self._wrong(where, value, f"expected a text, got {_called(value)}; put it in quotes")
        longest = schema.get("maxLength")
        if longest is not None and len(value) > longest:
            return self._wrong(where, value, f"{len(value)} characters are too many; the maximum is {longest}")
        form = _FORMS.get(schema.get("format", ""))
        if form is None:
            return value
        read, example = form
        try:
            return read(value.strip())
        except ValueError:
            return self._wrong(where, value, f"expected {example}")

    def _member(self, schema: Schema, value: Any, where: str) -> object:
        members = [member for member in schema["enum"] if member is not None]
        flags = bool(schema.get("flags"))
        wanted = f"expected {'some' if flags else 'one'} of {_listed(members)}"
        given = value
        if flags and isinstance(value, str):
            given = [part.strip() for part in value.split(",") if part.strip()]
        parts = given if flags and isinstance(given, list | tuple) else [given]
        for part in parts:
            if not isinstance(part, str):
                return self._wrong(where, value, f"{wanted}, got {_called(part)}")
            if part not in members:
                return self._wrong(where, value, f"{wanted}{hint(part, members)}")
            self.note(schema.get("since", {}), part, f"{part} in {where}")
        return ", ".join(dict.fromkeys(parts)) if flags else value

    def _wrong(self, where: str, value: object, what: str) -> object:
        self.problems.append(Problem(where, what))
        return value


def hint(name: str, known: Iterable[str]) -> str:
    """The known names that are most like a misspelt one, as the end of a sentence; empty where none is."""
    from difflib import get_close_matches

    spelt = {each.lower(): each for each in known}
    near = [spelt[each] for each in get_close_matches(name.lower(), spelt, n=3, cutoff=_DIFFERENT)]
    return f"; did you mean {' or '.join(near)}?" if near else ""


def _called(value: object) -> str:
    kinds: tuple[tuple[type, str], ...] = (
        (bool, str(value).lower()),
        (str, "a text"),
        (int, "a number"),
        (float, "a number with a fraction"),
        (Mapping, "an object"),
        (list, "a list"),
        (tuple, "a list"),
    )
    return next((word for kind, word in kinds if isinstance(value, kind)), f"a {type(value).__name__}")


def _listed(members: list[str]) -> str:
    return ", ".join(members) if len(members) <= 12 else f"{', '.join(members[:12])} and {len(members) - 12} more"


def _instant(text: str) -> str:
    moment = datetime.fromisoformat(text)
    written = text.replace(" ", "T")
    if not _INSTANT.fullmatch(written):  # without seconds, for example, which a PBX may answer with 500
        written = odata.literal(moment)
    if not _INSTANT.fullmatch(written):  # an offset of seconds
        raise ValueError
    return written


def _date(text: str) -> str:
    return date.fromisoformat(text).isoformat()


def _time(text: str) -> str:
    read = time.fromisoformat(text)
    if read.tzinfo is not None:
        raise ValueError
    return text if _TIME.fullmatch(text) else read.isoformat()


def _uuid(text: str) -> str:
    from uuid import UUID

    return str(UUID(text))


def _duration(text: str) -> str:
    if _DURATION.fullmatch(text) is None:
        raise ValueError
    return text


_FORMS: dict[str, tuple[Callable[[str], str], str]] = {
    "date-time": (_instant, "a date and time such as 2026-01-31T08:00:00Z"),
    "date": (_date, "a date such as 2026-01-31"),
    "time": (_time, "a time of day such as 08:30:00"),
    "duration": (_duration, "a duration such as PT30S"),
    "uuid": (_uuid, "a UUID such as 2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9f00"),
}
