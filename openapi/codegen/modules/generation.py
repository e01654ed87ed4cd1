"""All generated files of collection and library."""

from __future__ import annotations

import sys
from collections.abc import Collection
from pathlib import Path

from openapi.codegen import document
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import catalogue, files, modules_page, operations
from openapi.codegen.modules.adapt import adapt, with_fitting_examples
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.documentation import modules_of
from openapi.codegen.modules.render import render, render_descriptions
from openapi.codegen.modules.schema import SchemaReader

COLLECTION = document.ROOT / "ansible_collection"
LIBRARY = document.ROOT / "pbx_as_code"


def generate(
    folder: Path = catalogue.PATH, document_path: Path = document.COMMITTED, left_out: list[str] | None = None
) -> dict[Path, dict[str, str]]:
    """Return the text of every generated file by its path below the collection, and below the library.

    Args:
        folder: of the catalogue.
        document_path: a normalised document.
        left_out: gets a line for each thing of the catalogue that the document lacks, and the reverse. The document
            that the catalogue describes lacks nothing; there, that is a mistake.

    Raises:
        CodegenError: for the first mistake in the catalogue.
    """
    api, raw = document.load(document_path), catalogue.read(folder)
    reader, adapted = SchemaReader(api), not document.is_described(document_path)
    if adapted:
        raw, lacking = adapt(raw, reader)
        (left_out if left_out is not None else []).extend(lacking)
    kinds = describe(catalogue.parse(raw), reader)
    modules = [module for kind in kinds for module in modules_of(kind)]
    texts = render(with_fitting_examples(modules) if adapted else modules)
    texts[operations.PATH] = operations.page(api, kinds)
    texts[modules_page.PATH] = modules_page.page(kind.description for kind in kinds)
    return {COLLECTION: texts, LIBRARY: render_descriptions(kinds)}


def run(places: Collection[Path], *, check: bool) -> None:
    """Write the generated files of some places, or only compare.

    Raises:
        CodegenError: the catalogue has a mistake; with check also where a file differs.
    """
    for place, texts in generate().items():
        if place not in places:
            continue
        if check:
            different = files.differences(texts, place)
            if different:
                raise CodegenError(
                    f"run make modules: {', '.join(different)} not as generated from the catalogue and the document"
                )
            sys.stdout.write(f"{len(texts)} generated files of {place.name} are up to date\n")
            continue
        written, removed = files.write(texts, place)
        sys.stdout.write(f"{len(texts)} generated files of {place.name}: {written} written, {removed} removed\n")
