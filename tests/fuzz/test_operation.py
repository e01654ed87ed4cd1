"""threecx_operation: any operation, its parameters, its query, its body and where its file goes, given what nobody
expects.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any
from urllib.parse import unquote

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st
from threecx_xapi import index
from threecx_xapi.index import Described

from pbx_simulator import LoggedRequest
from tests.fuzz.faithful import short
from tests.fuzz.judging import readable
from tests.fuzz.running import Tasks
from tests.fuzz.texts import texts
from tests.fuzz.values import FORMS, INTS, STRANGE, Values
from tests.fuzz.wire import LITERAL, check_head, value_of
from tests.profiles import tries

#: How the simulated PBX refuses what makes no sense to it; never that it could not read what was sent.
_SENSELESS = (400, 403, 404, 409, 412, 504)
_UNREAD = ("could not read the body", "No resource is found")
_OPTIONS = ("operation", "parameters", "body", "if_match", "dest", "mode", "reveal_secrets")


def of(schema: Mapping[str, Any], depth: int = 0) -> Values:
    """Values that match a schema of the document in any spelling, and values that do not."""
    if "$ref" in schema:
        schema = index.schemas()[schema["$ref"]]
    kind = schema["type"]
    if kind == "object":
        fits = _object(schema, depth)
    elif kind == "array":
        fits = st.lists(of(schema["items"], depth + 1), max_size=2) if depth < 3 else st.just([])
    elif kind == "string" and "enum" in schema:
        fits = st.sampled_from([member for member in schema["enum"] if member is not None]) | texts()
    elif kind == "string":
        forms = FORMS.get({"date-time": "datetime"}.get(schema.get("format", ""), schema.get("format", "")))
        fits = texts() if forms is None else forms | forms | texts()
    else:
        fits = {"integer": INTS | st.integers(0, 30), "number": st.floats() | INTS, "boolean": st.booleans()}[kind]
    return st.one_of(fits, fits, fits, fits, STRANGE)


def _object(schema: Mapping[str, Any], depth: int) -> Values:
    properties = schema.get("properties", {})
    if depth > 2 or not properties:
        return st.dictionaries(texts(10), texts(10), max_size=2) if not properties else st.just({})
    some = st.lists(st.sampled_from(sorted(properties)), max_size=3, unique=True)
    return some.flatmap(lambda names: st.fixed_dictionaries({name: of(properties[name], depth + 1) for name in names}))


def options(described: Described) -> Values:
    """A call of an operation: its parameters, some of its query, a body where it takes one."""
    fixed = {name: of(schema) for name, schema in described.path_parameters.items()}
    some = {name: of(schema) for name, schema in described.query_parameters.items()}
    parameters = st.fixed_dictionaries(fixed, optional=some)
    asked: dict[str, Values] = {"operation": st.just(described.id), "parameters": parameters}
    if described.body is not None:
        asked["body"] = of(described.body)
    if described.takes_if_match:
        asked["if_match"] = st.none() | texts()
    return st.fixed_dictionaries(asked)


@tries(250)
@driven_by(data=st.data())
def test_an_operation(tasks: Tasks, tmp_path_factory: pytest.TempPathFactory, data: st.DataObject) -> None:
    described = index.describe(data.draw(st.sampled_from(index.operation_ids())))
    asked = data.draw(options(described))
    if described.answer == "bytes":
        asked["dest"] = str(tmp_path_factory.getbasetemp() / "download")
    tasks.pbx.clear_log()
    result = tasks("operation", asked)
    readable(result, asked)
    sent = [request for request in tasks.pbx.requests if request.path != "/connect/token" and not probes(request)]
    for request in tasks.pbx.requests:
        check_head(request)
    if not sent:
        if not tasks.pbx.requests or result.failed:
            assert result.failed
            assert any(option in result.msg for option in _OPTIONS), f"{result.msg} for {short(asked)}"
        return
    for request in sent:
        check_call(described, asked, request)
    if result.failed and result.data["status"] is not None:
        # Only where the PBX demands a version with every write, and only where none was given.
        unversioned = result.data["status"] == 428 and asked.get("if_match") is None
        wanted = "require-if-match" in tasks.pbx.traits and described.takes_if_match
        assert result.data["status"] in _SENSELESS or (unversioned and wanted), f"{result.data} for {short(asked)}"
        assert not any(word in result.msg for word in _UNREAD), f"{result.msg} for {short(asked)}"


def probes(request: LoggedRequest) -> bool:
    """Whether a request asks for the release of the PBX alone."""
    return (request.path, unquote(request.query)) == ("/xapi/v1/Defs", "$select=Id")


def check_call(described: Described, asked: Mapping[str, Any], request: LoggedRequest) -> None:
    """Check that the URL is that of the operation, with the given parameters and nothing else."""
    pattern = LITERAL.join(map(re.escape, re.split(r"\{\w+\}", f"/xapi/v1{described.path}")))
    names = re.findall(r"\{(\w+)\}", described.path)
    found = re.fullmatch(pattern, request.path)
    assert found is not None, request.path
    for name, literal in zip(names, found.groups(), strict=True):
        schema = described.path_parameters[name]
        if schema["type"] == "string" and "format" not in schema and "enum" not in schema:
            given = asked["parameters"][name]
            expected = "null" if given is None and schema.get("nullable") else _as_text(given)
            assert value_of(unquote(literal)) == expected
        else:
            assert re.fullmatch(r"[\w:.+\-]+", unquote(literal)), literal
    query = [part.partition("=") for part in request.query.split("&") if part]
    assert len({name for name, _, _ in query}) == len(query)
    for name, _, value in query:
        if name in asked["parameters"] and described.query_parameters[name]["type"] == "string":
            assert unquote(value, errors="strict") == _as_text(asked["parameters"][name])
        else:
            assert name in {*described.query_parameters, "$top", "$skip"}, name
    if request.body and "body" in asked:
        given = asked["body"]
        body = json.loads(given) if isinstance(given, str) and given.startswith("{") else given
        if isinstance(body, Mapping):
            assert list(differing(body, json.loads(request.body))) == []


def differing(given: Any, sent: Any, where: str = "body") -> Iterator[str]:
    """Yield the places at which the sent body differs from the given one."""
    if isinstance(given, Mapping) and isinstance(sent, Mapping):
        if {name for name in given if "@odata" not in name} != {name for name in sent if "@odata" not in name}:
            yield where
        for name in sent.keys() & given.keys():
            yield from differing(given[name], sent[name], f"{where}.{name}")
    elif isinstance(given, list) and isinstance(sent, list):
        if len(given) != len(sent):
            yield where
        for n, (one, other) in enumerate(zip(given, sent, strict=False)):
            yield from differing(one, other, f"{where}[{n}]")
    elif not _means(given, sent):
        yield f"{where}: {short(given)} was sent as {short(sent)}"


def _means(given: Any, sent: Any) -> bool:
    if given == sent or str(given) == sent or (isinstance(given, float) and given != given and sent == "NaN"):
        return True
    if isinstance(sent, bool | int | float):
        return (
            float(str(given).replace("true", "1").replace("True", "1").replace("false", "0").replace("False", "0"))
            == sent
        )
    # A moment, a length of time, an id, some of the members of flags: told by the letters that they are made of.
    return isinstance(sent, str) and re.fullmatch(r"[\w:.,+ -]*", sent, re.ASCII) is not None


def _as_text(value: Any) -> str:
    return value if isinstance(value, str) else str(value)


PLACES = [
    "", "\0", "no/such/folder/x", "a\nb", "x" * 300, "folder", "folder/", "link", "pipe", "a%2Fb", "\u202e",
    "dir.zip/..",
    " ", "a'b", "\ud800", "\udcff", "{{ x }}",
]  # fmt: skip


@pytest.mark.parametrize("place", PLACES, ids=ascii)
@pytest.mark.parametrize("mode", [None, "0640", 0o600, "rwx", -1, 10**400, True, [6], "99999999"])
def test_where_a_file_goes(place: str, mode: Any, tasks: Tasks, tmp_path: Path) -> None:
    """There, or nowhere; and what is there already is a file, or stays what it is."""
    import os
    import stat

    (tmp_path / "folder").mkdir()
    (tmp_path / "outside").write_text("outside")
    (tmp_path / "folder" / "link").symlink_to(tmp_path / "outside")
    os.mkfifo(tmp_path / "pipe")
    before = {path.name for path in tmp_path.iterdir()}
    dest = f"{tmp_path}/{place}" if place else place
    asked = {"operation": "ExportExtensions", "parameters": {}, "dest": dest, "mode": mode}
    result = tasks("operation", asked)
    readable(result, asked)
    made = {path.name for path in tmp_path.iterdir()} - before
    assert (tmp_path / "outside").read_text() == "outside"
    assert stat.S_ISFIFO((tmp_path / "pipe").stat().st_mode)
    if result.failed:
        assert "dest" in result.msg or "mode" in result.msg
        assert not made
    else:
        assert Path(result.data["file"]).is_relative_to(tmp_path)
        assert Path(result.data["file"]).is_file()
        assert made <= {place}
