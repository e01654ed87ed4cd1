"""Traits that say in which form texts are stored, and which writes are completed."""

from __future__ import annotations

import functools
import re
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from pbx_simulator.model.document import Json
from pbx_simulator.model.schema import Property, Type

from .registry import Traits

if TYPE_CHECKING:
    from pbx_simulator.state.store import Store

#: How the name of the hidden department of a user's favourites begins.
FAVOURITES = "___FAVORITES___"
#: How its number begins; the user's number follows.
FAVOURITES_NUMBER = "FGRP"
_TEXT_TRAITS = frozenset({"empty-as-null", "null-as-empty", "drop-plus", "lower-case-emails"})
_TELEPHONE_NUMBER = re.compile(r"\+[0-9]{6,}")
_NOT_TELEPHONE = re.compile(r"Name$|Description$|Comment$")
_MOST_SHARED = 64


class StoredForm:
    """The form in which a PBX with some traits stores texts. Called with a structure and its type; gives the same
    object where nothing differs.
    """

    def __init__(self, traits: Traits) -> None:
        self._traits = traits & _TEXT_TRAITS
        # Ten thousand users share one list of forwarding profiles; so they do afterwards.
        self._shared: dict[int, tuple[list[Any], list[Any]]] = {}

    def __call__(self, row: Json, kind: Type) -> Json:
        if not self._traits:
            return row
        changes: Json = {}
        for prop in _concerned(kind):
            if prop.name not in row:
                continue
            value = row[prop.name]
            stored = self._value(value, prop)
            if stored is not value:
                changes[prop.name] = stored
        return {**row, **changes} if changes else row

    def _value(self, value: Any, prop: Property) -> Any:
        if isinstance(value, list):
            return self._list(value, prop)
        if prop.value.type is not None:
            return self(value, prop.value.type) if isinstance(value, dict) else value
        return self._text(value, prop)

    def _list(self, value: list[Any], prop: Property) -> list[Any]:
        known = self._shared.get(id(value))
        if known is not None:
            return known[1]
        stored = [self._value(item, prop) for item in value]
        if all(new is old for new, old in zip(stored, value, strict=True)):
            stored = value
        if len(self._shared) >= _MOST_SHARED:
            self._shared.clear()
        self._shared[id(value)] = (value, stored)
        return stored

    def _text(self, value: Any, prop: Property) -> Any:
        if value is None:
            return "" if "null-as-empty" in self._traits and prop.value.nullable else None
        if value == "":
            return None if "empty-as-null" in self._traits and prop.value.nullable else value
        if not isinstance(value, str):
            return value
        if "drop-plus" in self._traits and _TELEPHONE_NUMBER.fullmatch(value) and not _NOT_TELEPHONE.search(prop.name):
            return value[1:]
        if "lower-case-emails" in self._traits and "@" in value and "mail" in prop.name.lower():
            return value.lower()
        return value


@functools.lru_cache(maxsize=4096)
def _concerned(kind: Type) -> tuple[Property, ...]:
    """The properties of a type that are plain texts, or have such inside."""
    return tuple(_texts(kind, ()))


def _texts(kind: Type, around: tuple[Type, ...]) -> Iterator[Property]:
    for prop in kind.properties.values():
        inner = prop.value.type
        if inner is None:
            if prop.value.kind == "string" and prop.value.format is None:
                yield prop
        elif inner not in around and inner is not kind and any(True for _ in _texts(inner, (*around, kind))):
            yield prop


def on_update(store: Store, old: Json, changes: Json) -> Json:
    """Complete what an update changes, as a PBX with the store's traits does."""
    if "favourites-kept" in store.traits and "Groups" in changes:
        named = {group.get("GroupId") for group in changes["Groups"]}
        kept = [group for group in old.get("Groups") or () if is_hidden(group) and group.get("GroupId") not in named]
        return {**changes, "Groups": [*changes["Groups"], *kept]}
    return changes


def is_hidden(department: Json) -> bool:
    """Whether a department, or a membership, is one of somebody's favourites."""
    return str(department.get("Name") or "").startswith(FAVOURITES)
