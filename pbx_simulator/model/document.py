"""Find, read and keep the document that drives the simulator.

One document is read once per process and shared by every simulator in it; nobody changes it. Reading a megabyte of
YAML takes a second, of JSON ten milliseconds: the parsed form is kept as JSON in the user's own cache, named by the
digest of the YAML. JSON and not pickle: whatever somebody plants there is data, never code.
"""

from __future__ import annotations

import contextlib
import functools
import hashlib
import json
import os
import stat
import tempfile
from pathlib import Path
from typing import Any

Json = dict[str, Any]

_HERE = Path(__file__).resolve().parents[1]
_PLACES = (_HERE / "xapi-v1.yaml", _HERE.parent / "openapi" / "xapi-v1.yaml")


class DocumentError(Exception):
    """The document cannot be found or read; the message says where it was looked for."""


def locate() -> Path:
    """Return the path of the document: in the package in a wheel, in ../openapi in a checkout.

    Raises:
        DocumentError: where it is in neither place.
    """
    for place in _PLACES:
        if place.is_file():
            return place
    raise DocumentError("xapi-v1.yaml is neither in " + " nor in ".join(str(place.parent) for place in _PLACES))


def read_text(path: Path | None = None) -> bytes:
    """Return the document's own bytes, as served at /xapi/v1/swagger.yaml."""
    return _read(path or locate())


def load(path: Path | None = None) -> Json:
    """Return the parsed document. It is shared: read it, do not change it.

    Raises:
        DocumentError: where it cannot be found or is not an OpenAPI 3 document.
    """
    return _load((path or locate()).resolve())


@functools.lru_cache(maxsize=8)
def _read(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except OSError as error:
        raise DocumentError(f"cannot read {path}: {error.strerror}") from None


@functools.lru_cache(maxsize=8)
def _load(path: Path) -> Json:
    source = _read(path)
    kept = _cache_file(hashlib.sha256(source).hexdigest())
    document = _from_cache(kept)
    if document is None:
        document = _parse(source, path)
        _to_cache(kept, document)
    return document


def _parse(source: bytes, path: Path) -> Json:
    import yaml

    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        document = yaml.load(source, Loader=loader)  # noqa: S506  (a safe loader, the C one where there is one)
    except yaml.YAMLError as error:
        raise DocumentError(f"{path} is not YAML: {' '.join(str(error).split())}") from None
    if not isinstance(document, dict) or not str(document.get("openapi", "")).startswith("3."):
        raise DocumentError(f"{path} is not an OpenAPI 3 document")
    return document


def _cache_file(digest: str) -> Path | None:
    base = os.environ.get("XDG_CACHE_HOME") or os.path.join(os.path.expanduser("~"), ".cache")
    if not os.path.isabs(base):
        return None
    return Path(base) / "threecx-simulator" / f"{digest}.json"


def _from_cache(kept: Path | None) -> Json | None:
    if kept is None:
        return None
    try:
        descriptor = os.open(kept, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        with open(descriptor, "rb") as stream:
            status = os.fstat(descriptor)
            ours = not hasattr(os, "getuid") or status.st_uid == os.getuid()
            if not stat.S_ISREG(status.st_mode) or not ours or status.st_mode & 0o022:
                return None
            document = json.loads(stream.read())
    except (OSError, ValueError):
        return None
    return document if isinstance(document, dict) and "paths" in document else None


def _to_cache(kept: Path | None, document: Json) -> None:
    if kept is None:
        return
    # A cache that cannot be written costs a second at the next start, nothing else.
    with contextlib.suppress(OSError):
        kept.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        descriptor, scratch = tempfile.mkstemp(dir=kept.parent, prefix=".", suffix=".json")
        try:
            with open(descriptor, "w", encoding="utf-8") as stream:
                json.dump(document, stream, separators=(",", ":"))
            os.replace(scratch, kept)
        except OSError:
            os.unlink(scratch)
            raise
