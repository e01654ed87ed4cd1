"""Check the requests of a module: only its own URLs, only its own $filters, headers without line breaks.

The raw log of the simulated PBX is parsed with a separate small OData parser.
"""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from contextlib import suppress
from dataclasses import fields, is_dataclass
from decimal import Decimal
from ipaddress import ip_network
from typing import Any
from urllib.parse import unquote

from pbx_as_code.description import EntityDescription, Property, SettingsDescription
from pbx_as_code.engine.compare.values import folded
from pbx_as_code.engine.find.listed_values import LISTED, LISTED_IN
from pbx_simulator import LoggedRequest

_ROOT = "/xapi/v1/"
_OPTIONS = {"$filter", "$orderby", "$top", "$skip", "$expand", "$select", "$search", "$count"}
#: A literal in a path: percent-encoded, but for what RFC 3986 allows bare in a segment and OData knows no other use of.
#: Unquoted literals use few characters; the + of a time zone is encoded.
LITERAL = r"('(?:[A-Za-z0-9\-._~!$*,:=@()]|''|%[0-9A-F]{2})*'|(?:[A-Za-z0-9\-:.]|%2B)+)"
_QUOTED = re.compile(r"'(?:[^']|'')*'")
_PLAIN = re.compile(
    r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d{4}-\d\d-\d\dT[\d:.Z+\-]+|-?\d+(?:\.\d+)?|null|true|false"
)
_EQUAL = r"(?:[A-Za-z][A-Za-z/]*|tolower\([A-Za-z]+\)) eq (?:\?|LITERAL)".replace("LITERAL", _PLAIN.pattern)
_PART = r"endswith\([A-Za-z]+,\?\)|contains\(tolower\([A-Za-z]+\),\?\)|not startswith\(Name,\?\)"
_TERM = rf"\(*(?:{_EQUAL}|{_PART}|date\([A-Za-z]+\) [gl]e [0-9-]{{10}})\)*"
_WINDOW = r"\(date\([A-Za-z]+\) ge [0-9-]{10} and date\([A-Za-z]+\) le [0-9-]{10}\)"
#: How the hidden departments are called that are left out of every list.
_HIDDEN = "___FAVORITES___"
_CONDITION = re.compile(rf"{_TERM}(?: (?:and|or) {_TERM})*")
_ETAG = re.compile(r'W/"[^"\s]*"')


class Wire:
    """Requests that one module may send."""

    def __init__(self, description: EntityDescription | SettingsDescription) -> None:
        places = {*_places(description), "Defs", *(("TrunkTemplates",) if description.name == "trunk" else ())}
        self._addresses = [re.compile(_pattern(place)) for place in places]

    def check(self, log: Iterable[LoggedRequest], given: Any, there: Any, **raw: str | None) -> None:
        """Hold every request against what may be sent.

        Args:
            given: the options of the task
            there: what was stored that may be named
            raw: what the task gives as a part of the query itself: filter, search, orderby
        """
        known = known_texts(given) | known_texts(there)
        for request in log:
            check_head(request)
            if not request.path.startswith("/xapi/"):
                assert request.path == "/connect/token", request.path
                continue
            self._check_path(request.path, known)
            check_query(request.query, known, raw)

    def _check_path(self, path: str, known: set[str]) -> None:
        for address in self._addresses:
            found = address.fullmatch(path)
            if found is not None:
                for literal in found.groups():
                    assert value_of(unquote(literal, errors="strict")) in known, f"{literal!r} was not given"
                return
        raise AssertionError(f"{path!r} is no address of this module")


def check_head(request: LoggedRequest) -> None:
    """A request line and headers, each of one line of what is visible."""
    line = f"{request.method} {request.path}?{request.query}"
    assert re.fullmatch(r"[A-Z]+ [!-~]+", line), line
    assert not re.search(r"%(?![0-9A-F]{2})", line), line
    names = set(request.headers)
    assert names <= {
        "host", "accept", "accept-encoding", "connection", "user-agent", "authorization", "content-type",
        "content-length", "if-match",
    }, names  # fmt: skip
    for name, value in request.headers.items():
        assert value.isascii(), (name, value)
        assert value.isprintable(), (name, value)
    if request.body and request.path.startswith(_ROOT):
        json.loads(request.body.decode("utf-8"))


def check_query(query: str, known: set[str], raw: Mapping[str, str | None]) -> None:
    """Check that every query option is expected, and that options passed on by the task are unchanged."""
    seen: set[str] = set()
    for part in filter(None, query.split("&")):
        name, equals, value = part.partition("=")
        assert equals, part
        assert name in _OPTIONS, f"{part!r} is no part of a query of ours"
        assert name not in seen, f"{name} is there twice"
        seen.add(name)
        text = unquote(value, errors="strict")
        written = raw.get(name.removeprefix("$"))
        if name == "$filter":
            if written:
                if text == written:
                    continue
                text = without(written, text)
            check_filter(text, known)
        elif name in ("$top", "$skip"):
            assert text.isdigit(), part
        elif name == "$count":
            assert text == "true"
        elif written and name in ("$search", "$orderby"):
            assert text == written
        else:
            assert re.fullmatch(r"[A-Za-z,()$=/;* ]+", text), part


