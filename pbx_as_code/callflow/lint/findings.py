"""Findings of lint."""

from __future__ import annotations

from enum import Enum
from typing import NamedTuple

from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.config.nodes import Place


class Level(str, Enum):
    """How bad a finding is."""

    ERROR = "error"
    """Calls are lost, or go where nobody wants them."""
    WARNING = "warning"
    """It is probably not meant so."""
    NOTE = "note"
    """Worth a look."""

    def __str__(self) -> str:
        return self.value


class Finding(NamedTuple):
    """One fault.

    Attributes:
        rule: id of the rule that found it, such as no-members
        level: how bad it is
        subject: object that has it
        message: one sentence about this object
        place: in the files; None for a PBX
    """

    rule: str
    level: Level
    subject: Ref
    message: str
    place: Place | None


class Ignored(NamedTuple):
    """A finding that the files ignore, with the reason they give."""

    finding: Finding
    reason: str
