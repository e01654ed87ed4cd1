"""Read every user: `read_all.py SIDE URL TOKEN ROWS CONCURRENCY` prints what it took, as JSON, and ends.

seconds: from the first request to the last row, imports and the client's making not counted; rows: how many were read;
peak and before: the process's peak memory in MB at the end, and what it had before the first request. All rows are
kept, as models, or for bare httpx as what json makes of them. Pages of 100 rows, the most a PBX gives.
"""

from __future__ import annotations

import asyncio
import json
import resource
import sys
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

PAGE = 100
Read = Callable[[str, str, int, int], tuple[float, float, list[Any]]]


def ours(url: str, token: str, rows: int, concurrency: int) -> tuple[float, float, list[Any]]:
    """The typed client, async, pages in parallel."""
    import threecx_xapi.api.users
    from threecx_xapi import AsyncXapiClient

    async def read() -> tuple[float, float, list[Any]]:
        async with AsyncXapiClient(url, access_token=token) as client:
            before, start = peak(), time.perf_counter()
            found: list[Any] = [user async for user in client.users.iterate(concurrency=concurrency)]
            return before, time.perf_counter() - start, found

    import threecx_xapi.models.user  # noqa: F401

    return asyncio.run(read())


def ours_paged(url: str, token: str, rows: int, concurrency: int) -> tuple[float, float, list[Any]]:
    """The typed client, page after page."""
    import threecx_xapi.api.users
    import threecx_xapi.models.user  # noqa: F401
    from threecx_xapi import XapiClient

    with XapiClient(url, access_token=token) as client:
        before, start = peak(), time.perf_counter()
        found: list[Any] = list(client.users.iterate())
        return before, time.perf_counter() - start, found


def httpx(url: str, token: str, rows: int, concurrency: int) -> tuple[float, float, list[Any]]:
    """Bare httpx, async, and json, with the same concurrency."""
    import httpx as library

    async def read() -> tuple[float, float, list[Any]]:
        bearer = {"Authorization": f"Bearer {token}"}
        async with library.AsyncClient(base_url=f"{url}/xapi/v1", headers=bearer) as http:
            before, start = peak(), time.perf_counter()
            limit = asyncio.Semaphore(concurrency)

            async def page(skip: int) -> list[Any]:
                async with limit:
                    answer = await http.get("/Users", params={"$top": PAGE, "$skip": skip})
                    found: list[Any] = answer.json()["value"]
                    return found

            pages = await asyncio.gather(*(page(skip) for skip in range(0, rows, PAGE)))
            return before, time.perf_counter() - start, [row for page in pages for row in page]

    return asyncio.run(read())


def stock(url: str, token: str, rows: int, concurrency: int) -> tuple[float, float, list[Any]]:
    """The stock client, page after page: it has nothing for that, so the pages are counted by hand."""
    from stock.api.users import list_user  # type: ignore[import-not-found]
    from stock.client import AuthenticatedClient  # type: ignore[import-not-found]

    client = AuthenticatedClient(base_url=f"{url}/xapi/v1", token=token)
    before, start = peak(), time.perf_counter()
    found: list[Any] = []
    for skip in range(0, rows, PAGE):
        found += list_user.sync(client=client, top=PAGE, skip=skip).value
    return before, time.perf_counter() - start, found


def sdk(url: str, token: str, rows: int, concurrency: int) -> tuple[float, float, list[Any]]:
    """3cx-xapi-python-sdk, page after page: its iterate follows links, and a PBX gives none, so they are counted by
    hand.
    """
    from threecx import ODataQuery, ThreeCXClient  # type: ignore[import-not-found]

    client = ThreeCXClient(url, *token.split(":"))
    before, start = peak(), time.perf_counter()
    found: list[Any] = []
    for skip in range(0, rows, PAGE):
        found += client.users.list(ODataQuery().top(PAGE).skip(skip))
    return before, time.perf_counter() - start, found


def peak() -> float:
    """MB. Linux's ru_maxrss would count what the process that started this one had in memory."""
    try:
        lines = Path("/proc/self/status").read_text().splitlines()
    except OSError:
        return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    return next(int(line.split()[1]) for line in lines if line.startswith("VmHWM:")) / 1024


def main() -> None:
    """Read, and tell."""
    side, url, token, rows, concurrency = sys.argv[1:]
    sides: dict[str, Read] = {"ours": ours, "ours_paged": ours_paged, "httpx": httpx, "stock": stock, "sdk": sdk}
    before, seconds, found = sides[side](url, token, int(rows), int(concurrency))
    print(json.dumps({"seconds": seconds, "rows": len(found), "before": before, "peak": peak()}))


if __name__ == "__main__":
    main()
