# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Writing cells of CSV files."""

from __future__ import annotations

DOCUMENTATION = r"""
name: csv_cell
short_description: Cell of a CSV file that no spreadsheet runs as a formula
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Returns a value as a quoted cell of a CSV file.
  - A text that begins like a formula, with C(=), C(+), C(-) or C(@), gets an apostrophe before it. A telephone number
    such as C(+49 30 123456) stays as it is.
  - Line breaks, tabs and other control characters become blanks. A value that is null or undefined is an empty cell.
options:
  _input:
    description: The value.
    type: raw
    required: true
"""

EXAMPLES = r"""
- name: Write a list of the extensions
  ansible.builtin.copy:
    dest: extensions.csv
    mode: "0600"
    content: |
      number,name
      {% for user in users %}
      {{ [user.number, user.display_name] | map('threecx.xapi.csv_cell') | join(',') }}
      {% endfor %}
"""

RETURN = r"""
_value:
  description: The cell.
  type: str
  sample: '"+49 30 123456"'
"""

from collections.abc import Callable  # noqa: E402
from typing import Any  # noqa: E402

from ..plugin_utils._tables import cell  # noqa: E402


class FilterModule:
    """See DOCUMENTATION."""

    def filters(self) -> dict[str, Callable[[Any], str]]:
        """The filters of this file."""
        return {"csv_cell": cell}
