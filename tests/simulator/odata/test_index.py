"""An index finds the same rows as a scan of all rows, after any changes."""

from __future__ import annotations

import random
from collections.abc import Iterator
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx
from pbx_simulator.odata.filters import compile_filter
from pbx_simulator.odata.query import parse
from pbx_simulator.state.store import Store, datas
from tests.simulator.support import Api

MANY: dict[str, Any] = {
    "Groups": [{"Name": "DEFAULT", "IsDefault": True}],
    "Users": [
        {
            "$times": 40,
            "$from": 200,
            "Number": "{n}",
            "FirstName": "First{n}",
            "LastName": "Same",
            "EmailAddress": "u{n}@example.com",
        }
    ],
}
ORDERS = [
    b"FirstName,Id",
    b"LastName+desc,Number",
    b"Number",
    b"Id",
    b"Id+desc",
    b"Mobile",
    b"FirstName",
    b"LastName",
    b"Require2FA",
]


@pytest.fixture
def company() -> Iterator[Api]:
    with SimulatedPbx(MANY) as pbx:
        yield Api(pbx)


def numbers(api: Api, text: str, **more: str) -> list[str]:
    return [row["Number"] for row in api.rows("/Users", filter=text, **more)]


def key_of(api: Api, number: str) -> int:
    return int(api.rows("/Users", filter=f"Number eq '{number}'", select="Id")[0]["Id"])


def test_a_patch_of_what_is_looked_up_is_found_under_the_new_value_only(company: Api) -> None:
    assert numbers(company, "EmailAddress eq 'u207@example.com'") == ["207"]
    key = key_of(company, "207")
    assert company.patch(f"/Users({key})", {"EmailAddress": "new@example.com"}).status_code == 204
    assert numbers(company, "EmailAddress eq 'u207@example.com'") == []
    assert numbers(company, "EmailAddress eq 'new@example.com'") == ["207"]
    assert company.patch(f"/Users({key})", {"EmailAddress": None}).status_code == 204
    assert numbers(company, "EmailAddress eq null") == ["207"]


def test_what_is_created_removed_and_created_again_is_found_in_its_place(company: Api) -> None:
    assert numbers(company, "FirstName eq 'First205'") == ["205"]
    assert company.delete(f"/Users({key_of(company, '205')})").status_code == 204
    assert numbers(company, "FirstName eq 'First205'") == []
    assert company.post("/Users", {"Number": "205", "FirstName": "First205"}).status_code == 201
    assert numbers(company, "FirstName eq 'First205'") == ["205"]
    # The newest comes last, as in the list of all.
    assert numbers(company, "FirstName in ('First205','First239')") == ["239", "205"]


def test_what_changes_behind_the_api_is_found(company: Api) -> None:
    pbx = company.pbx
    assert numbers(company, "LastName eq 'Behind'") == []
    row = pbx.put("Users", {"Id": key_of(company, "210"), "LastName": "Behind"})
    assert numbers(company, "LastName eq 'Behind'") == ["210"]
    pbx.put("Users", {"Number": "300", "LastName": "Behind"})
    assert numbers(company, "LastName eq 'Behind'") == ["210", "300"]
    pbx.remove("Users", row["Id"])
    assert numbers(company, "LastName eq 'Behind'") == ["300"]


def test_a_reset_and_a_snapshot_put_back_are_found_as_they_are(company: Api) -> None:
    pbx = company.pbx
    assert numbers(company, "LastName eq 'Gone'") == []
    before = pbx.snapshot()
    pbx.put("Users", {"Id": key_of(company, "210"), "LastName": "Gone"})
    assert numbers(company, "LastName eq 'Gone'") == ["210"]
    pbx.restore(before)
    assert numbers(company, "LastName eq 'Gone'") == []
    assert len(numbers(company, "LastName eq 'Same'")) == 40
    pbx.put("Users", {"Id": key_of(company, "211"), "LastName": "Gone"})
    pbx.reset()
    company.sign_in()
    assert numbers(company, "LastName eq 'Gone'") == []
    assert len(numbers(company, "LastName eq 'Same'")) == 40


def test_pages_of_what_an_index_finds(company: Api) -> None:
    page = company.one("/Users", filter="LastName eq 'Same'", top="3", skip="5", count="true", select="Number")
    assert page["@odata.count"] == 40
    assert [row["Number"] for row in page["value"]] == ["205", "206", "207"]
    assert numbers(company, "LastName eq 'Same'", orderby="Number desc", top="2") == ["239", "238"]


