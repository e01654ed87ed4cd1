"""Functions and actions that do something, by entity set and name."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from ..exchange import Call

Named = Callable[[Call, Any], Any]
NAMED: dict[tuple[str, str], Named] = {}
