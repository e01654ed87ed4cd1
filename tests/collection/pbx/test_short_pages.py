"""A PBX that gives fewer rows at once than anybody knows of, and says nothing about it: no row is left out."""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from threecx_xapi.index import describe, operation_ids

from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Task

CAP = 7
"""Neither decimal nor binary."""


@pytest.fixture
def pbx() -> Iterator[SimulatedPbx]:
    faxes = [{"Id": 5000 + number, "Number": str(8000 + number)} for number in range(20)]
    groups = [{"Id": 70 + number, "Name": f"Department {number}"} for number in range(20)]
    with SimulatedPbx({"Fax": faxes, "Groups": groups}, page_cap=CAP) as simulated:
        yield simulated


def test_all_are_listed(pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> None:
    assert len(task_on(pbx)("fax_info")["faxes"]) == 20
    assert len(task_on(pbx)("fax_info", limit=15)["faxes"]) == 15


def test_all_are_listed_by_an_operation(pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> None:
    assert len(task_on(pbx)("operation", operation="ListFax")["result"]) == 20


def test_all_are_known_by_their_names(pbx: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> None:
    options = {"number": "100", "first_name": "Ada", "groups": [{"group": "Department 19"}]}
    assert task_on(pbx)("user", **options)["changed"]


def test_every_list_that_has_pages_takes_a_count() -> None:
    """It is asked for with the first page of each."""
    paged = [operation for operation in map(describe, operation_ids()) if operation.pages]
    assert len(paged) > 100
    assert [operation.id for operation in paged if "$count" not in operation.query_parameters] == []
