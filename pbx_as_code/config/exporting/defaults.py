"""The values that most objects of a kind have, so that each object says only what is special about it.

A default is written down and never implied: what a file leaves out without one is left alone, and could drift unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from operator import itemgetter
from types import NoneType
from typing import Any, Final

_FEWEST: Final = 3
"""Objects of a kind before a block of defaults makes its file shorter."""
_MISSING: Final = object()
_NUMBERS: Final = frozenset({bool, int, float})
_SCALARS: Final = _NUMBERS | {str, NoneType}


def defaults_of(
    objects: Sequence[Mapping[str, Any]], without: Container[str], own: Container[str] = ()
) -> dict[str, Any]:
    """The most frequent value of each leaf that every object has; of equally frequent ones the first in order of text.

    Parameters:
        objects: of one kind; structures and lists that several of them share are looked at once
        without: options without a default
        own: options whose only default is null, if most objects have no value
    """
    if len(objects) < _FEWEST:
        return {}
    return _frequent(objects, [1] * len(objects), without, own)


def defaults_of_items(items: Sequence[Mapping[str, Any]], without: Container[str]) -> dict[str, Any]:
    """Values that most items of a list have: null, true, false and empty lists only.

    A text stays at each item: an item that names its target only and has its type elsewhere would be hard to read.

    Parameters:
        items: of the lists of all objects
        without: options that tell them apart
    """
    return _plain(_frequent(items, [1] * len(items), without)) if len(items) >= _FEWEST else {}


def _plain(block: Mapping[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in block.items():
        inner = _plain(value) if value.__class__ is dict else value
        if inner is None or inner is True or inner is False or inner == [] or (inner and inner.__class__ is dict):
            found[name] = inner
    return found


def _frequent(
    objects: Sequence[Mapping[str, Any]],
    weights: Sequence[int],
    without: Container[str] = (),
    own: Container[str] = (),
) -> dict[str, Any]:
    """The most frequent values.

    Parameters:
        objects: without repetitions of one and the same
        weights: how often each of them stands
        without: names that are left out
        own: see defaults_of; no weights are looked at
    """
    shared = set(objects[0]).intersection(*objects)
    found: dict[str, Any] = {}
    for name in objects[0]:
        if name not in shared or name in without:
            continue
        values = list(map(itemgetter(name), objects))
        if name in own:
            if values.count(None) * 2 > len(values):
                found[name] = None
            continue
        classes = set(map(type, values))
        several: Sequence[int] = weights
        if not classes <= _SCALARS:
            values, several = _once(values, weights)
        if classes == {dict}:
            inner = _frequent(values, several)
            if inner:
                found[name] = inner
            continue
        sample, count = _most_frequent(values, several, alike=len(classes & _NUMBERS) < 2 and classes <= _SCALARS)
        if count > 1 and not isinstance(sample, Mapping):
            found[name] = sample
    return found


def _once(values: Sequence[Any], weights: Sequence[int]) -> tuple[list[Any], list[int]]:
    """The values without repetitions of one and the same, and how often each stands."""
    counts: dict[int, int] = {}
    known: dict[int, Any] = {}
    for value, weight in zip(values, weights, strict=True):
        key = id(value)
        known[key] = value
        counts[key] = counts.get(key, 0) + weight
    return list(known.values()), list(counts.values())


def _most_frequent(values: Sequence[Any], weights: Sequence[int], *, alike: bool) -> tuple[Any, int]:
    """The value that most objects have, and how many do.

    Parameters:
        alike: whether equal values are written alike: 1 and true are not
    """
    keys: Sequence[Any] = values if alike else [_key(value) for value in values]
    counts: dict[Any, int]
    if keys.count(keys[0]) == len(keys):
        return values[-1], sum(weights)
    if len(weights) == sum(weights):  # each stands once
        counts = Counter(keys)
    else:
        counts = {}
        for key, weight in zip(keys, weights, strict=True):
            counts[key] = counts.get(key, 0) + weight
    most = max(counts.values())
    if most == 1:
        return values[0], most
    frequent = {key for key, count in counts.items() if count == most}
    samples = {key: value for key, value in zip(keys, values, strict=True) if key in frequent}
    return min(samples.values(), key=repr), most


def _key(value: Any) -> tuple[type, Any]:
    return value.__class__, value if value.__class__ in _SCALARS else _text_of(value)


def _text_of(value: Any) -> str:
    return repr(value) if value else value.__class__.__name__


def without_defaults(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without the values that its defaults add when it is read; those of a list are for its items."""
    left: dict[str, Any] = {}
    for name, value in values.items():
        default = defaults.get(name, _MISSING)
        if value is default:
            continue
        if value.__class__ is dict and default.__class__ is dict:
            inner = without_defaults(value, default)
            if inner:
                left[name] = inner
        elif value.__class__ is list and default.__class__ is dict:
            left[name] = [without_item_defaults(item, default) if item.__class__ is dict else item for item in value]
        elif value.__class__ is not default.__class__ or value != default or not _one_class(value, default):
            left[name] = value  # 1 and true are written differently, although they are equal
    return left


def without_item_defaults(item: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return an item without the values that the defaults of items add; they add no structure, so each one stays."""
    left: dict[str, Any] = {}
    for name, value in item.items():
        default = defaults.get(name, _MISSING)
        if value.__class__ is dict and default.__class__ is dict:
            left[name] = without_item_defaults(value, default)
        elif default is _MISSING or value.__class__ is not default.__class__ or value != default:
            left[name] = value
    return left


def _one_class(value: Any, default: Any) -> bool:
    """Whether equal values are, or consist of, values of the same classes."""
    if value.__class__ is dict:
        pairs = [(inner, default[name]) for name, inner in value.items()]
    elif value.__class__ is list:
        pairs = list(zip(value, default, strict=True))
    else:
        return True
    return all(one.__class__ is other.__class__ and _one_class(one, other) for one, other in pairs)
