"""Bare httpx removes faxes: `remove.py URL TOKEN COUNT` prints the seconds that it took.

Each is looked up by its number, removed by its id and looked for again, as our module does, from 10000 on, on one kept
connection.
"""

from __future__ import annotations

import sys
import time

import httpx


def main() -> None:
    """Remove them."""
    url, token, count = sys.argv[1:]
    with httpx.Client(base_url=f"{url}/xapi/v1/", headers={"Authorization": f"Bearer {token}"}, timeout=60) as http:
        start = time.perf_counter()
        for number in range(10_000, 10_000 + int(count)):
            (found,) = http.get("Fax", params={"$filter": f"Number eq '{number}'"}).json()["value"]
            http.delete(f"Fax({found['Id']})").raise_for_status()
            if http.get("Fax", params={"$filter": f"Id eq {found['Id']}"}).json()["value"]:
                raise SystemExit(f"fax {number} is still there")
        seconds = time.perf_counter() - start
    print(seconds)


if __name__ == "__main__":
    main()
