"""Generate the client: `python -m openapi.codegen client [--out DIR] [--check]`.

Writes api/, models/, _resources.py and index.json of threecx_xapi from the document, by openapi-python-client with the
templates of openapi/templates. The same document gives the same bytes.
"""

from __future__ import annotations

import contextlib
import copy
import io
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any
from unittest import mock

from openapi.codegen import files
from openapi.codegen.client_document import shape
from openapi.codegen.client_index import index
from openapi.codegen.document import COMMITTED, ROOT, ApiDocument, load
from openapi.codegen.errors import CodegenError
from openapi.codegen.source import Document

CONFIG = ROOT / "openapi" / "client.yaml"
PARAMETERS = ROOT / "openapi" / "parameters.yaml"
TEMPLATES = ROOT / "openapi" / "templates"
PINS = ROOT / "requirements-dev.txt"
INDEX = "index.json"
PLACE = ROOT / "generated_client" / "threecx_xapi"
LONGEST_MESSAGE = 400


def run(out: Path | None = None, document: Path | None = None, *, check: bool = False) -> None:
    """Generate into a folder, or only compare with it.

    Args:
        out: folder of the import package; the committed one by default.
        document: a normalised one; the committed one by default.
        check: write nothing.

    Raises:
        CodegenError: as `generate` does; with check also where a file differs.
    """
    out = out or PLACE
    files.update(generate(document or COMMITTED), out, existing(out), check=check, command="client")


def existing(package: Path) -> list[str]:
    """The generated files of a package, as paths below it."""
    paths = [package / name for name in ("_resources.py", INDEX)]
    paths += [path for folder in ("api", "models") for path in (package / folder).rglob("*.py")]
    return [path.relative_to(package).as_posix() for path in paths if path.is_file()]


def generate(document_path: Path = COMMITTED) -> dict[str, str]:
    """Return the text of every generated file by its path below the package.

    Args:
        document_path: a normalised document.

    Raises:
        CodegenError: generator or ruff are not the pinned ones, or the generator warned of anything.
    """
    for name in ("openapi-python-client", "ruff"):
        _require_pin(name)
    with phase("reading the document"):
        document = shape(load(document_path))
    # The generator calls `ruff`: that of this interpreter is the pinned one.
    tools_first = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    with (
        tempfile.TemporaryDirectory() as scratch,
        mock.patch.dict(os.environ, PATH=tools_first),
        contextlib.redirect_stdout(io.StringIO()),
    ):
        package = _generated(document, Path(scratch))
        texts = {name: (package / name).read_text(encoding="utf-8") for name in existing(package)}
    return texts | {INDEX: index(load(document_path))}


def _generated(document: Document, scratch: Path) -> Path:
    """Let openapi-python-client write the package into an empty folder; return the folder of the package."""
    # Imported late: the generator's modules take half a second, which --help does not need.
    from openapi_python_client.config import Config, ConfigFile, MetaType
    from openapi_python_client.parser import GeneratorData
    from openapi_python_client.parser.errors import GeneratorError

    from openapi.codegen.client_operations import tags
    from openapi.codegen.client_parameters import Parameters
    from openapi.codegen.client_project import ClientProject

    source = scratch / "document.json"
    source.write_text(json.dumps(document))
    config = Config.from_sources(
        ConfigFile.load_from_path(CONFIG),
        MetaType.NONE,
        source,
        "utf-8",
        overwrite=True,
        output_path=scratch / "package",
    )
    api = ApiDocument(document)
    count = len(list(api.operations()))
    with phase(f"parsing {count} operations"), mock.patch("openapi_python_client.parser.openapi.deepcopy", _shallow):
        data = GeneratorData.from_dict(json.loads(source.read_text()), config=config)
        if isinstance(data, GeneratorError):
            raise CodegenError(_one_line(data))
    endpoints = [each for collection in data.endpoint_collections_by_tag.values() for each in collection.endpoints]
    project = ClientProject(openapi=data, config=config, custom_template_path=TEMPLATES)
    with phase("rendering and formatting"):
        warnings = project.render(api, tags(api, endpoints, Parameters.load(PARAMETERS)))
    if warnings:
        raise CodegenError("the generator warned:\n" + "\n".join(_one_line(each) for each in warnings))
    if len(endpoints) != count:
        raise CodegenError(f"{len(endpoints)} of {count} operations were generated")
    return scratch / "package"


@contextlib.contextmanager
def phase(name: str) -> Iterator[None]:
    """Say how long something took."""
    started = time.perf_counter()
    yield
    print(f"{time.perf_counter() - started:6.1f} s  {name}", file=sys.stderr, flush=True)


def _shallow(endpoint: Any) -> Any:
    """Copy of an endpoint what the generator changes, its lists, and not every model its answers are made of.

    Its deep copies, one for each endpoint and each step, take three quarters of its parsing.
    """
    made = copy.copy(endpoint)
    for name, value in list(vars(made).items()):
        if isinstance(value, list | dict | set):
            setattr(made, name, value.copy())
    return made


def _require_pin(name: str) -> None:
    pinned = re.search(rf"^{re.escape(name)}==(\S+)", PINS.read_text(), re.MULTILINE)
    if pinned is None:
        raise CodegenError(f"{PINS.name} does not pin {name}")
    found = version(name)
    if name == "ruff":  # the program counts, not other files in its folder
        ruff = Path(sys.executable).parent / "ruff"
        found = subprocess.run([ruff, "--version"], capture_output=True, text=True, check=True).stdout.split()[1]  # noqa: S603
    if found != pinned[1]:
        raise CodegenError(f"{name} {found} is installed, {pinned[1]} is pinned; `make setup` installs it")


def _one_line(error: object) -> str:
    header, detail = getattr(error, "header", ""), getattr(error, "detail", "")
    # The generator puts Python objects into its details, a line of a thousand characters that nobody can read.
    words = re.sub(
        r"(?<!/)\b[A-Z]\w+\(\w+=.*\)|<[\w.]+ object at 0x[0-9a-f]+>", "(...)", " ".join(f"{header}: {detail}".split())
    )
    return words if len(words) <= LONGEST_MESSAGE else f"{words[:LONGEST_MESSAGE]}..."
