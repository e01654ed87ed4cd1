"""Unexpected input for modules that use functions and actions: DN properties, services, backups."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given as driven_by
from hypothesis import strategies as st

from pbx_as_code.description import EntityDescription
from tests.collection.clocks import fall
from tests.descriptions import described
from tests.fuzz.faithful import short
from tests.fuzz.judging import by_a_rule, readable
from tests.fuzz.running import Result, Tasks
from tests.fuzz.texts import texts
from tests.fuzz.values import STRANGE
from tests.fuzz.wire import Wire
from tests.profiles import tries


def description(name: str) -> EntityDescription:
    found: EntityDescription = described(f"threecx_{name}")
    return found


def attempt(tasks: Tasks, name: str, asked: dict[str, Any], hostile: dict[str, Any]) -> Result:
    """Run a task; where it is refused, before anything is written and by name, or by the PBX."""
    tasks.pbx.clear_log()
    result = tasks(name, asked)
    readable(result, asked)
    Wire(description(name)).check(tasks.pbx.requests, asked, [row["Name"] for row in tasks.pbx.entities("Services")])
    if result.failed and tasks.pbx.writes:
        by_a_rule(result, asked)
    elif result.failed:
        assert any(option in result.msg for option in hostile), f"{result.msg[:400]} for {short(asked)}"
    return result


@tries(60)
@driven_by(data=st.data())
def test_a_property_of_a_number(data: st.DataObject, tasks: Tasks) -> None:
    chosen = data.draw(
        st.lists(st.sampled_from(["number", "name", "value", "description"]), min_size=1, max_size=2, unique=True)
    )
    hostile = {option: data.draw(texts() | texts() | STRANGE) for option in chosen}
    asked = {"number": "100", "name": "COLOUR", "value": "red", **hostile}
    result = attempt(tasks, "dn_property", asked, hostile)
    if not result.failed:
        shown = result.data["dn_property"]
        for option in ("name", "value", "description"):
            if asked.get(option) is not None:
                assert (shown[option] or "") == str(asked[option]), short(asked)  # "" is shown as null
        assert not tasks("dn_property", asked).changed
        gone = {"number": asked["number"], "name": asked["name"], "state": "absent"}
        assert attempt(tasks, "dn_property", gone, gone).changed
        assert not tasks("dn_property", gone).changed


@tries(60)
@driven_by(data=st.data())
def test_a_service(data: st.DataObject, tasks: Tasks) -> None:
    before = tasks.pbx.entities("Services")
    option = data.draw(st.sampled_from(["name", "state", "enabled", "wait", "wait_timeout", "display_name"]))
    hostile = {option: data.draw(texts() | STRANGE)}
    asked = {"name": "3CXGatewayService", "state": "started", "wait": False, **hostile}
    result = attempt(tasks, "service", asked, hostile)
    if result.failed:
        assert tasks.pbx.entities("Services") == before
    assert not result.changed or option == "enabled"
    tasks.pbx.reset()


@tries(60)
@driven_by(data=st.data())
def test_a_backup(data: st.DataObject, tasks: Tasks, monkeypatch: pytest.MonkeyPatch) -> None:
    fall(monkeypatch)
    backup = description("backup")
    assert backup.making is not None
    own = [backup.key.option, "wait_timeout", *(prop.option for prop in backup.making.properties)]
    option = data.draw(st.sampled_from([backup.key.option, *own]))
    hostile = {option: data.draw(texts() | texts() | STRANGE)}
    asked = {backup.key.option: "nightly-fuzz", "wait": False, **hostile}
    before = {row["FileName"] for row in tasks.pbx.entities("Backups")}
    result = attempt(tasks, "backup", asked, hostile)
    if result.failed:
        return
    for _ in range(4):  # it takes a few looks until it is there
        tasks("backup_info", {})
    made = {row["FileName"] for row in tasks.pbx.entities("Backups")} - before
    name = str(asked[backup.key.option])
    assert made <= {name, f"{name}.zip"}
    assert not tasks("backup", asked).changed
    tasks.pbx.reset()
