"""Entities that a function lists: found among all of them, whatever it makes of a filter."""

from __future__ import annotations

from collections.abc import Callable

from pbx_simulator import SimulatedPbx
from tests.collection.conftest import Result

Task = Callable[..., Result]
LISTED = "/xapi/v1/CrmTemplates/Pbx.GeCrmtTemplates()"


def plant(pbx: SimulatedPbx, count: int) -> None:
    for number in range(count):
        pbx.put("CrmTemplates", {"Name": f"CRM {number}"})
    pbx.clear_log()


def test_one_is_found_on_a_later_page_and_removed(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, 250)
    gone = task("crm_template", name="CRM 249", state="absent")
    assert gone["changed"]
    assert [(write.method, write.path) for write in pbx.writes] == [("DELETE", "/xapi/v1/CrmTemplates('CRM%20249')")]
    assert {request.path for request in pbx.requests if request.method == "GET"} == {LISTED}
    assert not any("filter" in request.query or "orderby" in request.query for request in pbx.requests)
    assert not task("crm_template", name="CRM 249", state="absent")["changed"]


def test_a_limit_is_one_of_what_was_asked_for(pbx: SimulatedPbx, task: Task) -> None:
    plant(pbx, 3)
    [found] = task("crm_template_info", name="CRM 2", limit=1)["crm_templates"]
    assert found["name"] == "CRM 2"
    assert len(task("crm_template_info", limit=1)["crm_templates"]) == 1
    assert len(task("crm_template_info")["crm_templates"]) == len(pbx.entities("CrmTemplates"))


def test_what_signs_in_to_a_crm_system_is_not_shown(pbx: SimulatedPbx, task: Task) -> None:
    [shown] = task("crm_template_info", name="Example CRM")["crm_templates"]
    assert shown["authentication"] == {"type": "Basic"}
    [whole] = task("crm_template_info", name="Example CRM", reveal_secrets=True)["crm_templates"]
    assert whole["authentication"]["values"] == ["[ApiKey]:"]
