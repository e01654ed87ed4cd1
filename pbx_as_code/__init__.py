"""Desired state of 3CX phone systems: objects and settings as they are to be.

`Pbx` is the entry for programs, and `errors` has what it raises. Both are imported when they are first asked for: what
needs only a description loads no engine.
"""

from __future__ import annotations

from importlib import import_module
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from pbx_as_code.errors import (
        Ambiguous,
        BadOption,
        Conflict,
        Forbidden,
        MissingPackage,
        NotFound,
        NotStored,
        PbxError,
        PbxFailed,
        Refused,
        SignInRefused,
        Throttled,
        Unreachable,
        Unsupported,
    )
    from pbx_as_code.pbx import Found, FoundList, Pbx
    from pbx_as_code.result import Result

__all__ = [
    "Ambiguous",
    "BadOption",
    "Conflict",
    "Forbidden",
    "Found",
    "FoundList",
    "MissingPackage",
    "NotFound",
    "NotStored",
    "Pbx",
    "PbxError",
    "PbxFailed",
    "Refused",
    "Result",
    "SignInRefused",
    "Throttled",
    "Unreachable",
    "Unsupported",
]


_MODULES = {"Found": "pbx", "FoundList": "pbx", "Pbx": "pbx", "Result": "result"}


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    return getattr(import_module(f"{__name__}.{_MODULES.get(name, 'errors')}"), name)


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
