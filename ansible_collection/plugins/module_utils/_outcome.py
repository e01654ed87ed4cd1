# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What came of a task."""

from __future__ import annotations

from dataclasses import dataclass, field

from ._pbx import Row


@dataclass
class Outcome:
    """The state of one entity before and after; rows are as the PBX answers them."""

    changed: bool
    before: Row | None
    after: Row | None
    sent: frozenset[str] = frozenset()
    """XAPI names of the properties that were, or would be, sent."""
    warnings: list[str] = field(default_factory=list)
