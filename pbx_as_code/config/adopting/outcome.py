"""Results of an adoption: values that were taken over, and those that need a decision."""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import Enum
from pathlib import Path
from typing import Any, Final

from pbx_as_code.config.nodes import Place

KEEP: Final = "keep"


@dataclass(frozen=True)
class Choices:
    """Decisions about values that are not simply written where they stand."""

    variables: str = KEEP
    """keep, replace: write the value in the place of the expression, or change: give the variable another value."""
    shared: str = KEEP
    """keep, override: write the value into the last layer, or change: write it into the layer that declares it."""
    missing: str = KEEP
    """keep, or remove: take objects that are not on the PBX out of the files."""


class Reason(Enum):
    """Why a value was not taken over."""

    VARIABLE = "it comes from an expression"
    UNCHANGEABLE = "its expression stays, for no variable can be changed"
    SHARED = "it comes from a shared layer"
    CREDENTIAL = "it may be a credential, which is never written into files"
    NAME = "it is the name that tells the object from others"
    ORDER = "the order of a list that several layers declare cannot be adopted"
    MISSING = "it is not on the PBX"
    SECOND = "the PBX has two objects of this name; rename one of them there"
    TEXT = "its place in the file cannot be edited safely"


CHOICES: Final = {
    Reason.VARIABLE: ("--variables replace", "--variables change"),
    Reason.UNCHANGEABLE: ("--variables replace",),
    Reason.SHARED: ("--shared override", "--shared change"),
    Reason.MISSING: ("--missing remove",),
}
"""Options that decide, by reason. Everything else is decided by hand."""


@dataclass(frozen=True)
class Value:
    """A value of the PBX that differs from the files."""

    kind: str
    title: str
    option: str
    """Path for people; empty for a whole object."""
    declared: Any
    actual: Any
    place: Place | None
    """Place of the declared value."""
    label: str = ""
    """The path with the keys of items in the place of their numbers, if they have some."""


@dataclass(frozen=True)
class Conflict:
    """A value that was left as it is, and why."""

    value: Value
    reason: Reason
    why: str = ""
    """Details."""

    @property
    def choices(self) -> tuple[str, ...]:
        """Options that decide."""
        return CHOICES.get(self.reason, ())


@dataclass
class Adoption:
    """Changes of files that adopt the state of a PBX. Nothing is written before `store`."""

    adopted: list[Value] = field(default_factory=list)
    added: list[str] = field(default_factory=list)
    """Titles of objects that are added to the files."""
    removed: list[str] = field(default_factory=list)
    """Titles of objects that are taken out of the files."""
    conflicts: list[Conflict] = field(default_factory=list)
    not_compared: list[str] = field(default_factory=list)
    """Sentences about declared values that the PBX does not show, so that nobody knows whether they differ."""
    files: dict[Path, tuple[bytes | None, bytes]] = field(default_factory=dict)
    """Content before and after of each file that changes; None before for a new one."""
