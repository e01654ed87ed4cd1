# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Objects as rows of a report."""

from __future__ import annotations

DOCUMENTATION = r"""
name: finding_rows
short_description: Objects as rows of a report
version_added: 0.1.0
author: The threecx.xapi authors (@threecx-xapi)
description:
  - Returns a row with O(finding), C(object), C(name) and C(detail) for each object, such as for each user without a
    second factor.
  - A value that is null or missing becomes an empty text. Values that are neither texts nor numbers are left out, so
    that a report contains nothing that was not named.
options:
  _input:
    description: Objects as an C(_info) module returns them.
    type: list
    elements: dict
    required: true
  finding:
    description: Short name of the finding.
    type: str
    required: true
  object:
    description: Property that identifies the object, such as V(number). A dot leads into a structure, as in
      V(gateway.name).
    type: str
    required: true
  name:
    description: Property with the name of the object.
    type: str
  detail:
    description: Property with further information.
    type: str
  text:
    description: Information that is the same for each object. It comes before that of O(detail).
    type: str
positional: finding, object, name, detail
seealso:
  - plugin: threecx.xapi.csv_cell
    plugin_type: filter
"""

EXAMPLES = r"""
- name: Read all users
  threecx.xapi.threecx_user_info:
  register: all

- name: Show the users without a second factor
  ansible.builtin.debug:
    msg: "{{ all.users | rejectattr('require_2fa') | threecx.xapi.finding_rows('no_2fa', 'number', 'display_name') }}"
"""

RETURN = r"""
_value:
  description: The rows.
  type: list
  elements: dict
  sample: [{"finding": "no_2fa", "object": "100", "name": "Ada Moreno", "detail": ""}]
"""

from collections.abc import Callable, Iterable, Mapping  # noqa: E402
from typing import Any  # noqa: E402


def finding_rows(
    objects: Iterable[Mapping[str, Any]],
    finding: str,
    object: str,
    name: str = "",
    detail: str = "",
    text: str = "",
) -> list[dict[str, str]]:
    """Rows of a report.

    Parameters:
        objects: as an _info module returns them
        finding: short name of the finding
        object, name, detail: properties; a dot leads into a structure
        text: to put before the detail
    """
    return [
        {
            "finding": finding,
            "object": _text(one, object),
            "name": _text(one, name),
            "detail": " ".join(part for part in (text, _text(one, detail)) if part),
        }
        for one in objects
    ]


def _text(one: Any, path: str) -> str:
    for part in path.split(".") if path else ():
        one = one.get(part) if isinstance(one, Mapping) else None
    return str(one) if path and isinstance(one, str | int | float) else ""


class FilterModule:
    """See DOCUMENTATION."""

    def filters(self) -> dict[str, Callable[..., Any]]:
        """The filters of this file."""
        return {"finding_rows": finding_rows}
