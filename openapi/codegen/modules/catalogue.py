"""Facts that the document lacks: the files of openapi/catalogue/, read strictly, as one.

The form of the catalogue is checked in notes.py; describe.py checks it against the document. Every mistake is
one message that names the place in the file.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import yaml
from pydantic import ValidationError
from pydantic_core import PydanticCustomError

from openapi.codegen.document import ROOT, SINCE
from openapi.codegen.errors import CodegenError, Mistake
from openapi.codegen.modules.notes import Catalogue, mapping

PATH = ROOT / "openapi" / "catalogue"
#: Sections of things that have modules; each knows its name by the one it stands under.
KINDS = ("entities", "settings", "lists", "status")
_SECTIONS = tuple(name for name in Catalogue.model_fields if name != "version_added")


def load(folder: Path = PATH) -> Catalogue:
    """Read the catalogue.

    Raises:
        CodegenError: for the first thing in it that is missing, unknown, said twice or of the wrong form.
    """
    return parse(read(folder))


def read(folder: Path = PATH) -> dict[str, Any]:
    """Read and merge all files of a folder, in the order of their names; raises CodegenError as `load` does."""
    # since.yaml is in the same folder, but generated: document.load reads it.
    paths = [path for path in sorted(folder.glob("*.yaml")) if path.name != SINCE.name]
    if not paths:
        raise CodegenError(f"cannot read the catalogue: there is no .yaml file in {folder.name}")
    whole: dict[str, Any] = {}
    said_in: dict[tuple[str, ...], str] = {}
    for path in paths:
        for name, value in _mapping_at(_file(path), path.name).items():
            inner = _mapping_at(value, f"{path.name}: {name}") if name in _SECTIONS else None
            for place in [(name,)] if inner is None else [(name, key) for key in inner]:
                other = said_in.setdefault(place, path.name)
                if other != path.name:
                    raise CodegenError(f"catalogue: {'.'.join(place)} is given twice: in {other} and in {path.name}")
            whole[name] = value if inner is None else whole.get(name, {}) | inner
    return whole


def _file(path: Path) -> Any:
    try:
        loader = _Loader(path.read_text(encoding="utf-8"))
        loader.name = path.name
        return loader.get_single_data()
    except OSError as error:
        raise CodegenError(f"cannot read {path.name}: {error.strerror}") from None
    except yaml.YAMLError as error:
        raise CodegenError(f"{path.name} is not YAML: {' '.join(str(error).split())}") from None


def parse(raw: Any) -> Catalogue:
    """Turn what the files hold into a Catalogue; raises CodegenError as `load` does."""
    said = dict(_mapping_at(raw, "the files"))
    for section in KINDS:
        if section in said:
            entries = _mapping_at(said[section], section).items()
            said[section] = {name: _named(name, value, f"{section}.{name}") for name, value in entries}
    try:
        whole = Catalogue.model_validate(said)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        raise Mistake(".".join(map(str, first["loc"])) or "the files", first["msg"]) from None
    for schema, properties in whole.structures.items():
        for name, notes in properties.items():
            if not (notes.omit or notes.description):
                raise Mistake(f"structures.{schema}.{name}", "description is missing (or omit: and why)")
    return whole


def _named(name: str, value: Any, where: str) -> dict[str, Any]:
    raw = _mapping_at(value, where)
    if "name" in raw:
        raise Mistake(where, "name is not a key of the catalogue")
    return {**raw, "name": name}


def _mapping_at(value: Any, where: str) -> dict[str, Any]:
    try:
        found: dict[str, Any] = mapping(value)
    except PydanticCustomError as error:
        raise Mistake(where, error.message()) from None
    return found


class _Loader(yaml.CSafeLoader):
    """YAML lets a later key replace an earlier one in silence; here that is a mistake. name: of the file."""

    name: str


def _mapping_once(loader: _Loader, node: yaml.MappingNode) -> dict[Any, Any]:
    seen: set[Any] = set()
    for key_node, _ in node.value:
        key = loader.construct_object(key_node)
        if key in seen:
            raise CodegenError(f"catalogue: {loader.name}: line {key_node.start_mark.line + 1}: {key} is given twice")
        seen.add(key)
    return loader.construct_mapping(node, deep=True)


_Loader.add_constructor(yaml.resolver.BaseResolver.DEFAULT_MAPPING_TAG, _mapping_once)
