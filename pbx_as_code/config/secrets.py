"""Credentials in the place of their markers, right before they are sent."""

from __future__ import annotations

import os
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from pathlib import Path
from threading import Lock
from types import NoneType
from typing import Any, Final

from threecx_xapi.redact import redacting

from pbx_as_code.config.left_out import SECRETS
from pbx_as_code.config.nodes import ConfigError, Entries, Place, Problem, Scalar
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.values import Secret
from pbx_as_code.config.vault import HEADER, Vault, encrypted
from pbx_as_code.errors import BadOption

PREFIX: Final = "THREECX_SECRET_"
"""Prefix of the environment variable of a secret: trunk-main is THREECX_SECRET_TRUNK_MAIN."""
Source = Callable[[str], "str | None"]
"""The value of a secret by its name; None where the source does not have it. An empty text counts as none."""
_SECONDS: Final = 60
_LEAVES: Final = (str, int, float, NoneType)


def variable_of(name: str) -> str:
    """Environment variable of a secret."""
    return PREFIX + re.sub(r"[^A-Z0-9]", "_", name.upper())


def from_environment(environment: Mapping[str, str] | None = None) -> Source:
    """Secrets from variables of the environment; see PREFIX."""
    variables = os.environ if environment is None else environment
    return lambda name: variables.get(variable_of(name))


def from_file(path: Path, vault: Vault | None = None) -> Source:
    """Secrets from a YAML file: one structure of names and texts. It is read at once and not kept in any other form.

    Parameters:
        path: of the file; Ansible Vault may have encrypted it, or values in it
        vault: decrypts it; one with the password file of the environment where this is None

    Raises:
        ConfigError: it cannot be read as such; no value is in the message
        BadOption: it cannot be decrypted
    """
    opened = Vault() if vault is None else vault
    try:
        content = path.read_bytes()
    except OSError as error:
        raise ConfigError([Problem(Place(str(path), 1, 1), f"It cannot be read: {error.strerror}.")]) from None
    if content.startswith(HEADER.encode()):
        content = opened.decrypted(content.decode("utf-8", "replace"), str(path)).encode()
    node = read_yaml(content, str(path), ("!vault",))
    values: dict[str, str] = {}
    if node is not None and not isinstance(node, Entries):
        raise ConfigError([Problem(node.place, "A file of secrets is a structure of names and texts.")])
    for name, one in node.values.items() if node is not None else ():
        if not isinstance(one, Scalar):
            raise ConfigError([Problem(one.place, f"The secret {name} is one text.")])
        if one.is_null:  # unset, and not a credential that is called null
            continue
        values[name] = opened.decrypted(one.text, f"The secret {name}") if encrypted(one.text) else one.text
    return values.get


def from_command(command: Sequence[str]) -> Source:
    """Secrets from a program that gets the name as its last argument and prints the value; it fails for what it lacks.

    Parameters:
        command: the program and its first arguments

    Raises:
        BadOption: there is no such program; also when a secret is asked for and the program does not end or prints no
            text
    """
    if not command or shutil.which(command[0]) is None:
        named = command[0] if command else ""
        raise BadOption(f"There is no program {named} to ask for secrets. Nothing was sent.", target="secrets_command")

    def run(name: str) -> str | None:
        try:
            done = subprocess.run(  # noqa: S603 the command that the user has named
                [*command, name], stdout=subprocess.PIPE, check=True, text=True, timeout=_SECONDS
            )
        except subprocess.CalledProcessError:
            return None
        except subprocess.TimeoutExpired:
            message = f"{command[0]} did not end within {_SECONDS} s when asked for the secret {name}."
            raise BadOption(message, target="secrets_command") from None
        except (OSError, ValueError):  # the error holds what was printed
            message = f"{command[0]} could not be run for the secret {name}, or printed no text."
            raise BadOption(message, target="secrets_command") from None
        return done.stdout.removesuffix("\n")

    return run


def names_in(value: Any) -> Iterator[str]:
    """The names of all secrets in the values of a definition."""
    if isinstance(value, Secret):
        yield value.name
    elif isinstance(value, Mapping | list):
        for inner in value.values() if isinstance(value, Mapping) else value:
            if not isinstance(inner, _LEAVES):
                yield from names_in(inner)


def _names_at(value: Any, path: Sequence[str]) -> Iterator[str]:
    for item in value if isinstance(value, list) else [value]:
        held = item.get(path[0]) if isinstance(item, Mapping) else None
        if len(path) > 1:
            yield from _names_at(held, path[1:])
        elif isinstance(held, Secret):
            yield held.name


class Resolver:
    """Asks sources in their order; each secret is asked for once, by whichever thread."""

    def __init__(self, sources: Sequence[Source]) -> None:
        self._sources = tuple(sources)
        self._known: dict[str, str | None] = {}
        self._asking = Lock()

    def value(self, name: str) -> str | None:
        """The value of a secret; None where no source has it."""
        with self._asking:
            if name not in self._known:
                found = (source(name) for source in self._sources)
                self._known[name] = next((value for value in found if value), None)
            return self._known[name]

    def missing(self, values: Mapping[str, Any]) -> list[str]:
        """Names of secrets that are unset; for a new object that is an error."""
        return sorted({name for name in names_in(values) if self.value(name) is None})

    def redact(self, kind: str, values: Mapping[str, Any], text: str) -> str:
        """A text about a write, without the credentials that the engine does not know as such: a PBX that refuses a
        value may repeat it.

        Parameters:
            kind: name of the kind that was written
            values: that were to be set, with markers
            text: such as the message of a failure
        """
        names = {name for path in SECRETS.get(kind, ()) for name in _names_at(values, path.split("."))}
        known = {value for name in names if (value := self.value(name)) is not None}
        return redacting(known)(text) if known else text

    def resolved(self, values: Mapping[str, Any]) -> dict[str, Any]:
        """A copy with every secret in the place of its marker. An option whose secret is unset is left out: it stays
        untouched.

        There is no marker in what is returned, at any depth.
        """
        found: dict[str, Any] = {}
        for name, value in values.items():
            kept = self._value(value)
            if kept is not _UNSET:
                found[name] = kept
        return found

    def _value(self, value: Any) -> Any:
        if isinstance(value, Secret):
            known = self.value(value.name)
            return _UNSET if known is None else known
        if isinstance(value, Mapping):
            return self.resolved(value)
        if isinstance(value, list):
            return [kept for kept in map(self._value, value) if kept is not _UNSET]
        return value


_UNSET: Final = object()