def without(written: str, text: str) -> str:
    """A $filter without the condition of the task, which stands in parentheses beside those of the module.

    It is the first or the last condition of the filter, or the last beside a window of days that follows keys.
    """
    before, after, within = f"({written}) and ", f" and ({written})", f" and ({written}))"
    if text.startswith(before):
        return text.removeprefix(before)
    if keys := re.fullmatch(rf"(.+ and )\(({_WINDOW})", text.removesuffix(within)):
        return keys[1] + keys[2]
    assert text.endswith(after), text
    return text.removesuffix(after)


def check_filter(text: str, known: set[str]) -> None:
    """Comparisons for equality alone, with what was given alone.

    A telephone number is looked for by its last two digits, an e-mail address without minding the case, a name in
    another spelling by its longest word, and a history is asked for the days that were given.
    """
    bare = _QUOTED.sub("?", text)
    assert _CONDITION.fullmatch(bare), f"{text!r} is no filter of ours"
    for found in _QUOTED.finditer(text):
        before, value = text[: found.start()], value_of(found.group())
        if before.endswith("not startswith(Name,"):
            assert value == _HIDDEN, text
        elif re.search(r"\bendswith\([A-Za-z]+,\Z", before):
            assert re.fullmatch("[0-9]{2}", value), text
            assert any(re.sub("[^0-9]", "", one).endswith(value) for one in known), f"{value!r} was not given"
        elif re.search(r"\btolower\([A-Za-z]+\) eq \Z", before):
            forms = {form for one in known for form in (one.lower(), one.strip().lower(), folded(one))}
            assert value in forms, f"{value!r} was not given"
        elif re.search(r"\bcontains\(tolower\([A-Za-z]+\),\Z", before):
            assert re.fullmatch("[a-z0-9]+", value), text
            assert any(value in folded(one) for one in known), f"{value!r} was not given"
        else:
            assert value in known, f"{value!r} was not given"
    for day in re.findall(r"\) [gl]e ([0-9-]{10})", bare):
        assert day in known, f"{day} was not given"
    for literal in re.findall(rf" eq ({_PLAIN.pattern})", bare):
        assert literal in known, f"{literal!r} was not given"


def value_of(literal: str) -> str:
    """The text that a literal stands for."""
    return literal[1:-1].replace("''", "'") if literal.startswith("'") else literal


def known_texts(given: Any) -> set[str]:
    """Every text in what was given, in every spelling that a module may look for."""
    return {spelling for text in _scalars(given) for spelling in _spellings(text)}


def _scalars(given: Any) -> Iterator[str]:
    stack = [given]  # what was given may be deeper than Python counts
    while stack:
        one = stack.pop()
        if isinstance(one, Mapping):
            stack += [*one.values()]
        elif isinstance(one, list | tuple):
            stack += one
        elif isinstance(one, int) and abs(one) > 10**100:
            continue
        elif isinstance(one, float) and one.is_integer():
            yield from (str(one), str(int(one)))
        elif isinstance(one, str) and one.startswith(("{", "[")):
            with suppress(ValueError):
                stack.append(json.loads(one))
            yield one
        else:
            yield str(one)


def _spellings(text: str) -> Iterator[str]:
    yield text
    yield text.strip()
    yield from text.split(",")
    with suppress(ValueError, ArithmeticError):
        yield str(int(Decimal(text if len(text) < 40 and "e9" not in text else "x")))
    yield f"{text}.zip"
    if not text.isascii():
        for one in (text, text.strip(), f"{text}.zip"):
            yield from (unicodedata.normalize("NFC", one), unicodedata.normalize("NFD", one))
    digits = re.sub(r"[\s:.\-]", "", text)
    yield digits.lower()
    yield digits.upper()
    yield from re.findall(r"[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}", text.lower())
    if len(text) < 100 and ("." in text or ":" in text):
        try:
            network = ip_network(text.strip(), strict=False)
        except ValueError:
            return
        address = text.strip().partition("/")[0]
        for base in (address, str(network.network_address)):
            yield from (base, f"{base}/{network.prefixlen}", f"{base}/{network.netmask}")


def _places(described: Any) -> Iterator[str]:
    """Everything in a description that is an address, with what it refers to."""
    if isinstance(described, EntityDescription):
        yield described.entity_set
        yield f"{described.entity_set}({{Key}})"
    if isinstance(described, SettingsDescription):
        yield described.singleton
    for prop in _properties(described.properties):
        if prop.reference is not None:
            yield prop.reference.entity_set
        # Lists of what exists, which are read when a value is refused.
        for source in (*LISTED.get(prop.option, ()), *LISTED_IN.get((described.name, prop.option), ())):
            yield source.path
    yield from (text for field, text in _texts(described) if "Pbx." in text or field == "path")


def _properties(props: Iterable[Property]) -> Iterator[Property]:
    for prop in props:
        yield prop
        yield from _properties(prop.fields)


def _texts(described: Any) -> Iterator[tuple[str, str]]:
    """Every text in a description with the name of its field, but for those of properties."""
    for field in fields(described):
        value = getattr(described, field.name)
        if isinstance(value, str):
            yield field.name, value
        elif is_dataclass(value):
            yield from _texts(value)


def _pattern(place: str) -> str:
    parts = re.split(r"\{\w+\}", place)
    return re.escape(_ROOT) + LITERAL.join(map(re.escape, parts))
