"""Since when there is what: read off the documents of several releases, and what it says of ours."""

from __future__ import annotations

import copy
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from openapi.codegen import document, normalise, source
from openapi.codegen.errors import CodegenError
from openapi.codegen.since import HEADER, compare, release_of, render
from openapi.codegen.spec import render as render_document

VENDOR = Path(os.environ.get("THREECX_VENDOR_DOCUMENTS", document.ROOT.parent / "shared" / "vendor"))
RELEASES = ("20.0.5", "20.0.7", "20.0.8", "20.0.9", "20.0.10")


def _schema(properties: dict[str, Any] | None = None, **more: Any) -> dict[str, Any]:
    kind = {} if properties is None else {"type": "object", "properties": properties}
    return {**kind, **more}


def _document(paths: dict[str, Any], schemas: dict[str, Any]) -> dict[str, Any]:
    return {"paths": paths, "components": {"schemas": {f"Pbx.{name}": schema for name, schema in schemas.items()}}}


def _to(name: str) -> dict[str, str]:
    return {"$ref": f"#/components/schemas/Pbx.{name}"}


TEXT = {"type": "string"}
OLD = _document(
    {"/Fax": {"get": {"parameters": [{"name": "$top", "in": "query"}]}}},
    {
        "Fax": _schema({"Id": TEXT, "Number": TEXT, "Kind": _to("FaxKind"), "Gone": TEXT}),
        "FaxKind": _schema(enum=["A", "B"]),
    },
)
NEW = _document(
    {
        "/Fax": {
            "get": {"parameters": [{"name": "$top", "in": "query"}, {"name": "$skip", "in": "query"}]},
            "post": {"requestBody": {"content": {"application/json": {"schema": _to("Fax")}}}},
        }
    },
    {
        # A base type below one that is known, an enum under another name, and a structure that is new altogether.
        "Number": _schema({"Id": TEXT, "Number": TEXT}),
        "Fax": {"allOf": [_to("Number"), _schema({"Kind": _to("KindOfFax"), "Tray": _to("Tray")})]},
        "KindOfFax": _schema(enum=["A", "B", "C"]),
        "Tray": _schema({"Size": TEXT, "Colour": TEXT}),
    },
)


def test_only_what_the_oldest_lacks_is_said_and_once() -> None:
    assert compare({"20.0.10": NEW, "20.0.9": OLD}) == {
        "releases": ["20.0.9", "20.0.10"],
        "operations": {"/Fax": {"post": "20.0.10"}},
        "parameters": {"/Fax": {"get": {"$skip": "20.0.10"}}},
        "properties": {"Fax": {"Tray": "20.0.10"}},
        "members": {"KindOfFax": {"C": "20.0.10"}},
    }


def test_what_came_went_and_came_again_came_the_second_time() -> None:
    facts = compare({"20.0.5": NEW, "20.0.8": OLD, "20.0.10": NEW})
    assert facts["operations"] == {"/Fax": {"post": "20.0.10"}}
    assert facts["properties"] == {"Fax": {"Tray": "20.0.10"}}


def test_nothing_came_where_nothing_differs() -> None:
    facts = compare({"20.0.5": NEW, "20.0.8": copy.deepcopy(NEW)})
    assert [facts[name] for name in ("operations", "parameters", "properties", "members")] == [{}, {}, {}, {}]


def test_one_document_says_nothing() -> None:
    with pytest.raises(CodegenError, match="at least two releases"):
        compare({"20.0.5": NEW})


@pytest.mark.parametrize(
    ("name", "release"), [("xapi-v1-20.0.8.yaml", "20.0.8"), ("/a/21.0.12/v20.0.10.json", "20.0.10")]
)
def test_a_file_is_called_after_its_release(name: str, release: str) -> None:
    assert release_of(name) == release


@pytest.mark.parametrize("name", ["xapi.yaml", "20.0.5-20.0.8.yaml"])
def test_a_file_that_names_no_release_is_refused(name: str) -> None:
    with pytest.raises(CodegenError, match="call the file after its release"):
        release_of(name)


def test_the_program_refuses_in_one_line(tmp_path: Path) -> None:
    (tmp_path / "20.0.5.yaml").write_text("openapi: 2.0")
    done = subprocess.run(
        [sys.executable, "-m", "openapi.codegen", "since", tmp_path / "20.0.5.yaml", "--to", tmp_path / "since.yaml"],
        capture_output=True,
        text=True,
        check=False,
        cwd=document.ROOT,
    )
    assert (done.returncode, done.stderr.count("\n")) == (1, 1)
    assert done.stderr.startswith("error: ")
    assert not (tmp_path / "since.yaml").exists()


def test_the_committed_facts_are_those_of_the_vendors_documents() -> None:
    files = {release: VENDOR / f"xapi-v1-{release}.yaml" for release in RELEASES}
    missing = [file.name for file in files.values() if not file.is_file()]
    if missing:
        pytest.skip(f"{', '.join(missing)} of the vendor is not here")
    documents = {release: normalise.normalise(source.read(str(file))) for release, file in files.items()}
    newest = render_document(documents[RELEASES[-1]])
    assert document.SINCE.read_text() == render(compare(documents), newest)


def test_the_committed_facts_name_what_our_document_has() -> None:
    text = document.SINCE.read_text()
    assert text.startswith(HEADER)
    assert "Generated" in text.splitlines()[1]
    since = yaml.load(text, Loader=yaml.CSafeLoader)["since"]
    assert tuple(since["releases"]) == RELEASES
    made = document.load()
    for path, methods in since["operations"].items():
        for method, release in methods.items():
            assert made["paths"][path][method][document.SINCE_KEY] == release
    for schema, names in since["properties"].items():
        assert made["components"]["schemas"][f"Pbx.{schema}"][document.PARTS_KEY] == names
    for schema, members in since["members"].items():
        assert set(members) <= set(made["components"]["schemas"][f"Pbx.{schema}"]["enum"])


def test_facts_of_something_the_document_lacks_are_passed_over() -> None:
    made = copy.deepcopy(OLD)
    document.note(made, compare({"20.0.9": OLD, "20.0.10": NEW}))
    assert document.SINCE_KEY not in made["paths"]["/Fax"]["get"]
    assert made["paths"]["/Fax"]["get"][document.PARTS_KEY] == {"$skip": "20.0.10"}
