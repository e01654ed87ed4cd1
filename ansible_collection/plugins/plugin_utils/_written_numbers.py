# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Refusing values that YAML has changed: vm_pin: 0123 is 83 by the time a module gets it.

It runs before validation and before a module is shipped, while the source of a value can still be found. A number whose
source reads the same becomes text; one whose source is unknown stays a number, see module_utils/_numbers_as_text.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

import yaml

from ..module_utils._library import holds_digits, is_credential, refused
from ._yaml_source import child, options_node, token_of

if TYPE_CHECKING:
    from pbx_as_code.description import Description, Property

_OCTAL = re.compile(r"[-+]?0[0-7]+")
_BASED = re.compile(r"[-+]?0[xb]", re.IGNORECASE)
_DEEPEST = 30
_DATES = ("date", "datetime", "time", "duration")
Spec = Mapping[str, Mapping[str, Any]]


def texts_as_written(
    task: Any, spec: Spec, description: Description | None, options: Mapping[str, Any]
) -> dict[str, Any]:
    """The options of a task, in which unchanged numbers in the place of a text are texts.

    Parameters:
        task: of the action plugin
        spec: the argument spec of the module
        description: of the entity or settings; None where the module is that of neither
        options: of the task, with the tags of ansible-core

    Raises:
        PbxError: YAML changed a value; the message shows neither side of a credential
    """
    properties = () if description is None else description.properties
    return _structure(spec, properties, options, options_node(task), "")


def _structure(
    spec: Spec, properties: tuple[Property, ...], options: Mapping[str, Any], node: yaml.Node | None, above: str
) -> dict[str, Any]:
    names = {alias: name for name, option in spec.items() for alias in option.get("aliases", ())}
    known = {prop.option: prop for prop in properties}
    made: dict[str, Any] = {}
    for name, value in options.items():
        text = str(name)
        option = spec.get(names.get(text, text))
        inner = child(node, text)
        made[name] = value if option is None else _option(option, known.get(text), value, inner, f"{above}{text}")
    return made


def _option(option: Mapping[str, Any], prop: Property | None, value: Any, node: yaml.Node | None, where: str) -> Any:
    kind = option.get("elements") if option.get("type") == "list" else option.get("type")
    if isinstance(value, list):
        return [_option(option, prop, item, child(node, n), f"{where}[{n}]") for n, item in enumerate(value)]
    if isinstance(value, Mapping):
        if option.get("options"):
            return _structure(option["options"], prop.fields if prop else (), value, node, f"{where}.")
        return _free_form(value, node, where)
    if kind == "str":
        return _text(
            value, node, where, secret=bool(option.get("no_log")), dates=prop is not None and prop.kind in _DATES
        )
    if kind == "int" and _is_whole(value):
        token = token_of(value, node)
        if token is not None and _OCTAL.fullmatch(token) and int(token) != value:
            raise _changed(where, token, value, secret=bool(option.get("no_log")))
    return value


def _free_form(value: Any, node: yaml.Node | None, where: str, name: str = "", depth: int = 0) -> Any:
    """The parameters and the body of an operation: a number may be meant as one, unless YAML changed its digits."""
    if depth > _DEEPEST:  # refused by others
        return value
    if isinstance(value, Mapping):
        return {
            key: _free_form(inner, child(node, str(key)), f"{where}.{key}", str(key), depth + 1)
            for key, inner in value.items()
        }
    if isinstance(value, list):
        return [_free_form(item, child(node, n), f"{where}[{n}]", name, depth + 1) for n, item in enumerate(value)]
    token = token_of(value, node) if _is_whole(value) else None
    if token is None or _BASED.match(token):
        return value
    if token != str(int(value)):
        raise _changed(where, token, value, secret=is_credential(name))
    return token if holds_digits(name) else value


def _text(value: Any, node: yaml.Node | None, where: str, *, secret: bool, dates: bool) -> Any:
    if isinstance(value, bool) or not isinstance(value, int | float | date):
        return value
    token = token_of(value, node)
    if token is None:
        return value
    if isinstance(value, int):
        if token != str(int(value)):
            raise _changed(where, token, int(value), secret=secret)
        return token
    read = value.isoformat() if isinstance(value, date) else str(float(value))
    same = (read, read.replace("T", " ")) if isinstance(value, datetime) else (read,)
    if token not in same and not dates:
        raise _changed(where, token, read, secret=secret)
    return value


def _is_whole(value: Any) -> bool:
    return isinstance(value, int) and not isinstance(value, bool)


def _changed(where: str, token: str, value: Any, *, secret: bool) -> Exception:
    if secret:
        return refused(where, "YAML reads what is written here as another value; put it in quotes.")
    return refused(where, f'{token} is written here, which YAML reads as {value}; put it in quotes: "{token}".')
