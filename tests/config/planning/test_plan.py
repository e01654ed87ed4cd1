"""A plan right after an export is empty, and whatever is declared otherwise shows in exactly that leaf."""

from __future__ import annotations

import xml.etree.ElementTree as ET  # what is parsed was made by the test
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.configuration import Configuration, Definition
from pbx_as_code.config.export import export
from pbx_as_code.config.kinds import KINDS, LISTED
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.planning.compare import compare, shown
from pbx_as_code.config.planning.operations import Doing, LeafChange, Plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.reporting import report as plan_report
from pbx_as_code.config.reporting.drift_page import page
from pbx_as_code.config.reporting.titles import section
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property
from pbx_simulator import SimulatedPbx


@pytest.fixture
def exported(pbx: Pbx, simulated: SimulatedPbx) -> Configuration:
    made = export(pbx, own_number=simulated.client_id)
    return load_sources([(path, content.encode()) for path, content in made.files.items()])


def declared(text: str) -> Configuration:
    return load_sources([("a.yml", text.encode())])


def test_a_plan_after_an_export_is_empty(pbx: Pbx, simulated: SimulatedPbx, exported: Configuration) -> None:
    made = plan(exported, pbx, own_number=simulated.client_id)
    assert (made.operations, made.impossible, made.unmanaged) == ([], [], [])
    assert made.release == pbx.release
    assert made.release
    partly = {(one.kind, one.identity) for one in made.uncompared}
    assert len(made.equal) + len(partly) == len(exported.definitions)
    assert {one.why for one in made.uncompared} == {"the PBX does not show credentials"}
    assert not plan_report.differs(made)
    assert all(request.method == "GET" or "token" in request.path for request in simulated.requests)


def test_every_single_leaf_that_is_declared_otherwise_shows_alone(pbx: Pbx, exported: Configuration) -> None:
    rows = {kind: pbx.everything(kind) for kind in {one.kind.name for one in exported.definitions}}
    changed = 0
    kinds = set()
    for kind, found in rows.items():
        for one in exported.of(kind)[:2]:
            row = next(row for row in found if not compare(one, row, _same_name).changes)
            for path, other in list(_leaves(tuple(one.kind.options.values()), one.values, ())):
                drifted = replace(one, values=deepcopy(one.values))
                _set(drifted.values, path, other)
                seen = {change.path for change in compare(drifted, row, _same_name).changes}
                assert seen == {path}, (one.title, path, other, seen)
                changed += 1
                kinds.add(kind)
    assert changed > 500
    assert kinds >= {one.kind.name for one in exported.definitions if _has_plain_leaf(one.values)}
    assert len(kinds) > len(KINDS) * 0.8


def test_a_changed_field_of_an_item_shows_alone(pbx: Pbx, exported: Configuration) -> None:
    changed = set()
    for kind, lists in _lists(exported).items():
        found = pbx.everything(kind)
        for one, prop in lists:
            row = next(row for row in found if not compare(one, row, _same_name).changes)
            item = one.values[prop.option][0]
            keys = {field.option for field in prop.fields if field.name in prop.item_key}
            for path, other in _leaves(prop.fields, item, (prop.option, 0)):
                if path[2] in keys:
                    continue
                drifted = replace(one, values=deepcopy(one.values))
                _set(drifted.values, path, other)
                assert {change.path for change in compare(drifted, row, _same_name).changes} == {path}, one.title
                changed.add((kind, prop.option))
    assert len(changed) > 8


def _same_name(_: Property, value: str) -> str:
    return value


def _has_plain_leaf(values: dict[str, Any]) -> bool:
    return any(not isinstance(value, Secret | list | dict) for value in values.values())


def _lists(exported: Configuration) -> dict[str, list[tuple[Definition, Property]]]:
    """By kind, the lists of structures of its first object that has items in one."""
    found: dict[str, list[tuple[Definition, Property]]] = {}
    for one in exported.definitions:
        lists = [
            prop for prop in one.kind.options.values()
            if prop.many and prop.fields and (one.kind.name, prop.option) not in LISTED
        ]  # fmt: skip
        filled = [(one, prop) for prop in lists if one.values.get(prop.option)]
        if filled and one.kind.name not in found:
            found[one.kind.name] = filled
    return found


def _leaves(
    properties: tuple[Property, ...], values: dict[str, Any], path: tuple[str | int, ...]
) -> Iterator[tuple[tuple[str | int, ...], Any]]:
    """Each single value outside of lists, and another one for it; structures field by field."""
    for prop in properties:
        value = values.get(prop.option)
        here = (*path, prop.option)
        if prop.option not in values or isinstance(value, Secret):
            continue
        if prop.kind == "complex" and not prop.many and isinstance(value, dict):
            yield from _leaves(prop.fields, value, here)
        elif not prop.many and prop.kind != "complex" and (other := other_value(prop, value)) is not None:
            yield here, other


