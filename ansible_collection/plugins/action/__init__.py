# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Loaded by the controller when it first meets a module of this collection, before it forks any worker.

Every worker inherits the modules imported here. Without it each task would import the client and httpx again, which
takes longer than the rest of the task.
"""

from __future__ import annotations

from . import threecx_operation as _inherited_by_forks  # noqa: F401
