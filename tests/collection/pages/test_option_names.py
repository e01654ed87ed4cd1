"""An option means one thing: none of the connection's is called like one of an entity's, and former
names are refused.
"""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collection.plugins.module_utils._connection_options import connection_options
from openapi.codegen import document
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.own_options import OWN_OPTIONS
from openapi.codegen.modules.schema import SchemaReader
from pbx_as_code.engine.connection import CREDENTIALS, RENAMED_OPTIONS, RENAMED_VARIABLES
from pbx_as_code.engine.options.option_specs import argument_spec
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task
from tests.collection.tree import COLLECTION, OF_ENTITIES
from tests.descriptions import running
from tests.wire_options import description_of

#: Modules that have an option of a name that was one of the connection's, with an option that names their object.
TAKEN_BACK: list[tuple[str, str, str, Any, dict[str, Any]]] = [
    ("receptionist", "timeout", "Timeout", 7, {"number": "802"}),
    ("fxs", "password", "Password", "invented-gateway-password", {"mac_address": "AA-00-00-00-00-07", "name": "n"}),
    ("sbc", "password", "Password", "invented-sbc-password", {"name": "shop", "display_name": "Shop"}),
    ("google_settings", "client_id", "ClientId", "invented.apps.googleusercontent.com", {}),
    ("google_settings", "client_secret", "ClientSecret", "invented-google-secret", {}),
    ("hotel_services", "port", "Port", 5011, {}),
]


def test_no_property_is_called_like_an_option_of_every_module() -> None:
    told = connection_options()
    for name in OF_ENTITIES:
        description = description_of(name)
        assert description is not None
        assert {*told, *OWN_OPTIONS}.isdisjoint(prop.option for prop in description.properties), name
        spec = running(name)[1]["argument_spec"]
        assert {option: spec[option] for option in told} == told, name


@pytest.mark.parametrize(("module", "option", "name", "value", "rest"), TAKEN_BACK, ids=lambda value: str(value)[:20])
def test_an_entity_has_its_own_names(
    pbx: SimulatedPbx, task: Task, module: str, option: str, name: str, value: Any, rest: dict[str, Any]
) -> None:
    result = task(module, **rest, **{option: value})
    assert result.data["changed"], result.data
    concealed = {"Concealed": False, "Value": value}
    assert any(write.body and yaml.safe_load(write.body).get(name) in (value, concealed) for write in pbx.writes)


def test_a_module_lists_former_names_only_for_its_entity() -> None:
    having = {
        (name.removeprefix("threecx_"), option)
        for name in OF_ENTITIES
        if not name.endswith("_info")
        for option in RENAMED_OPTIONS
        if option in argument_spec(description_of(name))["argument_spec"]  # type: ignore[arg-type]
    }
    assert having == {(module, option) for module, option, *_ in TAKEN_BACK} | {("oauth_client", "client_id")}


@pytest.mark.parametrize("former", RENAMED_OPTIONS)
@pytest.mark.parametrize("module", ["fax", "fax_info", "operation", "general_settings_for_apps"])
def test_a_former_name_is_refused_with_the_new_one(pbx: SimulatedPbx, task: Task, module: str, former: str) -> None:
    failed = task(module, **{former: "invented-canary"})
    assert failed.data["failed"]
    assert failed.msg == (
        f"{former}: this connection option was renamed to {RENAMED_OPTIONS[former]}. Nothing was sent."
    )
    assert pbx.requests == []


def test_a_former_variable_is_ignored_with_a_hint(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch
) -> None:
    for former in RENAMED_VARIABLES:
        monkeypatch.setenv(former, "0.001")
    result = task("fax_info")
    assert not result.data.get("failed")
    assert result.warnings == [
        f"The environment variable {former} is ignored. Its new name is {new}."
        for former, new in RENAMED_VARIABLES.items()
    ]
    for new in RENAMED_VARIABLES.values():
        monkeypatch.setenv(new, "60")
    assert task("fax_info").warnings == []


def test_the_generator_refuses_a_collision() -> None:
    said, reader = catalogue.read(), SchemaReader(document.load())
    said["entities"] = {"fax": said["entities"]["fax"]}
    for taken in (*connection_options(), *OWN_OPTIONS):
        raw = copy.deepcopy(said)
        raw["entities"]["fax"]["properties"] = {"OutboundCallerId": {"option": taken}}
        with pytest.raises(CodegenError, match=f"every module has an option {taken}, which would be mistaken"):
            describe(catalogue.parse(raw), reader)


def test_no_playbook_and_no_role_takes_an_option_of_the_connection_for_an_entitys() -> None:
    said: dict[tuple[str, str], Path] = {}
    for path in sorted((*COLLECTION.glob("playbooks/*.yml"), *COLLECTION.glob("roles/*/tasks/*.yml"))):
        for module, options in _tasks(yaml.safe_load(path.read_text())):
            said.update({(module, option): path for option in options})
    assert len(said) > 100
    assert {(module, option) for module, option in said if option in connection_options()} == set()


def _tasks(value: Any) -> list[tuple[str, dict[str, Any]]]:
    """Every task of a module of the collection, however deep it is in blocks."""
    if isinstance(value, list):
        return [found for item in value for found in _tasks(item)]
    if not isinstance(value, dict):
        return []
    own = [
        (name, options)
        for name, options in value.items()
        if name.startswith("threecx.xapi.") and isinstance(options, dict)
    ]
    return own + [found for inner in value.values() for found in _tasks(inner)]


def test_the_engine_knows_which_connection_options_are_credentials() -> None:
    assert set(CREDENTIALS) == {name for name, rule in connection_options().items() if rule.get("no_log")}
