"""The text of every generated file of the collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from pathlib import Path
from typing import Any

import jinja2

from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import settings as of_settings
from openapi.codegen.modules import steering
from openapi.codegen.modules.documentation import documentation, info_documentation
from openapi.codegen.modules.literal import literal
from openapi.codegen.modules.notes import ListNotes, StatusNotes
from openapi.codegen.modules.properties import Entity, Settings
from openapi.codegen.modules.results import info_contains, info_returned, returned
from openapi.codegen.modules.shapes import OPTIONS, RESULTS, Shapes
from openapi.codegen.modules.text import brief, to_yaml
from pbx_as_code.description import Description
from pbx_as_code.engine.operation.operation import OperationRunner
from pbx_as_code.engine.options.option_specs import argument_spec, info_argument_spec

#: Classes a description may consist of, in the order in which they are imported.
_CLASSES = (
    "Action",
    "Below",
    "EntityDescription",
    "InitParameter",
    "Key",
    "Making",
    "Property",
    "Reference",
    "Reload",
    "SettingsDescription",
    "Steering",
)
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(Path(__file__).parent / "templates"),
    undefined=jinja2.StrictUndefined,
    trim_blocks=True,
    keep_trailing_newline=True,
    autoescape=False,  # noqa: S701 what comes out is Python and YAML, no page
)

#: Names that ansible-test takes for a credential, unless the argument spec says otherwise.
_LOOKS_SECRET = re.compile(r"pass(?!ive)|secret|token|key", re.IGNORECASE)

#: The module that calls any operation: no entity's, and the same whatever the document says.
OPERATION = "threecx_operation"


def render(entities: Iterable[Entity], settings: Iterable[Settings] = ()) -> dict[str, str]:
    """Return the text of each file by its path below ansible_collection/."""
    files: dict[str, str] = {}
    entities, settings = list(entities), list(settings)
    shapes, options = _shapes(entities, settings), _option_shapes(entities, settings)
    for entity in entities:
        notes = entity.notes
        if isinstance(notes, ListNotes):
            files[f"plugins/modules/threecx_{notes.name}_info.py"] = _module(
                f"lists.{notes.name}", entity.description, info_documentation(entity), notes.examples,
                info_returned(entity, shapes), "run_info", f"List {notes.labels}.",
            )  # fmt: skip
            if notes.steered_by is not None:
                files[f"plugins/modules/threecx_{notes.name}.py"] = _module(
                    f"lists.{notes.name}.steered_by", entity.description, steering.documentation(entity,
                    notes.steered_by),
                    notes.steered_by.examples, steering.returned(entity), "run", f"Start and stop the {notes.labels}.",
                )  # fmt: skip
            continue
        place, name = f"entities.{notes.name}", f"threecx_{notes.name}"
        verb = "Create, change or remove" if entity.can_write else "Remove"
        files[f"plugins/modules/{name}.py"] = _module(
            place, entity.description, documentation(entity), notes.examples, returned(entity), "run",
            f"{verb} {notes.article} {notes.label}.", options,
        )  # fmt: skip
        files[f"plugins/modules/{name}_info.py"] = _module(
            place, entity.description, info_documentation(entity), notes.info_examples, info_returned(entity, shapes),
            "run_info",
            f"List {notes.labels}.",
        )  # fmt: skip
    for one in settings:
        label = one.notes.label
        if isinstance(one.notes, StatusNotes):
            files[f"plugins/modules/threecx_{one.notes.name}_info.py"] = _module(
                f"status.{one.notes.name}", one.description, of_settings.info_documentation(one), one.notes.examples,
                of_settings.info_returned(one, shapes), "run_info", f"Read the {label}.",
            )  # fmt: skip
            continue
        place, name = f"settings.{one.notes.name}", f"threecx_{one.description.name}"
        files[f"plugins/modules/{name}.py"] = _module(
            place, one.description, of_settings.documentation(one), one.notes.examples, of_settings.returned(one),
            "run",
            f"Change the {label}.", options,
        )  # fmt: skip
        files[f"plugins/modules/{name}_info.py"] = _module(
            place, one.description, of_settings.info_documentation(one), of_settings.info_examples(one),
            of_settings.info_returned(one, shapes), "run_info", f"Read the {label}.",
        )  # fmt: skip
    files[f"plugins/modules/{OPERATION}.py"] = _ENVIRONMENT.get_template("operation.py.jinja").render(
        arguments=literal(OperationRunner().arguments())
    )
    modules = sorted(Path(path).stem for path in files)
    files["meta/runtime.yml"] = _ENVIRONMENT.get_template("runtime.yml.jinja").render(modules=modules)
    return files


def _shapes(entities: Iterable[Entity], settings: Iterable[Settings]) -> Shapes:
    """The structures that several modules return."""
    shapes = Shapes(RESULTS)
    for entity in entities:
        shapes.register(f"threecx_{entity.notes.name}_info", f"{entity.notes.plural}[]", info_contains(entity))
    for one in settings:
        name = one.description.name
        shapes.register(f"threecx_{name}_info", name, of_settings.info_contains(one))
    return shapes


def _option_shapes(entities: Iterable[Entity], settings: Iterable[Settings]) -> Shapes:
    """The structures that several modules take."""
    shapes, homes = Shapes(OPTIONS), {home for home, _ in OPTIONS.homes}
    documents = [documentation(one) for one in entities if f"threecx_{one.notes.name}" in homes]
    documents += [of_settings.documentation(one) for one in settings if f"threecx_{one.description.name}" in homes]
    for document in documents:
        shapes.register(document["module"], "", document["options"])
    return shapes


def _module(
    place: str,
    description: Description,
    document: dict[str, Any],
    examples: str,
    result: dict[str, Any],
    run: str,
    purpose: str,
    shapes: Shapes | None = None,
) -> str:
    document = {**document, "seealso": _further(document["seealso"])}
    if shapes is not None:
        document["options"] = shapes.linked(document["module"], "", document["options"])
    parts = {
        "documentation": to_yaml(brief(document)),
        "examples": examples.strip() + "\n",
        "returned": to_yaml(brief(result)),
    }
    for name, text in parts.items():
        if '"""' in text:
            raise CodegenError(f"catalogue: {place}: three double quotes in a row end the {name}")
    arguments = (info_argument_spec if run == "run_info" else argument_spec)(description)
    arguments["argument_spec"] = as_documented(arguments["argument_spec"], document["options"])
    return _ENVIRONMENT.get_template("module.py.jinja").render(
        **parts, arguments=literal(arguments), kind=description.name, run=run, purpose=purpose
    )


