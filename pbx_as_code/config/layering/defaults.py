"""Values of an object with the defaults of its kind. Nothing that objects share is changed."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any


def with_defaults(defaults: Mapping[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """Options with defaults for what they leave out, field by field in structures; a list is taken as a whole.

    Nothing is copied that does not differ: ten thousand users share the structures of their defaults.

    Parameters:
        defaults: of the kind
        own: options of an object
    """
    if not defaults:
        return own
    merged = {**defaults, **own}
    for option, value in own.items():
        default = defaults.get(option)
        if isinstance(value, dict) and isinstance(default, dict):
            merged[option] = with_defaults(default, value)
    return merged


def items_with_defaults(defaults: Mapping[str, Any], items: Any) -> Any:
    """A list whose items have the defaults of the items.

    Parameters:
        defaults: of the items
        items: of an object
    """
    if not isinstance(items, list):
        return items
    return [_item_with_defaults(defaults, item) if isinstance(item, dict) else item for item in items]


def _item_with_defaults(defaults: Mapping[str, Any], own: dict[str, Any]) -> dict[str, Any]:
    """An item with defaults for what it leaves out; a structure that it leaves out stays so.

    A membership without rights gets those that the PBX gives it. With defaults for some of them it would be sent with
    rights that have no role.
    """
    merged = {**own, **{option: value for option, value in defaults.items() if option not in own}}
    for option, value in defaults.items():
        if isinstance(value, dict):
            if option not in own:
                del merged[option]
            elif isinstance(own[option], dict):
                merged[option] = _item_with_defaults(value, own[option])
    return merged


def without(values: dict[str, Any], path: tuple[str, ...]) -> dict[str, Any]:
    """A copy without the value at a path.

    Parameters:
        values: of an object
        path: options from the outside in
    """
    left = dict(values)
    if len(path) == 1:
        left.pop(path[0], None)
    elif isinstance(left.get(path[0]), dict):
        left[path[0]] = without(left[path[0]], path[1:])
    return left
