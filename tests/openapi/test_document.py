"""The document's journey: any vendor document in, the same facts and none of the prose out."""

from __future__ import annotations

import contextlib
import http.server
import io
import json
import os
import re
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, NamedTuple

import pytest
import yaml
from openapi_spec_validator import validate

from openapi.codegen import document as documents
from openapi.codegen.__main__ import main
from openapi.codegen.errors import CodegenError
from openapi.codegen.normalise import METHODS, normalise
from openapi.codegen.source import read
from openapi.codegen.spec import HEADER, render, summary
from pbx_simulator import SimulatedPbx

ROOT = Path(__file__).resolve().parents[2]
COMMITTED = ROOT / "openapi" / "xapi-v1.yaml"
VENDOR = Path(os.environ.get("THREECX_VENDOR_DOCUMENTS", ROOT.parent / "shared" / "vendor"))
SIZES = {
    "20.0.5": "419 paths, 531 operations, 488 schemas",
    "20.0.8": "453 paths, 571 operations, 543 schemas",
    "20.0.10": "480 paths, 601 operations, 597 schemas",
}
Json = dict[str, Any]


def vendor(release: str) -> Path:
    path = VENDOR / f"xapi-v1-{release}.yaml"
    if not path.exists():
        pytest.skip(f"the vendor's document of {release} is not at hand: it is not ours to commit")
    return path


class Done(NamedTuple):
    returncode: int
    stdout: str
    stderr: str


def spec(*arguments: str) -> Done:
    """Run the command in this process: it is imported already, which a fresh interpreter spends most of its time on."""
    out, err = io.StringIO(), io.StringIO()
    with (
        contextlib.redirect_stdout(out),
        contextlib.redirect_stderr(err),
        pytest.MonkeyPatch.context() as patch,
    ):
        patch.setattr(sys, "argv", ["codegen", "spec", *arguments])
        try:
            main()
        except SystemExit as end:
            # As the interpreter handles sys.exit("text").
            return Done(1 if isinstance(end.code, str) else int(end.code or 0), out.getvalue(), f"{end.code}\n")
    return Done(0, out.getvalue(), err.getvalue())


def test_make_spec_as_a_person_runs_it(tmp_path: Path) -> None:
    done = subprocess.run(
        [
            sys.executable,
            "-m",
            "openapi.codegen",
            "spec",
            str(tmp_path / "none.yaml"),
            "--to",
            str(tmp_path / "out.yaml"),
        ],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
    )
    assert_refused(Done(done.returncode, done.stdout, done.stderr), "No such file")


@pytest.fixture(scope="module")
def committed() -> Json:
    return read(str(COMMITTED))


def walk(node: Any, path: tuple[str, ...] = ()) -> Iterator[tuple[tuple[str, ...], Any]]:
    yield path, node
    if isinstance(node, dict):
        for key, value in node.items():
            yield from walk(value, (*path, key))
    elif isinstance(node, list):
        for index, value in enumerate(node):
            yield from walk(value, (*path, str(index)))


def test_the_committed_document_is_that_of_the_newest_release(committed: Json) -> None:
    assert summary(committed) == SIZES["20.0.10"]
    assert COMMITTED.read_text() == render(committed)
    assert COMMITTED.read_text().startswith(HEADER)


def test_the_committed_document_is_valid_openapi(committed: Json) -> None:
    validate(committed)


def test_the_document_with_its_overlay_is_valid_openapi() -> None:
    validate(documents.load())


def test_normalising_twice_changes_nothing(committed: Json) -> None:
    assert render(normalise(committed)) == render(committed)


def test_titles_are_unique_and_without_the_prefix(committed: Json) -> None:
    titles = [schema["title"] for schema in committed["components"]["schemas"].values()]
    assert len(titles) == len(set(titles))
    assert {"DN", "User", "Fax", "ODataError"} <= set(titles)
    assert not {"PbxUser", "PbxFax", "PbxODataError"} & set(titles)