def other_value(prop: Property, value: Any) -> Any:
    """Another value of a property; None where it has only one."""
    if prop.kind == "bool":
        return not value
    if prop.kind in ("int", "float"):
        return (value or 0) + 1
    if prop.kind in ("enum", "flags"):
        others = [choice for choice in prop.choices if choice not in (value or ()) and choice != "None"]
        return None if not others else others[:1] if prop.kind == "flags" else others[0]
    if prop.kind in ("str", "number", "telephone", "email", "network", "concealed"):
        return f"{value or ''}x"
    samples = {
        "profile": "Custom 1",
        "date": "2031-02-03", "time": "03:04:05", "duration": "PT3H4M5S", "datetime": "2031-02-03T04:05:06Z",
        "day_begin": "PT3H4M", "day_end": "PT3H4M", "mac": "0a1b2c3d4e5f",
        "uuid": "2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9f00",
    }  # fmt: skip
    return samples[prop.kind]


def _set(values: Any, path: tuple[str | int, ...], other: Any) -> None:
    for step in path[:-1]:
        values = values[step]
    values[path[-1]] = other


def test_what_a_person_changed_on_the_pbx_is_drift(pbx: Pbx, simulated: SimulatedPbx, exported: Configuration) -> None:
    with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
        writing = Pbx(client)
        writing.ensure("user", number="100", mobile="+15550199")
        writing.ensure("contact", first_name="New", last_name="<b>`Contact`")
    made = plan(exported, pbx, own_number=simulated.client_id)
    (operation,) = made.operations
    (change,) = operation.changes
    assert (operation.doing, operation.identity, change.path) == (Doing.UPDATE, ("100",), ("mobile",))
    assert change.old == "+15550199"
    assert change.place is not None
    assert change.place.file.endswith(".yml")
    assert [kind for kind, _ in made.unmanaged] == ["contact"]
    _check_reports(made)


def _check_reports(made: Plan) -> None:
    shown = page(made)
    assert "+15550199" in shown
    assert "<b>" not in shown
    assert "&lt;b&gt;" in shown
    for fetched in ("src=", "href=", "@import", "url("):
        assert fetched not in shown
    suite = ET.fromstring(plan_report.junit(made))
    failed = [case.get("classname") for case in suite if case.find("failure") is not None]
    assert failed == ["user", "contact"], "the files declare every contact"
    assert (suite.get("failures"), suite.get("tests")) == ("2", str(len(suite)))
    assert "+15550199" in plan_report.text(made)
    assert r"\<b\>" in plan_report.markdown(made)
    assert plan_report.as_json(made)["differs"] is True


def test_creations_come_by_rank_and_circles_are_linked_afterwards(pbx: Pbx) -> None:
    text = (
        "queues:\n- {number: '870', name: A, agents: [{number: '392'}], forward_no_answer: {number: '871'}}\n"
        "- {number: '871', name: B, forward_no_answer: {number: '870'}}\n"
        "users:\n- {number: '392', first_name: N, primary_group: Warehouse}\ngroups:\n- {name: Warehouse}\n"
    )
    made = plan(declared(text), pbx)
    assert made.impossible == []
    done = [(one.doing.value, one.kind, *one.identity) for one in made.operations]
    assert done == [
        ("create", "group", "Warehouse"),
        ("create", "user", "392"),
        ("create", "queue", "870"),
        ("create", "queue", "871"),
        ("link", "queue", "870"),
    ]
    assert all(number < one.number for one in made.operations for number in one.after)


def test_a_reference_that_is_neither_there_nor_planned_is_impossible(pbx: Pbx) -> None:
    made = plan(declared("users:\n- {number: '100', primary_group: Sals}\n"), pbx)
    ((kind, identity, why),) = made.impossible
    assert (kind, identity) == ("user", ("100",))
    assert "Sals" in why
    assert "did you mean Sales?" in why


def test_what_is_required_and_missing_is_impossible(pbx: Pbx) -> None:
    made = plan(declared("required:\n  prompt_sets: [Company Prompt Set, Nobodys]\n"), pbx)
    ((kind, identity, why),) = made.impossible
    assert (kind, identity) == ("prompt_set", ("Nobodys",))
    assert "it is required" in why


def test_a_template_that_the_pbx_lacks_is_impossible(pbx: Pbx) -> None:
    made = plan(
        declared(
            "trunks:\n- {number: '10007', template: provider.pv.xm, auth_password: !secret t}\n"
            "- {number: '10008', template: provider.pv.xml, auth_password: !secret t}\n"
            "users:\n- {number: '100', phones: [{mac_address: 0a1b2c3d4e5f, template_name: yealinkT4x.ph.xml}]}\n"
            "- {number: '101', phones: [{mac_address: 0a1b2c3d4e60, template_name: snom.ph.xml}]}\n"
        ),
        pbx,
    )
    assert [(kind, *identity) for kind, identity, _ in made.impossible] == [("trunk", "10007"), ("user", "101")]
    assert "did you mean provider.pv.xml?" in made.impossible[0][2]
    assert "phones.template_name: There is no phone template called snom.ph.xml." in made.impossible[1][2]


