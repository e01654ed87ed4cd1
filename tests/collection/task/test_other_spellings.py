"""Names that differ from those on the PBX in case or blanks only: never a second object."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any
from urllib.parse import unquote

import pytest

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.access.pbx import EntitySet
from pbx_as_code.engine.write.other_spellings import _FILES
from pbx_as_code.entities import NAMES, description
from pbx_simulator import SimulatedPbx
from pbx_simulator.faults.when import When
from tests.collection.tasks import Task, tasks_on

DESTINATION = {"to": "Extension", "number": "100"}
DATES = {"day": 25, "month": 12, "day_end": 25, "month_end": 12, "year": 0}
#: By kind: how an object is created, and other spellings of its name.
NAMED: dict[str, tuple[dict[str, Any], list[dict[str, Any]]]] = {
    "contact": (
        {"first_name": "Kim", "last_name": "van Dyk"},
        [{"first_name": "kim"}, {"last_name": "Van Dyk"}, {"last_name": "van Dyk "}, {"first_name": " KIM"}],
    ),
    "dn_property": ({"number": "100", "name": "Colour", "value": "red"}, [{"name": "colour"}]),
    "group": ({"name": "Büro  Nord"}, [{"name": "büro nord"}, {"name": " Büro  Nord"}, {"name": "BÜRO NORD "}]),
    "holiday": ({"name": "Xmas", **DATES}, [{"name": "XMAS"}, {"name": "Xmas "}]),
    "inbound_rule": (
        {"rule_name": "Main", "condition": "BasedOnDID", "data": "+1555777", "trunk": "10000",
         "office_hours_destination": DESTINATION},
        [{"rule_name": "main", "data": "+1555778"}],
    ),
    "outbound_rule": ({"name": "Abroad"}, [{"name": "abroad"}]),
    "parameter": ({"name": "COLOUR", "value": "red"}, [{"name": "colour"}]),
    "playlist": ({"name": "Music"}, [{"name": "music"}]),
    "queue": ({"number": "880", "name": "Help"}, [{"number": None, "name": "help"}]),
    "receptionist": ({"number": "882", "name": "Help"}, [{"number": None, "name": "help"}]),
    "ring_group": ({"number": "881", "name": "Help"}, [{"number": None, "name": "HELP"}]),
    "sbc": ({"name": "edge"}, [{"name": "Edge"}]),
    "scheduled_report": ({"name": "Daily"}, [{"name": "daily"}]),
    "tenant_property": ({"name": "COLOUR", "value": "red"}, [{"name": "colour"}]),
    "website_link": (
        {"link": "https://example.com/a", "name": "x"}, [{"link": "https://EXAMPLE.com/a"}, {"link": "https://example.com/a/"}]
    ),
}  # fmt: skip
OnPbx = Callable[[SimulatedPbx], Task]


def test_every_kind_with_a_name_is_tried() -> None:
    named = {
        kind
        for kind in NAMES
        if isinstance(about := description(kind), EntityDescription)
        and about.can_create
        and any(key.kind == "str" and key.name not in _FILES for key in about.keys)
    }
    assert named == {*NAMED, "trunk_template"}, "a trunk template is identified by its file"


@pytest.mark.parametrize("traits", ["as-seen", "strict-odata"])
def test_a_name_in_another_spelling_makes_no_second_object(traits: str) -> None:
    with SimulatedPbx(traits=[traits]) as pbx:
        task = tasks_on(pbx)
        for kind, (options, spellings) in NAMED.items():
            assert task(kind, **options)["changed"], kind
            pbx.clear_log()
            for spelling in spellings:
                other = {name: value for name, value in {**options, **spelling}.items() if value is not None}
                for check_mode in (True, False):
                    refused = task(kind, **other, check_mode=check_mode)
                    assert "differs in case or blanks only" in refused.msg, (kind, spelling)
                    assert refused.msg.endswith("Nothing was changed.")
                naming = {name: value for name, value in other.items() if name in _keys(kind)}
                gone = task(kind, **naming, state="absent")
                assert not gone["changed"], (kind, spelling)
                assert "so nothing was removed" in " ".join(gone.warnings), (kind, spelling)
            assert pbx.writes == []
            assert not task(kind, **options)["changed"], kind


def _keys(kind: str) -> set[str]:
    about = description(kind)
    assert isinstance(about, EntityDescription)
    return {key.option for key in about.keys} | ({"number"} if about.below else set())


def test_a_number_means_the_same_in_any_case_and_with_blanks(pbx: SimulatedPbx, task: Task) -> None:
    assert task("parking", number="SP8")["changed"]
    number = task("group", name="Shipping")["group"]["number"]
    pbx.clear_log()
    for kind, given in (("parking", "sp8"), ("parking", " SP8 "), ("user", " 100"), ("user", "100 ")):
        result = task(kind, number=given)
        assert not result["changed"], given
        assert result.warnings == []
        assert len(task(f"{kind}_info", number=given)[f"{kind}s"]) == 1, given
    assert not task("group", number=number.lower(), name="Shipping")["changed"]
    assert "set rename: true" in task("group", number=number.lower(), name="Other").msg
    assert pbx.writes == []
    assert task("parking", number="sp8", state="absent")["changed"]
    assert task("parking", number=" sp9 ")["parking"]["number"] == "sp9"


def test_of_two_spellings_the_one_that_is_written_is_meant(pbx: SimulatedPbx, task: Task) -> None:
    for number in ("SP8", "sp8"):
        pbx.put("Parkings", {"Number": number})
    for name in ("Sales 2", "sales 2"):
        pbx.put("Groups", {"Name": name})
    for number in ("SP8", "sp8"):
        assert task("parking", number=number)["parking"]["number"] == number
    for name in ("Sales 2", "sales 2"):
        assert task("group", name=name)["group"]["name"] == name
    assert "means 2 of them" in task("parking", number="Sp8").msg
    assert "differs in case or blanks only" in task("group", name="SALES 2").msg


def test_the_same_name_elsewhere_is_another_object(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("Contacts", {"FirstName": "Kim", "LastName": "Lee", "CompanyName": "Acme"})
    assert task("contact", first_name="kim", last_name="lee")["changed"], "nobody of that company"
    assert task("holiday", name="Xmas", **{**DATES, "year": 2026, "year_end": 2026})["changed"]
    assert task("holiday", name="xmas", **{**DATES, "year": 2027, "year_end": 2027})["changed"]
    assert task("website_link", link="https://example.com/a", name="x")["changed"]
    for link in ("https://example.com/A", "http://example.com/a", "example.com/a", "example.org/b"):
        assert task("website_link", link=link, name="x")["changed"]
    assert task("group", name="Sale")["changed"]
    assert task("group", name="Sales and more")["changed"]


def test_a_pbx_that_does_not_search_so_creates_as_before(pbx: SimulatedPbx, task: Task) -> None:
    second = When(n=(2,))
    for status in (400, 501, 500):
        pbx.fail("/Playlists$", status, times=None, method="GET", when=second)
        pbx.clear_log()
        assert task("playlist", name=f"Music {status}")["changed"]
        refused = [request for request in pbx.requests if request.status == status]
        assert ["contains(tolower(Name)" in unquote(request.query) for request in refused] == [True]
        pbx.go_by(None)
    pbx.fail("/Playlists$", 409, times=None, method="GET", when=second)
    pbx.clear_log()
    assert "409" in task("playlist", name="Music").msg
    assert pbx.writes == []


def test_a_loop_that_reads_ahead_asks_nothing_more(pbx: SimulatedPbx, task: Task) -> None:
    for number in range(60):
        pbx.put("Contacts", {"FirstName": "Kim", "LastName": f"Lee {number}"})
    pbx.clear_log()
    for number in range(60):
        gone = task("contact", first_name="kim", last_name=f"Lee {number}", state="absent")
        assert not gone["changed"]
        assert number < 40 or "so nothing was removed" in gone.warnings[0]
    assert len(pbx.requests) < 60


def test_an_object_that_another_task_creates_meanwhile_is_not_spelled_otherwise(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    every = EntitySet.every

    def overtaken(self: EntitySet, *args: Any, **options: Any) -> Any:
        monkeypatch.undo()
        pbx.put("Playlists", {"Name": "Music"})
        return every(self, *args, **options)

    monkeypatch.setattr(EntitySet, "every", overtaken)
    assert not task("playlist", name="Music")["changed"]
    assert [row["Name"] for row in pbx.entities("Playlists")].count("Music") == 1
