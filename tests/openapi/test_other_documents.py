"""Every document works: those of other releases, a PBX's own, and an invented one of thirty lines."""

from __future__ import annotations

import json
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import yaml

from openapi.codegen import client, document, into, normalise, source, spec
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.adapt import adapt, fitting_examples
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.generation import COLLECTION, LIBRARY
from openapi.codegen.modules.schema import SchemaReader
from pbx_simulator import SimulatedPbx
from tests.faults.soak import SOAK
from tests.openapi.test_document import VENDOR

RELEASES = ("20.0.5", "20.0.7", "20.0.8", "20.0.9", "20.0.10")
#: Invented: what a document up to 20.0.6 says where a value may be null, and a file that is documented as JSON.
FRAGMENT = """
openapi: 3.0.4
info: {title: Invented, version: v1}
paths:
  /Things/Pbx.Find(name={name}):
    get:
      operationId: Find
      summary: Prose
      externalDocs: {description: Prose, url: https://example.com}
      parameters: [{name: name, in: path, required: true, schema: {type: string, nullable: true, default: x},
        examples: {one: {value: Prose}}}]
      responses: {'200': {description: Prose, content: {application/json: {schema: {
        anyOf: [{$ref: '#/components/schemas/Pbx.Thing'}, {type: object, nullable: true}]}}}}}
  /Things/Pbx.ExportThings():
    get:
      operationId: ExportThings
      responses: {'200': {description: Prose, content: {application/json: {schema: {type: string}}}}}
components:
  schemas:
    Pbx.Thing:
      title: thing
      type: object
      description: Prose
      example: {description: Prose}
      properties:
        description: {type: string, maxLength: 5}
        Choice: {anyOf: [{type: string, maxLength: 3}, {type: object, nullable: true}]}
        Either: {anyOf: [{type: string}, {type: integer}], externalDocs: {url: https://example.com/Prose}}
        Single: {anyOf: [{type: string}]}
    Somebody.Thing: {title: thing, type: object, properties: {example: {type: string, summary: Prose}}}
  responses: {}
  parameters: {}
  securitySchemes: {}
"""


def normalised(text: str) -> dict[str, Any]:
    return normalise.normalise(yaml.safe_load(text))


def test_any_of_a_schema_and_a_null_object_is_a_value_that_may_be_null() -> None:
    made = normalised(FRAGMENT)
    answer = made["paths"]["/Things/Pbx.Find(name={name})"]["get"]["responses"]["200"]["content"]
    assert answer["application/json"]["schema"] == {
        "nullable": True,
        "allOf": [{"$ref": "#/components/schemas/Pbx.Thing"}],
    }
    properties = made["components"]["schemas"]["Pbx.Thing"]["properties"]
    assert properties["Choice"] == {"type": "string", "nullable": True, "maxLength": 3}
    assert properties["Either"] == {"anyOf": [{"type": "string"}, {"type": "integer"}]}, "a real choice stays one"
    assert properties["Single"] == {"anyOf": [{"type": "string"}]}, "nothing says that it may be null"


def test_prose_goes_and_properties_called_like_prose_stay() -> None:
    made = normalised(FRAGMENT)
    thing = made["components"]["schemas"]["Pbx.Thing"]
    assert thing["properties"]["description"] == {"type": "string", "maxLength": 5}
    assert "description" not in {key for key in thing if key != "properties"}
    assert made["components"]["schemas"]["Somebody.Thing"]["properties"] == {"example": {"type": "string"}}
    assert "Prose" not in json.dumps(made)
    assert not {"summary", "externalDocs", "examples"} & set(re.findall(r"\w+", json.dumps(made)))
    [parameter] = made["paths"]["/Things/Pbx.Find(name={name})"]["get"]["parameters"]
    assert parameter["schema"] == {"type": "string", "nullable": True}, "a function takes null; a path has no default"


def test_titles_are_the_names_of_schemas_and_no_two_are_alike() -> None:
    schemas = normalised(FRAGMENT)["components"]["schemas"]
    assert {name: schema["title"] for name, schema in schemas.items()} == {
        "Pbx.Thing": "Thing",
        "Somebody.Thing": "SomebodyThing",
    }


