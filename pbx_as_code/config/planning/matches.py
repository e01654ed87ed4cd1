"""Declared objects and those of a PBX side by side, for whoever wants to know more than a plan says."""

from __future__ import annotations

from dataclasses import dataclass, field

from pbx_as_code.config.configuration import Definition
from pbx_as_code.config.kinds import ConfigKind
from pbx_as_code.config.planning.compare import Comparison
from pbx_as_code.config.planning.naming import Row


@dataclass
class Matches:
    """Filled while a plan is made."""

    kinds: set[str] = field(default_factory=set)
    """Names of kinds to look at although nothing of them is declared."""
    differing: list[tuple[Definition, Row, Comparison]] = field(default_factory=list)
    """Objects that are on the PBX and differ from their declaration; departments have their new names."""
    missing: list[Definition] = field(default_factory=list)
    """Declared objects that are not on the PBX."""
    left: list[tuple[ConfigKind, Row]] = field(default_factory=list)
    """Objects of the PBX, of kinds that were looked at, that are not declared."""
