"""What people call an entity, where that has several spellings or several parts."""

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
