"""Natural keys with several spellings or several parts."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_simulator import SimulatedPbx

Task = Callable[..., Any]


@pytest.mark.parametrize(
    ("stored", "given"),
    [
        ("203.0.113.9", "203.0.113.9/32"),
        ("203.0.113.9/32", "203.0.113.9"),
        ("203.0.113.9/255.255.255.255", "203.0.113.9"),
        ("203.0.113.9", "203.0.113.9/255.255.255.255"),
        ("203.0.113.0/255.255.255.0", "203.0.113.0/24"),
        ("203.0.113.0/24", "203.0.113.9/255.255.255.0"),
        ("203.0.113.0/255.255.255.0", "203.0.113.9/24"),
        ("2001:db8::7/128", "2001:DB8::7"),
        ("2001:DB8::7", "2001:DB8::7/128"),
    ],
)
def test_an_address_is_found_however_its_mask_is_written(
    pbx: SimulatedPbx, task: Task, stored: str, given: str
) -> None:
    key = pbx.put("Blocklist", {"IPAddrMask": stored, "BlockType": "Block"})["Id"]
    pbx.put("Blocklist", {"IPAddrMask": "203.0.113.0/25", "BlockType": "Block"})
    pbx.clear_log()
    assert [row["id"] for row in task("blocklist_address_info", address=given)["blocklist_addresses"]] == [key]
    assert not task("blocklist_address", address=given, block_type="Block")["changed"]
    assert pbx.writes == []
    assert task("blocklist_address", address=given, block_type="Allow")["changed"]
    assert pbx.writes[0].body == b'{"BlockType":"Allow"}'
    assert task("blocklist_address", address=given, state="absent")["changed"]
    assert pbx.writes[1].path == f"/xapi/v1/Blocklist({key})"


def test_what_is_no_address_is_refused(pbx: SimulatedPbx, task: Task) -> None:
    for wrong in ("203.0.113", "203.0.113.0/33", "pbx.example.com", "203.0.113.1-203.0.113.9"):
        refused = task("blocklist_address", address=wrong)
        assert "not an IP address or network" in refused.msg
        assert refused["target"] == "address"
    assert pbx.requests == []


def test_a_key_that_is_a_uuid_stands_bare_in_the_url(pbx: SimulatedPbx, task: Task) -> None:
    key = pbx.put("OAuthClients", {"Id": "2f1e0c9a-1b2c-4d3e-8f4a-5b6c7d8e9fff", "ClientId": "x"})["Id"]
    pbx.clear_log()
    assert task("oauth_client", id=key.upper(), state="absent")["changed"]
    assert pbx.writes[0].path == f"/xapi/v1/OAuthClients({key})"


@pytest.mark.parametrize(
    ("stored", "given"),
    [
        ("ada@example.com;bob@example.com", "ada@example.com;bob@example.com"),
        ("ada@example.com; bob@example.com", "Ada@Example.com; bob@example.com"),
        ("ada@example.com,bob@example.com", "ada@example.com,bob@example.com "),
    ],
)
def test_several_addresses_are_found_as_they_are_written(
    pbx: SimulatedPbx, task: Task, stored: str, given: str
) -> None:
    key = pbx.put("Users", {"EmailAddress": stored, "FirstName": "Ada"})["Id"]
    assert [row["id"] for row in task("user_info", email_address=given)["users"]] == [key]
    assert not task("user", email_address=given, first_name="Ada")["changed"]
    assert task("user", email_address=given, state="absent")["changed"]


def test_a_company_is_not_somebody_who_works_there(pbx: SimulatedPbx, task: Task) -> None:
    company = {"company_name": "Fischer Logistics"}
    assert len(task("contact_info", **company)["contacts"]) == 1, "who looks asks for everybody of it"
    assert task("contact", **company, business="+15550130", check_mode=True)["contact"].get("id") is None
    assert task("contact", **company, state="absent").data == {"changed": False}
    assert task("contact", **company, business="+15550130")["changed"]
    assert not task("contact", **company, business="+15550130")["changed"]
    assert not task("contact", **company, first_name=None, business="+15550130")["changed"]
    assert len(task("contact_info", **company)["contacts"]) == len(("Lena Fischer", "the company"))
    lena = {**company, "first_name": "Lena", "last_name": "Fischer"}
    assert not task("contact", **lena)["changed"]
    assert task("contact", **lena, state="absent")["changed"]
    [left] = task("contact_info", **company)["contacts"]
    assert left["business"] == "+15550130"


def test_a_part_of_a_name_names_nobody(pbx: SimulatedPbx, task: Task) -> None:
    assert task("contact", last_name="Fischer", state="absent").data == {"changed": False}
    assert task("contact", last_name="Fischer", check_mode=True)["changed"], "another Fischer"
    assert "one of the following" in task("contact", phone_number="+15550120").msg
    assert pbx.writes == []


def test_somebody_is_renamed_by_id(pbx: SimulatedPbx, task: Task) -> None:
    [lena] = task("contact_info", last_name="Fischer")["contacts"]
    married = {"first_name": "Lena", "last_name": "Weber", "company_name": "Fischer Logistics"}
    assert "set rename: true" in task("contact", id=lena["id"], **married).msg
    assert task("contact", id=lena["id"], **married, rename=True)["changed"]
    assert not task("contact", **married)["changed"]
    assert "There is no contact with id 999" in task("contact", id=999, **married).msg


def test_two_of_the_same_name_are_told(pbx: SimulatedPbx, task: Task) -> None:
    [key, other] = [pbx.put("Contacts", {"FirstName": "Kim", "LastName": "Lee"})["Id"] for _ in range(2)]
    refused = task("contact", first_name="Kim", last_name="Lee", state="absent")
    assert "last_name Lee, first_name Kim means 2 of them" in refused.msg
    assert f"contact {key} (" in refused.msg
    assert f"contact {other} (" in refused.msg


def test_an_email_template_is_told_apart_by_its_language(pbx: SimulatedPbx, task: Task) -> None:
    refused = task("email_template", name="Welcome", subject="Hello")
    assert "means 2 of them" in refused.msg
    assert "Say which by language or path" in refused.msg
    assert pbx.writes == []
    changed = task("email_template", name="Welcome", language="DE", subject="Hallo")
    assert changed["changed"]
    assert changed.warnings == []
    assert [write.path for write in pbx.writes] == ["/xapi/v1/EmailTemplate('welcome_de.html')"]
    assert not task("email_template", path="welcome_de.html", subject="Hallo")["changed"]


def test_an_email_template_is_neither_made_nor_removed(pbx: SimulatedPbx, task: Task) -> None:
    missing = task("email_template", name="Welcome", language="FR", subject="Bonjour")
    assert "There is no email template" in missing.msg
    assert "present" in task("email_template", path="welcome_de.html", state="absent").msg
    assert pbx.writes == []


def test_a_part_of_a_name_that_is_blank_names_nothing_and_makes_no_second_contact(
    pbx: SimulatedPbx, task: Task
) -> None:
    """`make fuzz` found that a second one was created."""
    for blank in (" ", "\u00a0", "\t"):
        for names in ({"first_name": "Ann", "last_name": blank}, {"last_name": "Lee", "company_name": blank}):
            task("contact", **names)
            assert not task("contact", **names)["changed"], names
            assert task("contact", **names, state="absent")["changed"], names
