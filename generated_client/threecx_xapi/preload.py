"""Load everything a first request needs, in advance: for programs that fork.

A worker that is forked has what its parent has imported and made. If each worker sends its own request, as Ansible's
do, most of the time of a request would otherwise go into importing the same modules again and again.
"""

from __future__ import annotations

import contextlib
import os
from importlib import import_module

#: Modules that httpx and this package import when the first request is sent.
_LATER = (
    "httpcore",
    "threecx_xapi._transport.environment",
    "threecx_xapi._transport.exchange",
    "threecx_xapi._transport.resolving",
    "threecx_xapi._token_store.store",
    "threecx_xapi._transport.wire",
    "threecx_xapi.deadline",
    "threecx_xapi.reply",
    "threecx_xapi.simultaneous",
    "threecx_xapi.tokens",
)


def preload() -> None:
    """Import everything a request needs, and read the public certificate authorities once.

    No socket is opened and no thread is started, so that a fork is safe afterwards.
    """
    for name in _LATER:
        import_module(name)
    if "://" in os.environ.get("THREECX_TOKEN_CACHE", ""):  # a third of a second in each worker otherwise
        with contextlib.suppress(ImportError):
            import_module("redis")
            import_module("cryptography.fernet")
    from .client import XapiClient
    from .errors import ConfigurationError

    for scheme in ("http", "https"):
        # Their connection pools read proxies and authorities, and compile expressions. The first request that needs
        # what is wrong with the environment will tell.
        with (
            contextlib.suppress(ConfigurationError),
            XapiClient(f"{scheme}://pbx.example.com", access_token="-") as client,  # noqa: S106 never sent
        ):
            client._http()
