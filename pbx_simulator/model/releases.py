"""The document as an older release would have it: what came later is not there.

The releases that added parts of the API are listed in openapi/catalogue/since.yaml: facts read off the documents of
several releases, as the document itself is of one. A release between two of them is taken for the older one: no more is
known to be there.
"""

from __future__ import annotations

import functools
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pbx_simulator import knowledge

from . import document
from .document import DocumentError, Json

_HERE = Path(__file__).resolve().parents[1]
_PLACES = (_HERE / "since.yaml", _HERE.parent / "openapi" / "catalogue" / "since.yaml")
_PREFIX = "Pbx."


@functools.lru_cache(maxsize=16)
def load(release: tuple[int, ...]) -> Json:
    """Return our own document as a release has it. It is shared: read it, do not change it.

    Raises:
        DocumentError: where the document or the facts cannot be found.
    """
    whole = document.load()
    return whole if _is_newest(release) else as_of(whole, _since(), release)


@functools.lru_cache(maxsize=16)
def text(release: tuple[int, ...]) -> bytes:
    """Return the same as YAML, as served at /xapi/v1/swagger.yaml."""
    if _is_newest(release):
        return document.read_text()
    import yaml

    return bytes(yaml.dump(load(release), Dumper=_dumper(), sort_keys=False, allow_unicode=True, encoding="utf-8"))


def as_of(whole: Json, since: Mapping[str, Any], release: tuple[int, ...]) -> Json:
    """Return a document without what a release does not have; the given one is left alone.

    since: as openapi/catalogue/since.yaml has it.
    """
    paths = {
        path: _path(item, _later(since["operations"].get(path), release), since["parameters"].get(path, {}), release)
        for path, item in whole["paths"].items()
    }
    components = whole["components"]
    schemas = dict(components["schemas"])
    for part, without in (("properties", _without_properties), ("members", _without_members)):
        for name, came in since[part].items():
            gone = _later(came, release)
            if gone and _PREFIX + name in schemas:
                schemas[_PREFIX + name] = without(schemas[_PREFIX + name], gone)
    return {
        **whole,
        "paths": {path: item for path, item in _looked_up(paths, whole["paths"]).items() if _methods(item)},
        "components": {**components, "schemas": schemas},
    }


def newest() -> tuple[int, ...]:
    """The release our own document is of."""
    return knowledge.release_number(_since()["releases"][-1])


def _is_newest(release: tuple[int, ...]) -> bool:
    return release >= newest()


def _later(came: Mapping[str, str] | None, release: tuple[int, ...]) -> frozenset[str]:
    """The names that came after a release."""
    return frozenset(name for name, first in (came or {}).items() if knowledge.release_number(first) > release)


def _path(item: Json, gone: frozenset[str], came: Mapping[str, Any], release: tuple[int, ...]) -> Json:
    result = {method: operation for method, operation in item.items() if method not in gone}
    for method, names in came.items():
        later = _later(names, release)
        if later and method in result:
            result[method] = _without_parameters(result[method], later)
    return result


def _methods(item: Json) -> list[str]:
    return [name for name in item if name != "parameters"]


def _looked_up(paths: Json, whole: Json) -> Json:
    """Older releases have a function instead of the look-up by number."""
    result = dict(paths)
    for owner, function in knowledge.BY_NUMBER.items():
        path = f"/{owner}(Number={{Number}})"
        if path in paths and not _methods(paths[path]):
            by_key = whole[path]["get"]
            result[f"/{owner}/Pbx.{function}(number={{number}})"] = {
                "get": {
                    "operationId": by_key["operationId"],
                    "tags": by_key["tags"],
                    "x-ms-docs-operation-type": "function",
                    "parameters": [{"name": "number", "in": "path", "required": True, "schema": {"type": "string"}}],
                    "responses": by_key["responses"],
                }
            }
    return result


def _without_parameters(operation: Json, gone: frozenset[str]) -> Json:
    result = {**operation, "parameters": [p for p in operation.get("parameters", ()) if p.get("name") not in gone]}
    if "content" in operation.get("requestBody", {}):
        content = {
            media: {**given, "schema": _without_properties(given["schema"], gone)}
            for media, given in operation["requestBody"]["content"].items()
        }
        result["requestBody"] = {**operation["requestBody"], "content": content}
    return result


def _without_properties(schema: Json, gone: frozenset[str]) -> Json:
    result = dict(schema)
    if "properties" in schema:
        result["properties"] = {name: value for name, value in schema["properties"].items() if name not in gone}
    if "allOf" in schema:
        result["allOf"] = [part if "$ref" in part else _without_properties(part, gone) for part in schema["allOf"]]
    return result


def _without_members(schema: Json, gone: frozenset[str]) -> Json:
    return {**schema, "enum": [member for member in schema["enum"] if member not in gone]}


@functools.lru_cache(maxsize=1)
def _since() -> Json:
    import yaml

    for place in _PLACES:
        if place.is_file():
            loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
            return dict(yaml.load(place.read_bytes(), Loader=loader)["since"])  # noqa: S506  (a safe loader)
    raise DocumentError("since.yaml is neither in " + " nor in ".join(str(place.parent) for place in _PLACES))


def _dumper() -> Any:
    import yaml

    class Plain(getattr(yaml, "CSafeDumper", yaml.SafeDumper)):  # type: ignore[misc]
        def ignore_aliases(self, data: object) -> bool:  # noqa: ARG002
            """Write out what occurs twice."""
            return True

    return Plain
