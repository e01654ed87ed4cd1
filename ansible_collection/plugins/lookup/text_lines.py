# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking up the lines of a text file."""

from __future__ import annotations

DOCUMENTATION = r"""
name: text_lines
short_description: Lines of a text file as people save it
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Returns the lines of a text file, trimmed. Empty lines are left out.
  - UTF-8 and UTF-16 with a byte order mark, UTF-8 without one and Windows-1252 are read.
options:
  _terms:
    description: Paths of the files. Relative ones are looked for where M(ansible.builtin.copy) looks for its source.
    required: true
    type: list
    elements: str
seealso:
  - plugin: threecx.xapi.csv_rows
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Block the addresses of a file
  threecx.xapi.threecx_blocklist_address:
    address: "{{ item }}"
    block_type: Block
  loop: "{{ query('threecx.xapi.text_lines', 'blocked.txt') }}"
"""

RETURN = r"""
_list:
  description: The lines.
  type: list
  elements: str
  sample: ["198.51.100.0/24", "203.0.113.9"]
"""

from typing import Any  # noqa: E402

from ..plugin_utils._tables import lines  # noqa: E402
from ..plugin_utils._text_lookup import FileLookup  # noqa: E402


class LookupModule(FileLookup):
    """See DOCUMENTATION."""

    def read(self, content: bytes) -> list[Any]:
        """The lines of a file."""
        return list(lines(content))
