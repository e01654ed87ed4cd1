"""Untyped content of a file: texts, structures and lists, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import NamedTuple, TypeAlias


class Place(NamedTuple):
    """Place in a file."""

    file: str
    """Path relative to the directory of the configuration, with slashes."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters; a byte order mark is not one."""

    def __str__(self) -> str:
        return f"{self.file}:{self.line}:{self.column}"


@dataclass(slots=True)
class Scalar:
    """One value as it was written: nothing has decided yet whether 0123 is a number."""

    text: str
    plain: bool
    """Without quotes, so that an empty one or `null` means null."""
    place: Place
    verbatim: bool = False
    """Tagged !!str: nothing in it is an expression."""
    parsed: bool | int | float | None = None
    """Value that another reader gave a plain scalar, perhaps not as it was written: it reads 0123 as 83."""


@dataclass(slots=True)
class Marker:
    """A credential that is named and not written: `!secret NAME`."""

    name: str
    place: Place


@dataclass(slots=True)
class Entries:
    """A structure."""

    place: Place
    values: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    """Place of each key."""


@dataclass(slots=True)
class Items:
    """A list."""

    place: Place
    values: list[Node] = field(default_factory=list)


Node: TypeAlias = "Scalar | Marker | Entries | Items"


class Problem(NamedTuple):
    """One thing that is wrong with the files."""

    place: Place
    message: str

    def __str__(self) -> str:
        return f"{self.place}: {self.message}"


class ConfigError(Exception):
    """The files cannot be used; every problem that was found is in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))
