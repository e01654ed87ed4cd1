"""Reads an OpenAPI document from a file, a URL or a live PBX, and makes sure that it is one, whole, of XAPI v1."""

from __future__ import annotations

import json
import re
import ssl
from collections.abc import Iterator
from pathlib import Path
from typing import Any, cast

import httpx
import yaml

from openapi.codegen.errors import CodegenError

Document = dict[str, Any]

#: A vendor document is about 1.2 MB; nothing that is one is a hundred times as long.
MAX_BYTES = 64 * 1024 * 1024
#: A vendor document has 15 levels.
MAX_DEPTH = 100
#: Path at which every PBX serves its own document, without a token.
LIVE_PATHS = ("/xapi/v1/swagger.yaml", "/xapi/v1/swagger.json")


class _Loader(yaml.CSafeLoader):
    """YAML 1.2's core schema, as OpenAPI asks for: `No` is an enum member of this document, not false."""


_Loader.yaml_implicit_resolvers = {}
for _tag, _pattern, _first in (
    ("null", r"~|null|Null|NULL|", ["~", "n", "N", ""]),
    ("bool", r"true|True|TRUE|false|False|FALSE", list("tTfF")),
    ("int", r"[-+]?[0-9]+|0x[0-9a-fA-F]+", list("-+0123456789")),
    ("float", r"[-+]?(\.[0-9]+|[0-9]+(\.[0-9]*)?)([eE][-+]?[0-9]+)?", list("-+.0123456789")),
):
    _Loader.add_implicit_resolver(f"tag:yaml.org,2002:{_tag}", re.compile(f"^(?:{_pattern})$"), _first)


def read(source: str, *, ca_path: str | None = None, timeout: float = 60.0) -> Document:
    """Read and check a document.

    Args:
        source: a file, the URL of a document (ending in .yaml, .yml or .json), or the URL of a PBX.
        ca_path: a file of certificate authorities to trust instead of the system's, for a PBX with its own.
        timeout: seconds to wait for a server.

    Raises:
        CodegenError: where it cannot be read, is not OpenAPI 3, is not XAPI, or is cut off.
    """
    if source.startswith(("http://", "https://")):
        text, name = _fetch(source, ca_path, timeout)
    else:
        text, name = _read_file(Path(source)), source
    document = _parse(text, name)
    check(document, name)
    return document


def _read_file(path: Path) -> bytes:
    try:
        if path.stat().st_size > MAX_BYTES:
            raise CodegenError(f"{path} is larger than {MAX_BYTES >> 20} MiB: it is not an OpenAPI document of XAPI")
        return path.read_bytes()
    except OSError as error:
        raise CodegenError(f"cannot read {path}: {error.strerror or error}") from None


def _fetch(url: str, ca_path: str | None, timeout: float) -> tuple[bytes, str]:
    target = httpx.URL(url)
    whole = target.path.endswith((".yaml", ".yml", ".json"))
    candidates = [target] if whole else [target.copy_with(raw_path=path.encode()) for path in LIVE_PATHS]
    try:
        verify: ssl.SSLContext | bool = ssl.create_default_context(cafile=ca_path) if ca_path else True
        with httpx.Client(verify=verify, timeout=timeout, follow_redirects=True) as client:
            for candidate in candidates:
                with client.stream("GET", candidate) as response:
                    if response.status_code == 404 and candidate is not candidates[-1]:
                        continue
                    if response.status_code != 200:
                        raise CodegenError(f"cannot fetch {candidate}: the server answered {response.status_code}")
                    return _limited(response.iter_bytes(), candidate), str(candidate)
    except (httpx.HTTPError, httpx.InvalidURL, OSError) as error:
        raise CodegenError(f"cannot fetch {url}: {error or type(error).__name__}") from None
    raise AssertionError("unreachable: the last candidate returns or raises")


def _limited(chunks: Iterator[bytes], url: httpx.URL) -> bytes:
    content = bytearray()
    for chunk in chunks:
        content += chunk
        if len(content) > MAX_BYTES:
            raise CodegenError(f"{url} answers more than {MAX_BYTES >> 20} MiB: it is not an OpenAPI document of XAPI")
    return bytes(content)


def _parse(text: bytes, name: str) -> Document:
    try:
        if text.lstrip()[:1] == b"{":
            document = json.loads(text)
        else:
            _check_yaml(text, name)
            document = yaml.load(text, Loader=_Loader)  # noqa: S506 - it is the safe loader, in C
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        where = getattr(error, "problem_mark", None)
        place = f" at line {where.line + 1}" if where is not None else ""
        raise CodegenError(f"{name} is neither YAML nor JSON, or is cut off{place}") from None
    if not isinstance(document, dict):
        raise CodegenError(f"{name} is not an OpenAPI document: it holds no mapping")
    return cast(Document, document)


def _check_yaml(text: bytes, name: str) -> None:
    """Refuse what would take hours to read or fill the memory, as far as it has been read."""
    depth = 0
    for event in yaml.parse(text, Loader=yaml.CSafeLoader):
        # An alias can make a small file huge; no vendor document has one.
        if isinstance(event, yaml.AliasEvent):
            raise CodegenError(f"{name} uses YAML aliases, which no document of XAPI does")
        depth += isinstance(event, yaml.CollectionStartEvent) - isinstance(event, yaml.CollectionEndEvent)
        if depth > MAX_DEPTH:
            raise CodegenError(f"{name} is nested more than {MAX_DEPTH} levels deep, which no document of XAPI is")


def check(document: Document, name: str) -> None:
    """Refuse what is not a whole OpenAPI 3.0 document of XAPI v1.

    Raises:
        CodegenError: naming what is missing.
    """
    version = document.get("openapi")
    if not isinstance(version, str) or not version.startswith("3.0."):
        raise CodegenError(f"{name} is not OpenAPI 3.0 (its openapi field says {version!r})")
    info = document.get("info")
    if not isinstance(info, dict) or info.get("title") != "XAPI":
        raise CodegenError(f"{name} is not a document of XAPI (its title is not XAPI)")
    for part, kind in (("paths", dict), ("components", dict), ("security", list)):
        if not isinstance(document.get(part), kind) or not document[part]:
            raise CodegenError(f"{name} is cut off: its part {part!r} is missing or empty")
    components = document["components"]
    for part in ("schemas", "responses", "parameters", "securitySchemes"):
        if not isinstance(components.get(part), dict):
            raise CodegenError(f"{name} is cut off: its part 'components.{part}' is missing")
    for requirement in document["security"]:
        if not isinstance(requirement, dict) or not all(
            scheme in components["securitySchemes"] and isinstance(scopes, list)
            for scheme, scopes in requirement.items()
        ):
            raise CodegenError(f"{name} is cut off: its part 'security' does not name a scheme of the document")
    dangling = sorted({reference for reference in _references(document) if not _resolves(document, reference)})
    if dangling:
        raise CodegenError(f"{name} is cut off: {dangling[0]} is referred to and missing ({len(dangling)} such)")


def _references(node: object) -> Iterator[str]:
    stack = [node]
    while stack:
        current = stack.pop()
        if isinstance(current, dict):
            reference = current.get("$ref")
            if isinstance(reference, str):
                yield reference
            stack.extend(current.values())
        elif isinstance(current, list):
            stack.extend(current)


def _resolves(document: Document, reference: str) -> bool:
    if not reference.startswith("#/"):
        return False
    node: object = document
    for part in reference[2:].split("/"):
        if not isinstance(node, dict) or part not in node:
            return False
        node = node[part]
    return node is not None
