"""schemathesis asks every operation of the document what it can think of: no 5xx, no answer that breaks the schema.

Bounded and always the same: two derandomised examples for each operation (twenty in `make soak`), against one
simulated PBX on a real socket. Two things schemathesis cannot know are put into its requests: OData quotes string
literals in paths, and half of the keys should be keys of something that exists.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Iterator
from typing import Any

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from pbx_simulator import SimulatedPbx
from pbx_simulator.model import document
from tests.faults.soak import SOAK

EXAMPLES = 20 if SOAK else 2
#: The operations are asked in so many tests, which workers share.
PARTS = 20
CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]


def _document() -> dict[str, Any]:
    """The document, less one thing: a time of day in OData has no offset, what JSON schema calls a time has one."""
    loaded: dict[str, Any] = json.loads(json.dumps(document.load()).replace('"format": "time", ', ""))
    return loaded


@pytest.fixture(scope="module")
def operations() -> list[Any]:
    """Every operation; reading them takes seconds, so not every worker that only collects tests does it."""
    schema = schemathesis.openapi.from_dict(_document())
    return [found.ok() for found in schema.get_all_operations() if isinstance(found, Ok)]


class Wire:
    """One simulated PBX for the whole module, signed in once."""

    def __init__(self, pbx: SimulatedPbx) -> None:
        self.pbx = pbx
        self.session = requests.Session()
        self.session.trust_env = False
        self.sign_in()

    def sign_in(self) -> None:
        form = {
            "grant_type": "client_credentials",
            "client_id": self.pbx.client_id,
            "client_secret": self.pbx.client_secret,
        }
        token = self.session.post(f"{self.pbx.url}/connect/token", data=form, timeout=30).json()
        self.session.headers["Authorization"] = f"Bearer {token['access_token']}"

    def literal(self, case: Any, parameter: dict[str, Any], value: Any) -> str:
        """A path parameter as OData writes it; every other key is one of something that exists."""
        owner = case.path.strip("/").split("(")[0].split("/")[0]
        is_key = "x-ms-docs-key-type" in parameter
        if is_key and zlib.crc32(repr(value).encode()) % 2 == 0:
            keys = [row[parameter["name"]] for row in self.pbx.entities(owner)]
            value = keys[zlib.crc32(repr(value).encode()) % len(keys)] if keys else value
        kind = parameter["schema"]
        if kind.get("type") == "string" and "format" not in kind:
            return "'" + str(value).replace("'", "''") + "'"
        return str(value).lower() if isinstance(value, bool) else str(value)


@pytest.fixture(scope="module")
def wire() -> Iterator[Wire]:
    with SimulatedPbx() as pbx:
        yield Wire(pbx)


def documented_5xx(case: Any, response: Any) -> bool:
    """XAPI.md: a function's date or number in the wrong form answers 500, too much history 504. Nothing else may."""
    arguments = {name.lower() for name in case.path_parameters or {}}
    is_function = case.method == "GET" and ("Pbx." in case.path or case.path.startswith("/GetUpdateDetails("))
    if response.status_code == 504:
        return is_function and any(name.startswith(("period", "start")) for name in arguments)
    return bool(response.status_code == 500 and is_function and arguments and "The argument '" in response.text)


@pytest.mark.parametrize("part", range(PARTS))
def test_every_operation_answers_as_the_document_says(part: int, operations: list[Any], wire: Wire) -> None:
    for operation in operations[part::PARTS]:
        try:
            answers_as_documented(operation, wire)
        except BaseException as error:
            error.add_note(f"This was {operation.label}.")
            raise


def answers_as_documented(operation: Any, wire: Wire) -> None:
    raw = operation.definition.raw
    parameters = {p["name"]: p for p in raw.get("parameters", ()) if p.get("in") == "path"}

    @settings(
        max_examples=EXAMPLES,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.explicit, Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    @given(case=operation.as_strategy(generation_mode=GenerationMode.POSITIVE))
    def ask(case: Any) -> None:
        case.path_parameters = {
            name: wire.literal(case, parameters[name], value) for name, value in (case.path_parameters or {}).items()
        }
        response = case.call(base_url=f"{wire.pbx.url}/xapi/v1", session=wire.session)
        if not documented_5xx(case, response):
            case.validate_response(response, checks=CHECKS)

    ask()


def test_the_whole_document_was_asked(operations: list[Any]) -> None:
    assert len(operations) == 601
