# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""One object of a PBX, read once in a run of Ansible."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
from collections.abc import Mapping
from contextlib import suppress
from difflib import get_close_matches
from typing import Any, NamedTuple, Self

from ansible import constants

from ..module_utils._library import clean_result, cleaner, description
from ._arguments import arguments_of, runner_of
from ._plain import plain
from ._validate import validate

CONNECTION = ("host", "host_port", "api_client_id", "api_client_secret", "validate_certs", "ca_path")
"""Options of the connection."""


class ObjectError(Exception):
    """The object cannot be looked up; its text is one sentence."""


class Wanted(NamedTuple):
    """The property to look up."""

    kind: str
    name: Any
    """Text, or a mapping of options; None for settings."""
    path: str

    @classmethod
    def of_terms(cls, terms: list[Any]) -> Self:
        """The property that the terms of a lookup mean.

        Raises:
            ObjectError: there are too many or too few, or there is no such kind
        """
        given = plain(terms)
        if len(given) not in (2, 3) or not isinstance(given[0], str) or not isinstance(given[-1], str):
            raise ObjectError("Give a kind, the name of an object and a property; for settings a kind and a property.")
        kind = given[0].rpartition(".")[2].removeprefix("threecx_").removesuffix("_info")
        try:
            settings = not description(kind).keys
        except (KeyError, ImportError):
            raise ObjectError(f"There is no kind {kind}. A kind is the name of a module without threecx_.") from None
        if settings != (len(given) == 2):
            needs = "only a property, as there is one on each PBX" if settings else "a name, then a property"
            raise ObjectError(f"{kind} needs {needs}.")
        name = given[1] if isinstance(given[1], Mapping) else str(given[1])
        return cls(kind, None if settings else name, given[-1])

    @property
    def title(self) -> str:
        """For messages."""
        name = ", ".join(map(str, self.name.values())) if isinstance(self.name, Mapping) else self.name
        return f"{description(self.kind).label} {name}"


def read_once(
    wanted: Wanted, connection: Mapping[str, Any], *, reveal_secrets: bool, cache: bool
) -> dict[str, Any] | None:
    """An object of a PBX; None if there is none.

    Tasks run in separate processes, so objects are kept as files in the temporary directory of the run, which only its
    owner can read and Ansible removes at the end.

    Parameters:
        wanted: kind and name of the object
        connection: options of the connection
        reveal_secrets: read credentials too, and keep nothing
        cache: return what was kept

    Raises:
        ObjectError: the connection does not work, several objects have this name, or the PBX refuses
    """
    if reveal_secrets:
        return _read(wanted, connection, reveal_secrets=True)
    public = {name: value for name, value in connection.items() if name != "api_client_secret"}
    key = hashlib.sha256(json.dumps([wanted.kind, wanted.name, public], sort_keys=True).encode()).hexdigest()
    folder = os.path.join(constants.DEFAULT_LOCAL_TMP, "threecx_lookup")
    os.makedirs(folder, mode=0o700, exist_ok=True)
    with open(os.path.join(folder, key), "a+", encoding="utf-8", opener=_private) as file:
        fcntl.flock(file, fcntl.LOCK_EX)  # another worker that wants the same waits for it
        file.seek(0)
        if cache:
            with suppress(ValueError):
                kept: dict[str, Any] | None = json.load(file)
                return kept
        row = _read(wanted, connection, reveal_secrets=False)
        file.truncate(0)
        json.dump(row, file)
        return row


def property_of(wanted: Wanted, row: Mapping[str, Any]) -> Any:
    """The value of the property; None if the PBX has none.

    Parameters:
        wanted: the path of the property
        row: the object

    Raises:
        ObjectError: there is no such property, or it is a credential that was not read
    """
    value: Any = row
    properties = {prop.option: prop for prop in description(wanted.kind).properties}
    for part in wanted.path.split("."):
        if part not in properties:
            near = get_close_matches(part, properties, 1)
            hint = f"; did you mean {near[0]}?" if near else "."
            raise ObjectError(f"There is no property {wanted.path} of {description(wanted.kind).one}{hint}")
        prop = properties[part]
        if prop.secret and not (isinstance(value, Mapping) and part in value):
            raise ObjectError(f"{wanted.path} is a credential. Set reveal_secrets=true, and no_log for the task.")
        value = value.get(part) if isinstance(value, Mapping) else None
        properties = {field.option: field for field in prop.fields}
    return value


def _read(wanted: Wanted, connection: Mapping[str, Any], *, reveal_secrets: bool) -> dict[str, Any] | None:
    about = description(wanted.kind)
    if isinstance(wanted.name, Mapping):
        attempts = [dict(wanted.name)]
    elif wanted.name is None:
        attempts = [{}]
    else:
        keys = [key.option for key in about.keys if key.kind != "int"] or [about.keys[0].option]
        attempts = [{option: wanted.name} for option in keys]
    for names in attempts:
        rows = _rows(wanted.kind, {**connection, **names, **({"reveal_secrets": True} if reveal_secrets else {})})
        if len(rows) > 1:
            raise ObjectError(f"{wanted.title} means {len(rows)} objects. Give a dictionary of options that means one.")
        if rows:
            return rows[0]
    return None


def _rows(kind: str, options: dict[str, Any]) -> list[dict[str, Any]]:
    """The objects that the _info module of a kind returns."""
    module = f"threecx_{kind}_info"
    runner = runner_of(module)
    arguments = arguments_of(runner)
    if "reveal_secrets" not in arguments["argument_spec"]:
        options = {name: value for name, value in options.items() if name != "reveal_secrets"}
    checked = validate(module, arguments, options)
    clean = cleaner(checked.secrets, checked.public)
    if checked.problem is not None:
        raise ObjectError(clean(checked.problem))
    result, _warnings = runner.perform(given=checked.given, validated=checked.params, check_mode=False, diff_mode=False)
    if result.get("failed"):
        clean_result(result, clean)
        raise ObjectError(str(result["msg"]))
    [found] = [value for name, value in result.items() if name != "changed"]
    return found if isinstance(found, list) else [found]


def _private(path: str, flags: int) -> int:
    return os.open(path, flags, 0o600)
