"""The values that most objects of a kind have, so that each object says only what is special about it.

A default is written down and never implied: what a file leaves out without one is left alone, and could drift unseen.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Container, Mapping, Sequence
from types import NoneType
from typing import Any, Final

_FEWEST: Final = 3
"""Objects of a kind before a block of defaults makes its file shorter."""


def defaults_of(objects: Sequence[Mapping[str, Any]], without: Container[str]) -> dict[str, Any]:
    """The most frequent value of each leaf that every object has; of equally frequent ones the first in order of text.

    Parameters:
        objects: of one kind
        without: options without a default
    """
    if len(objects) < _FEWEST:
        return {}
    return {name: value for name, value in _frequent(objects).items() if name not in without}


def _frequent(objects: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    names = [name for name in objects[0] if all(name in one for one in objects)]
    found: dict[str, Any] = {}
    for name in names:
        values = [one[name] for one in objects]
        if all(value.__class__ is dict for value in values):
            inner = _frequent(values)
            if inner:
                found[name] = inner
            continue
        keys = [(value.__class__, value if value.__class__ in _SCALARS else _text_of(value)) for value in values]
        counts = Counter(keys)
        most = max(counts.values())
        samples = {key: value for key, value in zip(keys, values, strict=True) if counts[key] == most}
        sample = min(samples.values(), key=repr)
        if most > 1 and not isinstance(sample, Mapping):
            found[name] = sample
    return found


_NESTED: Final = (dict, list)
_SCALARS: Final = frozenset({str, bool, int, float, NoneType})


def _text_of(value: Any) -> str:
    return repr(value) if value else value.__class__.__name__


def without_defaults(values: Mapping[str, Any], defaults: Mapping[str, Any]) -> dict[str, Any]:
    """Return an object without the values that its defaults add when it is read."""
    left: dict[str, Any] = {}
    for name, value in values.items():
        if name not in defaults:
            left[name] = value
            continue
        default = defaults[name]
        if value.__class__ is dict and default.__class__ is dict:
            inner = without_defaults(value, default)
            if inner:
                left[name] = inner
        elif _differ(value, default):
            left[name] = value
    return left


def _differ(value: Any, default: Any) -> bool:
    """Whether two values are written differently: 1 and true are, although they are equal."""
    if value != default or value.__class__ is not default.__class__:
        return True
    return value.__class__ in _NESTED and not _one_class(value, default)


def _one_class(value: Any, default: Any) -> bool:
    """Whether equal structures or lists have values of the same classes."""
    if value.__class__ is dict:
        pairs = [(inner, default[name]) for name, inner in value.items()]
    else:
        pairs = list(zip(value, default, strict=True))
    for one, other in pairs:
        if one.__class__ is not other.__class__:
            return False
        if one.__class__ in _NESTED and not _one_class(one, other):
            return False
    return True
