# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Return the YAML source of a task's value.

ansible-core tags values with their origin since 2.19. Before that only the position of the task is known, so literals
in the task itself can be found, and nothing else. Either way the text that was found must read as the value; otherwise
the source counts as unknown.
"""

from __future__ import annotations

import os
import re
from functools import lru_cache
from pathlib import Path
from typing import Any

import yaml

try:
    from ansible._internal._datatag._tags import Origin
except ImportError:  # before 2.19, or moved: it is private
    Origin = None

_LOADER: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_TOKEN = re.compile(r"[^\s,\[\]{}#]+")


def token_of(value: Any, node: yaml.Node | None) -> str | None:
    """The text a value was read from, or None where that cannot be proven.

    Parameters:
        value: of a task option, with the tags of ansible-core
        node: where the value stands in the task's file, as child() found it
    """
    token = _token_at_origin(value) if Origin is not None else None
    if token is None and isinstance(node, yaml.ScalarNode) and not node.style:
        token = node.value
    return token if token is not None and _reads_as(token, value) else None


def child(node: yaml.Node | None, key: str | int) -> yaml.Node | None:
    """The node of an item of a list or of a key of a mapping, or None."""
    if isinstance(node, yaml.SequenceNode) and isinstance(key, int) and key < len(node.value):
        return node.value[key]  # type: ignore[no-any-return]
    if isinstance(node, yaml.MappingNode):
        return next((inner for name, inner in node.value if name.value == key), None)
    return None


def options_node(task: Any) -> yaml.Node | None:
    """The node of the options in the file of a task, where ansible-core tags no values; None where it is not found."""
    position = getattr(getattr(task, "_ds", None), "ansible_pos", None)
    if Origin is not None or not position:
        return None
    path, line, column = position
    node = _mappings(*_version(str(path))).get((line, column))
    if node is None:
        return None
    short = str(task.action).rpartition(".")[2]
    for name, inner in node.value:
        names_the_module = str(name.value).rpartition(".")[2] == short or name.value in ("action", "local_action")
        if names_the_module and isinstance(inner, yaml.MappingNode):
            return inner
    return child(node, "args")


def _token_at_origin(value: Any) -> str | None:
    try:
        origin = Origin.get_tag(value)
        if origin is None or not (origin.path and origin.line_num and origin.col_num):
            return None
        lines = _lines(*_version(str(origin.path)))
        found = _TOKEN.match(lines[origin.line_num - 1], origin.col_num - 1)
    except (AttributeError, TypeError, IndexError):
        return None
    return found[0] if found else None


def _reads_as(token: str, value: Any) -> bool:
    try:
        read = yaml.safe_load(token)
    except (yaml.YAMLError, ValueError):
        return False
    return isinstance(value, type(read)) and bool(read == value)


def _version(path: str) -> tuple[str, int, int]:
    """A file and what tells its versions apart, for the caches."""
    try:
        known = os.stat(path)
    except OSError:
        return path, 0, 0
    return path, known.st_mtime_ns, known.st_size


@lru_cache(maxsize=64)
def _lines(path: str, _changed: int, _size: int) -> list[str]:
    try:
        return Path(path).read_text("utf-8").split("\n")
    except (OSError, ValueError):
        return []


@lru_cache(maxsize=64)
def _mappings(path: str, _changed: int, _size: int) -> dict[tuple[int, int], yaml.MappingNode]:
    """The mappings of a file by line and column, counted from one."""
    found: dict[tuple[int, int], yaml.MappingNode] = {}
    try:
        waiting = [yaml.compose(Path(path).read_text("utf-8"), Loader=_LOADER)]
    except (OSError, ValueError, yaml.YAMLError):
        return found
    while waiting:
        node = waiting.pop()
        if isinstance(node, yaml.MappingNode):
            at = (node.start_mark.line + 1, node.start_mark.column + 1)
            if at in found:  # reached again by an alias
                continue
            found[at] = node
            waiting += [inner for _number, inner in node.value]
        elif isinstance(node, yaml.SequenceNode):
            waiting += node.value
    return found
