"""The common part of every place of a call flow, and the places that are no objects."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from pbx_as_code.callflow.model.refs import Kind, Ref

if TYPE_CHECKING:
    from pbx_as_code.config.configuration import Definition
    from pbx_as_code.config.nodes import Place

Path = tuple[str | int, ...]
"""Options and indexes that lead to a value of an object, such as ("agents", 0, "number")."""


@dataclass(frozen=True, slots=True)
class Origin:
    """Declaration that a place of the call flow comes from."""

    definition: Definition
    path: Path = ()
    """Of the value within the definition; empty for the object itself."""

    def place(self, *path: str | int) -> Place | None:
        """File, line and column of the declaration, or of a value in it; None for what was read from a PBX.

        Parameters:
            path: options and indexes within it
        """
        whole = (*self.path, *path)
        found = self.definition.place_of(*whole) if whole else self.definition.place
        return found if found.file else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Node:
    """A place of the call flow. Equal nodes say the same, wherever they are declared."""

    ref: Ref
    name: str | None = None
    origin: Origin | None = field(default=None, compare=False, repr=False)

    @property
    def kind(self) -> Kind:
        """Kind of the place."""
        return self.ref.kind

    @property
    def key(self) -> str:
        """Number or name of the place, see `Ref.key`."""
        return self.ref.key

    @property
    def title(self) -> str:
        """For people: queue 800 (Service Desk)."""
        named = self.name if self.name and self.name != self.ref.key else None
        return f"{self.ref} ({named})" if named else str(self.ref)

    def place(self, *path: str | int) -> Place | None:
        """Place of the declaration in the files, or of a value in it; None for what was read from a PBX.

        Parameters:
            path: options and indexes, such as "agents", 0
        """
        return self.origin.place(*path) if self.origin else None


@dataclass(frozen=True, kw_only=True, slots=True)
class Voicemail(Node):
    """Mailbox of a number."""

    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class External(Node):
    """Telephone number outside the PBX."""

    number: str


@dataclass(frozen=True, kw_only=True, slots=True)
class End(Node):
    """The PBX ends the call."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Missing(Node):
    """Something refers to it, and nothing declares it."""

    certain: bool
    """Whether the configuration declares every object, so that it is certain that there is none."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Unknown(Node):
    """The configuration does not say where the call goes."""


@dataclass(frozen=True, kw_only=True, slots=True)
class SystemExtension(Node):
    """Extension that the PBX itself has, such as the one that records prompts."""
