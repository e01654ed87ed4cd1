"""References to what settings list, and to what only the PBX has: emergency locations and fields of trunks."""

from __future__ import annotations

from typing import Any

import pytest

from pbx_as_code.config.applying.checks import check_fresh
from pbx_as_code.config.applying.refusals import Stale
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.config.reporting.report import summary
from pbx_simulator import SimulatedPbx
from tests.config.applying import Site, site

LOCATION = "users: [{number: '300', emergency_location: %s}]\n"
NEW = "users: [{number: '390', first_name: Nia, emergency_location: Gate}]\n"
GATE = "emergency_locations: {locations: [{id: gate, friendly_name: Gate}]}\n"


@pytest.mark.parametrize(
    ("files", "why"),
    [
        (LOCATION % "Headquaters", "no emergency location called Headquaters; did you mean Headquarters?"),
        (LOCATION % "Headquarters" + GATE, "no emergency location called Headquarters"),
        ("trunks: [{number: '10000', gateway: {outbound_params: [{param: $No, value: ToUserPart}]}}]\n", "called $No"),
        ("trunks: [{number: '10000', gateway: {inbound_params: [{param: $CallerNum, value: No}]}}]\n", "called No"),
    ],
)
def test_what_is_neither_there_nor_planned_is_impossible(at: Site, files: str, why: str) -> None:
    made = at.plan(files)
    assert [why in told for _, _, told in made.impossible] == [True], made.impossible


def test_a_new_user_follows_the_location_it_is_at(at: Site) -> None:
    applied = at.apply(NEW + GATE)
    assert [(one.kind, one.state.value) for one in applied.fates] == [("emergency_locations", "done"), ("user", "done")]
    assert at.plan(NEW + GATE).operations == []
    with SimulatedPbx("empty", traits=at.simulated.traits) as new, site(new) as target:
        assert not target.apply(NEW + GATE).failed


def test_a_plan_is_stale_without_the_location_it_refers_to(at: Site) -> None:
    planned, _ = load_plan(dump(at.plan(LOCATION % "Headquarters")))
    check_fresh(planned, at.pbx, 1)
    at.pbx.ensure("emergency_locations", locations=[{"id": "gate", "friendly_name": "Gate"}])
    with pytest.raises(Stale, match="Headquarters no longer exists"):
        check_fresh(planned, at.pbx, 1)


def test_a_role_that_may_not_read_locations_can_plan_the_rest(at: Site) -> None:
    at.simulated.fail("/EmergencyGeoLocations$", 403, times=None)
    assert at.plan(LOCATION % "Nowhere").impossible == []  # nobody knows; the write will tell


@pytest.mark.parametrize("last", ["users: [{number: '300', emergency_location: Gate}]\n", ""])
def test_a_location_stays_until_nothing_refers_to_it(at: Site, last: str) -> None:
    at.pbx.ensure("user", number="300", emergency_location="Headquarters")
    consent: dict[str, Any] = {} if last else {"remove": ("users:300",)}
    files = last + (GATE if last else "users: []\nemergency_locations: {locations: []}\n")
    made = at.plan(files, **consent)
    steps = [(one.doing.value, one.kind) for one in made.operations]
    assert steps[-2:] == [("update" if last else "remove", "user"), ("update", "emergency_locations")]
    assert steps[:-2] == ([("link", "emergency_locations")] if last else [])
    assert summary(made).startswith("0 to create, 2 to change" if last else "0 to create, 1 to change, 1 to remove")
    applied = at.apply(made)
    assert not applied.failed, [one.why for one in applied.fates]
    assert at.plan(files, **consent).operations == []


def test_a_location_that_gets_another_name_is_the_same(at: Site) -> None:
    at.pbx.ensure("user", number="300", emergency_location="Headquarters")
    (there,) = [row for row in at.simulated.entities("EmergencyGeoLocations") if row["FriendlyName"] == "Headquarters"]
    files = (
        f"emergency_locations: {{locations: [{{id: {there['Id']}, friendly_name: Main house}}]}}\n"
        "users: [{number: '300', emergency_location: Main house}]\n"
    )
    assert not at.apply(files).failed
    assert at.plan(files).operations == []


@pytest.mark.parametrize(
    ("files", "why"),
    [
        ("general_settings_for_pbx: {operator_extension: Service Desk}\n", "Give number 800 instead of its name Serv"),
        ("website_links: [{link: chat, group: GRP2}]\n", "Give department Sales instead of its name GRP2."),
    ],
)
def test_a_plain_text_takes_no_other_name(at: Site, files: str, why: str) -> None:
    """It was planned as the number, and sent as the name: the plan never became empty."""
    assert [why in told for _, _, told in at.plan(files).impossible] == [True]
