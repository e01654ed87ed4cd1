"""A PBX that refuses $expand: the rest is read and the gap is told; what was not read is never taken for empty."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.errors import Refusal
from pbx_simulator.odata import query
from tests.collection.entity_values import ENTITIES, by_key, plant
from tests.collection.property_values import given

Task = Callable[..., Any]
Refuse = Callable[[Callable[[str], bool]], None]


@pytest.fixture
def refuse(monkeypatch: pytest.MonkeyPatch) -> Iterator[Refuse]:
    """Let the PBX refuse requests by what stands in their $expand."""
    expand = query._expand

    def that(refused: Callable[[str], bool]) -> None:
        def unless_refused(text: str, *others: Any) -> Any:
            if refused(text):
                raise Refusal(400, "Could not find a property.")
            return expand(text, *others)

        monkeypatch.setattr(query, "_expand", unless_refused)
        query.parse.cache_clear()

    yield that
    query.parse.cache_clear()


NAVIGATION = [
    (name, prop)
    for name, description in ENTITIES.items()
    if description.can_update
    for prop in description.properties
    if prop.navigation and not prop.read_only
]


def rows(result: Any) -> list[dict[str, Any]]:
    return next(value for value in result.data.values() if isinstance(value, list))


def test_the_rest_is_shown_with_a_warning(refuse: Refuse, pbx: SimulatedPbx, task: Task) -> None:
    refuse(lambda _: True)
    for name in dict.fromkeys(name for name, _ in NAVIGATION):
        row = plant(pbx, ENTITIES[name])
        read = task(f"{name}_info", **by_key(ENTITIES[name], row))
        [shown] = rows(read)
        for prop in [prop for other, prop in NAVIGATION if other == name]:
            assert prop.option not in shown, "absent is not empty"
            assert any(f"lacks {prop.option}:" in warning for warning in read.warnings), (prop.option, read.warnings)
        whole = task(f"{name}_info")
        assert (whole.warnings, "failed" in whole.data) == ([], False), "nothing is expanded in a list"


def test_what_needs_it_fails_and_everything_else_works(refuse: Refuse, pbx: SimulatedPbx, task: Task) -> None:
    refuse(lambda _: True)
    for name, prop in NAVIGATION:
        description = ENTITIES[name]
        row = plant(pbx, description)
        key = by_key(description, row)
        for lists in ("replace", "add", "remove") if prop.many else (None,):
            more = {"lists": lists} if lists else {}
            failed = task(name, **key, **{prop.option: given(prop)}, **more)
            assert f"refuses $expand={prop.name}" in failed.msg, failed.msg
            assert failed["target"] == prop.option
            assert failed["status"] == 400
        if description.can_delete:
            assert f"refuses $expand={prop.name}" in task(name, **key, **{prop.option: given(prop)}, state="absent").msg
        assert pbx.writes == []
        plain = next(
            p for p in description.properties if p.kind in ("str", "number") and not (p.navigation or p.read_only)
        )
        assert not task(name, **{**key, plain.option: row[plain.name]})["changed"]
    assert task("queue", number="800", name="Service Line")["changed"], "what needs no $expand works"


def test_only_the_refused_one_is_missing(refuse: Refuse, pbx: SimulatedPbx, task: Task) -> None:
    refuse(lambda text: "Managers" in text)
    read = task("queue_info", number="800")
    assert [agent["number"] for agent in rows(read)[0]["agents"]] == ["300", "301"]
    assert "managers" not in rows(read)[0]
    assert [warning[:26] for warning in read.warnings] == ["The result lacks managers:"]
    assert task("queue", number="800", agents=[{"number": "200"}], lists="add")["changed"]
    failed = task("queue", number="800", agents=[{"number": "201"}], managers=[{"number": "300"}], lists="add")
    assert failed["target"] == "managers"
    assert len(pbx.writes) == 1


def test_a_500_is_not_a_refusal(pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail(r"/xapi/v1/Fax$", status=500)
    failed = task("fax_info", number="800", expand=["groups"])
    assert failed["status"] == 500


class TestTwoAtATime:
    """Several answers are one row; a write of it is refused where anything changed between the answers."""

    @pytest.fixture(autouse=True)
    def _refused(self, refuse: Refuse) -> None:
        refuse(lambda text: "," in text)

    def test_every_property_is_read(self, pbx: SimulatedPbx, task: Task) -> None:
        for name in dict.fromkeys(name for name, _ in NAVIGATION):
            row = plant(pbx, ENTITIES[name])
            read = task(f"{name}_info", **by_key(ENTITIES[name], row))
            assert read.warnings == []
            expected = {prop.option for other, prop in NAVIGATION if other == name}
            assert expected <= rows(read)[0].keys()

    def test_the_first_etag_guards_all_of_them(
        self, pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        from threecx_xapi.client import XapiClient

        send = XapiClient.request
        meddled: list[bool] = []

        def request(client: Any, method: str, path: str, **more: Any) -> Any:
            reply = send(client, method, path, **more)
            if (more.get("params") or {}).get("$expand") == "Agents" and not meddled:
                meddled.append(True)
                [queue] = [row for row in pbx.entities("Queues") if row["Number"] == "800"]
                pbx.put("Queues", {**queue, "Name": "Theirs", "Agents": [{"Number": "200"}]})
            return reply

        monkeypatch.setattr(XapiClient, "request", request)
        wanted = {"agents": [{"number": "201"}], "managers": [{"number": "104"}]}
        task("queue", number="800", **wanted, lists="add")
        [queue] = [row for row in pbx.entities("Queues") if row["Number"] == "800"]
        assert meddled
        assert queue["Name"] == "Theirs"
        assert "200" in [agent["Number"] for agent in queue["Agents"]], "theirs is not lost"
        first = pbx.writes[0]
        theirs = {"200"} <= {agent.get("Number") for agent in json.loads(first.body).get("Agents", [])}
        assert first.status == 412 or theirs, "it was refused, or decided by a read that already had theirs"


def test_large_properties_of_a_pbx_that_reads_nothing_by_key(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, ENTITIES["call_flow_app"])
    app = pbx.put("CallFlowApps", {"Number": "7802", "Name": "x", "ScriptCode": "class X {}"})
    pbx.fail(rf"/CallFlowApps\({app['Id']}\)$", status=404, method="GET", times=None)
    assert rows(task("call_flow_app_info", number="7802"))[0]["script_code"] == "class X {}"
    assert not task("call_flow_app", number="7802", script_code="class X {}")["changed"]
    assert task("call_flow_app", number="7802", script_code="class Y {}")["changed"]
    assert json.loads(pbx.writes[-1].body) == {"ScriptCode": "class Y {}"}
