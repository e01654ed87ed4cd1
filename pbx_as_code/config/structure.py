"""A configuration as one structure, such as an option or the result of an Ansible task, instead of files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import Any

from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.loader import load_nodes
from pbx_as_code.config.nodes import REMOVE, REPLACE, ConfigError, Entries, Items, Node, Place, Problem, Scalar
from pbx_as_code.config.reader import without_tag
from pbx_as_code.config.values import Secret


class OptionPlace(Place):
    """Place in a structure: the path of an option, and no line."""

    __slots__ = ()

    def __str__(self) -> str:
        return self.file


def load_structure(config: Mapping[str, Any], option: str = "config", *, strict: bool = True) -> Configuration:
    """Type what a structure declares: the keys of the files at the top, a credential as {"secret": NAME}.

    It contains no expressions: the caller has evaluated them.

    Parameters:
        config: of plain data
        option: its name, with which the places in messages begin
        strict: see load_layers

    Raises:
        ConfigError: something does not fit its description; every problem is named
    """
    problems: list[Problem] = []
    root = _node(config, option, problems)
    if problems:
        raise ConfigError(problems)
    if not isinstance(root, Entries):
        message = "This needs to be a structure whose keys are kinds, such as users and queues."
        raise ConfigError([Problem(root.place, message)])
    return load_nodes(root, strict=strict)


def _node(value: Any, path: str, problems: list[Problem]) -> Node:
    place = OptionPlace(path, 0, 0)
    if isinstance(value, Mapping):
        entries = Entries(place)
        for name, inner in value.items():
            node = _node(inner, f"{path}.{name}", problems)
            entries.values[str(name)] = node
            entries.keys[str(name)] = node.place
        return without_tag(entries, problems) if REMOVE in entries.values or REPLACE in entries.values else entries
    if isinstance(value, list | tuple):
        return Items(place, [_node(inner, f"{path}[{number}]", problems) for number, inner in enumerate(value)])
    if value is None:
        return Scalar("", plain=True, place=place)
    if isinstance(value, bool):
        return Scalar("true" if value else "false", plain=True, place=place, parsed=value)
    if isinstance(value, int | float):
        return Scalar(str(value), plain=True, place=place, parsed=value)
    return Scalar(str(value), plain=False, place=place, verbatim=True)


def as_structure(contents: Iterable[Mapping[str, Any]]) -> dict[str, Any]:
    """Join what several files hold into one structure of plain data; see load_structure.

    Parameters:
        contents: of each file, with `Secret` in the place of credentials
    """
    joined: dict[str, Any] = {}
    for content in contents:
        for section, value in content.items():
            if isinstance(value, list):
                joined.setdefault(section, []).extend(_plain(value))
            else:
                joined[section] = _plain(value)
    return joined


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return {"secret": value.name}
    if isinstance(value, Mapping):
        return {name: _plain(inner) for name, inner in value.items()}
    return [_plain(inner) for inner in value] if isinstance(value, list) else value
