"""The surface of the generated client, one line an operation: `python -m openapi.codegen.client_surface`.

The list is committed for people to review what a new document or generator changes for callers; a test compares it with
the client. This program writes it anew.
"""

from __future__ import annotations

import importlib
import inspect
import re
from collections.abc import Iterator
from pathlib import Path

from openapi.codegen.client import PLACE
from openapi.codegen.document import ROOT
from openapi.codegen.errors import one_clear_line

GOLDEN = ROOT / "tests" / "client" / "surface.txt"


@one_clear_line
def main() -> None:
    """Write the list."""
    lines = list(surface())
    GOLDEN.write_text("\n".join([*lines, ""]))
    print(f"{GOLDEN.relative_to(ROOT)}: {len(lines)} operations")


def surface() -> Iterator[str]:
    """`Operation  module.function(arguments) -> result`, sorted; `*` behind those that have `iterate`."""
    for path in sorted(modules()):
        name = ".".join(path.with_suffix("").parts)
        module = importlib.import_module(f"threecx_xapi.{name}")
        rows = f"  * iterate: {returned(module.iterate)}" if hasattr(module, "iterate") else ""
        yield f"{module.OPERATION.id}  {name.removeprefix('api.')}{signature(module.sync)}{rows}"


def modules() -> Iterator[Path]:
    """Every operation's module, relative to the package."""
    return (path.relative_to(PLACE) for path in (PLACE / "api").glob("*/*.py") if path.name != "__init__.py")


def signature(function: object) -> str:
    """Arguments and result as the source spells them, a question mark behind what may be left out."""
    text = str(inspect.signature(function)).replace("'", "").replace("client: XapiClient", "client")  # type: ignore[arg-type]
    return re.sub(r"(\w+): ([^:]+?) \| Unset = Unset", r"\1?: \2", text)


def returned(function: object) -> str:
    """The result as the source spells it."""
    return str(inspect.signature(function).return_annotation)  # type: ignore[arg-type]


if __name__ == "__main__":
    main()
