# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The filters that turn results into options."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from ansible.errors import AnsibleFilterError

from ..module_utils._library import PROBLEM, PbxError, transfer_library
from ._plain import plain


def transferred(filter_name: str, value: Any, kind: str) -> Any:
    """A result, or a list of results, through a function of the library.

    Parameters:
        filter_name: of the function: as_options or without_read_only
        value: one result or several
        kind: such as user; the name of a module will do as well

    Raises:
        AnsibleFilterError: the library is missing, there is no such kind, or the value is no result
    """
    if PROBLEM is not None:
        raise AnsibleFilterError(PROBLEM)
    convert: Callable[[str, Mapping[str, Any]], dict[str, Any]] = getattr(transfer_library(), filter_name)
    name = str(kind).rpartition(".")[2].removeprefix("threecx_").removesuffix("_info")
    rows = plain(value)
    try:
        if isinstance(rows, Mapping):
            return convert(name, rows)
        if isinstance(rows, list) and all(isinstance(row, Mapping) for row in rows):
            return [convert(name, row) for row in rows]
    except PbxError as failure:
        raise AnsibleFilterError(f"threecx.xapi.{filter_name}: {failure}") from None
    raise AnsibleFilterError(
        f"threecx.xapi.{filter_name} needs an object of an _info module or a list of objects, not "
        f"{type(rows).__name__}."
    )