def test_what_cannot_be_created_is_impossible(pbx: Pbx) -> None:
    made = plan(declared("email_templates:\n- {name: Unheard of, language: EN, subject: x}\n"), pbx)
    assert [kind for kind, _, _ in made.impossible] == ["email_template"]
    assert made.operations == []


def test_what_lacks_something_for_its_creation_is_impossible_and_its_place_is_named(pbx: Pbx) -> None:
    made = plan(declared("users: []\ntrunks:\n- {number: '10099', auth_id: invented}\n"), pbx)
    ((kind, identity, why),) = made.impossible
    assert (kind, identity) == ("trunk", ("10099",))
    assert "cannot be created without template" in why
    assert why.endswith(":3:3.")


def test_twins_are_paired_with_equal_ones_first(pbx: Pbx, simulated: SimulatedPbx) -> None:
    with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
        for number in ("+15550141", "+15550142"):
            body = {"FirstName": "Twin", "LastName": "Twin", "Business": number}
            client.request("POST", "/Contacts", json=body)
    twin = "- {first_name: Twin, last_name: Twin, business: '%s'}\n"
    text = "contacts:\n" + twin % "+15550142" + twin % "+15550143" + twin % "+15550144"
    made = plan(declared(text), pbx)
    assert [one.doing for one in made.operations] == [Doing.CREATE, Doing.UPDATE]
    (change,) = made.operations[1].changes
    assert change.old == "+15550141"


def test_requests_grow_with_pages_and_not_with_objects(pbx: Pbx, simulated: SimulatedPbx) -> None:
    text = "contacts:\n- {first_name: A, last_name: B}\n"

    def requests() -> int:
        before = len(simulated.requests)
        plan(declared(text), pbx)
        return len(simulated.requests) - before

    plan(declared(text), pbx)
    few = requests()
    text += "".join(f"- {{first_name: A, last_name: B{number}}}\n" for number in range(60))
    assert requests() == few


def test_a_marker_is_shown_at_any_depth_and_a_credential_never() -> None:
    marked = {"a": [{"b": Secret("ours")}, Secret("")], "c": Secret("mine"), "d": 1}
    assert shown(marked) == {"a": [{"b": "!secret ours"}, "(credential)"], "c": "!secret mine", "d": 1}


def test_a_section_is_called_as_in_files() -> None:
    assert [section(kind) for kind in ("user", "mail_settings", "firmware")] == ["users", "mail_settings", "firmwares"]


def test_of_long_lists_only_the_items_that_change_are_shown() -> None:
    numbers = [f"+49305550{number:03d}" for number in range(30)]

    def told(new: list[str]) -> str:
        return plan_report.leaf(LeafChange(("did_numbers",), numbers, new))

    assert told([*numbers[:3], "+4977", *numbers[4:]]) == (
        'did_numbers: ["+49305550003"] and 29 others -> ["+4977"] and 29 others'
    )
    assert told(numbers[1:]) == 'did_numbers: ["+49305550000"] and 29 others -> [] and 29 others'
    assert told(["+4977", *reversed(numbers)]).endswith('-> ["+4977"] and 30 others in another order')
    assert told(numbers[::-1]).count("+49305550003") == 2  # all of it: nothing else says what the order was
    assert told(["+4977"]).count("+49") == 31
    assert plan_report.leaf(LeafChange(("x",), ["a", "b"], ["a"])) == 'x: ["a", "b"] -> ["a"]'


def test_markdown_shows_a_new_object_like_the_terminal(pbx: Pbx) -> None:
    """A comment of a pull request has a limit, and the defaults of a user are thousands of characters."""
    text = (
        "defaults: {users: {enabled: true, forwarding_profiles: [{name: Available, no_answer_timeout: 9}]}}\n"
        'users: [{number: "150", first_name: Noor, groups: [{group: Sales, rights: {role_name: users}}]}]\n'
    )
    shown = plan_report.markdown(plan(load_sources([("a.yml", text.encode())]), pbx))
    assert r'| create | user 150 | groups\[Sales\].rights.role\_name |  | "users" | a.yml:2:' in shown
    assert "| create | user 150 | 2 options from the defaults of its kind |" in shown
    assert "null" not in shown
    assert "Available" not in shown


def test_junit_shows_a_value_that_changes_its_owner_as_a_change(pbx: Pbx) -> None:
    """Freeing it first is a step of an apply: the trunk that has it is not missing."""
    text = """
        trunks:
          - {number: "10000", did_numbers: ["+15550101"]}
          - {number: "10001", did_numbers: ["+15550100"]}"""
    made = plan(load_sources([("a.yml", text.encode())]), pbx)
    assert Doing.FREE in {one.doing for one in made.operations}
    said = [failure.text or "" for failure in ET.fromstring(plan_report.junit(made)).iter("failure")]
    assert len(said) == 2
    assert all(one.startswith("did_numbers: ") and one.count("did_numbers") == 1 for one in said)
