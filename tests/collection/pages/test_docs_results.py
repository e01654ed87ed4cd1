"""Results match RETURN: every field is documented, has the documented type, and is present if it is always returned."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.documented import ALWAYS, returned
from tests.descriptions import described

#: Entities as they differ: with credentials, with a MAC address for a key, with what is large, only removed.
EXPECTED = ["call_flow_app", "fax", "firmware", "fxs", "phone_logo"]
TYPES = {"str": str, "int": int, "float": float, "bool": bool, "list": list, "dict": dict}
#: Said of every module by Ansible's own documentation.
COMMON = {"changed", "failed", "msg"}
FAILURE = {"status", "code", "target", "pbx", "kind"}


def check(value: Any, documented: Mapping[str, Any], path: str) -> None:
    """Compare a value with what is documented of it, to the leaves."""
    if value is None:
        assert documented.get("returned", ALWAYS) != ALWAYS, f"{path} is null and documented as there always"
        return
    assert isinstance(value, TYPES[documented["type"]]), f"{path} is {value!r}, documented as {documented['type']}"
    if "contains" in documented:
        items: list[Any] = value if isinstance(value, list) else [value]
        for item in items:
            unknown = set(item) - set(documented["contains"])
            assert not unknown, f"{path} holds {unknown}, which is not documented"
            for name, inner in documented["contains"].items():
                if name in item:
                    check(item[name], inner, f"{path}.{name}")
                else:
                    assert inner.get("returned", ALWAYS) != ALWAYS, f"{path}.{name} is documented as there always"
    elif isinstance(value, list):
        assert all(isinstance(item, TYPES[documented["elements"]]) for item in value), path


@pytest.mark.parametrize("name", EXPECTED)
def test_info(name: str, task: Callable[..., Any]) -> None:
    entity, documented = described(f"threecx_{name}_info"), returned(f"threecx_{name}_info")
    reveal = {"reveal_secrets": True} if "secret=True" in repr(entity) else {}
    every = task(f"{name}_info", **reveal).data
    assert set(every) - COMMON == {entity.plural}
    check(every[entity.plural], documented[entity.plural], entity.plural)
    one = task(f"{name}_info", **{entity.key.option: every[entity.plural][0][entity.key.option]}, **reveal).data
    assert len(one[entity.plural]) == 1
    check(one[entity.plural], documented[entity.plural], entity.plural)
    large = {prop.option for prop in entity.properties if prop.large}
    assert all(large.isdisjoint(item) for item in every[entity.plural]), (
        "documented as returned only when the task selects a single object by its key"
    )


@pytest.mark.parametrize("name", EXPECTED)
def test_removal_and_what_is_there_already(name: str, task: Callable[..., Any]) -> None:
    entity, documented = described(f"threecx_{name}"), returned(f"threecx_{name}")
    key = entity.key.option
    first = {key: task(f"{name}_info").data[entity.plural][-1][key]}
    states = ["present", "absent"] if entity.can_update else ["absent"]
    for state in states:
        result = task(name, **first, state=state).data
        assert not result.get("failed"), result["msg"]
        assert set(result) - COMMON == ({name, "diff"} if result["changed"] else {name})
        check(result[name], documented[name], name)
        if result["changed"]:
            check(result["diff"], documented["diff"], "diff")
    gone = task(name, **first, state="absent").data
    assert set(gone) - COMMON == set(), "documented as there unless there is none"


@pytest.mark.parametrize("name", [*EXPECTED, *(f"{name}_info" for name in EXPECTED)])
def test_failure(name: str, pbx: SimulatedPbx, task: Callable[..., Any]) -> None:
    entity, documented = described(f"threecx_{name}"), returned(f"threecx_{name}")
    pbx.fail(f"/{entity.entity_set}", status=403)
    options = (
        {}
        if name.endswith("_info")
        else {"state": "absent", entity.key.option: {"int": 7, "mac": "00112233aabb"}.get(entity.key.kind, "x")}
    )
    failed = task(name, **options).data
    assert set(failed) - COMMON == FAILURE
    assert failed["status"] == 403
    for field in FAILURE:
        check(failed[field], documented[field], field)
