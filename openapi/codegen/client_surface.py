"""The surface of the generated client, one line a method: `python -m openapi.codegen surface`.

The list is committed for people to review what a new document or generator changes for callers; a test compares it with
the client. This program rewrites it.
"""

from __future__ import annotations

from collections.abc import Iterator

from threecx_xapi.__main__ import methods, of_tag, tags

from openapi.codegen.document import ROOT

GOLDEN = ROOT / "tests" / "client" / "surface.txt"


def run() -> None:
    """Write the list."""
    lines = list(surface())
    GOLDEN.write_text("\n".join([*lines, ""]))
    print(f"{GOLDEN.relative_to(ROOT)}: {len(lines)} methods")


def surface() -> Iterator[str]:
    """Every method as `python -m threecx_xapi` shows it: `client.users.get(id: int | None, ...) -> User`."""
    for attribute, kind in sorted(tags().items()):
        yield from of_tag(attribute, methods(kind)).splitlines()
