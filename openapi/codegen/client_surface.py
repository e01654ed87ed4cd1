"""The surface of the generated client, one line an operation: `python -m openapi.codegen surface`.

The list is committed for people to review what a new document or generator changes for callers; a test compares it with
the client. This program rewrites it.
"""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator
from typing import Any

from openapi.codegen.document import ROOT

GOLDEN = ROOT / "tests" / "client" / "surface.txt"


def run() -> None:
    """Write the list."""
    lines = list(surface())
    GOLDEN.write_text("\n".join([*lines, ""]))
    print(f"{GOLDEN.relative_to(ROOT)}: {len(lines)} methods")


def surface() -> Iterator[str]:
    """`client.users.get(id, *, select?, expand?) -> User`, sorted; a question mark behind what may be left out."""
    for attribute, kind in sorted(tags().items()):
        for name, method in methods(kind):
            yield f"{attribute}.{name}{signature(method)}"


def tags(*, awaited: bool = False) -> dict[str, type[Any]]:
    """The class of each tag, by the attribute of the client."""
    from threecx_xapi._resources import AsyncResources, Resources

    kind = AsyncResources if awaited else Resources
    return {name: getattr(kind, name) for name in vars(kind) if not name.startswith("_")}


def methods(kind: type[Any]) -> Iterator[tuple[str, Callable[..., Any]]]:
    """The methods of a tag, in the order of the document."""
    return ((name, each) for name, each in vars(kind).items() if inspect.isfunction(each) and not name.startswith("_"))


def signature(method: Callable[..., Any]) -> str:
    """Arguments and result as the source spells them."""
    said = inspect.signature(method)
    shown = [_shown(each) for name, each in said.parameters.items() if name != "self"]
    named = [place for place, each in enumerate(said.parameters.values()) if each.kind is each.KEYWORD_ONLY]
    if named:
        shown.insert(named[0] - 1, "*")
    return f"({', '.join(shown)}) -> {said.return_annotation}"


def _shown(parameter: inspect.Parameter) -> str:
    if parameter.kind is parameter.VAR_KEYWORD:
        return f"**{parameter.name}"
    default = "" if parameter.default in (None, parameter.empty) else f" = {parameter.default!r}"
    left_out = "" if parameter.default is parameter.empty else "?"
    return f"{parameter.name}{left_out}: {parameter.annotation.removesuffix(' | None')}{default}"
