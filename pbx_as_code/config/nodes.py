"""Untyped content of a file: texts, structures and lists, each with its place."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Final, NamedTuple, TypeAlias

from pbx_as_code.errors import one_line

NULLS: Final = frozenset({"", "~", "null", "Null", "NULL"})
"""Plain scalars that mean null."""


class Place(NamedTuple):
    """Place in a file."""

    file: str
    """Path relative to the directory of the configuration, with slashes."""
    line: int
    """From 1."""
    column: int
    """From 1, in characters; a byte order mark is not one."""
    layer: str = ""
    """Directory of the layer, as the user named it; empty if there is only one."""

    def __str__(self) -> str:
        within = f"{self.layer}/" if self.layer else ""
        return f"{within}{self.file}:{self.line}:{self.column}"


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
    source: str | None = None
    """For a value with expressions: its text before they were evaluated."""

    @property
    def is_null(self) -> bool:
        """Whether it means null: it is empty, ~ or null, without quotes."""
        return self.plain and self.text in NULLS


@dataclass(slots=True)
class Marker:
    """A credential that is named and not written: `!secret NAME`."""

    name: str
    place: Place


@dataclass(slots=True)
class Removal:
    """`!remove` in the place of a value: what the layers below, or the defaults, say there is not declared."""

    place: Place
    name: str = ""
    """Item of a list of names that is removed."""
    found: bool = False
    """Whether a layer below has what is removed."""


@dataclass(slots=True)
class Entries:
    """A structure."""

    place: Place
    values: dict[str, Node] = field(default_factory=dict)
    keys: dict[str, Place] = field(default_factory=dict)
    """Place of each key."""
    mark: str = ""
    """REMOVE for an item that is removed from the layers below; REPLACE for a structure that is not merged with them.
    """
    parts: tuple[Entries, ...] = ()
    """Declarations of it by layer, from the lowest; empty if only one layer has any."""


@dataclass(slots=True)
class Items:
    """A list."""

    place: Place
    values: list[Node] = field(default_factory=list)
    mark: str = ""
    """REPLACE for a list that is not merged with the layers below."""
    parts: tuple[Items, ...] = ()
    """Declarations of it by layer, from the lowest; empty if only one layer has any."""


Node: TypeAlias = "Scalar | Marker | Removal | Entries | Items"
REMOVE: Final = "remove"
"""Tag and key that take something away from the layers below: `!remove`, or {remove: true}."""
REPLACE: Final = "replace"
"""Tag and key of a value that is not merged with the layers below: `!replace [...]`, or {replace: [...]}."""


class Problem(NamedTuple):
    """One thing that is wrong with the files."""

    place: Place
    message: str

    def __str__(self) -> str:
        return one_line(f"{self.place}: {self.message}")


class ConfigError(Exception):
    """The files cannot be used; every problem that was found is in it."""

    def __init__(self, problems: list[Problem]) -> None:
        self.problems = sorted(problems)
        super().__init__("\n".join(map(str, self.problems)))


def within(node: Node | None, step: str | int) -> Node | None:
    """The value of a key, or an item; None if it is not written.

    Parameters:
        node: a structure or a list; a structure in the place of a list has the defaults of each item
        step: the key, or the number of the item
    """
    if isinstance(node, Entries) and isinstance(step, str):
        return node.values.get(step)
    if isinstance(node, Items) and isinstance(step, int) and step < len(node.values):
        return node.values[step]
    return node if isinstance(node, Entries) and isinstance(step, int) else None
