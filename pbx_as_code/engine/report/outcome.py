"""Result of a task."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

Row = dict[str, Any]


@dataclass
class Outcome:
    """The state of one entity before and after; rows are as the PBX answers them."""

    changed: bool
    before: Row | None
    after: Row | None
    sent: frozenset[str] = frozenset()
    """XAPI names of the properties that were, or would be, sent."""
    warnings: list[str] = field(default_factory=list)
