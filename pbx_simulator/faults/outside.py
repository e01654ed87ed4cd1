"""YAML from outside: read safely, and only where what comes of it is of a size that somebody has written.

A few lines can nest so deeply that reading them takes hours, or stand for more than fits into any memory.
"""

from __future__ import annotations

from typing import Any

import yaml

MAX_BYTES = 64 * 1024 * 1024
MAX_DEPTH = 100
MAX_NODES = 5_000_000
"""With every alias counted as what it stands for."""

_TEXT = "tag:yaml.org,2002:str"

_Loader: type[Any] = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


class _Strict(_Loader):  # type: ignore[misc]
    """A loader that refuses a mapping with the same key twice, of which YAML keeps the last one, and keys that are no
    text, such as 100 and on.
    """

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> Any:
        seen: set[str] = set()
        for key, _ in node.value:
            if isinstance(key, yaml.ScalarNode) and key.value != "<<":
                if key.value in seen:
                    raise ValueError(f"line {key.start_mark.line + 1}: {key.value} is there twice")
                if key.tag != _TEXT:
                    raise ValueError(f"line {key.start_mark.line + 1}: the name {key.value} is no text without quotes")
                seen.add(key.value)
        return super().construct_mapping(node, deep)


def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """The mapping of a JSON object; for object_pairs_hook.

    Raises:
        ValueError: it has a key twice
    """
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _ in pairs]
        raise ValueError(f"{next(name for name in names if names.count(name) > 1)} is there twice")
    return found


class TooMuch(ValueError):
    """The input is larger than its limit; the message names the limit."""


def load(text: bytes | str) -> Any:
    """The value of a YAML text.

    Raises:
        TooMuch: it is too long, too deep, or stands for too much
        yaml.YAMLError: it is no YAML, or asks for more than plain data
        ValueError: a mapping has a key twice, or one that is no text
    """
    if len(text) > MAX_BYTES:
        raise TooMuch(f"it is longer than {MAX_BYTES >> 20} MiB")
    _check(text)
    return yaml.load(text, Loader=_Strict)  # noqa: S506  (a safe loader, the C one where there is one)


def _check(text: bytes | str) -> None:
    total = 0
    sizes: dict[str, int] = {}
    open_ones: list[tuple[str | None, int]] = []
    for event in yaml.parse(text, Loader=_Loader):  # as it is read: it stops before what is too deep has cost much
        if isinstance(event, yaml.AliasEvent):
            if any(anchor == event.anchor for anchor, _ in open_ones):
                raise TooMuch(f"what is called {event.anchor} holds itself")
            total += sizes.get(str(event.anchor), 1)
        elif isinstance(event, yaml.ScalarEvent):
            total += 1
            if event.anchor is not None:
                sizes[str(event.anchor)] = 1
        elif isinstance(event, yaml.CollectionStartEvent):
            open_ones.append((event.anchor, total))
            total += 1
            if len(open_ones) > MAX_DEPTH:
                raise TooMuch(f"it is nested more than {MAX_DEPTH} levels deep")
        elif isinstance(event, yaml.CollectionEndEvent):
            anchor, before = open_ones.pop()
            if anchor is not None:
                sizes[anchor] = total - before
        if total > MAX_NODES:
            raise TooMuch(f"it stands for more than {MAX_NODES} values, its aliases counted")
