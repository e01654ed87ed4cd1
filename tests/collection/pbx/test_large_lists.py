"""A list that has no end fails before it fills the memory: a task keeps all rows, and a PBX may be anybody's."""

from __future__ import annotations

import ast
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.engine.access import pbx as _pbx
from pbx_as_code.engine.operation import operation as _operation
from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Task

ENGINE = Path(_pbx.__file__).parents[1]
OF_OPERATION = {"operation": "ListUser"}


@pytest.fixture
def crowded(task_on: Callable[[SimulatedPbx], Task]) -> Any:
    users = [{"$times": 250, "$from": 200, "Number": "{n}", "FirstName": "First{n}"}]
    with SimulatedPbx({"Groups": [{"Name": "DEFAULT", "IsDefault": True}], "Users": users}) as pbx:
        yield task_on(pbx)


def test_what_is_read_of_a_list_has_an_end(crowded: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(crowded("user_info")["users"]) == 250
    monkeypatch.setattr(_pbx, "LARGEST_LIST", 1 << 18)
    assert "larger than 0.25 MiB" in crowded("user_info").msg
    assert len(crowded("user_info", limit=50)["users"]) == 50


def test_of_an_operation_too(crowded: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(crowded("operation", **OF_OPERATION)["result"]) == 250
    monkeypatch.setattr(_operation, "LARGEST_LIST", 1 << 18)
    assert "larger than 0.25 MiB" in crowded("operation", **OF_OPERATION).msg


def test_no_list_is_read_without_an_end() -> None:
    read = 0
    for file in ENGINE.rglob("*.py"):
        for node in ast.walk(ast.parse(file.read_text())):
            if isinstance(node, ast.Call) and ast.unparse(node.func) in ("paging.iterate", "paging.iterate_values"):
                read += 1
                bounds = [ast.unparse(given.value) for given in node.keywords if given.arg == "max_bytes"]
                assert bounds == ["LARGEST_LIST"], f"{file.name} line {node.lineno}"
    assert read >= 5
