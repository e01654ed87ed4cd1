"""Operations of a plan: the contract between the code that makes a plan and the code that shows it."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from typing import Any

from pbx_as_code.config.configuration import Identity
from pbx_as_code.config.nodes import Place


class Doing(Enum):
    """Action of one operation."""

    CREATE = "create"
    """POST without references to what does not exist yet."""
    LINK = "link"
    """Set the references that a creation left out."""
    UPDATE = "update"


@dataclass(frozen=True)
class LeafChange:
    """One value that changes."""

    path: tuple[str | int, ...]
    """Options and indexes, such as ("agents", 0, "number")."""
    old: Any
    new: Any
    """Of a credential both are None, and `secret` names it."""
    secret: str | None = None
    place: Place | None = None
    """Place of the new value's declaration."""

    @property
    def option(self) -> str:
        """The path for people: agents[0].number."""
        return "".join(f"[{step}]" if isinstance(step, int) else f".{step}" for step in self.path).removeprefix(".")


@dataclass(frozen=True)
class Uncompared:
    """A declared value that the PBX does not show, so that it cannot be compared."""

    kind: str
    identity: Identity
    path: tuple[str | int, ...]
    """Options and indexes; empty for the whole object."""
    why: str
    place: Place


@dataclass(frozen=True)
class Operation:
    """One write. Carrying out the operations of a plan in their order satisfies every dependency."""

    number: int
    """From 1; its place in the order."""
    doing: Doing
    kind: str
    identity: Identity
    twin: int = 0
    """Which of several objects with equal identity."""
    changes: tuple[LeafChange, ...] = ()
    after: tuple[int, ...] = ()
    """Numbers of operations that have to succeed first; if one fails, this one is skipped and says so."""
    place: Place | None = None
    """Place of the declaration."""


@dataclass
class Plan:
    """Operations that bring a PBX to the declared state. It holds no credential, so it may be written to a file."""

    url: str
    release: str
    digest: str
    """Of the declared documents: a waiver of limits is for this plan alone."""
    operations: list[Operation] = field(default_factory=list)
    unmanaged: list[tuple[str, Identity]] = field(default_factory=list)
    """Kind and identity of objects that are kept and that the files do not declare."""
    impossible: list[tuple[str, Identity, str]] = field(default_factory=list)
    """Kind, identity and why: anything here stops everything before the first write."""
    uncompared: list[Uncompared] = field(default_factory=list)
    """Declared values that could not be compared. They do not count as equal."""
    equal: list[tuple[str, Identity]] = field(default_factory=list)
    """Kind and identity of objects that match their declaration in every leaf."""
