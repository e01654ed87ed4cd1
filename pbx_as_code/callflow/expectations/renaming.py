"""Expectations of a PBX with other numbers and names: edits of the text of calls.yml that keep comments and order."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterator, Mapping
from typing import Final, Protocol

from pbx_as_code.callflow.model.refs import Kind
from pbx_as_code.callflow.trace.starts import KINDS
from pbx_as_code.callflow.trace.steps import Ending
from pbx_as_code.config.adopting.layout import Layout, Span
from pbx_as_code.config.adopting.splices import Splices
from pbx_as_code.config.exporting.emitter import scalar_text
from pbx_as_code.config.nodes import Entries, Items, Scalar
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.engine.compare.values import telephone

_BOM: Final = b"\xef\xbb\xbf"
_PLACES: Final = ("call", "expect", "avoid")
_TWIN: Final = re.compile(r"(.*?)( #[0-9]+)?", re.DOTALL)
_ENDINGS: Final = frozenset(str(one) for one in Ending)


class NewNames(Protocol):
    """Old and new numbers and names of a PBX."""

    @property
    def owners(self) -> Mapping[str, str]:
        """The old internal numbers."""

    @property
    def dids(self) -> Collection[str]:
        """Digits of the old telephone numbers of the PBX itself."""

    @property
    def departments(self) -> Collection[str]:
        """The old names of departments."""

    def number(self, value: str) -> str:
        """The new internal number."""

    def telephone(self, value: str, *, own: bool) -> str:
        """The new telephone number."""

    def department(self, value: str) -> str:
        """The new name of a department."""

    def trunk(self, value: str) -> str:
        """The new number or name of a trunk."""


def renamed(content: bytes, names: NewNames) -> bytes:
    """The same expectations about the same calls by their new numbers and names.

    The time of day, keys that are pressed and numbers of others stay. The name of an expectation changes if it begins
    with the number that is called, as `recorded` names them; any other name stays.

    Parameters:
        content: of calls.yml, which `read` has understood
        names: old and new ones
    """
    text = content.decode("utf-8-sig")
    root = read_yaml(content, "")
    items = root.values.get("calls") if isinstance(root, Entries) else None
    calls = [one for one in items.values if isinstance(one, Entries)] if isinstance(items, Items) else []
    lists = [one for call in calls for one in call.values.values() if isinstance(one, Items)]
    places = [one.place for one in calls] + [one.place for one in lists]
    layout = Layout(text, {(place.line, place.column) for place in places})
    splices = Splices()
    edited: set[int] = set()  # an anchor stands for several values, and is edited once
    for call in calls:
        for node, span, new in _values(call, layout, names):
            if new != node.text and span.kind == "scalar" and span.start not in edited:
                edited.add(span.start)
                splices.replace(span.start, span.end, scalar_text(new))
    return (_BOM if content.startswith(_BOM) else b"") + splices.applied(text).encode()


def _values(call: Entries, layout: Layout, names: NewNames) -> Iterator[tuple[Scalar, Span, str]]:
    """Each value of an expectation with its place in the text and its new text."""
    for option, span in ((key, value) for key, _, value in layout.span("map", call.place).keys):
        node = call.values.get(option)
        if isinstance(node, Scalar):
            yield node, span, _new(option, node.text, call, names)
        elif isinstance(node, Items) and span.kind == "list":
            for item, inner in zip(node.values, layout.span("list", node.place).items, strict=True):
                if isinstance(item, Scalar):
                    yield item, inner, _new(option, item.text, call, names)


def _new(option: str, text: str, call: Entries, names: NewNames) -> str:
    """The new text of an option."""
    if option in _PLACES:
        return _place(text, names)
    if option == "extension":
        return names.number(text)
    if option in ("dial", "caller"):
        return _outside(text, names)
    if option == "caller_id":
        return names.telephone(text, own=True)
    if option == "assume":
        numbers, sign, words = text.partition("=")
        return ",".join(map(names.number, numbers.split(","))) + sign + words
    if option == "name":
        called = call.values.get("call")
        if isinstance(called, Scalar) and text.startswith(f"{called.text}, "):
            return _place(called.text, names) + text.removeprefix(called.text)
    return text


def _place(text: str, names: NewNames) -> str:
    """A place by its new number or name; see starts.start_of for what it may be."""
    word, blank, named = text.partition(" ")
    kind = KINDS.get(word.lower().replace("-", "_"))
    if text in _ENDINGS:
        return text
    if blank and word in ("external", "outside"):
        return f"{word} {_outside(named, names)}"
    if blank and kind is not None:
        return f"{word} {_named(kind, named, names)}"
    if telephone(text) in names.dids:
        return names.telephone(text, own=True)
    if text in names.owners:
        return names.number(text)
    return names.department(text) if text in names.departments else names.trunk(text)


def _named(kind: Kind, named: str, names: NewNames) -> str:
    if kind is Kind.DID:
        return names.telephone(named, own=True)
    if kind is Kind.DEPARTMENT:
        return names.department(named)
    if kind is Kind.TRUNK:
        return names.trunk(named)
    if kind is Kind.INBOUND_RULE and " / " in named:
        trunk, *parts = named.split(" / ")
        return " / ".join([names.trunk(trunk), *(_of_rule(part, names) for part in parts)])
    return names.number(named) if named in names.owners else named


def _of_rule(part: str, names: NewNames) -> str:
    """Data of a rule, such as a DID or the end of one, without the number that tells twins apart."""
    found = _TWIN.fullmatch(part)
    data, twin = (found[1], found[2] or "") if found is not None else (part, "")
    own = telephone(data) in names.dids or data.startswith("*")
    return (names.telephone(data, own=True) if own else data) + twin


def _outside(number: str, names: NewNames) -> str:
    """A number that is dialled or calls; it changes if it is a DID of the PBX."""
    return names.telephone(number, own=True) if telephone(number) in names.dids else number
