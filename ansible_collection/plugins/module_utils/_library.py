# Copyright (c) 2026 The threecx.xapi authors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""The library, where it is installed: the one place of the collection that imports it.

A module may run in a Python that lacks it, or has one that this collection was not written for; that must end in a
sentence, not in a traceback.
"""

from __future__ import annotations

import sys
from typing import Any

from ansible.module_utils.basic import missing_required_lib

#: The interface of the library that this collection was written for.
INTERFACE = 3
#: Placeholder for an option that may be a credential.
MASK = "VALUE_SPECIFIED_IN_NO_LOG_PARAMETER"
#: Return the message for a missing or unusable library, None if the library can be used.
PROBLEM: str | None = None

try:
    from pbx_as_code.engine.options.invalid_values import holds_digits, invalid_values, without_nulls
    from pbx_as_code.engine.options.redaction import (
        clean_result,
        cleaner,
        is_credential,
        masked,
        misplaced_credentials,
        public_texts,
        secret_texts,
    )
    from pbx_as_code.engine.perform import EntityRunner, Runner, our_fault
    from pbx_as_code.engine.report.failures import refused
    from pbx_as_code.entities import description, of_module
    from pbx_as_code.errors import PbxError
    from pbx_as_code.interface import INTERFACE as _FOUND
    from pbx_as_code.suggestions import unsupported_options
except ImportError as error:
    PROBLEM = (
        f"{missing_required_lib('threecx-xapi')} ({error}). Run there: {sys.executable} -m pip install threecx-xapi"
    )
    Runner = Any  # type: ignore[assignment, misc]
    EntityRunner = description = of_module = our_fault = without_nulls = None  # type: ignore[assignment, misc]
    masked = public_texts = secret_texts = misplaced_credentials = None  # type: ignore[assignment]
    invalid_values = clean_result = cleaner = is_credential = holds_digits = refused = unsupported_options = None  # type: ignore[assignment]
    PbxError = Exception  # type: ignore[assignment, misc]
else:
    if _FOUND != INTERFACE:
        other = (
            "an older one; upgrade the Python package threecx-xapi"
            if _FOUND < INTERFACE
            else ("a newer one; upgrade the collection: ansible-galaxy collection install --upgrade threecx.xapi")
        )
        PROBLEM = (
            f"This collection threecx.xapi needs interface {INTERFACE} of the Python package threecx-xapi, and "
            f"interface {_FOUND} is installed: {other}."
        )


def config_runner() -> Runner:
    """The module threecx_config, imported only if a task needs it.

    Raises:
        ImportError: it is not installed
    """
    from pbx_as_code.config.collection.module import ConfigRunner

    return ConfigRunner()


def operation_runner() -> Runner:
    """The module threecx_operation, imported only if a task needs it.

    Raises:
        ImportError: it is not installed
    """
    from pbx_as_code.engine.operation.operation import OperationRunner

    return OperationRunner()


def fleet_library() -> Any:
    """The package that reads fleet files, imported only if an inventory needs it.

    Raises:
        ImportError: it is not installed
    """
    from pbx_as_code import fleet

    return fleet


def transfer_library() -> Any:
    """The functions that turn results into options, imported only if a filter needs them.

    Raises:
        ImportError: they are not installed
    """
    from pbx_as_code.config.collection import transfer

    return transfer


__all__ = [
    "MASK",
    "PROBLEM",
    "EntityRunner",
    "PbxError",
    "Runner",
    "clean_result",
    "cleaner",
    "config_runner",
    "description",
    "fleet_library",
    "holds_digits",
    "invalid_values",
    "is_credential",
    "masked",
    "misplaced_credentials",
    "of_module",
    "operation_runner",
    "our_fault",
    "public_texts",
    "refused",
    "secret_texts",
    "transfer_library",
    "unsupported_options",
    "without_nulls",
]
