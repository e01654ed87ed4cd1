"""Facts that the module generator reads from the document, tested with the real and with small documents."""

from __future__ import annotations

from typing import Any

import pytest

from openapi.codegen import document
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules.schema import EntitySet, SchemaReader


@pytest.fixture(scope="module")
def reader() -> SchemaReader:
    return SchemaReader(document.load())


def test_entity_sets_with_what_can_be_done(reader: SchemaReader) -> None:
    assert sum(entity_set.can_delete for entity_set in reader.entity_sets.values()) == 34
    assert reader.entity_sets["Fax"] == EntitySet(
        "Fax", "Fax", "Id", can_list=True, can_create=True, can_update=True, can_delete=True
    )
    assert reader.entity_sets["Fxs"].key == "MacAddress"
    firmwares = reader.entity_sets["Firmwares"]
    assert (firmwares.can_create, firmwares.can_update, firmwares.can_delete) == (False, False, True)
    assert reader.entity_sets["CallFlowApps"].schema == "CallFlowApp"
    assert [name for name, entity_set in reader.entity_sets.items() if not entity_set.can_list] == ["CrmTemplates"]


def test_inherited_properties_know_who_declares_them(reader: SchemaReader) -> None:
    facts = reader.facts("Fax")
    assert facts["Number"].owner == "DN"
    assert facts["AuthPassword"].owner == "Fax"
    assert "Number" not in reader.declared("Fax")


def test_kinds(reader: SchemaReader) -> None:
    fax, fxs, app = reader.facts("Fax"), reader.facts("Fxs"), reader.facts("CallFlowApp")
    assert (fax["Id"].kind, fax["Id"].minimum, fax["Id"].maximum) == ("int", -(2**31), 2**31 - 1)
    assert (fax["TranscriptionMode"].kind, fax["TranscriptionMode"].many) == ("flags", False)
    # Each item of a collection is one of them, not several in one text.
    modes = reader.facts("Group")["CallHandlingMode"]
    assert (modes.kind, modes.many) == ("enum", True)
    assert fax["TranscriptionMode"].choices == ("Nothing", "Voicemail", "Recordings", "Both", "Inherit")
    assert (app["RoutingType"].kind, app["RoutingType"].choices) == ("enum", ("DialCode", "Forward", "Trunk"))
    assert app["CompilationLastSuccess"].kind == "datetime"
    assert (fxs["Codecs"].kind, fxs["Codecs"].many) == ("str", True)
    assert (fxs["FxsLines"].kind, fxs["FxsLines"].many, fxs["FxsLines"].structure) == ("complex", True, "DeviceLine")
    assert (fxs["Provisioning"].structure, fxs["Provisioning"].navigation) == ("FxsProvisioning", False)
    assert fxs["Template"].navigation
    assert fax["Number"].nullable
    assert not fax["Id"].nullable
    assert reader.facts("CallCostSettings")["Rate"].kind == "float"
    assert reader.facts("Holiday")["TimeOfEndDate"].kind == "duration"
    assert reader.facts("Period")["Start"].kind == "time"


def test_every_schema_of_every_entity_set_can_be_read(reader: SchemaReader) -> None:
    for entity_set in reader.entity_sets.values():
        facts = reader.facts(entity_set.schema)
        assert entity_set.key in facts, entity_set.name


def test_functions_without_parameters(reader: SchemaReader) -> None:
    assert reader.has_call("get", "Fax", "InitFax()")
    assert not reader.has_call("get", "Fax", "InitFxs()")


def test_a_type_nobody_knows_is_one_message() -> None:
    odd: dict[str, Any] = {
        "paths": {},
        "components": {"schemas": {"Pbx.Odd": {"properties": {"Thing": {"type": "object"}}}}},
    }
    with pytest.raises(CodegenError, match=r"cannot read the type of Odd\.Thing"):
        SchemaReader(odd).facts("Odd")
