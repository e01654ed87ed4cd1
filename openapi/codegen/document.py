"""The document as the generators read it: xapi-v1.yaml with overlay.yaml applied, and with since when there is what.

An operation that the oldest known release lacks has `x-3cx-since`, such as 20.0.8; `x-3cx-parts-since` says so of its
parameters, of the properties of a schema and of the members of an enum, by their names. A part without an entry has
existed in every known release. `x-3cx-releases` are the releases that were compared, oldest first.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, cast

import yaml
from jsonpath_ng.ext.parser import parse as parse_jsonpath

from openapi.codegen.errors import CodegenError
from openapi.codegen.files import replace
from openapi.codegen.normalise import METHODS
from openapi.codegen.source import Document

PREFIX = "Pbx."
SINCE_KEY = "x-3cx-since"
PARTS_KEY = "x-3cx-parts-since"
RELEASES_KEY = "x-3cx-releases"
ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "openapi" / "xapi-v1.yaml"
OVERLAY = ROOT / "openapi" / "overlay.yaml"
SINCE = ROOT / "openapi" / "catalogue" / "since.yaml"
CACHE = ROOT / "build" / "document"


def load(path: Path = COMMITTED, overlay: Path = OVERLAY, since: Path = SINCE) -> Document:
    """Return the document with the overlay applied and the releases noted; the caller may change what it gets.

    Corrections of the overlay that have no place in another document than the one the catalogue describes are passed
    over.

    Reading 1 MB of YAML takes a second, of JSON ten milliseconds: the result is kept in build/ under its digest.

    Raises:
        CodegenError: where a file is missing or an action of the overlay finds nothing to act on.
    """
    try:
        sources = [path.read_bytes(), overlay.read_bytes(), since.read_bytes(), Path(__file__).read_bytes()]
    except OSError as error:
        raise CodegenError(f"cannot read {error.filename}: {error.strerror}; make spec writes the document") from None
    cached = CACHE / f"{hashlib.sha256(b''.join(sources)).hexdigest()}.json"
    if cached.exists():
        return cast(Document, json.loads(cached.read_bytes()))
    facts = yaml.load(sources[2], Loader=yaml.CSafeLoader)["since"]
    strict = facts.get("digest") == digest(sources[0])
    document = apply(yaml.load(sources[0], Loader=yaml.CSafeLoader), yaml.safe_load(sources[1]), strict=strict)
    note(document, facts)
    replace(cached, json.dumps(document, separators=(",", ":")))
    return cast(Document, json.loads(cached.read_bytes()))


def digest(text: bytes) -> str:
    """Return a digest that identifies a normalised document."""
    return hashlib.sha256(text).hexdigest()


def is_described(path: Path = COMMITTED, since: Path = SINCE) -> bool:
    """Whether a document is the one that the catalogue describes: the newest one that since.yaml was made from."""
    facts = yaml.load(since.read_bytes(), Loader=yaml.CSafeLoader)["since"]
    return bool(facts.get("digest") == digest(path.read_bytes()))


class ApiDocument:
    """Follows the references of a document: its operations, what they take and answer, and its schemas.

    Attributes:
        paths: the paths, as the document has them.
        definitions: its schemas by their full names, such as Pbx.User.
    """

    def __init__(self, document: Mapping[str, Any]) -> None:
        self._document = document
        self.paths: Document = document["paths"]
        self.definitions: Document = document["components"]["schemas"]

    def resolve(self, node: Mapping[str, Any]) -> Document:
        """Return what a node refers to, or the node itself if it is no reference."""
        while "$ref" in node:
            found: Any = self._document
            for part in node["$ref"].removeprefix("#/").split("/"):
                found = found[part]
            node = found
        return cast(Document, node)

    def operations(self) -> Iterator[tuple[str, str, Document]]:
        """Path, method in lower case, and content of every operation, in the order of the document."""
        for path, item in self.paths.items():
            for method in METHODS:
                if method in item:
                    yield path, method, item[method]

    def parameters(self, operation: Mapping[str, Any]) -> list[Document]:
        """The parameters of an operation, without its body."""
        return [self.resolve(each) for each in operation.get("parameters", ())]

    def answered(self, operation: Mapping[str, Any]) -> Document:
        """The schema of the JSON that an operation answers, often a reference. Empty for other answers."""
        return self._json(operation["responses"].get("200", {}))

    def taken(self, operation: Mapping[str, Any]) -> Document:
        """The schema of the JSON that an operation takes, often a reference. Empty if it takes none."""
        return self._json(operation.get("requestBody", {}))

    def _json(self, holder: Mapping[str, Any]) -> Document:
        content = self.resolve(holder).get("content", {})
        return cast(Document, content.get("application/json", {}).get("schema", {}))

    def properties(self, schema: Mapping[str, Any]) -> dict[str, Document]:
        """The schemas of all properties of a schema by their names, the inherited ones first."""
        found: dict[str, Document] = {}
        for part in schema.get("allOf", ()):
            found |= self.properties(self.resolve(part))
        return {**found, **schema.get("properties", {})}

    def full_name(self, title: str) -> str:
        """The full name of the schema with a title; the title if there is none."""
        return next((name for name in (f"{PREFIX}{title}", title) if name in self.definitions), title)

    def titled(self, title: str) -> Document:
        """The schema with a title; empty if there is none."""
        return cast(Document, self.definitions.get(self.full_name(title), {}))


def referred(schema: Mapping[str, Any]) -> str:
    """The reference of a value, be it that the value may also be null; empty if it is described in place."""
    references = [schema, *schema.get("allOf", ())]
    return next((str(part["$ref"]) for part in references if "$ref" in part), "")


def short(reference: str) -> str:
    """The name of a schema without Pbx., which stands before the names of entities, structures and enums."""
    return reference.rpartition("/")[2].removeprefix(PREFIX)


def apply(document: Document, overlay: Document, *, strict: bool = True) -> Document:
    """Apply an OpenAPI Overlay 1.0 to a document, in place, and return it.

    Args:
        strict: refuse an action whose target is not there instead of passing it over.

    Raises:
        CodegenError: where an action is not one of Overlay 1.0 or its target matches nothing: a correction of
            something that is gone is a correction to remove.
    """
    from oas_patch.overlay import apply_overlay

    for action in overlay.get("actions", []):
        unknown = set(action) - {"target", "description", "update", "remove"}
        if "target" not in action or unknown:
            raise CodegenError(f"overlay.yaml: an action has target and update or remove, not {sorted(unknown)}")
        if not parse_jsonpath(action["target"]).find(document):
            if not strict:
                continue
            raise CodegenError(f"overlay.yaml: {action['target']} matches nothing in the document; remove the action")
        document = apply_overlay(document, {"actions": [action]})
    return document


def note(document: Document, since: Document) -> None:
    """Write into a document since when there is what (see openapi.codegen.since), in place.

    The facts may be of a newer document than this one: what they name and it does not have is passed over.
    """
    paths, schemas = document["paths"], document["components"]["schemas"]
    document[RELEASES_KEY] = since["releases"]
    for path, methods in since["operations"].items():
        for method, release in methods.items():
            if method in paths.get(path, {}):
                paths[path][method][SINCE_KEY] = release
    for path, methods in since["parameters"].items():
        for method, names in methods.items():
            if method in paths.get(path, {}):
                paths[path][method][PARTS_KEY] = names
    for schema, names in (since["properties"] | since["members"]).items():
        if f"Pbx.{schema}" in schemas:
            schemas[f"Pbx.{schema}"][PARTS_KEY] = names
