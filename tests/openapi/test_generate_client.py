"""The generation of the client: the same bytes each time, nothing dropped, no warning overlooked."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from openapi.codegen import client, files
from openapi.codegen.__main__ import main
from openapi.codegen.client_document import shape
from openapi.codegen.client_project import GENERATED
from openapi.codegen.document import ApiDocument, load
from openapi.codegen.errors import CodegenError
from tests.generated import SHARED, client_files

STOCK_LINES = 228_085


pytestmark = SHARED


@pytest.fixture
def fresh() -> dict[str, str]:
    return dict(client_files())


def compare(texts: dict[str, str], place: Path) -> dict[str, str]:
    return files.compare(texts, place, client.existing(place))


@pytest.fixture
def run(fresh: dict[str, str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Run `python -m openapi.codegen client` with the generation that the tests share."""

    def run(*arguments: str | Path) -> None:
        monkeypatch.setattr(client, "generate", lambda *_: fresh)
        monkeypatch.setattr(sys, "argv", ["codegen", "client", *map(str, arguments)])
        main()

    return run


def test_the_committed_client_is_a_fresh_generation(fresh: dict[str, str]) -> None:
    assert compare(fresh, client.PLACE) == {}


def test_check_is_silent_about_what_is_the_same(run: Callable[..., None], capsys: pytest.CaptureFixture[str]) -> None:
    """`make drift` runs it in a process with another hash seed."""
    run("--check")
    assert "569 generated files, 0 written, 0 removed" in capsys.readouterr().out


def test_check_names_what_differs_and_changes_nothing(
    fresh: dict[str, str], run: Callable[..., None], tmp_path: Path
) -> None:
    place = tmp_path / "threecx_xapi"
    files.write(fresh, place, compare(fresh, place))
    (place / "models" / "fax.py").write_text("changed")
    (place / "api" / "fax.py").unlink()
    (place / "api" / "gone").mkdir()
    (place / "api" / "gone" / "old.py").write_text("stale")
    before = {path: path.read_bytes() for path in place.rglob("*.py")}

    with pytest.raises(SystemExit) as ended:
        run("--check", "--out", place)

    said = str(ended.value.code)  # which Python prints, with status 1
    for word, name in (("differs", "models/fax.py"), ("missing", "api/fax.py"), ("stale", "api/gone/old.py")):
        assert any(line.split() == [word, name] for line in said.splitlines()), said
    assert {path: path.read_bytes() for path in place.rglob("*.py")} == before


def test_writing_repairs_and_touches_only_what_differs(fresh: dict[str, str], tmp_path: Path) -> None:
    place = tmp_path / "threecx_xapi"
    files.write(fresh, place, compare(fresh, place))
    kept = place / "models" / "user.py"
    os.utime(kept, (1, 1))
    (place / "models" / "fax.py").write_text("changed")
    (place / "client.py").write_text("written by hand")
    (place / "api" / "gone").mkdir()
    (place / "api" / "gone" / "old.py").write_text("stale")

    files.write(fresh, place, compare(fresh, place))

    assert compare(fresh, place) == {}
    assert kept.stat().st_mtime == 1
    assert (place / "client.py").read_text() == "written by hand"
    assert not (place / "api" / "gone").exists()
    assert not list(place.rglob(".*"))


def test_a_long_list_of_differences_is_cut(tmp_path: Path, fresh: dict[str, str]) -> None:
    with pytest.raises(CodegenError) as raised:
        files.update(fresh, tmp_path, [], check=True, command="client")
    text = str(raised.value)
    assert len(text.splitlines()) == files.SHOWN + 2
    assert text.endswith(f"and {len(fresh) - files.SHOWN} more")


def test_every_file_says_that_it_is_generated_and_how(fresh: dict[str, str]) -> None:
    for name, text in fresh.items():
        first = text.split("\n", 1)[0]
        assert GENERATED.removeprefix("# ") in first, name
    assert "python -m openapi.codegen client" in GENERATED


def test_the_generated_code_is_less_than_half_of_the_stock_generators(fresh: dict[str, str]) -> None:
    lines = sum(text.count("\n") for text in fresh.values())
    assert lines < STOCK_LINES / 2


def document(**operation: Any) -> dict[str, Any]:
    answers = {
        "200": {
            "description": "OK",
            "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Pbx.A"}}},
        }
    }
    return {
        "openapi": "3.0.4",
        "info": {"title": "XAPI", "version": "1"},
        "paths": {"/As({Id})": {"get": {"operationId": "GetA", "tags": ["As"], "responses": answers, **operation}}},
        "components": {
            "schemas": {"Pbx.A": {"title": "A", "type": "object", "properties": {"Id": {"type": "integer"}}}}
        },
    }


def parameter(**schema: Any) -> dict[str, Any]:
    return {"name": "Id", "in": "path", "required": True, "schema": schema}


