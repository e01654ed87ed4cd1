"""Document and catalogue together: what each entity's description says."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from openapi.codegen import document
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.schema import SchemaReader
from pbx_as_code.description import (
    EntityDescription,
    InitParameter,
    Key,
    Property,
    Reference,
    SettingsDescription,
)


def descriptions(raw: dict[str, Any]) -> dict[str, EntityDescription]:
    found = describe(catalogue.parse(raw), SchemaReader(document.load()))
    return {one.name: one.description for one in found if isinstance(one.description, EntityDescription)}


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    return catalogue.read()


@pytest.fixture(scope="module")
def described(committed: dict[str, Any]) -> dict[str, EntityDescription]:
    return descriptions(committed)


def prop(description: EntityDescription, name: str) -> Property:
    return next(item for item in description.properties if item.name == name)


def test_fax(described: dict[str, EntityDescription]) -> None:
    fax = described["fax"]
    assert (fax.entity_set, fax.plural, fax.init, fax.title) == ("Fax", "faxes", "Fax/Pbx.InitFax()", "number")
    assert fax.key == Key("Id", "id", "int")
    assert fax.natural_keys == (Key("Number", "number", "number"),)
    assert (fax.can_create, fax.can_update, fax.can_delete) == (True, True, True)
    assert prop(fax, "Id").read_only
    assert prop(fax, "Number").immutable
    assert prop(fax, "AuthPassword").secret
    groups = prop(fax, "Groups")
    assert (groups.item_key, groups.navigation) == (("GroupId",), True)
    department = prop_of(groups, "GroupId")
    assert (department.option, department.kind) == ("group", "str")
    assert department.reference == Reference("department", "Groups", "Id", ("Name", "Number"))
    assert prop_of(groups, "Rights").led_by == ("RoleName",)
    assert prop_of(groups, "Number").read_only, "said in this one place"


def test_fxs(described: dict[str, EntityDescription]) -> None:
    fxs = described["fxs"]
    assert fxs.key == Key("MacAddress", "mac_address", "mac")
    assert prop(fxs, "Codecs").ordered
    lines = prop(fxs, "FxsLines")
    assert lines.item_key == ("Key",)
    assert [item.option for item in lines.fields] == ["key", "number", "name"]
    link = prop_of(prop(fxs, "Provisioning"), "ProvLink")
    assert link.secret
    assert link.read_only


def prop_of(structure: Property, name: str) -> Property:
    return next(item for item in structure.fields if item.name == name)


def test_an_option_that_the_connection_has_gets_the_name_of_the_entity(described: dict[str, EntityDescription]) -> None:
    assert prop(described["fxs"], "Password").option == "password"
    assert prop(described["fxs"], "Secret").option == "secret"


@pytest.mark.parametrize("name", ["firmware", "phone_logo"])
def test_what_can_only_be_removed_has_nothing_to_set(name: str, described: dict[str, EntityDescription]) -> None:
    description = described[name]
    assert (description.can_create, description.can_update, description.can_delete) == (False, False, True)
    for item in description.properties:
        assert item.read_only == (item.name != description.key.name)


def test_large_properties(described: dict[str, EntityDescription]) -> None:
    assert {item.name for item in described["call_flow_app"].properties if item.large} == {"ScriptCode"}


def test_what_the_pbx_fills_has_no_choices_that_could_refuse_a_result(committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    raw["structures"]["CallFlowApp"]["RoutingType"]["read_only"] = True
    assert prop(descriptions(raw)["call_flow_app"], "RoutingType").choices == ()


def test_what_fills_a_structure_fills_all_of_it(committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    raw["structures"]["Fxs"]["Provisioning"]["read_only"] = True
    assert all(item.read_only for item in prop(descriptions(raw)["fxs"], "Provisioning").fields)


def test_an_entity_goes_before_the_structure(committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    raw["entities"]["fax"]["properties"] = {
        "TranscriptionMode": {"omit": "a fax says nothing"},
        "Number": {"option": "fax_number"},
    }
    changed = descriptions(raw)
    assert "TranscriptionMode" not in {item.name for item in changed["fax"].properties}
    assert "TranscriptionMode" in {item.name for item in changed["call_flow_app"].properties}
    assert prop(changed["fax"], "Number").option == "fax_number"
    assert prop(changed["fax"], "Number").immutable, "what the entity does not say is as the structure says"
    assert changed["fax"].natural_keys == (Key("Number", "fax_number", "number"),)


def test_a_singleton(committed: dict[str, Any]) -> None:
    found = {
        kind.description.singleton: kind.description
        for kind in describe(catalogue.parse(committed), SchemaReader(document.load()))
        if isinstance(kind.description, SettingsDescription)
    }
    mail = found["MailSettings"]
    assert (mail.name, mail.label, mail.endpoint) == ("mail_settings", "mail settings", "MailSettings")
    password = next(item for item in mail.properties if item.name == "MailPassword")
    assert (password.kind, password.secret, password.fields) == ("concealed", True, ())
    certificate = next(item for item in found["SecureSipSettings"].properties if item.name == "Certificate")
    assert certificate.conceals
    assert [item.name for item in certificate.fields] == ["Name", "Contents"], "the mark is the engine's business"
    assert not prop_of(certificate, "Name").conceals
    assert not any(item.conceals for item in found["OfficeHours"].properties)


def test_a_structure_that_stands_for_an_entity_is_a_name(committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    raw["structures"]["CallFlowApp"]["Trunk"] = {"description": "The trunk.", "reference": "peer", "sample": "10000"}
    trunk = prop(descriptions(raw)["call_flow_app"], "Trunk")
    assert (trunk.kind, trunk.fields, trunk.navigation) == ("str", (), True)
    assert trunk.reference is not None
    assert trunk.reference.sends == ("Id", "Number"), "only what the structure has"


def test_the_parameters_of_init_are_those_of_the_document(committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    fax = raw["entities"]["fax"]
    raw["entities"] = {"fax": fax}
    fax["init_with"] = {"template": {"description": "A template.", "sample": "a.xml"}}
    with pytest.raises(CodegenError, match=r"entities.fax.init: Fax has no function InitFax\(template={template}\)"):
        descriptions(raw)
    assert InitParameter("template", "template").stored_in == ()


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("AuthID", "reference"), "departmnt", "there is no reference departmnt; did you mean department"),
        (("AuthID", "fields"), {"Name": {"read_only": True}}, "only a structure has fields"),
    ],
)
def test_what_refers_to_nothing(place: tuple[str, str], value: Any, message: str, committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    raw["structures"]["Fax"][place[0]][place[1]] = value
    with pytest.raises(CodegenError, match=message):
        descriptions(raw)


def test_what_a_structure_is_led_by_is_in_the_document(committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    raw["led_by"]["Rights"] = ["Rolename"]
    with pytest.raises(CodegenError, match=r"the document has no Rights.Rolename; did you mean RoleName"):
        descriptions(raw)
