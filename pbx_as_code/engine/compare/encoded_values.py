"""Properties that a PBX keeps as one text and a task gives as a list of structures."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pbx_as_code.description import Property
from pbx_as_code.engine.compare import phone_keys as _blf_keys

Row = dict[str, Any]
_CODECS = {"blf_keys": _blf_keys}


def decoded(properties: Iterable[Property], row: Row) -> Row:
    """Return the rows with structures instead of encoded texts."""
    texts = {prop.name: prop for prop in properties if prop.encoding and isinstance(row.get(prop.name), str)}
    return row | {name: _CODECS[prop.encoding].parse(row[name]) for name, prop in texts.items()} if texts else row


def encoded(properties: Iterable[Property], body: Row) -> Row:
    """Return the body with encoded texts instead of structures."""
    lists = {prop.name: prop for prop in properties if prop.encoding and isinstance(body.get(prop.name), list)}
    return body | {name: _CODECS[prop.encoding].render(body[name]) for name, prop in lists.items()} if lists else body


def check(properties: Iterable[Property], wanted: Mapping[str, Any]) -> None:
    """Refuse structures of a task that no text could be made of.

    Raises:
        Failure: naming the option
    """
    for prop in properties:
        if prop.encoding and isinstance(wanted.get(prop.name), list):
            _CODECS[prop.encoding].check(wanted[prop.name], prop.option)
