"""ETags and `if_match`, and objects that somebody else changes or removes during a task."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from tests.collection.planted import ENTITIES, plant

Task = Callable[..., Any]
THEIRS = {
    "fax": {"OutboundCallerId": "theirs"},
    "fxs": {"Name": "theirs"},
    "call_flow_app": {"Name": "theirs"},
    "firmware": {"Model": "theirs"},
    "phone_logo": {"DisplayName": "theirs"},
}


@pytest.mark.parametrize("name", ENTITIES)
def test_a_stale_if_match_is_refused_in_check_mode_too(pbx: SimulatedPbx, task: Task, name: str) -> None:
    entity_set, key, row = ENTITIES[name]
    plant(pbx, name)
    stale = next(v for v in task(f"{name}_info", **key).data.values() if isinstance(v, list))[0]["etag"]
    pbx.put(entity_set, {**row, **THEIRS[name]})
    before = pbx.entities(entity_set)
    for check_mode in (True, False):
        failed = task(name, **key, state="absent", if_match=stale, check_mode=check_mode)
        assert failed["status"] == 412
        assert f"threecx_{name}_info" in failed.msg
        assert len(pbx.writes) == (0 if check_mode else 1), "nothing is tried again"
    assert pbx.entities(entity_set) == before


def test_if_match_that_fits_and_any(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, "fax")
    [fax] = task("fax_info", id=7001)["faxes"]
    changed = task("fax", id=7001, outbound_caller_id="2", if_match=fax["etag"])
    assert pbx.writes[0].headers["if-match"] == fax["etag"]
    assert task("fax", id=7001, outbound_caller_id="3", etag=changed["fax"]["etag"])["changed"], "etag is another name"
    assert task("fax", id=7001, state="absent", if_match="*", check_mode=True)["changed"]
    assert task("fax", id=7001, state="absent", if_match="*")["changed"]
    assert pbx.writes[-1].headers["if-match"] == "*"
    assert not task("fax", id=7001, state="absent", if_match=fax["etag"])["changed"], "gone already is gone"


def test_if_match_never_creates(pbx: SimulatedPbx, task: Task) -> None:
    failed = task("fax", number="7811", if_match='W/"1"')
    assert failed["status"] == 412
    assert "Leave if_match out to create one" in failed.msg
    assert pbx.writes == []


def test_somebody_else_was_quicker(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    change, remove = EntitySet.change, EntitySet.remove

    theirs = iter(("theirs, first", "theirs"))

    def meanwhile(self: EntitySet, *args: Any) -> None:
        pbx.put("Fax", {"Id": 7001, "Number": "7801", "OutboundCallerId": next(theirs), "AuthPassword": "CANARY-7"})
        (change if len(args) == 4 else remove)(self, *args)

    monkeypatch.setattr(EntitySet, "change", meanwhile)
    monkeypatch.setattr(EntitySet, "remove", meanwhile)
    for options in ({"outbound_caller_id": "mine"}, {"state": "absent"}):
        failed = task("fax", id=7001, **options)
        assert failed["status"] == 412
        assert 'outbound_caller_id: "' in failed.msg
        assert '-> "theirs' in failed.msg
        assert "CANARY" not in json.dumps(failed.data)
    assert len(pbx.writes) == 2
    assert [row["OutboundCallerId"] for row in pbx.entities("Fax") if row["Id"] == 7001] == ["theirs"]


@pytest.mark.parametrize("status", [404, 412])
def test_gone_while_it_was_being_removed(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, status: int
) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    remove = EntitySet.remove

    def meanwhile(self: EntitySet, *args: Any) -> None:
        pbx.remove("Fax", 7001)
        pbx.fail(r"/Fax\(7001\)", status=status, method="DELETE")  # which of the two a PBX says, varies
        remove(self, *args)

    monkeypatch.setattr(EntitySet, "remove", meanwhile)
    assert task("fax", id=7001, state="absent").data == {"changed": False}


@pytest.mark.parametrize("options", [{"outbound_caller_id": "2"}, {"state": "absent"}, {"number": "7999", "id": None}])
def test_a_write_that_cannot_be_read_back_has_changed_the_pbx_all_the_same(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    for verb in ("create", "change", "remove"):
        monkeypatch.setattr(EntitySet, verb, _then_forbidden(getattr(EntitySet, verb), pbx))
    failed = task("fax", **{"id": 7001, **options})
    assert failed.data["changed"] is True
    assert failed["status"] == 403
    assert "was accepted by" in failed.msg
    assert "but the result could not be read" in failed.msg
    assert pbx.writes[0].status < 300


def _then_forbidden(write: Callable[..., Any], pbx: SimulatedPbx) -> Callable[..., Any]:
    """The same write, after which nothing can be read any more."""

    def writing(*args: Any) -> Any:
        try:
            return write(*args)
        finally:
            pbx.fail(r"/Fax$", status=403, method="GET", times=2)  # a new token does not help

    return writing


@pytest.mark.parametrize("options", [{"outbound_caller_id": "2"}, {"state": "absent"}])
def test_a_refused_write_is_what_is_told_even_when_nothing_can_be_read_after(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, options: dict[str, Any]
) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    plant(pbx, "fax")
    pbx.fail(r"/Fax\(7001\)", status=412)
    for verb in ("change", "remove"):
        monkeypatch.setattr(EntitySet, verb, _then_forbidden(getattr(EntitySet, verb), pbx))
    failed = task("fax", id=7001, **options)
    assert failed["status"] == 412
    assert failed.data["changed"] is False
    assert "Nothing was changed." in failed.msg


def test_gone_while_it_was_being_changed(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    from pbx_as_code.engine.access.pbx import EntitySet

    change = EntitySet.change

    def meanwhile(self: EntitySet, *args: Any) -> None:
        pbx.remove("Fax", 7001)
        change(self, *args)

    monkeypatch.setattr(EntitySet, "change", meanwhile)
    plant(pbx, "fax")
    failed = task("fax", id=7001, outbound_caller_id="2")
    assert failed["status"] == 404
    assert "was removed from" in failed.msg
    assert "does not offer" not in failed.msg


def test_without_etags(pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]) -> None:
    pbx = pbx_factory(etags=False)
    task = task_on(pbx)
    plant(pbx, "fax")
    assert "etag" not in task("fax_info", id=7001)["faxes"][0]
    assert task("fax", id=7001, outbound_caller_id="2")["changed"]
    assert task("fax", id=7001, state="absent")["changed"]
    assert all("if-match" not in write.headers for write in pbx.writes)


def test_strict_etags(pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[..., Task]) -> None:
    pbx = pbx_factory(strict_etags=True)
    task = task_on(pbx)
    plant(pbx, "fax")
    assert task("fax", id=7001, outbound_caller_id="2")["changed"]
    assert task("fax", id=7001, state="absent")["changed"]