def test_no_path_parameter_has_a_default_and_only_arguments_of_functions_may_be_null(committed: Json) -> None:
    nullable = 0
    for path, item in committed["paths"].items():
        for method in METHODS:
            for parameter in item.get(method, {}).get("parameters", []):
                if parameter.get("in") == "path":
                    assert "default" not in parameter["schema"]
                    if "nullable" in parameter["schema"]:
                        nullable += 1
                        assert f"{parameter['name']}={{" in path.partition("/Pbx.")[2]
    assert nullable == 144


def test_downloads_are_bytes(committed: Json) -> None:
    downloads = {
        operation["operationId"]
        for item in committed["paths"].values()
        for operation in (item[method] for method in METHODS if method in item)
        if "application/octet-stream" in operation["responses"].get("200", {}).get("content", {})
    }
    assert len(downloads) == 42
    assert {"DownloadRecording", "ExportExtensions", "ExportTrunk"} <= downloads


def test_an_enum_member_that_yaml_1_1_would_read_as_false_stays_a_word(committed: Json) -> None:
    assert committed["components"]["schemas"]["Pbx.AuthenticationType"]["enum"] == ["No", "Basic", "Scenario"]


@pytest.mark.parametrize("release", SIZES)
def test_every_vendor_release_is_taken(release: str, tmp_path: Path) -> None:
    target = tmp_path / "out.yaml"
    done = spec(str(vendor(release)), "--to", str(target))
    assert done.returncode == 0, done.stderr
    assert done.stdout.strip().endswith(SIZES[release])
    first = target.read_bytes()
    document = yaml.load(first, Loader=yaml.CSafeLoader)
    validate(document)
    assert spec(str(vendor(release)), "--to", str(target)).returncode == 0
    assert target.read_bytes() == first


def test_the_committed_document_is_what_the_vendors_gives(tmp_path: Path) -> None:
    target = tmp_path / "out.yaml"
    assert spec(str(vendor("20.0.10")), "--to", str(target)).returncode == 0
    assert target.read_bytes() == COMMITTED.read_bytes()


@pytest.mark.parametrize("release", SIZES)
def test_every_fact_survives_and_no_prose_does(release: str) -> None:
    source = read(str(vendor(release)))
    ours = normalise(source)
    before, after = dict(facts(source)), dict(facts(ours))
    assert before == after
    sentences = {
        node for path, node in walk(source) if path and path[-1] in {"description", "summary"} and isinstance(node, str)
    }
    text = render(ours)
    for sentence in sentences:
        if len(sentence.split()) > 1:
            assert sentence not in text


PROSE = {"description", "summary", "example", "examples", "externalDocs"}


def facts(document: Json) -> Iterator[tuple[tuple[str, ...], Any]]:
    """Every fact of a document by where it stands, read without any code of ours that writes it."""
    for name, schema in document["components"]["schemas"].items():
        yield from schema_facts(("schema", name), schema)
    for path, item in document["paths"].items():
        for method, operation in item.items():
            if method not in METHODS:
                continue
            at = (path, method)
            yield (*at, "operationId"), operation["operationId"]
            yield (*at, "tags"), tuple(operation["tags"])
            yield (*at, "kind"), operation.get("x-ms-docs-operation-type")
            for place, parameter in enumerate(operation.get("parameters", [])):
                yield from parameter_facts((*at, "parameter", str(place)), parameter)
            body = operation.get("requestBody")
            if body:
                yield (*at, "body"), (body.get("required"), body.get("$ref"))
                for media, content in body.get("content", {}).items():
                    yield from schema_facts((*at, "body", media), content["schema"])
            yield (*at, "responses"), tuple(sorted(operation["responses"]))
            if re.search(r"Pbx\.(Download|Export)", path):
                continue
            for status, response in operation["responses"].items():
                yield (*at, status), response.get("$ref")
                for media, content in response.get("content", {}).items():
                    yield from schema_facts((*at, status, media), resolve(document, content["schema"]))
    for kind in ("responses", "requestBodies"):
        for name, part in document["components"].get(kind, {}).items():
            for media, content in part.get("content", {}).items():
                yield from schema_facts((kind, name, media), content["schema"])
    for name, parameter in document["components"]["parameters"].items():
        yield from parameter_facts(("parameters", name), parameter)
    yield ("servers",), json.dumps(document["servers"])
    yield ("security",), json.dumps(document["security"])
    for name, scheme in document["components"]["securitySchemes"].items():
        yield (
            ("scheme", name),
            json.dumps({k: v for k, v in scheme.items() if k not in PROSE and k != "flows"}, sort_keys=True),
        )
        for flow, details in scheme["flows"].items():
            yield ("scheme", name, flow), tuple(sorted((k, str(v)) for k, v in details.items() if k != "scopes"))


