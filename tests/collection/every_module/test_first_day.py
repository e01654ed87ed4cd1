"""Messages a new user meets on the first day: they say what exists in the place of what does not."""

from __future__ import annotations

import re
from collections.abc import Iterator
from importlib import import_module
from typing import Any

import pytest
import threecx_xapi
from threecx_xapi import models, paging

import pbx_as_code
import pbx_simulator
from pbx_as_code import suggestions
from pbx_as_code.description import EntityDescription, Property
from pbx_as_code.engine.find import listed_values, rehearsal
from pbx_as_code.engine.find.lookup import changeable, named_by
from pbx_as_code.engine.report.results import Outcome, diff
from pbx_as_code.engine.task import EntityTask
from pbx_as_code.entities import NAMES, description
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.collection.tasks import Task, tasks_on
from tests.collection.tree import ROOT


@pytest.fixture(scope="module", params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def company(request: pytest.FixtureRequest) -> Iterator[SimulatedPbx]:
    with SimulatedPbx(traits=request.param) as running:
        yield running


@pytest.fixture
def task(company: SimulatedPbx) -> Task:
    return tasks_on(company)


#: The module, its options, the option that is complained about, what is near and what else there is.
UNKNOWN: list[tuple[str, dict[str, Any], str, str, str]] = [
    ("trunk", {"number": "10077", "template": "Generic"}, "template", "provider.pv.xml (Generic SIP Trunk)", "closed"),
    (
        "user",
        {"number": "100", "groups": [{"group": "DEFAULT", "rights": {"role_name": "manger"}}]},
        "groups[0].rights.role_name",
        "managers",
        "system_owners",
    ),
    (
        "user",
        {"number": "100", "phones": [{"mac_address": "0015651a2b3c", "template_name": "yealink"}]},
        "phones[0].template_name",
        "yealinkT4x.ph.xml",
        "old-reception.ph.xml",
    ),
    ("user", {"number": "100", "prompt_set": "Englsh"}, "prompt_set", "English Prompt Set", "Italian Prompt Set"),
    (
        "user",
        {"number": "100", "current_profile_name": "Avaliable"},
        "current_profile_name",
        "Available",
        "Out of office",
    ),
    ("user", {"number": "100", "primary_group": "Sals"}, "primary_group", "Sales", "Support"),
    ("group", {"name": "Sales", "time_zone_id": "Europe/Berln"}, "time_zone_id", "51 (Europe/Berlin)", "New_York"),
    ("receptionist", {"number": "870", "prompt_filename": "welcom.wav"}, "prompt_filename", "welcome.wav", "summer"),
    ("queue", {"number": "871", "on_hold_file": "welcom.wav"}, "on_hold_file", "welcome.wav", "Hold music"),
    ("queue", {"number": "871", "agents": [{"number": "Ada"}]}, "agents[0].number", "100 (Ada Moreno)", "101 ("),
]


@pytest.mark.parametrize("case", UNKNOWN, ids=[case[2] for case in UNKNOWN])
def test_a_value_that_does_not_exist_lists_what_does(
    case: tuple[str, dict[str, Any], str, str, str], task: Task
) -> None:
    kind, options, option, near, other = case
    said = task(kind, **options).msg
    assert f"{option}: there is no " in said
    assert f"did you mean {near}" in said
    assert other in said.partition("There are also")[2]
    checked = task(kind, check_mode=True, **options)
    warned = [checked.data.get("msg", ""), *checked.warnings]
    assert any(one.startswith(f"{option}: there is no ") or f" {option}: there is no " in one for one in warned)


def test_an_object_that_cannot_be_created_is_looked_for_among_those_there(task: Task) -> None:
    for kind, name, near in (
        ("prompt_set", "Englsh Prompt Set", "English Prompt Set"),
        ("email_template", "Welcom", "Welcome"),
    ):
        said = task(kind, name=name).msg
        assert f"did you mean {near}" in said
        assert "XAPI cannot create one. Nothing was changed." in said


def test_a_refused_department_of_an_sbc_lists_departments(task: Task) -> None:
    said = task("sbc", name="Branch", group="Sals").msg
    assert "group: there is no department Sals" in said
    assert "did you mean Sales (GRP2)" in said
    assert task("sbc", name="Branch", group="Sals", check_mode=True).warnings == []


def test_of_two_lists_one_that_cannot_be_read_proves_nothing(task: Task, company: SimulatedPbx) -> None:
    for unreadable in ("Playlists", "CustomPrompts"):
        company.go_by({"faults": [{"path": f"/{unreadable}$", "method": "GET", "status": 403}]})
        said = task("queue", number="871", on_hold_file="welcom.wav").msg
        assert "OnHoldFile" in said
        assert "there is no " not in said, unreadable
    company.go_by(None)


def test_values_that_exist_cost_no_request_and_no_warning(task: Task, company: SimulatedPbx) -> None:
    before = len(company.requests)
    done = task("group", name="Support", time_zone_id="51", check_mode=True)
    assert done.warnings == []
    task("group", name="Support", time_zone_id="51")
    company_paths = [request.path for request in company.requests[before:]]
    assert not any("TimeZones" in path for path in company_paths[-3:])


def test_each_listed_value_is_an_option_of_some_kind() -> None:
    found = set[tuple[str, str]]()

    def note(kind: str, properties: tuple[Property, ...], within: str) -> None:
        for prop in properties:
            found.update({("", prop.option), (kind, f"{within}{prop.option}")})
            note(kind, prop.fields, f"{within}{prop.option}.")

    for name in NAMES:
        about = description(name)
        note(name, about.properties, "")
        if isinstance(about, EntityDescription):
            found.update((name, parameter.option) for parameter in about.init_with)
    assert {("", option) for option in listed_values.LISTED} - found == set()
    assert set(listed_values.LISTED_IN) - found == set()


def test_a_misspelt_option_shows_the_nearest_names_first(task: Task) -> None:
    for options, begin in (
        ({"frist_name": "A"}, "frist_name. Did you mean first_name, last_name or "),
        ({"groups": [{"gruop": "A"}, {"gruop": "B"}]}, "groups.gruop. Did you mean group?"),
        ({"frist_name": "A", "zzzzz": 1}, "frist_name, zzzzz. frist_name: did you mean first_name, "),
    ):
        said = task("user", number="100", **options).msg
        assert said.partition(" module: ")[2].startswith(begin), said
    assert "zzzzz: there are access_password, " in said


def test_an_empty_name_beside_one_that_identifies_is_no_obstacle(task: Task) -> None:
    tried = 0
    for kind in sorted(NAMES):
        about = description(kind)
        if not isinstance(about, EntityDescription):
            continue
        texts = [key for key in about.keys if key.kind in ("str", "number", "email")]
        for other in texts[1:]:
            if other.name in changeable(about):
                options = {texts[0].option: "100", other.option: ""}
                asked = EntityTask(about, options, options, None, None)  # type: ignore[arg-type]
                assert set(named_by(asked)) == {texts[0].option}, kind
                tried += 1
    assert tried > 3
    for number in ("105", "106"):  # two users without an address
        assert task("user", number=number, email_address="", first_name="A")["changed"]
        assert not task("user", number=number, email_address="", first_name="A")["changed"]


def test_a_department_with_members_says_how_to_empty_it(task: Task) -> None:
    said = task("group", name="Sales", state="absent").msg
    assert "Empty the department first: threecx_group_info" in said
    assert "primary_group" in said
    assert "default department" in task("group", name="DEFAULT", state="absent").msg


def nothing_in(value: Any) -> bool:
    if isinstance(value, dict):
        return any(held is None or nothing_in(held) for held in value.values())
    if isinstance(value, list):
        return any(item is None or nothing_in(item) for item in value)
    return value in (None, "")


def test_diffs_of_removals_and_creations_show_what_matters(company: SimulatedPbx, task: Task) -> None:
    shown = task("user", number="104", state="absent", check_mode=True)["diff"]["before"]
    assert shown["number"] == "104"
    assert not nothing_in(shown)
    for name in sorted(NAMES):
        about = description(name)
        if isinstance(about, EntityDescription) and about.can_delete:
            row = {prop.name: [{field.name: None for field in prop.fields}] if prop.many else
                   {field.name: None for field in prop.fields} for prop in about.properties if prop.fields}  # fmt: skip
            key = 1 if about.key.kind == "int" else "1"
            outcome = Outcome(True, before={about.key.name: key, **row}, after=None)
            assert not nothing_in(diff(about, outcome)), name
            assert diff(about, outcome)["before"][about.key.option] == key


def test_check_mode_tells_what_earlier_tasks_create_from_what_nobody_does(task: Task) -> None:
    rehearsal.start()
    try:
        task("group", name="Berlin", check_mode=True)
        task("group", name="Paris", check_mode=True)
        first = task("user", number="177", primary_group="Berlin", check_mode=True)
        (summary,) = first.warnings
        assert "earlier tasks of this run would create" in summary
        assert "department Berlin, department Paris" in summary
        assert task("user", number="178", primary_group="Paris", check_mode=True).warnings == []
        assert task("queue", number="879", agents=[{"number": "177"}], check_mode=True).warnings == []
        (wrong,) = task("user", number="179", primary_group="Parsi", check_mode=True).warnings
        assert wrong.startswith("primary_group: there is no department Parsi")
    finally:
        rehearsal.stop()
    alone = task("user", number="177", primary_group="Berlin", check_mode=True)
    assert alone.warnings[0].startswith("primary_group: there is no department Berlin")


def test_completion_shows_what_is_meant_to_be_used() -> None:
    pages = "".join(page.read_text() for page in (ROOT / "docs" / "python").glob("*.md"))
    documented = {import_module(name) for name in re.findall(r"^\.\. automodule:: (\S+)", pages, re.MULTILINE)}
    assert len(documented) > 3
    for module in documented | {threecx_xapi, paging, pbx_as_code, pbx_simulator}:
        shown = [name for name in dir(module) if not name.startswith("_")]
        assert set(shown) == {name for name in module.__all__ if not name.startswith("_")}, module
        imported: dict[str, Any] = {}
        exec(f"from {module.__name__} import *", imported)
        assert imported.keys() - {"__builtins__"} == set(module.__all__)
    assert all(name[0].isupper() for name in dir(models))
    assert not {"TYPE_CHECKING", "annotations", "Any"} & set(dir(pbx_as_code.Pbx))


def test_near_names() -> None:
    for name, known, expected in (
        ("Generic", ["Generic SIP Trunk", "Other"], ["Generic SIP Trunk"]),
        ("Englsh", ["English Prompt Set", "Italian Prompt Set"], ["English Prompt Set"]),
        ("a", ["b", "ab c"], []),
        ("mobil", ["mobile", "e_mail", "fax"], ["mobile"]),
    ):
        assert suggestions.nearest_names(name, known) == expected
    many = [f"thing {number}" for number in range(30)]
    assert suggestions.existing("qqq", many).endswith(" and 20 more.")
    assert suggestions.existing("qqq", many, "threecx_thing_info").endswith(
        " and 20 more (threecx_thing_info lists them)."
    )
    assert suggestions.existing("x", []) == "; there are none."
