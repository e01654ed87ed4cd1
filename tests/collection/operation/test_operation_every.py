"""Every operation of the document by threecx_operation: an example call is checked, sent, and understood by the PBX."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

import pytest
from threecx_xapi import index

from pbx_as_code.engine.options.history import HISTORIES
from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Task

#: Accepted statuses for examples that make no sense to the simulator. Any other error status fails the test.
SENSELESS = {400, 403, 404, 409, 504}
TEXTS = {
    "date-time": "2026-01-31T08:00:00Z",
    "date": "2026-01-31",
    "time": "08:30:00",
    "duration": "PT30S",
    "uuid": "00000000-0000-4000-8000-000000000001",
}
DEEP = 3


def example(schema: Mapping[str, Any], depth: int = 0) -> Any:
    """A value the schema allows, with every property down to a few levels."""
    if "$ref" in schema:
        return example(index.schemas()[schema["$ref"]], depth)
    kind = schema["type"]
    if kind == "object":
        properties = schema.get("properties", {}) if depth < DEEP else {}
        known = {"RoleName": "users"}  # one of the few texts the PBX would not take just anything for
        return {name: known.get(name) or example(inner, depth + 1) for name, inner in properties.items()}
    if kind == "array":
        return [example(schema["items"], depth + 1)] if depth < DEEP else []
    if kind == "string" and "enum" in schema:
        return schema["enum"][0]
    plain = {"integer": max(1, schema.get("minimum", 1)), "number": 1.5, "boolean": True}
    return plain[kind] if kind in plain else TEXTS.get(schema.get("format", ""), "1")


@pytest.fixture(scope="module")
def company() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as running:
        yield running


@pytest.mark.parametrize("operation", index.operation_ids())
def test_an_example_call(
    operation: str, company: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task], tmp_path: Path
) -> None:
    described = index.describe(operation)
    options: dict[str, Any] = {
        "operation": operation,
        "reveal_secrets": True,
        "parameters": {name: example(schema) for name, schema in described.path_parameters.items()},
    }
    history = HISTORIES.get(described.path[1:].partition("/")[0])
    if history is not None:  # which is only read by a window of days
        options["parameters"]["$filter"] = f"date({history}) eq 2026-01-05"
    if described.body is not None:
        options["body"] = example(described.body)
    if described.answer == "bytes":
        options["dest"] = str(tmp_path / "download")

    company.clear_log()
    checked = task_on(company)("operation", check_mode=True, diff_mode=False, **options)
    assert company.writes == []
    if not described.reads:
        assert checked.data == {"changed": True}
        # At most, which release it is.
        assert {request.path for request in company.requests} <= {"/connect/token", "/xapi/v1/Defs"}
    company.clear_log()
    called = task_on(company)("operation", diff_mode=False, **options)

    sent = [request for request in company.requests if request.path.startswith("/xapi/v1")]
    if described.method != "GET":
        sent = [request for request in sent if request.path != "/xapi/v1/Defs"]
    assert {request.method for request in sent} == {described.method}, called.data
    if called.data.get("failed"):
        assert called["status"] in SENSELESS, called.data
        assert sent[-1].status == called["status"], "it was the PBX that refused"
        assert "could not read the body" not in called.msg, "the body was bound"
        assert "No resource is found" not in called.msg, "the address is one of the document's"
    else:
        assert called["changed"] == (not described.reads) or described.answer == "bytes"
        assert ("result" in called.data) == (described.answer not in ("none", "bytes")), called.data
        assert isinstance(called.data.get("result"), list) or described.answer != "rows"
