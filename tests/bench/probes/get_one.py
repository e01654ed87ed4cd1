"""GET one user on a kept connection: `get_one.py SIDE URL TOKEN CLIENT SECRET ID`, then a number of GETs for each line
of input.

Answers each line with the seconds they took. Run by the Python of the side's own environment, so it imports nothing of
ours but for our side. The measurement ends with the parsed user: a model, or for bare httpx the result of json.
"""

from __future__ import annotations

import sys
import time
from collections.abc import Callable
from typing import Any


def ours(url: str, token: str, key: int) -> Callable[[], Any]:
    """The typed client."""
    from threecx_xapi import XapiClient

    client = XapiClient(url, access_token=token)
    return lambda: client.users.get(key).number


def httpx(url: str, token: str, key: int) -> Callable[[], Any]:
    """Bare httpx, and json."""
    import httpx as library

    http = library.Client(base_url=f"{url}/xapi/v1", headers={"Authorization": f"Bearer {token}"})
    return lambda: http.get(f"/Users({key})").json()["Number"]


def stock(url: str, token: str, key: int) -> Callable[[], Any]:
    """The stock openapi-python-client output."""
    from stock.api.users import get_user  # type: ignore[import-not-found]
    from stock.client import AuthenticatedClient  # type: ignore[import-not-found]

    client = AuthenticatedClient(base_url=f"{url}/xapi/v1", token=token)
    return lambda: get_user.sync(key, client=client).number


def sdk(url: str, token: str, key: int) -> Callable[[], Any]:
    """3cx-xapi-python-sdk, which knows no given token."""
    from threecx import ThreeCXClient  # type: ignore[import-not-found]

    client = ThreeCXClient(url, *token.split(":"))
    return lambda: client.users.get(key).number


def main() -> None:
    """Answer each line."""
    side, url, token, key = sys.argv[1:]
    get = {"ours": ours, "httpx": httpx, "stock": stock, "sdk": sdk}[side](url, token, int(key))
    number = get()
    if not (isinstance(number, str) and number.isdigit()):
        raise SystemExit(f"{side} has read {number!r} for a number")
    for line in sys.stdin:
        times = range(int(line))
        start = time.perf_counter()
        for _ in times:
            get()
        print(time.perf_counter() - start, flush=True)


if __name__ == "__main__":
    main()
