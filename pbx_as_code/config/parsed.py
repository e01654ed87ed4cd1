"""Structures of files. Those that the configurations of several PBXs share, such as a standard, are parsed once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from pathlib import Path
from threading import Lock
from typing import Final

from pbx_as_code.config.nodes import ConfigError, Entries, Items, Marker, Node, Problem, Removal, Scalar
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.variables import VARIABLES
from pbx_as_code.config.vault import encrypted

_CHANGED: Final = re.compile(rb"\{[{%#]|remove|replace")
"""Expressions and marks: loading a configuration changes their nodes."""


def read_root(content: bytes, file: str, layer: str) -> Entries | None:
    """The structure of one file; None if it is empty.

    Raises:
        ConfigError: it cannot be read, or is no structure
    """
    node = read_yaml(content, file, layer=layer, marks=file not in VARIABLES)
    if node is None or isinstance(node, Entries):
        return node
    keys = "the names of variables" if file in VARIABLES else "kinds, such as users and queues"
    message = f"A file is a structure whose keys are {keys}."
    if isinstance(node, Scalar) and encrypted(node.text):
        message = (
            "Ansible Vault has encrypted this file, and nothing here is secret. Decrypt it. If it holds the values of "
            "secrets, move it out of this directory."
        )
    raise ConfigError([Problem(node.place, message)])


class ParsedFiles:
    """Structures of the files of one run; may be used by many threads at once."""

    def __init__(self, layers: Iterable[Path]) -> None:
        """Nothing is parsed yet.

        Parameters:
            layers: directories and files of several configurations, whose structures are kept as long as this object
        """
        self._layers = frozenset(layers)
        self._known: dict[tuple[Path, str], tuple[bytes, Entries | None]] = {}
        self._parsing = Lock()

    def root(self, content: bytes, base: Path, file: str, layer: str) -> Entries | None:
        """The structure of a file, to be used by one configuration; None if it is empty.

        Parameters:
            content: of the file, as it is now: one that was changed since is parsed again
            base: directory of the layer
            file: relative path
            layer: name of the layer, for places

        Raises:
            ConfigError: it cannot be read, or is no structure
        """
        key = (base / file, layer)
        if base not in self._layers and key[0] not in self._layers:
            return read_root(content, file, layer)
        with self._parsing:
            known = self._known.get(key)
            if known is None or known[0] != content:
                known = self._known[key] = (content, read_root(content, file, layer))
        root = known[1]
        if root is None or not _CHANGED.search(content):
            return root
        copy = _copied(root, {})
        assert isinstance(copy, Entries)  # noqa: S101 as the root is
        return copy


def _copied(node: Node, made: dict[int, Node]) -> Node:
    """A copy of a node; what several aliases stand for stays one node.

    Parameters:
        node: as it was parsed
        made: copies by the identity of their originals, which is added to
    """
    found = made.get(id(node))
    if found is not None:
        return found
    copy: Node
    if isinstance(node, Scalar):
        copy = Scalar(node.text, node.plain, node.place, node.verbatim, node.parsed, node.source)
    elif isinstance(node, Marker):
        copy = Marker(node.name, node.place)
    elif isinstance(node, Removal):
        copy = Removal(node.place, node.name, node.found)
    elif isinstance(node, Items):
        copy = Items(node.place, [_copied(one, made) for one in node.values], node.mark)
    else:
        values = {name: _copied(one, made) for name, one in node.values.items()}
        copy = Entries(node.place, values, dict(node.keys), node.mark)
    made[id(node)] = copy
    return copy
