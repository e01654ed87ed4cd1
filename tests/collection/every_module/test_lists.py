"""Every module of what can only be looked at: it returns what there is, obeys, hides credentials
and changes nothing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from threecx_xapi import XapiClient, odata
from threecx_xapi.paging import iterate

from openapi.codegen import document
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.schema import SchemaReader
from pbx_as_code.description import EntityDescription, Property, SettingsDescription
from pbx_as_code.engine.options.history import HISTORIES
from pbx_simulator import SimulatedPbx
from tests.collection.documented import returned
from tests.collection.pages.test_docs_results import check
from tests.collection.pages.test_generated_modules import documented_options
from tests.collection.shipped import as_a_module
from tests.collection.tree import NAMES
from tests.descriptions import described

Task = Callable[..., Any]
Row = dict[str, Any]

SAID = catalogue.load()
LISTS: dict[str, EntityDescription] = {name: described(f"threecx_{name}_info") for name in SAID.lists}
STATUS: dict[str, SettingsDescription] = {name: described(f"threecx_{name}_info") for name in SAID.status}
BOTH: dict[str, EntityDescription | SettingsDescription] = {**LISTS, **STATUS}
#: Lists that an action changes. They belong to other kinds of modules.
ELSEWHERE = {
    "CallCostSettings": "UpdateCost sets the rates",
    "EmergencyGeoLocations": "Update sets the places",
}

#: Said here once more: what the catalogue forgot to call a credential would not be looked for.
CREDENTIALS = {
    "audit_log": {"PrevData", "NewData"},
    "license_status": {"LicenseKey"},
    "my_token": {"Token"},
    "security_token": {"Token"},
    "sip_device": {"PhoneWebPassword", "ProvLink"},
    "system_status": {"LicenseKey"},
}

every_list = pytest.mark.parametrize("name", LISTS)
every = pytest.mark.parametrize("name", BOTH)


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatedPbx]:
    """One PBX for all: nothing here changes it, which is what is tested."""
    with SimulatedPbx() as running:
        before = {name: running.entities(name) for name in ("SecurityTokens", "SipDevices", "SystemStatus")}
        yield running
        assert running.writes == []
        assert {one.method for one in running.requests if one.path.startswith("/xapi/")} == {"GET"}
        assert {name: running.entities(name) for name in before} == before


@pytest.fixture
def shared_task(shared: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> Task:
    return windowed(task_on(shared))


def window(name: str) -> dict[str, str]:
    """The day of the built-in seed's histories, for a list that is only read by a window of days."""
    read_from = getattr(BOTH[name.removesuffix("_info")], "entity_set", "")
    return {"start_date": "2026-01-05"} if read_from in HISTORIES else {}


def windowed(task: Task) -> Task:
    """Tasks that give the window of days where one is required."""
    return lambda name, /, **options: task(name, **{**window(name), **options})


def stored(pbx: SimulatedPbx, description: EntityDescription | SettingsDescription) -> list[Row]:
    """Read rows with the client, without the engine."""
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as client:
        if isinstance(description, EntityDescription):
            return list(iterate(client, f"/{description.entity_set}"))
        answer = client.request("GET", f"/{description.singleton}").json()
    assert isinstance(answer, dict)
    return [answer]


def shown(result: Any, description: EntityDescription | SettingsDescription) -> list[Row]:
    """Return the rows of a result; a structure becomes a list of one row."""
    if isinstance(description, EntityDescription):
        rows: list[Row] = result[description.plural]
        return rows
    return [result[description.name]]


def credentials(properties: tuple[Property, ...], rows: list[Row]) -> dict[str, list[str]]:
    """The values of everything secret, by its path, as the PBX holds them."""
    found: dict[str, list[str]] = {}
    for prop in properties:
        values = [row[prop.name] for row in rows if row.get(prop.name)]
        if prop.secret:
            found[prop.name] = values
        elif prop.fields:
            inner = [item for value in values for item in (value if isinstance(value, list) else [value])]
            found |= {f"{prop.name}.{path}": held for path, held in credentials(prop.fields, inner).items()}
    return found


def test_every_list_without_writes_has_a_module_or_another_kind_of_one() -> None:
    readable = SchemaReader(document.load()).readables
    sets = {name for name, one in readable.items() if one.is_list and not one.can_write and "/" not in name}
    here = {one.read_from for one in SAID.lists.values()}
    assert sets - {name for name in sets if "(" in name} == {name for name in here if "/" not in name} | set(ELSEWHERE)
    assert here.isdisjoint(ELSEWHERE)


def test_every_state_without_writes_has_a_module() -> None:
    readable = SchemaReader(document.load()).readables
    states = {name for name, one in readable.items() if not one.is_list and not one.can_write}
    plain = {name for name in states if "/" not in name and "(" not in name}
    assert plain - {one.read_from for one in SAID.status.values()} == {"Defs"}, (
        "Defs is its lists: codecs, time zones, ..."
    )