def test_a_small_document_generates(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "load", lambda *_: document(parameters=[parameter(type="integer")]))
    assert set(client.generate()) == {
        *("api/__init__.py", "api/as_.py", "_resources.py"),
        *("models/__init__.py", "models/a.py", "index.json"),
    }


@pytest.mark.parametrize(
    ("operation", "said"),
    [
        ({"parameters": [parameter(type="string", nullable=True)]}, "/As({Id})"),  # the stock generator drops these 77
        ({"parameters": []}, "/As({Id})"),
        ({"parameters": [parameter(type="string")], "requestBody": {"content": {"text/x": {}}}}, "/As({Id})"),
    ],
)
def test_a_warning_of_the_generator_fails_and_is_shown(
    operation: dict[str, Any], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(client, "load", lambda *_: document(**operation))
    with pytest.raises(CodegenError, match="warned") as raised:
        client.generate()
    assert said in str(raised.value)


def test_a_schema_that_cannot_be_generated_fails(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    broken = document(parameters=[parameter(type="integer")])
    broken["components"]["schemas"]["Pbx.B"] = {"title": "B", "type": "object", "properties": {"X": {"type": "array"}}}
    monkeypatch.setattr(client, "load", lambda *_: broken)
    with pytest.raises(CodegenError, match="warned"):
        client.generate()


def test_a_property_that_hides_a_method_is_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    hiding = document(parameters=[parameter(type="integer")])
    hiding["components"]["schemas"]["Pbx.A"]["properties"]["ToDict"] = {"type": "string"}
    monkeypatch.setattr(client, "load", lambda *_: hiding)
    with pytest.raises(CodegenError, match=r"A\.to_dict"):
        client.generate()


def test_two_operations_of_one_name_are_refused(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    twice = document(parameters=[parameter(type="integer")])
    again = {**twice["paths"]["/As({Id})"]["get"], "operationId": "GetAAgain", "parameters": []}
    twice["paths"]["/As({Id})/Pbx.Get()"] = {"get": {**again, "parameters": [parameter(type="integer")]}}
    monkeypatch.setattr(client, "load", lambda *_: twice)
    with pytest.raises(CodegenError, match=r"as_\.get would be both GetA and GetAAgain"):
        client.generate()


@pytest.mark.parametrize("name", ["openapi-python-client", "ruff"])
def test_another_version_of_a_tool_is_refused(name: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pins = client.PINS.read_text()
    monkeypatch.setattr(client, "PINS", tmp_path / "pins.txt")
    client.PINS.write_text(
        "\n".join(f"{name}==0.0.1" if line.startswith(f"{name}==") else line for line in pins.split("\n"))
    )
    with pytest.raises(CodegenError, match=rf"{name} \S+ is installed, 0\.0\.1 is pinned"):
        client.generate()


def test_shaping_loses_no_operation_and_no_schema() -> None:
    before, after = load(), shape(load())
    assert [each["operationId"] for *_, each in ApiDocument(after).operations()] == [
        each["operationId"] for *_, each in ApiDocument(before).operations()
    ]
    assert set(after["components"]["schemas"]) >= set(before["components"]["schemas"])
    titles = [schema["title"] for schema in after["components"]["schemas"].values()]
    assert len(titles) == len(set(titles))


def test_inline_answers_of_one_kind_share_a_schema() -> None:
    shaped = {each["operationId"]: each for *_, each in ApiDocument(shape(load())).operations()}

    def answer(operation_id: str) -> str:
        schema = shaped[operation_id]["responses"]["200"]["content"]["application/json"]["schema"]
        return str(schema["$ref"]).rpartition("/")[2]

    assert answer("GetPhoneSecret") == "StringResponse"
    assert answer("HasDuplicatedEmail") == "BooleanResponse"
    assert answer("GetFiles") == "StringCollectionResponse"
    assert answer("GetEmergencyOutboundRules") == answer("ListOutboundRule") == "Pbx.OutboundRuleCollectionResponse"
    assert not any("default" in each["responses"] for each in shaped.values())


def test_importing_an_operation_loads_little() -> None:
    program = "import sys; from threecx_xapi.api.users import UsersApi; print(*sys.modules)"
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert len(loaded) <= 180
    assert not [name for name in loaded if name.startswith("threecx_xapi.models")]


def test_a_model_loads_only_what_it_is_made_of() -> None:
    program = (
        "import sys; from threecx_xapi.models import User; User.from_dict({'Groups': [{}]});"
        "print(*[name for name in sys.modules if name.startswith('threecx_xapi.models.')])"
    )
    loaded = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True).stdout.split()
    assert "threecx_xapi.models.user_group" in loaded
    assert len(loaded) < 40


def test_a_name_that_is_no_model_is_an_attribute_error() -> None:
    from threecx_xapi import models

    with pytest.raises(AttributeError, match="NoSuchModel"):
        models.NoSuchModel  # noqa: B018
    with pytest.raises(ImportError):
        from threecx_xapi.models import NoSuchModel  # noqa: F401
    assert "User" in dir(models)