def test_a_file_is_no_json() -> None:
    made = normalised(FRAGMENT)
    [content] = made["paths"]["/Things/Pbx.ExportThings()"]["get"]["responses"]["200"]["content"]
    assert content == "application/octet-stream"


def smaller(api: dict[str, Any]) -> dict[str, Any]:
    """The committed document as one of a PBX that lacks some things and has others nobody described."""
    properties = api["components"]["schemas"]["Pbx.Fax"]["allOf"][-1]["properties"]
    del properties["OutboundCallerId"]
    properties["NewerThanTheCatalogue"] = {"type": "string"}
    for path in [path for path in api["paths"] if path.startswith("/Holidays")]:
        del api["paths"][path]
    return api


def test_what_a_document_lacks_is_left_out_and_listed() -> None:
    reader = SchemaReader(smaller(document.load()))
    raw = catalogue.read()
    raw["entities"] = {name: raw["entities"][name] for name in ("fax", "holiday", "user")}
    raw = {**raw, "settings": {}, "lists": {}, "status": {}}
    with pytest.raises(CodegenError):
        describe(catalogue.parse(raw), reader)
    said, left_out = adapt(raw, reader)
    entities = {kind.name for kind in describe(catalogue.parse(said), reader)}
    assert entities == {"fax", "user"}
    assert any(line.startswith("entities.holiday: the document has no entity set Holidays") for line in left_out)
    assert any("NewerThanTheCatalogue" in line for line in left_out)
    assert raw["entities"].keys() == {"fax", "holiday", "user"}, "the catalogue itself is left alone"


def test_what_only_a_document_has_is_listed() -> None:
    """An entity set nobody described, and one whose key is called otherwise than its property."""
    api = document.load()
    api["paths"] |= {
        path.replace("Parkings", "Garages"): api["paths"][path] for path in ("/Parkings", "/Parkings({Id})")
    }
    by_key = json.loads(json.dumps(api["paths"]["/Parkings({Id})"]).replace('"Id"', '"ParkingId"'))
    api["paths"] = {path: item for path, item in api["paths"].items() if not path.startswith("/Parkings({Id})")}
    api["paths"]["/Parkings({ParkingId})"] = by_key
    raw = {**catalogue.read(), "settings": {}, "lists": {}, "status": {}}
    raw["entities"] = {name: raw["entities"][name] for name in ("fax", "parking")}
    said, left_out = adapt(raw, SchemaReader(api))
    assert "entity set Garages: the catalogue says nothing about it" in left_out
    assert "entities.parking: Parking has no property ParkingId" in left_out
    assert list(said["entities"]) == ["fax"]


def test_the_described_document_lacks_nothing() -> None:
    assert document.is_described()
    assert adapt(catalogue.read(), SchemaReader(document.load()))[1] == []


def test_examples_that_a_document_has_no_options_for_go() -> None:
    known = {"threecx.xapi.threecx_x": {"a": {}, "b": {"options": {"c": {}}}, "d": {"choices": ["e"]}}}
    tasks = [
        {"name": "stays", "threecx.xapi.threecx_x": {"a": 1, "b": [{"c": 2}], "d": "e"}},
        {"name": "unknown", "threecx.xapi.threecx_x": {"z": 1}},
        {"name": "unknown below", "threecx.xapi.threecx_x": {"b": [{"z": 2}]}},
        {"name": "no such choice", "threecx.xapi.threecx_x": {"d": "f"}},
        {"name": "no module of ours", "ansible.builtin.debug": {"msg": "x"}},
    ]
    kept = yaml.safe_load(fitting_examples(yaml.safe_dump(tasks), known))
    assert [task["name"] for task in kept] == ["stays", "no module of ours"]
    assert fitting_examples("- name: as written\n", known) == "- name: as written\n"


def test_the_projects_own_folders_are_not_generated_into(tmp_path: Path) -> None:
    given = tmp_path / "fragment.yaml"
    given.write_text(FRAGMENT)
    for place in (document.ROOT, document.ROOT.parent, document.ROOT / "ansible_collection"):
        with pytest.raises(CodegenError, match="INTO="):
            into.generate(str(given), place)


