"""A typed Python client for the 3CX Configuration API (XAPI v1)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from ._version import __version__

if TYPE_CHECKING:
    from . import errors, odata
    from ._api import with_response
    from .async_client import AsyncXapiClient
    from .auth import GivenToken, Person, ServicePrincipal, XapiAuth
    from .client import XapiClient
    from .errors import XapiError
    from .index import describe
    from .operation import Response
    from .page import Page
    from .paging import iterate, iterate_async
    from .reply import Reply
    from .retry import RetryPolicy

__all__ = [
    "AsyncXapiClient",
    "GivenToken",
    "Page",
    "Person",
    "Reply",
    "Response",
    "RetryPolicy",
    "ServicePrincipal",
    "XapiAuth",
    "XapiClient",
    "XapiError",
    "__version__",
    "describe",
    "errors",
    "iterate",
    "iterate_async",
    "odata",
    "with_response",
]

# Imported on first use (PEP 562), so that a program with one operation does not wait for the rest.
_HOMES = {
    "AsyncXapiClient": "async_client",
    "GivenToken": "auth",
    "Page": "page",
    "Person": "auth",
    "Reply": "reply",
    "Response": "operation",
    "RetryPolicy": "retry",
    "ServicePrincipal": "auth",
    "XapiAuth": "auth",
    "XapiClient": "client",
    "XapiError": "errors",
    "describe": "index",
    "iterate": "paging",
    "iterate_async": "paging",
    "with_response": "_api",
}


def __getattr__(name: str) -> Any:
    from importlib import import_module

    if home := _HOMES.get(name):
        found = getattr(import_module(f".{home}", __name__), name)
    elif name in ("errors", "odata"):
        found = import_module(f".{name}", __name__)
    else:
        raise AttributeError(f"module {__name__!r} has no attribute {name!r}")
    globals()[name] = found
    return found


def __dir__() -> list[str]:
    """Return the public names."""
    return sorted(__all__)
