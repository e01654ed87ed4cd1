"""Arguments of functions that may be null: as the literal null, from the client and from threecx_operation."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from threecx_xapi import XapiClient, index
from threecx_xapi.errors import ConfigurationError, XapiError

from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

SAMPLES: dict[str, Any] = {"string": "x", "integer": 1, "boolean": True, "number": 1.5}
FORMATS = {"date-time": "2026-01-01T00:00:00Z", "date": "2026-01-01", "uuid": "0" * 8 + "-0000-0000-0000-" + "0" * 12}


def sample(schema: dict[str, Any]) -> Any:
    if schema.get("nullable"):
        return None
    if "enum" in schema:
        return schema["enum"][0]
    return FORMATS.get(schema.get("format", ""), SAMPLES.get(schema.get("type", ""), "x"))


def nullable_operations() -> list[index.Described]:
    found = [index.describe(name) for name in index.operation_ids()]
    return [one for one in found if any(schema.get("nullable") for schema in one.path_parameters.values())]


def test_every_one_is_sent_as_null_and_understood(pbx: SimulatedPbx) -> None:
    operations = nullable_operations()
    assert sum(schema.get("nullable", False) for one in operations for schema in one.path_parameters.values()) == 144
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        for described in operations:
            given = {name: sample(dict(schema)) for name, schema in described.path_parameters.items()}
            path = described.prepare(given).path
            for name, value in given.items():
                assert (f"{name}=null" in path) is (value is None), path
            with contextlib.suppress(XapiError):
                client.request(described.method, path)
    answers = [request for request in pbx.requests if "=null" in request.path]
    assert len(answers) >= len(operations)
    assert {answer.status for answer in answers} <= {200, 204, 400, 403, 404}


def test_by_the_module(pbx: SimulatedPbx, task: Task) -> None:
    parameters = {
        "startDate": "2026-01-01T00:00:00Z",
        "endDate": "2026-01-02T00:00:00Z",
        "extension": None,
        "call": None,
        "severity": None,
    }
    read = task("operation", operation="GetLogs", parameters=parameters)
    assert not read.data.get("failed"), read.msg
    assert "extension=null,call=null,severity=null)" in pbx.requests[-1].path + pbx.requests[-1].query
    failed = task("operation", operation="GetLogs", parameters={**parameters, "startDate": None})
    assert "parameters.startDate: null is not allowed here" in failed.msg


def test_by_the_client(pbx: SimulatedPbx) -> None:
    """The type says that it may be null, and a key still may not."""
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        with pytest.raises(ConfigurationError):
            client.users.get_by_number(None)  # what is not null in an address is told before anything is sent
        assert [request.path for request in pbx.requests] == []