SMOKE = """
import json, sys
from threecx_xapi import XapiClient
import threecx_xapi
with XapiClient(sys.argv[1], client_id=sys.argv[2], client_secret=sys.argv[3]) as client:
    reply = client.request("GET", "/Fax")
print(json.dumps([threecx_xapi.__file__, len(reply.json()["value"])]))
"""


def unlike(place: Path, committed: Path) -> Iterator[Path]:
    """The modules below `place` that differ from the committed ones, which other tests import."""
    for file in place.rglob("*.py"):
        original = committed / file.relative_to(place)
        if not original.exists() or original.read_bytes() != file.read_bytes():
            yield file


def of_vendor(release: str) -> Path:
    given = VENDOR / f"xapi-v1-{release}.yaml"
    if not given.is_file():
        pytest.skip(f"{given.name} of the vendor is not here: it is not ours to commit")
    return given


@pytest.mark.parametrize("release", RELEASES)
def test_modules_can_be_described_by_a_vendors_document(release: str, tmp_path: Path) -> None:
    given = tmp_path / "xapi-v1.yaml"
    given.write_text(spec.render(normalise.normalise(source.read(str(of_vendor(release))))))
    reader = SchemaReader(document.load(given))
    said, left_out = adapt(catalogue.read(), reader)
    assert bool(left_out) == (release != RELEASES[-1])
    assert len(describe(catalogue.parse(said), reader)) > 100


@pytest.mark.parametrize("release", RELEASES if SOAK else RELEASES[:1])
@pytest.mark.timeout(400)
def test_client_and_collection_of_a_vendors_document_work(release: str, tmp_path: Path) -> None:
    """The document of the oldest release, which lacks the most; `make soak` generates from every one."""
    given = of_vendor(release)
    left_out = into.generate(str(given), tmp_path)
    assert bool(left_out) == (release != RELEASES[-1])
    package, collection = tmp_path / "generated_client", tmp_path / "ansible_collections" / "threecx" / "xapi"
    modules = collection / "plugins" / "modules"
    for place, committed in (
        (package / "threecx_xapi", client.PLACE), (package / "pbx_as_code", LIBRARY), (collection, COLLECTION),
    ):  # fmt: skip
        for file in unlike(place, committed):
            compile(file.read_bytes(), file, "exec")
            if file.parent == modules:
                examples = file.read_text().split('EXAMPLES = r"""')[1].split('"""')[0]
                assert yaml.load(examples, Loader=yaml.CSafeLoader) is not None, file.name
    with SimulatedPbx(release=release) as pbx:
        done = subprocess.run(
            [sys.executable, "-c", SMOKE, pbx.url, pbx.client_id, pbx.client_secret],
            env={"PYTHONPATH": str(package), "HOME": str(tmp_path), "XDG_RUNTIME_DIR": str(tmp_path)},
            capture_output=True, text=True, check=True,
        )  # fmt: skip
        where, faxes = json.loads(done.stdout)
        assert where.startswith(str(package))
        assert faxes == len(pbx.entities("Fax"))
        task = [
            "ansible", "localhost", "-o", "-m", "threecx.xapi.threecx_fax", "-a", "number=7811 outbound_caller_id=1",
        ]  # fmt: skip
        for changed in ("CHANGED", "SUCCESS"):
            done = subprocess.run(
                [str(Path(sys.executable).with_name(task[0])), *task[1:]],
                env={
                    "PATH": str(Path(sys.executable).parent), "LANG": "C.UTF-8", "HOME": str(tmp_path),
                    "PYTHONPATH": str(package), "ANSIBLE_COLLECTIONS_PATH": str(tmp_path),
                    "XDG_RUNTIME_DIR": str(tmp_path),
                    "THREECX_HOST": pbx.url, "THREECX_CLIENT_ID": pbx.client_id,
                    "THREECX_CLIENT_SECRET": pbx.client_secret,
                },
                capture_output=True, text=True, check=False,
            )  # fmt: skip
            assert changed in done.stdout, done.stdout + done.stderr