def resolve(document: Json, schema: Json) -> Json:
    # A copy of a component may have become a reference to it: the same fact.
    reference = schema.get("$ref", "")
    if reference.endswith("CollectionResponse"):
        found: Json = document["components"]["schemas"][reference.rsplit("/", 1)[1]]
        return found
    return schema


def parameter_facts(at: tuple[str, ...], parameter: Json) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in parameter.items():
        if key == "schema":
            dropped = {"nullable", "default"} if parameter["in"] == "path" else set()
            yield from schema_facts(at, {k: v for k, v in value.items() if k not in dropped})
        elif key not in PROSE:
            yield (*at, key), value


def schema_facts(at: tuple[str, ...], schema: Json) -> Iterator[tuple[tuple[str, ...], Any]]:
    for key, value in schema.items():
        if key in PROSE or key == "title":
            continue
        if key == "properties":
            yield (*at, "names"), tuple(sorted(value))
            for name, part in value.items():
                yield from schema_facts((*at, name), part)
        elif key == "anyOf" and {"type": "object", "nullable": True} in value and len(value) == 2:
            # Up to 20.0.6: the other one, or null. Newer documents say nullable and allOf, and so does ours.
            other = next(part for part in value if part != {"type": "object", "nullable": True})
            yield from schema_facts(at, {"nullable": True, **({"allOf": [other]} if "$ref" in other else other)})
        elif key in {"allOf", "oneOf", "anyOf"}:
            for place, part in enumerate(value):
                yield from schema_facts((*at, key, str(place)), part)
        elif key == "items":
            yield from schema_facts((*at, key), value)
        else:
            yield (*at, "=", key), json.dumps(value, sort_keys=True)


@pytest.fixture
def server() -> Iterator[Callable[[dict[str, tuple[int, bytes]]], str]]:
    servers: list[http.server.ThreadingHTTPServer] = []

    def start(pages: dict[str, tuple[int, bytes]]) -> str:
        class Handler(http.server.BaseHTTPRequestHandler):
            def do_GET(self) -> None:
                status, body = pages.get(self.path, (404, b"gone"))
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, *_arguments: object) -> None:
                pass

        servers.append(http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler))
        threading.Thread(target=servers[-1].serve_forever, args=(0.05,), daemon=True).start()
        return f"http://127.0.0.1:{servers[-1].server_address[1]}"

    yield start
    for running in servers:
        running.shutdown()
        running.server_close()


def test_a_live_pbx_is_asked_for_its_own(server: Any, tmp_path: Path) -> None:
    url = server({"/xapi/v1/swagger.yaml": (200, COMMITTED.read_bytes())})
    target = tmp_path / "out.yaml"
    assert spec(url, "--to", str(target)).returncode == 0
    assert target.read_bytes() == COMMITTED.read_bytes()


def test_a_pbx_that_serves_json_alone_will_do(server: Any, committed: Json, tmp_path: Path) -> None:
    url = server({"/xapi/v1/swagger.json": (200, json.dumps(committed).encode())})
    target = tmp_path / "out.yaml"
    assert spec(url + "/", "--to", str(target)).returncode == 0
    assert target.read_bytes() == COMMITTED.read_bytes()


