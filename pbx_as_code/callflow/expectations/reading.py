"""Read calls.yml, with a place for everything that is wrong."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from pbx_as_code.callflow.expectations.model import FILE, Expectation
from pbx_as_code.callflow.trace.conditions import CHOICES, Condition, On
from pbx_as_code.config.nodes import ConfigError, Entries, Items, Marker, Node, Place, Problem, Scalar
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.spelling import unknown

_TEXTS: Final = ("name", "call", "dial", "extension", "at", "caller", "caller_id")
_LISTS: Final = ("assume", "press", "take", "expect", "avoid")
_OPTIONS: Final = (*_TEXTS, *_LISTS, "within", "uncertain")
_EXAMPLE: Final = '- {name: Main number, call: "+15550100", expect: queue 800}'


def file_of(layer: Path) -> Path:
    """The file of expectations of a layer.

    Parameters:
        layer: directory of the configuration; or a single file, beside which it is
    """
    return (layer if layer.is_dir() else layer.parent) / FILE


def read_files(files: Sequence[Path]) -> list[Expectation]:
    """The expectations of all layers that have some.

    Parameters:
        files: one for each layer, the lowest first

    Raises:
        ConfigError: no layer has expectations, or something in them cannot be understood; every problem is named
    """
    there = [file for file in files if file.is_file()] or files[-1:]
    problems: list[Problem] = []
    found: list[Expectation] = []
    for file in there:
        layer = file.parent.as_posix() if len(files) > 1 else ""
        try:
            found += read(file, layer)
        except ConfigError as error:
            problems += error.problems
    if problems:
        raise ConfigError(problems)
    return found


def read(directory: Path, layer: str = "") -> list[Expectation]:
    """The expectations of a directory.

    Parameters:
        directory: of the configuration, or the file itself
        layer: name of the layer for places; empty if there is only one

    Raises:
        ConfigError: there is no such file, or something in it cannot be understood; every problem is named
    """
    path = directory / FILE if directory.is_dir() else directory
    here = Place(path.name, 1, 1, layer)
    try:
        content = path.read_bytes()
    except OSError:
        said = f"There is no {path}. Write expectations there, or record those of today: threecx test --record."
        raise ConfigError([Problem(here, said)]) from None
    root = read_yaml(content, path.name, layer=layer)
    items = root.values.get("calls") if isinstance(root, Entries) else None
    if not isinstance(root, Entries) or not isinstance(items, Items):
        raise ConfigError([Problem(here, f"It has a list under `calls`, such as {_EXAMPLE}.")])
    problems = [
        Problem(root.keys[name], unknown("key of this file", name, ("calls",)))
        for name in root.values
        if name != "calls"
    ]
    found = [one for item in items.values if (one := _expectation(item, problems)) is not None]
    if problems:
        raise ConfigError(problems)
    return found


def _expectation(item: Node, problems: list[Problem]) -> Expectation | None:
    if not isinstance(item, Entries):
        problems.append(Problem(item.place, f"An expectation is a structure, such as {_EXAMPLE}."))
        return None
    given: dict[str, Any] = {}
    before = len(problems)
    for name, value in item.values.items():
        if name not in _OPTIONS:
            problems.append(Problem(item.keys[name], unknown("option of an expectation", name, _OPTIONS)))
        elif name in _LISTS:
            given[name] = tuple(_list(name, value, problems))
        else:
            text = _text(name, value, problems)
            given[name] = text if name in _TEXTS else _typed(name, text, value.place, problems)
    if ("call" in given) == ("dial" in given):
        problems.append(Problem(item.place, "An expectation has either `call` or `dial`."))
    elif "dial" in given and "extension" not in given:
        problems.append(Problem(item.place, "`dial` needs `extension`, the one that dials."))
    elif not given.get("expect") and not given.get("avoid"):
        problems.append(Problem(item.place, "It expects nothing: name places under `expect` or `avoid`."))
    if len(problems) > before:
        return None
    pressed = tuple(Condition(On.KEY, one) for one in given.pop("press", ()))
    taken = [_condition(text, item.values["take"].place, problems) for text in given.pop("take", ())]
    if pressed and taken:
        problems.append(Problem(item.keys["press"], "Give the keys under `take` as well, in their order: key 1."))
    if len(problems) > before:
        return None
    given["take"] = (*pressed, *(one for one in taken if one is not None))
    name = given.pop("name", None) or f"{given.get('call') or given['dial']} at {given.get('at', 'any time')}"
    return Expectation(name=name, place=item.place, **given)


def _condition(text: str, place: Place, problems: list[Problem]) -> Condition | None:
    """The condition that a text such as key 1 or not registered means."""
    for on in sorted(CHOICES, key=lambda one: -len(one.value)):
        value = text.removeprefix(on.value)
        if value != text and (not value or value.startswith(" ")):
            if on is On.KEY and not value:
                problems.append(Problem(place, "Which key? Write: key 1."))
            elif value and on not in (On.KEY, On.PROFILE, On.CALLER):
                break
            return Condition(on, value.strip())
    known = ", ".join(sorted(one.value for one in CHOICES))
    if text in {on.value for on in On}:
        problems.append(Problem(place, f"{text} is decided by the time or a state: set `at` or `assume`."))
    else:
        problems.append(Problem(place, f"There is no condition {text}. There are: {known}; key 1 names a key."))
    return None


def _list(name: str, node: Node, problems: list[Problem]) -> list[str]:
    values = node.values if isinstance(node, Items) else [node]
    return [text for value in values if (text := _text(name, value, problems))]


def _text(name: str, node: Node, problems: list[Problem]) -> str:
    if isinstance(node, Scalar) and node.text:
        return node.text
    what = "a text, not a credential" if isinstance(node, Marker) else "a text"
    problems.append(Problem(node.place, f"{name} is {what}."))
    return ""


def _typed(name: str, text: str, place: Place, problems: list[Problem]) -> Any:
    if name == "within":
        if text.isdecimal():
            return int(text)
        problems.append(Problem(place, f"within is a number of seconds, not {text}."))
        return None
    if text not in ("true", "false"):
        problems.append(Problem(place, f"{name} is true or false, not {text}."))
    return text == "true"