def as_documented(spec: Mapping[str, Any], options: Mapping[str, Any]) -> dict[str, Any]:
    """The part of an argument spec that a module documents: no properties that only the PBX fills, no suboptions of a
    link.

    Args:
        spec: argument spec of the library.
        options: DOCUMENTATION of the options.
    """
    found: dict[str, Any] = {}
    for name, rule in spec.items():
        if name not in options:
            continue
        said = {key: value for key, value in rule.items() if key != "options"}
        if said.get("no_log") is False and not _LOOKS_SECRET.search(name):
            del said["no_log"]
        if "suboptions" in options[name]:
            said["options"] = as_documented(rule["options"], options[name]["suboptions"])
        found[name] = said
    return found


def render_descriptions(found: Iterable[Entity | Settings]) -> dict[str, str]:
    """Return the text of each description by its path below pbx_as_code/."""
    texts: dict[str, str] = {}
    for one in found:
        entity = literal(one.description)
        texts[f"entities/{one.description.name}.py"] = _ENVIRONMENT.get_template("entity.py.jinja").render(
            imports=[name for name in _CLASSES if f"{name}(" in entity], label=one.description.label, entity=entity
        )
    names = sorted(Path(path).stem for path in texts)
    return {**texts, "entities/_names.py": _ENVIRONMENT.get_template("names.py.jinja").render(names=names)}


def _further(seealso: list[dict[str, str]]) -> list[dict[str, str]]:
    """Links of a module, including the module for everything it does not do itself."""
    others = [other for other in seealso if other["module"] != f"threecx.xapi.{OPERATION}"]
    calls = "Calls any operation of the API. C(docs/operations.md) of the collection lists them with their modules."
    return [*others, {"module": f"threecx.xapi.{OPERATION}", "description": calls}]