LINES = COMMITTED.read_text().splitlines(keepends=True)
BAD = {
    "swagger 2": ("swagger: '2.0'\ninfo: {title: XAPI}\n", "not OpenAPI 3"),
    "another api": ("openapi: 3.0.3\ninfo: {title: Petstore}\npaths: {}\n", "not a document of XAPI"),
    "no mapping": ("- a\n- b\n", "no mapping"),
    "empty": ("", "no mapping"),
    "html": ("<html><body>Sign in</body></html>", "no mapping"),
    "cut json": ('{"openapi": "3.0.4", "info": {"title": "XA', "cut off"),
    "cut in the paths": ("".join(LINES[: len(LINES) // 4]), "cut off"),
    "cut in the schemas": ("".join(LINES[: len(LINES) // 4 * 3]), "cut off"),
    "cut before the last lines": ("".join(LINES[:-40]), "cut off"),
    "an alias bomb": ("a: &a [x]\nb: [*a, *a]\n", "aliases"),
    "a wrong shape": (
        "openapi: 3.0.4\ninfo: {title: XAPI}\nservers: []\nsecurity: [{A: []}]\npaths: {/Fax: {get: [1]}}\n"
        "components: {schemas: {A: {type: string}}, responses: {}, parameters: {}, securitySchemes: {A: {}}}\n",
        "not well-formed",
    ),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_input_is_one_line_and_loses_nothing(case: str, tmp_path: Path) -> None:
    text, words = BAD[case]
    source, target = tmp_path / "in.yaml", tmp_path / "out.yaml"
    source.write_text(text)
    target.write_text("precious")
    assert_refused(spec(str(source), "--to", str(target)), words)
    assert target.read_text() == "precious"
    assert sorted(p.name for p in tmp_path.iterdir()) == ["in.yaml", "out.yaml"]


def assert_refused(done: Done, words: str) -> None:
    assert done.returncode == 1
    assert done.stdout == ""
    assert done.stderr.startswith("error: ")
    assert done.stderr.count("\n") == 1
    assert words in done.stderr


@pytest.mark.parametrize("cut", range(5, 100, 19))
def test_a_vendor_document_cut_off_anywhere_is_refused(cut: int, tmp_path: Path) -> None:
    whole = vendor("20.0.5").read_bytes()
    source = tmp_path / "in.yaml"
    source.write_bytes(whole[: len(whole) * cut // 100])
    with pytest.raises(CodegenError):
        read(str(source))


def test_a_missing_file_a_refused_connection_and_a_404_are_one_line(server: Any, tmp_path: Path) -> None:
    target = tmp_path / "out.yaml"
    assert_refused(spec(str(tmp_path / "none.yaml"), "--to", str(target)), "No such file")
    assert_refused(spec("http://127.0.0.1:9/", "--to", str(target)), "cannot fetch")
    assert_refused(spec(server({}), "--to", str(target)), "answered 404")
    assert_refused(spec("https://", "--to", str(target)), "cannot fetch")
    assert_refused(spec("--to", str(target)), "FROM=")
    assert not target.exists()


def test_an_overlay_that_corrects_nothing_is_refused(committed: Json) -> None:
    with pytest.raises(CodegenError, match="matches nothing"):
        documents.apply(committed, {"actions": [{"target": "$.paths['/Nowhere'].get", "update": {"deprecated": True}}]})


def test_an_overlay_updates_and_removes() -> None:
    document = {"info": {"title": "XAPI"}, "paths": {"/Fax": {"get": {"tags": ["a"]}, "post": {}}}}
    actions = [
        {"target": "$.paths['/Fax'].get", "update": {"tags": ["b"]}},
        {"target": "$.paths['/Fax'].post", "remove": True},
    ]
    assert documents.apply(document, {"actions": actions})["paths"] == {"/Fax": {"get": {"tags": ["a", "b"]}}}


def test_every_update_takes_an_etag() -> None:
    document = documents.load()
    patches = [item["patch"] for item in document["paths"].values() if "patch" in item]
    assert len(patches) == 65
    for patch in patches:
        assert [p["name"] for p in patch["parameters"] if p["in"] == "header"] == ["If-Match"]


def test_the_simulated_pbx_serves_it_too_with_a_certificate_of_its_own(tmp_path: Path) -> None:
    target = tmp_path / "out.yaml"
    with SimulatedPbx(tls=True) as pbx:
        assert_refused(spec(pbx.url, "--to", str(target)), "certificate")
        assert spec(pbx.url, "--ca", str(pbx.ca_path), "--to", str(target)).returncode == 0
    assert target.read_bytes() == COMMITTED.read_bytes()