@every
def test_there_is_a_module_that_reads_and_no_other(name: str) -> None:
    assert f"threecx_{name}_info" in NAMES
    one = BOTH[name]
    steered = isinstance(one, EntityDescription) and one.steering is not None
    assert (f"threecx_{name}" in NAMES) == steered, "what only starts and stops has a module for that"
    assert not BOTH[name].changeable
    assert {"state", "if_match", "update_secrets"}.isdisjoint(documented_options(f"threecx_{name}_info"))


@every
def test_it_returns_everything_as_documented(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    description = BOTH[name]
    reveal = {"reveal_secrets": True} if "secret=True" in repr(description) else {}
    result = shared_task(f"{name}_info", limit=0, **reveal) if name in LISTS else shared_task(f"{name}_info", **reveal)
    label = description.plural if isinstance(description, EntityDescription) else name
    assert set(result.data) == {"changed", label}
    assert result.warnings == []
    assert result["changed"] is False
    check(result.data[label], returned(f"threecx_{name}_info")[label], label)
    rows, raw = shown(result, description), stored(shared, description)
    assert raw, "the built-in seed has none, and nothing is proven by it"
    assert len(rows) == len(raw)
    for prop in description.properties:
        if prop.kind in ("str", "int", "bool", "enum") and not prop.many and prop.reference is None:
            told = ["" if row[prop.option] is None else row[prop.option] for row in rows]
            held = [row.get(prop.name) for row in raw]  # null and an empty text are shown alike
            assert sorted(map(str, told)) == sorted("" if one is None else str(one) for one in held), prop.name


@every
def test_credentials_are_shown_only_where_they_are_asked_for(
    name: str, shared: SimulatedPbx, shared_task: Task
) -> None:
    description = BOTH[name]
    held = credentials(description.properties, stored(shared, description))
    assert set(held) == CREDENTIALS.get(name, set())
    if not held:
        assert "reveal_secrets" in shared_task(f"{name}_info", reveal_secrets=True).msg
        return
    plain = json.dumps(shared_task(f"{name}_info").data, ensure_ascii=False)
    told = json.dumps(shared_task(f"{name}_info", reveal_secrets=True).data, ensure_ascii=False)
    for path, values in held.items():
        assert values, f"the built-in seed has no {path}, and nothing is proven by it"
        for value in values:
            quoted = json.dumps(value, ensure_ascii=False)[1:-1]
            assert quoted not in plain, path
            assert quoted in told, path


@every_list
def test_keys_and_filters_are_obeyed(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    description = LISTS[name]
    raw = stored(shared, description)
    for key in (description.key, *description.natural_keys):
        for row in raw:
            value = row[key.name]
            expected = sum(other[key.name] == value for other in raw)
            for option in ({key.option: value}, {"filter": odata.eq(key.name, value)}):
                if "filter" in option and key.kind == "datetime":
                    option = {"filter": f"{key.name} eq {value}"}
                found = shown(shared_task(f"{name}_info", **option), description)
                assert [one[key.option] for one in found] == [value] * expected, option
    nothing = {"int": 987654, "datetime": "2001-01-01T00:00:00Z"}.get(description.key.kind, "no such")
    assert shown(shared_task(f"{name}_info", **{description.key.option: nothing}), description) == []


@every_list
def test_what_may_be_endless_comes_from_the_end_and_is_cut_with_a_warning(
    name: str, shared: SimulatedPbx, shared_task: Task
) -> None:
    description = LISTS[name]
    default = documented_options(f"threecx_{name}_info")["limit"].get("default")
    assert default == description.limit
    shared.clear_log()
    rows = shown(shared_task(f"{name}_info"), description)
    [first, *_] = [one for one in shared.requests if one.path.startswith("/xapi/")]
    if not description.can_order:
        assert "orderby" not in first.query
        assert "order_by" in shared_task(f"{name}_info", order_by=description.key.name).msg
    elif description.limit:
        by, _, way = description.order.partition(" ")
        [option] = [prop.option for prop in description.properties if prop.name == by]
        assert way == "desc", "the latest first"
        assert [row[option] for row in rows] == sorted((row[option] for row in rows), reverse=True)
    if len(rows) > 1:
        assert shown(shared_task(f"{name}_info", limit=1), description) == rows[:1]


@every
def test_it_does_the_same_in_a_process_of_its_own(
    name: str,
    shared: SimulatedPbx,
    shared_task: Task,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert as_a_module(f"{name}_info", shared, monkeypatch, capsys, **window(name)) == shared_task(f"{name}_info").data


@every
@pytest.mark.parametrize(
    ("fault", "said"), [({"status": 403}, "could not be read"), ({"status": 404}, "does not offer")]
)
def test_failures_say_what_happened(
    name: str, fault: Mapping[str, Any], said: str, pbx: SimulatedPbx, task: Task
) -> None:
    pbx.fail("/xapi/v1/", **fault)
    failed = windowed(task)(f"{name}_info")
    assert said in failed.msg
    assert failed["status"] == fault["status"]
    assert failed["pbx"] == pbx.url
