# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Attributes that are common to the modules of the collection."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of modules that change a PBX, and of read-only modules."""

    # Modules that change a PBX.
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the PBX.
    support: full
    details:
      - Check mode runs the same code on a client that refuses to send writes.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details:
      - Diffs never contain secrets.
      - The difference is returned as RV(threecx.xapi.threecx_operation#module:diff).
  idempotent:
    description: When run twice in a row outside check mode with the same arguments, the second invocation indicates no
      change.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - An asynchronous task runs in a separate process instead of within the controller.
  action_group:
    description: Use C(group/threecx.xapi.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - threecx.xapi.all
"""

    # Read-only modules.
    INFO = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the PBX.
    support: full
    details:
      - This module does not modify anything.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff
      mode.
    support: N/A
    details:
      - This module does not modify anything.
  idempotent:
    description: When run twice in a row outside check mode with the same arguments, the second invocation indicates no
      change.
    support: full
    details:
      - This module does not modify anything.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - An asynchronous task runs in a separate process instead of within the controller.
  action_group:
    description: Use C(group/threecx.xapi.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - threecx.xapi.all
"""
