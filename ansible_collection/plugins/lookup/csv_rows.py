# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Looking up the rows of a CSV file."""

from __future__ import annotations

DOCUMENTATION = r"""
name: csv_rows
short_description: Rows of a CSV file as people save it
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Returns the rows of a CSV file as dictionaries, by the names in its first line. Cells are trimmed.
  - Empty rows are left out.
  - UTF-8 and UTF-16 with a byte order mark, UTF-8 without one and Windows-1252 are read.
  - Commas, semicolons and tabs separate cells; the first line tells which. A line such as C(sep=;) before it is obeyed.
  - Cells in quotes may contain separators, quotes and line breaks.
  - A number that a spreadsheet has rounded, such as C(4.91512E+12), is an error.
options:
  _terms:
    description: Paths of the files. Relative ones are looked for where M(ansible.builtin.copy) looks for its source.
    required: true
    type: list
    elements: str
seealso:
  - plugin: threecx.xapi.text_lines
    plugin_type: lookup
"""

EXAMPLES = r"""
- name: Create the extensions of a file
  threecx.xapi.threecx_user:
    number: "{{ item.number }}"
    first_name: "{{ item.first_name }}"
    last_name: "{{ item.last_name }}"
  loop: "{{ query('threecx.xapi.csv_rows', 'people.csv') }}"
  loop_control:
    label: "{{ item.number }}"
"""

RETURN = r"""
_list:
  description: The rows, all of their cells as texts.
  type: list
  elements: dict
  sample: [{"number": "210", "first_name": "Nora", "last_name": "Weiss"}]
"""

from typing import Any  # noqa: E402

from ..plugin_utils._tables import rows  # noqa: E402
from ..plugin_utils._text_lookup import FileLookup  # noqa: E402


class LookupModule(FileLookup):
    """See DOCUMENTATION."""

    def read(self, content: bytes) -> list[Any]:
        """The rows of a file."""
        return list(rows(content))
