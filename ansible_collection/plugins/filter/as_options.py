# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results as options for another PBX."""

from __future__ import annotations

DOCUMENTATION = r"""
name: as_options
short_description: Results of one PBX as options for another
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Returns an object as a module reads it, reduced to the options that configure an object like it on another PBX.
  - Read-only values are left out, and values that mean something on one PBX only, such as ids, addresses and sign-in
    names. So are values that change while people telephone, values that another module configures, and credentials.
  - References stay, since results contain names. The objects they name must exist on the other PBX.
options:
  _input:
    description: Object that an C(_info) module or a module returns, or a list of such objects.
    type: raw
    required: true
  kind:
    description: Kind of the object, such as V(user) or V(mail_settings). The name of its module is accepted, too.
    type: str
    required: true
positional: kind
requirements:
  - The Python package C(threecx-xapi) on the controller
seealso:
  - plugin: threecx.xapi.without_read_only
    plugin_type: filter
  - module: threecx.xapi.threecx_config
    description: Copies a whole PBX.
"""

EXAMPLES = r"""
- name: Read the ring groups of one PBX
  threecx.xapi.threecx_ring_group_info:
    host: north.example.com
    expand: [members]
  register: north

- name: Configure the same ring groups on another PBX
  threecx.xapi.threecx_config:
    host: south.example.com
    config:
      ring_groups: "{{ north.ring_groups | threecx.xapi.as_options('ring_group') }}"
"""

RETURN = r"""
_value:
  description: The options, or a list of them.
  type: raw
  sample: {"number": "801", "name": "Support", "ring_time": 20}
"""

from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

from ..plugin_utils._transfer import transferred  # noqa: E402


def as_options(value: Any, kind: str) -> Any:
    """See DOCUMENTATION."""
    return transferred("as_options", value, kind)


class FilterModule:
    """See DOCUMENTATION."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"as_options": as_options}
