"""Every seed as files, with a credential in every secret property: the plan is empty, and no credential shows."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx
from pbx_as_code.config.checks import check
from pbx_as_code.config.configuration import Configuration, value_at
from pbx_as_code.config.export import Export, export
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import Place
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.reporting import report
from pbx_as_code.config.reporting.drift_page import page
from pbx_as_code.config.secrets import names_in
from pbx_as_code.config.selection import Selection
from pbx_as_code.description import Property
from pbx_as_code.fleet.model import FleetPbx, SecretReference
from pbx_as_code.fleet.running.outcomes import Outcome, State
from pbx_as_code.fleet.running.page import page as fleet_page
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.applying import secrets, site
from tests.config.seeds import CANARY, STRANGE, plant

_SEEDS: dict[str, Any] = {
    "built-in": None,
    "empty": "empty",
    "strange": STRANGE,
    "odd": {
        "Groups": [
            {"Name": "Zentrale", "IsDefault": True}, {"Name": "Büro/West: #1"}, {"Name": "büro west 1"},
            {"Name": "日本"},
        ],
        "Users": [
            {"Number": "100", "FirstName": "off", "LastName": "0123", "EmailAddress": "a@example.com"},
            {"Number": "00100", "FirstName": "{{ x }}", "LastName": "- a: b #c"},
        ],
        "Contacts": [{"FirstName": "A"}, {"FirstName": "A"}, {"LastName": ""}, {}],
        "BlackListNumbers": [{"Id": "1", "CallerId": "+1555*"}, {"Id": "2", "CallerId": "+1556*"}],
        "Parameters": [{"Name": "A_B", "Value": "1"}, {"Name": "A-B", "Value": "2"}, {"Name": "日本", "Value": "3"}],
        "Trunks": [{"Number": "10000", "Gateway": {"Name": "T"}}, {"Number": "10001", "Gateway": {"Name": "T"}}],
    },
}  # fmt: skip


@pytest.fixture(params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def traits(request: pytest.FixtureRequest) -> tuple[str, ...]:
    found: tuple[str, ...] = request.param
    return found


@pytest.fixture(params=list(_SEEDS))
def simulated(request: pytest.FixtureRequest, traits: tuple[str, ...]) -> Iterator[SimulatedPbx]:
    with SimulatedPbx(seed=_SEEDS[request.param], traits=traits) as running:
        yield running


def connected(simulated: SimulatedPbx) -> XapiClient:
    return XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret)


def loaded(made: Export) -> Configuration:
    return load_sources([(path, content.encode()) for path, content in made.files.items()])


def test_a_seed_becomes_files_that_change_nothing(simulated: SimulatedPbx, pbx: Pbx) -> None:
    planted = plant(simulated)
    made = export(pbx, own_number=simulated.client_id)
    assert export(pbx, own_number=simulated.client_id).files == made.files
    configuration = loaded(made)
    assert check(configuration) == []
    assert len(configuration.definitions) == sum(made.counts.values())
    planned = plan(configuration, pbx, own_number=simulated.client_id)
    assert (planned.operations, planned.impossible, planned.unmanaged) == ([], [], [])
    assert {one.why for one in planned.uncompared} <= {"the PBX does not show credentials"}
    shown = [report.text(planned), report.markdown(planned), report.junit(planned), page(planned)]
    for text in (*made.files.values(), *shown, str(report.as_json(planned)), repr(made), repr(configuration)):
        assert CANARY not in text
    assert len(planted) > 15


@pytest.mark.parametrize("name", ["odd", "strange"])
def test_a_strange_pbx_is_built_again_on_an_empty_one(traits: tuple[str, ...], name: str) -> None:
    """With everything a PBX takes: a contact without any name and a trunk without a template cannot be created."""
    seed = {place: rows for place, rows in _SEEDS[name].items() if place != "Trunks"} | {"PromptSets": []}
    seed["Contacts"] = [row for row in seed["Contacts"] if row.get("FirstName") or row.get("LastName")]
    with (
        SimulatedPbx(seed=seed, traits=traits) as old,
        SimulatedPbx("empty", traits=traits) as new,
        site(old) as source,
        site(new) as target,
    ):
        files = source.exported()
        assert "prompt_set" not in next(one.values for one in files.of("active_prompt_set"))  # nothing can clear it
        applied = target.apply(files)
        assert not applied.failed, [one for one in applied.fates if one.why]
        again = target.plan(files)
        assert (again.operations, again.impossible) == ([], [])


def test_what_an_export_declares_can_be_set(pbx: Pbx, simulated: SimulatedPbx) -> None:
    """No option of any kind is refused by the engine, nor null where nothing can be cleared."""
    for one in loaded(export(pbx, own_number=simulated.client_id)).definitions:
        for *within, option in one.kind.never_null:
            structure = value_at(one.values, within)
            assert not isinstance(structure, dict) or structure.get(option, "") is not None, f"{one.title}: {option}"
        if not one.kind.twins:
            pbx.ensure(one.kind.name, check=True, **secrets().resolved(one.values))


def test_no_two_credentials_have_one_name(pbx: Pbx) -> None:
    names = [name for one in loaded(export(pbx)).definitions for name in names_in(one.values)]
    assert len(names) == len(set(names)) > 20


def test_nearly_every_secret_property_was_tried() -> None:
    with SimulatedPbx() as simulated:
        planted = plant(simulated)
        every = {f"{kind.name}.{path}" for kind in KINDS.values() for path in kind.secrets}
        assert len(every - planted) < 12, sorted(every - planted)
        texts = str([simulated.entities(name) for name in ("Users", "Trunks", "Parameters", "MailSettings")])
        assert texts.count(CANARY) > 5


def rules_of(simulated: SimulatedPbx) -> list[dict[str, Any]]:
    trunk = next(row for row in simulated.entities("Trunks") if row["Number"] == "10000")
    return [dict(row) for row in trunk["RoutingRules"]]


def test_the_order_of_inbound_rules_is_kept_and_drifts_in_that_leaf(traits: tuple[str, ...]) -> None:
    with SimulatedPbx(traits=traits) as simulated:
        rules = rules_of(simulated)
        assert len(rules) > 1
        with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
            pbx = Pbx(client)
            first = export(pbx)
            trunk = pbx.read("trunk", number="10000")
            assert trunk is not None
            pbx.ensure("trunk", number="10000", routing_rules=list(reversed(_given(trunk["routing_rules"]))))
            second = export(pbx)
            different = {path for path in first.files if first.files[path] != second.files[path]}
            assert different == {"trunks.yml"}
            (operation,) = plan(loaded(first), pbx).operations
            assert (operation.kind, operation.identity) == ("trunk", ("10000",))
            assert {change.path[0] for change in operation.changes} == {"routing_rules"}
            drift, at = plan(loaded(first), pbx), Place("fleet.yml", 1, 1)
            outcome = Outcome(
                FleetPbx("a", at, simulated.url, "900", SecretReference("client_secret_env", "S", at)),
                State.DIFFERS,
                drift,
            )
            for shown in (page(drift), report.junit(drift), report.markdown(drift), fleet_page([outcome], "fleet.yml")):
                assert "routing_rules" in shown.replace("\\_", "_")
                assert "missing" not in shown


def _given(rules: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [{option: value for option, value in rule.items() if option != "id"} for rule in rules]


def test_sample_rows_are_not_exported() -> None:
    kind = KINDS["office_hours"]
    row = {"hours": {"type": "SpecificHours", "periods": [{}, {"day_of_week": None, "start": "", "stop": None}]}}
    assert declared(kind, row)["hours"]["periods"] == []
    for one in KINDS.values():
        for path, prop in one.paths():
            if prop.many and "." not in path and path not in one.left_out and path not in one.secrets:
                sample: list[Any] = [{}, _nulls(prop.fields)] if prop.kind == "complex" else ["", None]
                assert declared(one, {prop.option: sample})[prop.option] == [], f"{one.name}.{path}"


def _nulls(properties: tuple[Property, ...]) -> dict[str, Any]:
    return {
        prop.option: _nulls(prop.fields) if prop.kind == "complex" and not prop.many else None for prop in properties
    }


def test_keys_of_phones_and_exceptions_have_names_and_positions() -> None:
    keys = [{"position": 2, "type": "BLF", "extension": "101"}, {"position": 1, "type": "Line"}]
    exceptions = [{"condition": "BasedOnCallerID", "data": data} for data in ("+15550199", "+15550100")]
    with SimulatedPbx() as simulated, connected(simulated) as client:
        pbx = Pbx(client)
        pbx.ensure("user", number="100", blf_keys=keys, forwarding_exceptions=exceptions)
        made = export(pbx, Selection(include=("users:100",)))
        (user,) = loaded(made).definitions
        assert [(one["position"], one.get("extension")) for one in user.values["blf_keys"]] == [(1, None), (2, "101")]
        assert [one["data"] for one in user.values["forwarding_exceptions"]] == ["+15550199", "+15550100"]
        assert "<BLF" not in "".join(made.files.values())
        pbx.ensure("user", number="100", forwarding_exceptions=list(reversed(exceptions)))
        (operation,) = plan(loaded(made), pbx).operations
        assert {change.path[0] for change in operation.changes} == {"forwarding_exceptions"}


def test_fields_of_trunks_have_names_instead_of_ids() -> None:
    with SimulatedPbx() as simulated:
        bindings = [{"ParamId": 1, "ValueId": 2, "Custom": ""}]
        location = {"Id": "1", "Location": {"Id": "hq"}, "ProviderUri": "sip:hq@example.com"}
        (trunk,) = [row for row in simulated.entities("Trunks") if row["Number"] == "10000"]
        gateway = {**trunk["Gateway"], "InboundParams": bindings}
        simulated.put("Trunks", {"Id": trunk["Id"], "Gateway": gateway, "EmergencyGeoLocations": [location]})
        with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
            made = export(Pbx(client), Selection(include=("trunks:10000",)))
            (found,) = loaded(made).definitions
            bound = found.values["gateway"]["inbound_params"]
            assert [(one["param"], one["value"]) for one in bound] == [("$CallerNum", "ToUserPart")]
            (listed,) = found.values["emergency_geo_locations"]
            names = {row["Id"]: row["FriendlyName"] for row in simulated.entities("EmergencyGeoLocations")}
            assert listed["location"] == names["hq"]
            assert plan(loaded(made), Pbx(client)).operations == []


def test_values_that_mean_something_on_one_pbx_are_listed() -> None:
    with SimulatedPbx() as simulated, connected(simulated) as client:
        made = export(Pbx(client))
    assert "number" in made.left_out["groups"]
    assert set(made.left_out) <= {kind.section for kind in KINDS.values()}