def test_pages_in_an_order_show_what_was_written_since(company: Api) -> None:
    def first() -> dict[str, Any]:
        return company.rows("/Users", orderby="FirstName desc", top="1", skip="1")[0]

    assert first()["Number"] == "238"
    assert company.patch(f"/Users({key_of(company, '220')})", {"FirstName": "Zoe"}).status_code == 204
    assert first()["Number"] == "239"
    assert company.patch(f"/Users({key_of(company, '239')})", {"Mobile": "+1555"}).status_code == 204
    assert first()["Mobile"] == "+1555"
    assert company.delete(f"/Users({key_of(company, '220')})").status_code == 204
    assert first()["Number"] == "238"
    assert company.one("/Users", orderby="FirstName desc", top="1", count="true")["@odata.count"] == 39


def test_a_page_shows_what_was_written_since_it_was_last_shown(company: Api) -> None:
    first = company.rows("/Users", top="1")[0]
    assert company.patch(f"/Users({first['Id']})", {"Mobile": "+1555"}).status_code == 204
    second = company.rows("/Users", top="1")[0]
    assert (second["Mobile"], first["Mobile"]) == ("+1555", None)
    assert second["@odata.etag"] != first["@odata.etag"]
    assert company.one(f"/Users({first['Id']})").items() >= second.items()


def test_etags_are_left_out_of_kept_pages_too() -> None:
    with SimulatedPbx(MANY, etags=False) as pbx:
        api = Api(pbx)
        assert not any("@odata.etag" in row for _ in range(2) for row in api.rows("/Users"))


def test_departments_are_filtered_by_members_worked_out_from_others(company: Api) -> None:
    assert [row["Name"] for row in company.rows("/Groups", filter="Members/any(m: m/Number eq '207')")] == ["DEFAULT"]
    assert company.rows("/Groups", filter="Name eq 'DEFAULT' and not Members/any()") == []
    assert len(company.rows("/Groups", filter="Name eq 'DEFAULT'", expand="Members")[0]["Members"]) == 40


@pytest.mark.parametrize(
    ("text", "few"),
    [
        ("Number eq '205'", 1),
        ("'205' eq Number", 1),
        ("Number in ('205','206','nobody')", 2),
        ("Number eq '205' and LastName eq 'Same'", 1),
        ("LastName eq 'Same' and Number eq '205' and startswith(FirstName,'F')", 1),
        ("Number eq '205' or FirstName eq 'First206'", 2),
        ("(Number eq '205' or Number eq '206') and (FirstName eq 'First205' or LastName eq 'Same')", 2),
        ("Id eq 3", 1),
        ("Number eq null", 0),
        ("not (Number eq '205')", 40),
        ("Number eq '205' or startswith(FirstName,'First20')", 40),
        ("Number ne '205'", 40),
        ("Groups/any(g: g/Name eq 'DEFAULT')", 40),
        ("Number eq FirstName", 40),
    ],
)
def test_no_more_rows_are_looked_at_than_have_to_be(text: str, few: int) -> None:
    store: Store = SimulatedPbx(MANY).snapshot()
    sought = compile_filter(text, store.describe("Users").type)
    looked_at = [row.data for row in store.candidates("Users", sought.plans)]
    assert len(looked_at) == few
    assert sought.sift(looked_at) == sought.sift(row.data for row in store.rows("Users"))


def test_an_index_finds_what_a_look_at_every_row_finds_after_any_writes() -> None:
    chance = random.Random(4)
    store = SimulatedPbx(MANY).snapshot()
    kind = store.describe("Users").type
    names = ["Ann", "Ben", "Cleo", "", None]
    for step in range(600):
        keys = [row.data["Id"] for row in store.rows("Users")]
        act = chance.randrange(5)
        if act == 0 or not keys:
            row = {**store.blank("Users"), "Id": store.next_id("Users"), "Number": f"9{step}", "FirstName": "Ann"}
            store.insert("Users", row)
        elif act == 1 and len(keys) > 20:
            store.remove("Users", chance.choice(keys))
        elif act == 2:
            store.touch("Users", chance.choice(keys))
        elif act == 3:
            store.amend("Users", chance.choice(keys), {"LastName": chance.choice(names)})
        else:
            store.change("Users", chance.choice(keys), {"FirstName": chance.choice(names)})
        text = chance.choice(
            ["FirstName eq 'Ann'", "LastName in ('Ben',null)", "FirstName eq 'Cleo' or LastName eq ''"]
        )
        sought = compile_filter(text, kind)
        found = sought.sift(row.data for row in store.candidates("Users", sought.plans))
        assert found == sought.sift(row.data for row in store.rows("Users"))
        order = parse(b"$orderby=" + chance.choice(ORDERS), kind, frozenset({"$orderby"}))
        arranged = store.arranged("Users", order.ordered_by, order.arranged)
        # The very rows that are there now, not those of the last step.
        assert [id(row) for row in arranged] == [id(row) for row in order.arranged(datas(store.rows("Users")))]
