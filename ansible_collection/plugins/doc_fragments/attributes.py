# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What every module of the collection can do, said once."""

from __future__ import annotations


class ModuleDocFragment:
    """Attributes of the modules that change something, and of those that only read."""

    # Modules that change something.
    DOCUMENTATION = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the PBX.
    support: full
    details:
      - The same code runs, on a client that refuses to send anything but reads.
  diff_mode:
    description: Returns details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: full
    details:
      - Secrets are never shown.
      - The difference is returned as RV(threecx.xapi.threecx_operation#module:diff).
  idempotent:
    description: When run twice in a row outside check mode with the same arguments, the second invocation indicates no change.
    support: full
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - The task then runs as a process of its own instead of within the controller.
  action_group:
    description: Use C(group/threecx.xapi.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - threecx.xapi.all
"""

    # Modules that only read.
    INFO = r"""
attributes:
  check_mode:
    description: Can run in C(check_mode) and return changed status prediction without modifying the PBX.
    support: full
    details:
      - This module does not modify anything.
  diff_mode:
    description: Will return details on what has changed (or possibly needs changing in C(check_mode)), when in diff mode.
    support: N/A
    details:
      - This module does not modify anything.
  idempotent:
    description: When run twice in a row outside check mode with the same arguments, the second invocation indicates no change.
    support: full
    details:
      - This module does not modify anything.
  async:
    description: Supports being used with the C(async) keyword.
    support: full
    details:
      - The task then runs as a process of its own instead of within the controller.
  action_group:
    description: Use C(group/threecx.xapi.all) in C(module_defaults) to set defaults for this module.
    support: full
    membership:
      - threecx.xapi.all
"""
