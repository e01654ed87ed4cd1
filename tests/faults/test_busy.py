"""A PBX without ETags that says it is busy: what it did about a change is read before the change is sent again."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_as_code.engine.access.pbx import EntitySet
from pbx_as_code.errors import PbxError
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import tasks_on
from tests.faults.test_lost_updates import members, ring_group

busy = pytest.mark.parametrize("status", [429, 503])
CHANGED = "/xapi/v1/(RingGroups|MailSettings|TenantProperties)"


@pytest.fixture
def plain(pbx_factory: Callable[..., SimulatedPbx]) -> SimulatedPbx:
    """A PBX that gives no ETags."""
    pbx = pbx_factory(traits=("no-etags",))
    pbx.put("TenantProperties", {"Name": "counter", "Value": "0"})
    return pbx


def refuse(pbx: SimulatedPbx, status: int, *, processed: bool = False) -> None:
    """Answer the first PATCH that the PBX is busy."""
    fault = {"path": CHANGED, "method": "PATCH", "n": 1, "status": status, "retry_after": 0, "processed": processed}
    pbx.go_by({"faults": [fault]})
    pbx.clear_log()


def right_after(monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[], object]) -> None:
    """Let somebody else do something between a refused write and its repetition."""
    change = EntitySet.change

    def method(self: EntitySet, *args: Any) -> None:
        try:
            change(self, *args)
        except PbxError:
            meanwhile()
            raise

    monkeypatch.setattr(EntitySet, "change", method)


@busy
def test_a_busy_pbx_that_changed_nothing_is_asked_again(plain: SimulatedPbx, status: int) -> None:
    for name, options in (
        ("tenant_property", {"name": "counter", "value": "1"}),
        ("mail_settings", {"mail_user": "new"}),
    ):
        refuse(plain, status)
        assert tasks_on(plain)(name, **options)["changed"]
        methods = [one.method for one in plain.requests if one.path.startswith("/xapi/")]
        first, second = [number for number, method in enumerate(methods) if method == "PATCH"]
        assert "GET" in methods[first:second], "it is read before it is written again"
        assert not tasks_on(plain)(name, **options)["changed"]


@busy
def test_a_busy_pbx_that_changed_it_all_the_same_is_not_asked_again(plain: SimulatedPbx, status: int) -> None:
    refuse(plain, status, processed=True)
    done = tasks_on(plain)("tenant_property", name="counter", value="1")
    assert done["changed"]
    assert "has changed tenant property" in done.warnings[0]
    assert len(plain.writes) == 1


@busy
def test_what_somebody_else_wrote_by_then_stays(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    key, there = plain.entities("RingGroups")[0]["Id"], plain.entities("RingGroups")[0]["Members"]
    right_after(monkeypatch, lambda: plain.put("RingGroups", {"Id": key, "Members": [*there, {"Number": "101"}]}))
    refuse(plain, status)
    assert tasks_on(plain)("ring_group", number=ring_group(plain), members=[{"number": "104"}], lists="add")["changed"]
    assert {"101", "104"} <= members(plain)


@busy
def test_another_value_that_somebody_else_wrote_by_then_is_not_overwritten(
    plain: SimulatedPbx, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    right_after(monkeypatch, lambda: plain.put("TenantProperties", {"Name": "counter", "Value": "2"}))
    refuse(plain, status)
    told = tasks_on(plain)("tenant_property", name="counter", value="1")
    assert told["status"] == status
    assert 'Changed by somebody else while this task was running: value: "0" -> "2".' in told.msg
    assert len(plain.writes) == 1


@busy
def test_it_gives_up_on_a_pbx_that_stays_busy(plain: SimulatedPbx, status: int) -> None:
    plain.go_by({"faults": [{"path": CHANGED, "method": "PATCH", "status": status, "retry_after": 0}]})
    told = tasks_on(plain)("tenant_property", name="counter", value="1")
    assert told["status"] == status
    assert len(plain.writes) == 4


@busy
def test_a_creation_that_refers_to_others_is_repeated(pbx_factory: Callable[..., SimulatedPbx], status: int) -> None:
    pbx = pbx_factory(traits=("as-seen",))
    for name, options in (
        ("group", {"number": "GRP7701", "name": "Night", "members": [{"number": "100"}]}),
        ("inbound_rule", {"rule_name": "Night", "condition": "BasedOnDID", "data": "+15550199", "trunk": "10000"}),
    ):
        pbx.go_by({"faults": [{"path": "/xapi/v1/", "method": "POST", "n": 1, "status": status, "retry_after": 0}]})
        done = tasks_on(pbx)(name, **options)
        assert done.data.get("changed"), done.data
        assert not tasks_on(pbx)(name, **options)["changed"]
