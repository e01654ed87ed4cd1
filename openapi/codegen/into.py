"""`make generate FROM=file|URL INTO=folder`: client and collection for another document, in another folder.

The folder gets xapi-v1.yaml, generated_client/threecx_xapi, generated_client/pbx_as_code and
ansible_collections/threecx/xapi, complete: what is written by hand is copied, what is generated comes from the
document. Objects that only the catalogue or only the document has are left out and listed.
"""

from __future__ import annotations

import shutil
import sys
from pathlib import Path

from openapi.codegen import client, files
from openapi.codegen.document import ROOT
from openapi.codegen.errors import CodegenError
from openapi.codegen.files import replace
from openapi.codegen.modules.generation import COLLECTION, LIBRARY, existing
from openapi.codegen.modules.generation import generate as generate_modules
from openapi.codegen.normalise import normalise
from openapi.codegen.source import read
from openapi.codegen.spec import render, summary

PARTS = ("spec", "client", "modules")
_NOT_COPIED = shutil.ignore_patterns("__pycache__", "*.pyc")


def generate(source: str, into: Path, *, ca_path: str | None = None, parts: tuple[str, ...] = PARTS) -> list[str]:
    """Generate into a folder; return a line for each thing that was left out.

    Args:
        source: a file, the URL of a document, or the URL of a PBX.
        into: the folder; it is made where it is missing, and what it has of an earlier run is replaced.
        ca_path: a file of certificate authorities to trust.
        parts: which of PARTS to generate; the document is written in any case.

    Raises:
        CodegenError: the document cannot be read or generated from, or the folder is one of the project's own.
    """
    into = into.resolve()
    if into == ROOT or into in ROOT.parents or into in (ROOT / "generated_client", COLLECTION, LIBRARY):
        raise CodegenError(f"{into} is a folder of the project itself: name another one with INTO=")
    document = normalise(read(source, ca_path=ca_path))
    path, left_out = into / "xapi-v1.yaml", list[str]()
    replace(path, render(document))
    print(f"{path}: {summary(document)}")
    if "client" in parts:
        package = into / "generated_client" / "threecx_xapi"
        _copy(client.PLACE, package)
        client.run(package, path)
    if "modules" in parts:
        collection = into / "ansible_collections" / "threecx" / "xapi"
        library = into / "generated_client" / "pbx_as_code"
        found = generate_modules(document_path=path, left_out=left_out)
        for place, target in ((COLLECTION, collection), (LIBRARY, library)):
            _copy(place, target)
            files.update(found[place], target, existing(target), check=False, command="modules")
    return left_out


def _copy(place: Path, target: Path) -> None:
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(place, target, ignore=_NOT_COPIED)


def run(source: str, into: str, only: str | None, ca: str | None) -> None:
    """Generate, and list on stderr what was left out; see generate.

    Raises:
        CodegenError: as `generate` does, or there is no folder.
    """
    if not into:
        raise CodegenError("name a folder: make generate FROM=swagger.yaml INTO=build/other")
    parts = PARTS if only is None else (only,)
    for line in generate(source, Path(into), ca_path=ca, parts=parts):
        sys.stderr.write(f"left out: {line}\n")
