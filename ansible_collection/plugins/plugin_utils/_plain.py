# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Task options as a module would get them: plain data, whatever ansible-core wraps around it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date, datetime, time
from typing import Any

_DEEPEST = 100


def plain(value: Any, depth: int = 0) -> Any:
    """A copy made of dict, list, str, int, float, bool and None alone.

    ansible-core tags values with where they come from (2.19) or wraps vaulted ones (before); a module gets them through
    JSON, and so without. Anything that JSON does not know becomes the text a module would get for it. Values nested
    deeper than any option stay unchanged: _unfit refuses them.
    """
    if depth > _DEEPEST:
        return value
    if value is None or isinstance(value, bool):
        return value
    if isinstance(value, str):
        return str.__str__(value)
    if isinstance(value, int):
        return int(value)
    if isinstance(value, float):
        return float(value)
    if isinstance(value, datetime | date | time):
        return value.isoformat()
    if isinstance(value, bytes):
        return value.decode("utf-8", "surrogateescape")
    if isinstance(value, Mapping):
        return {str(key): plain(item, depth + 1) for key, item in value.items()}
    # A vaulted text of ansible-core before 2.19 is a sequence, and is decrypted by str().
    if isinstance(value, Sequence | Set) and not hasattr(value, "__ENCRYPTED__") and not hasattr(value, "_ciphertext"):
        return [plain(item, depth + 1) for item in value]
    return str.__str__(str(value))
