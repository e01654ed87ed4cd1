"""Structures and lists that many objects have in common: kept once, and looked at once."""

from __future__ import annotations

import marshal
from collections.abc import Collection
from typing import Any, Final

from pbx_as_code.config.exporting.declared import NESTED

_WITHOUT_REFERENCES: Final = 2
"""Format of marshal that spells equal values equally."""


def share(one: dict[str, Any], known: dict[bytes, Any]) -> None:
    """Put the first of equal structures and lists in the place of the others. Nobody may change them from then on.

    Parameters:
        one: an object, which is changed; what has markers of credentials stays, for their names differ
        known: values by their spelling, which is added to
    """
    for option, value in one.items():
        if value.__class__ in NESTED and value:
            try:
                spelled = marshal.dumps(value, _WITHOUT_REFERENCES)
            except ValueError:  # a marker
                continue
            one[option] = known.setdefault(spelled, value)


def add_texts(values: Collection[Any], found: set[str]) -> None:
    """Add every text within structures and lists to those that were found.

    Parameters:
        values: a structure or a list
        found: the texts
    """
    _add_texts(values, found, set())


def _add_texts(values: Any, found: set[str], seen: set[int]) -> None:
    for value in values.values() if values.__class__ is dict else values:
        if value.__class__ is str:
            found.add(value)
        elif value.__class__ in NESTED and id(value) not in seen:
            seen.add(id(value))
            _add_texts(value, found, seen)
