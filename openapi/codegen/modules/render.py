"""The text of every generated file of the collection."""

from __future__ import annotations

from collections.abc import Iterable
from pathlib import Path
from typing import Any

import jinja2

from openapi.codegen.errors import CodegenError
from openapi.codegen.modules.describe import Entity
from openapi.codegen.modules.documentation import documentation, info_documentation
from openapi.codegen.modules.literal import literal
from openapi.codegen.modules.results import info_returned, returned
from openapi.codegen.modules.text import to_yaml

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 what comes out is Python and YAML, no page
)

#: The module that calls any operation: no entity's, and the same whatever the document says.
OPERATION = "threecx_operation"


def render(entities: Iterable[Entity]) -> dict[str, str]:
    """Return the text of each file by its path below ansible_collection/."""
    files: dict[str, str] = {}
    modules: list[str] = []
    for entity in entities:
        name = f"threecx_{entity.notes.name}"
        verb = "Create, change or remove" if entity.can_write else "Remove"
        files[f"plugins/modules/{name}.py"] = _module(
            entity, documentation(entity), entity.notes.examples, returned(entity), "run",
            f"{verb} {entity.notes.article} {entity.notes.label}.",
        )  # fmt: skip
        files[f"plugins/modules/{name}_info.py"] = _module(
            entity, info_documentation(entity), entity.notes.info_examples, info_returned(entity), "run_info",
            f"Look at the {entity.notes.labels}.",
        )  # fmt: skip
        modules += [name, f"{name}_info"]
    files[f"plugins/modules/{OPERATION}.py"] = _ENVIRONMENT.get_template("operation.py.jinja").render()
    modules.append(OPERATION)
    files["meta/runtime.yml"] = _ENVIRONMENT.get_template("runtime.yml.jinja").render(modules=sorted(modules))
    return files


def _module(
    entity: Entity, document: dict[str, Any], examples: str, result: dict[str, Any], run: str, purpose: str
) -> str:
    parts = {"documentation": to_yaml(document), "examples": examples.strip() + "\n", "returned": to_yaml(result)}
    for name, text in parts.items():
        if '"""' in text:
            raise CodegenError(
                f"catalogue.yaml: entities.{entity.notes.name}: three double quotes in a row end the {name}"
            )
    return _ENVIRONMENT.get_template("module.py.jinja").render(
        **parts,
        imports=["EntityDescription", "Key", "Property"],
        entity=literal(entity.description),
        run=run,
        purpose=purpose,
    )
