"""The page that shows every operation of the API and the module that reaches it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from openapi.codegen.document import ApiDocument
from openapi.codegen.modules.describe import Kind
from openapi.codegen.modules.documentation import OPERATION
from openapi.codegen.modules.words import ENVIRONMENT
from pbx_as_code.description import EntityDescription, SettingsDescription

PATH = "docs/operations.md"


def page(api: ApiDocument, kinds: Iterable[Kind]) -> str:
    """The text of the page: a row for each operation, in alphabetical order."""
    dedicated = reached(api, kinds)
    rows = sorted(
        (each["operationId"], method.upper(), path, dedicated.get(each["operationId"], (OPERATION,)))
        for path, method, each in api.operations()
    )
    template = ENVIRONMENT.get_template("operations.md.jinja")
    return template.render(rows=rows, operation=OPERATION, dedicated=len(dedicated))


def reached(api: ApiDocument, kinds: Iterable[Kind]) -> dict[str, tuple[str, ...]]:
    """The dedicated modules that do what an operation does, by operationId."""
    known = {(method, path): operation["operationId"] for path, method, operation in api.operations()}
    kinds = list(kinds)
    found: dict[str, tuple[str, ...]] = {}
    for kind in kinds:
        if isinstance(kind.description, EntityDescription):
            found |= {known[call]: modules for call, modules in _calls(kind.description, known)}
    for kind in kinds:
        if isinstance(facts := kind.description, SettingsDescription):
            module, path = f"threecx_{facts.name}", f"/{facts.singleton}"
            both = (f"{module}_info", module) if facts.changeable else (f"{module}_info",)
            found[known["get", path]] = (*found.get(known["get", path], ()), *both)
            if facts.changeable:
                found[known["post", f"/{facts.action.path}"] if facts.action else known["patch", path]] = (module,)
    return found


def _calls(
    facts: EntityDescription, known: Iterable[tuple[str, str]]
) -> Iterator[tuple[tuple[str, str], tuple[str, ...]]]:
    """Operations behind the modules of an entity: list, look-up by any key, creation, update, removal."""
    module, info = f"threecx_{facts.name}", f"threecx_{facts.name}_info"
    keys = "|".join(re.escape(key.name) for key in facts.natural_keys)
    one = re.compile(rf"/{re.escape(facts.entity_set)}\((?:\{{\w+\}}|(?:{keys})=\{{\w+\}})\)")
    own = {facts.init, *(facts.steering.actions if facts.steering else ())}
    if facts.making:
        own |= {facts.making.action, facts.making.ready}
    for method, path in known:
        if path == f"/{facts.entity_set}":
            both = (info, module) if facts.changeable or facts.steering else (info,)
            yield (method, path), (both if method == "get" else (module,))
        elif path[1:] in own:
            yield (method, path), (module,)
        elif path == f"/{facts.listed_by}":
            yield (method, path), (info, module)
        elif one.fullmatch(path) or (facts.below and path.startswith(f"/{facts.entity_set}/")):
            yield (method, path), ((info,) if method == "get" else (module,))
