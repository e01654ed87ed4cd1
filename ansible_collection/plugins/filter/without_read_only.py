# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Results without the values that only a PBX sets."""

from __future__ import annotations

DOCUMENTATION = r"""
name: without_read_only
short_description: Results without the values that only the PBX sets
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Returns an object without its id, its ETag and its read-only values, such as whether a phone is registered.
  - Compare the result with that of another time or another PBX, or write it to a file.
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
  - plugin: threecx.xapi.as_options
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read a queue
  threecx.xapi.threecx_queue_info:
    number: "800"
  register: found

- name: Write it to a file
  ansible.builtin.copy:
    dest: queue.yml
    mode: "0600"
    content: "{{ found.queues[0] | threecx.xapi.without_read_only('queue') | to_nice_yaml }}"
"""

RETURN = r"""
_value:
  description: The object without these values, or a list of such objects.
  type: raw
  sample: {"number": "800", "name": "Service Desk", "ring_timeout": 20}
"""

from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

from ..plugin_utils._transfer import transferred  # noqa: E402


def without_read_only(value: Any, kind: str) -> Any:
    """See DOCUMENTATION."""
    return transferred("without_read_only", value, kind)


class FilterModule:
    """See DOCUMENTATION."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"without_read_only": without_read_only}
