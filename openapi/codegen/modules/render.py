"""The text of every generated file of the collection."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from pathlib import PurePath
from typing import Any

from openapi.codegen.errors import CodegenError
from openapi.codegen.modules.describe import Kind
from openapi.codegen.modules.documentation import Module
from openapi.codegen.modules.literal import literal
from openapi.codegen.modules.notes import Catalogue
from openapi.codegen.modules.shapes import Shapes
from openapi.codegen.modules.text import brief, to_yaml
from openapi.codegen.modules.words import ENVIRONMENT
from pbx_as_code import description
from pbx_as_code.config.collection.module import ConfigRunner
from pbx_as_code.engine.operation.operation import OperationRunner
from pbx_as_code.engine.perform import Runner

#: The modules that are about no entity, and what they do: each has a template of its name.
OF_NO_ENTITY: Mapping[str, tuple[type[Runner], str]] = {
    "threecx_config": (ConfigRunner, "configure a whole 3CX phone system from files"),
    "threecx_operation": (OperationRunner, "call any operation"),
}
#: Names that ansible-test takes for a credential, unless the argument spec says otherwise.
_LOOKS_SECRET = re.compile(r"pass(?!ive)|secret|token|key", re.IGNORECASE)


def render(modules: Sequence[Module], catalogue: Catalogue) -> dict[str, str]:
    """Return the text of each file of the modules by its path below ansible_collection/."""
    options = Shapes("suboptions", "Its suboptions are those of O({}).", catalogue)
    results = Shapes("contains", "Its fields are those of RV({}).", catalogue)
    for module in modules:
        options.register(module.name, "", module.options)
        results.register(module.name, module.path, module.fields)
    files = {f"plugins/modules/{module.name}.py": _text(module, options, results) for module in modules}
    for name, (runner, _) in OF_NO_ENTITY.items():
        template = ENVIRONMENT.get_template(f"{name.removeprefix('threecx_')}.py.jinja")
        files[f"plugins/modules/{name}.py"] = template.render(arguments=literal(runner().arguments()))
    names = sorted(PurePath(path).stem for path in files)
    return files | {"meta/runtime.yml": ENVIRONMENT.get_template("runtime.yml.jinja").render(modules=names)}


def _text(module: Module, options: Shapes, results: Shapes) -> str:
    document, returned = module.documentation, module.returned
    if not module.reads:
        document["options"] = options.linked(module.name, "", document["options"])
    elif module.fields:
        returned[module.result]["contains"] = results.linked(module.name, module.path, module.fields)
    parts = {
        "documentation": to_yaml(brief(document)),
        "examples": module.tasks,
        "returned": to_yaml(brief(returned)),
    }
    for name, text in parts.items():
        if '"""' in text:
            raise CodegenError(f"catalogue: {module.where}: three double quotes in a row end the {name}")
    spec = as_documented(module.arguments["argument_spec"], document["options"])
    return ENVIRONMENT.get_template("module.py.jinja").render(
        **parts,
        arguments=literal({**module.arguments, "argument_spec": spec}),
        kind=module.kind.name,
        run="run_info" if module.reads else "run",
        purpose=module.page["purpose"],
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


def render_descriptions(kinds: Iterable[Kind]) -> dict[str, str]:
    """Return the text of each description by its path below pbx_as_code/."""
    texts: dict[str, str] = {}
    entity, names = ENVIRONMENT.get_template("entity.py.jinja"), ENVIRONMENT.get_template("names.py.jinja")
    classes = sorted(name for name, value in vars(description).items() if isinstance(value, type))
    for kind in kinds:
        source = literal(kind.description)
        imports = [name for name in classes if f"{name}(" in source]
        texts[f"entities/{kind.name}.py"] = entity.render(imports=imports, label=kind.notes.label, entity=source)
    return {**texts, "entities/_names.py": names.render(names=sorted(PurePath(path).stem for path in texts))}
