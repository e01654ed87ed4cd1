"""A seed says what functions without parameters answer."""

from __future__ import annotations

from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_simulator import SimulatedPbx
from pbx_simulator.seeds import seed

EXTENSIONS = "SystemStatus/Pbx.SystemExtensions()"
HEALTH = "SystemStatus/Pbx.SystemHealthStatus()"


def answer(content: dict[str, Any], path: str, **params: str) -> Any:
    with (
        SimulatedPbx(content) as pbx,
        XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client,
    ):
        return client.request("GET", f"/{path}", params=params).json()


def test_rows_are_completed_filtered_and_paged() -> None:
    rows = [{"Number": str(number), "IsRegistered": number % 2 == 0} for number in range(700, 720)]
    found = answer({EXTENSIONS: rows}, EXTENSIONS, **{"$filter": "IsRegistered eq true", "$skip": "2", "$top": "3"})
    assert [row["Number"] for row in found["value"]] == ["704", "706", "708"]
    assert set(found["value"][0]) >= {"Number", "IsRegistered", "Name", "Type"}


def test_no_rows_are_no_sample() -> None:
    assert answer({EXTENSIONS: []}, EXTENSIONS)["value"] == []


def test_a_structure_is_completed() -> None:
    health = answer({HEALTH: {"Trunks": False}}, HEALTH)
    assert health["Trunks"] is False
    assert "Firewall" in health


@pytest.mark.parametrize(
    ("content", "message"),
    [
        ({EXTENSIONS: {"Number": "700"}}, "answers a list of rows: give those"),
        ({HEALTH: [{"Trunks": True}]}, "answers properties: give those"),
        ({EXTENSIONS: [{"Colour": "red"}]}, "there is no property Colour"),
        ({HEALTH: {"Trunks": "perhaps"}}, "Trunks cannot be 'perhaps'"),
        ({"Firewall/Pbx.GetLastResult()": True}, "answers neither rows nor properties"),
        ({"SystemStatus/Pbx.NoSuch()": {}}, "no entity set or singleton called SystemStatus/Pbx.NoSuch()"),
    ],
)
def test_what_does_not_fit_is_refused(content: dict[str, Any], message: str) -> None:
    with pytest.raises(seed.SeedError) as caught:
        SimulatedPbx(content)
    assert message in str(caught.value)
