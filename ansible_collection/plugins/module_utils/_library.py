# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The client library, where it is installed: the one place of the collection that imports it.

A module may run in a Python that lacks it; that must end in a sentence, not in a traceback.
"""

from __future__ import annotations

#: Bytes of JSON of one list that a task reads at most: it keeps all rows, and whoever answers may never come to an end.
LARGEST_LIST = 256 << 20
#: Why the library cannot be imported, None where it can.
MISSING: str | None = None

try:
    from threecx_xapi import deadline, errors, index, locks, odata, paging, releases, retry
    from threecx_xapi.client import XapiClient
    from threecx_xapi.redact import redacting
except ImportError as error:
    MISSING = str(error)
    deadline = errors = index = locks = odata = paging = releases = retry = None  # type: ignore[assignment]
    XapiClient = redacting = None  # type: ignore[assignment, misc]

__all__ = [
    "LARGEST_LIST",
    "MISSING",
    "XapiClient",
    "deadline",
    "errors",
    "index",
    "locks",
    "odata",
    "paging",
    "redacting",
    "releases",
    "retry",
]
