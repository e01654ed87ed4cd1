"""Catalogue entries for objects that actions create, functions list, or actions start and stop.

They are checked against the document.
"""

from __future__ import annotations

import copy
from typing import Any

import pytest

from openapi.codegen import document
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.schema import SchemaReader
from pbx_as_code.description import EntityDescription

READER = SchemaReader(document.load())


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    return catalogue.read()


def described(raw: dict[str, Any]) -> dict[str, EntityDescription]:
    found = describe(catalogue.parse(raw), READER)
    return {one.name: one.description for one in found if isinstance(one.description, EntityDescription)}


def test_what_an_action_makes(committed: dict[str, Any]) -> None:
    backup = described(committed)["backup"]
    making = backup.making
    assert making is not None
    assert (making.action, making.parameter, making.name) == ("Backups/Pbx.Backup", "description", "Name")
    assert making.ready == "Backups/Pbx.GetCanCreateBackup()"
    [contents] = making.properties
    assert contents.option == "contents"
    assert [field.option for field in contents.fields if field.secret] == ["encrypt_backup_password"]
    assert (backup.can_create, backup.can_update, backup.can_delete) == (True, False, True)
    assert backup.key.whole("nightly") == backup.key.whole("nightly.zip") == "nightly.zip"
    assert backup.key.whole("Nightly.ZIP") == "Nightly.ZIP"


def test_what_a_function_lists(committed: dict[str, Any]) -> None:
    template = described(committed)["crm_template"]
    assert template.listed_by == "CrmTemplates/Pbx.GeCrmtTemplates()"
    assert not template.can_order


def test_what_actions_start_and_stop(committed: dict[str, Any]) -> None:
    service = described(committed)["service"]
    steering = service.steering
    assert steering is not None
    assert steering.actions == tuple(
        f"Services/Pbx.{name}" for name in ("Start", "Stop", "Restart", "Enable", "Disable")
    )
    assert (steering.parameter, steering.names, steering.status) == ("options", "ServiceNames", "Status")
    assert not service.changeable
    assert all(prop.read_only for prop in service.properties)


@pytest.mark.parametrize(
    ("place", "change", "complaint"),
    [
        ("entities.backup.made_by", {"action": "Purge"}, "no action Purge that takes one structure"),
        (
            "entities.backup.made_by",
            {"action": "PurgeLocalBackups"},
            "no action PurgeLocalBackups that takes one structure",
        ),
        ("entities.backup.made_by", {"name": "Nam"}, "did you mean Name"),
        ("entities.backup.made_by", {"ready": "GetCanMakeBackup"}, "has no function GetCanMakeBackup"),
        ("entities.backup.made_by", {"name": None}, "name is missing"),
        ("entities.backup.made_by", {"suffix": ".zip"}, "suffix is not a key of the catalogue"),
        ("entities.playlist", {"made_by": {"action": "X", "name": "Y"}}, "can also be created by a POST"),
        ("entities.crm_template", {"listed_by": "GetCrmTemplates"}, "no function CrmTemplates/Pbx.GetCrmTemplates"),
        ("entities.playlist", {"listed_by": "GetPlaylists"}, "is a list itself"),
        ("lists.service.steered_by", {"start": "Begin"}, "no such actions"),
        ("lists.service.steered_by", {"start": "GarbageCollect"}, "no such actions that all take the same structure"),
        ("lists.service.steered_by", {"names": "ServiceName"}, "did you mean ServiceNames"),
        ("lists.service.steered_by", {"status": "State"}, "no property State"),
        ("lists.service.steered_by", {"can_start": ""}, "can_start is missing"),
    ],
)
def test_a_mistake_is_named(committed: dict[str, Any], place: str, change: dict[str, Any], complaint: str) -> None:
    raw = copy.deepcopy(committed)
    said = raw
    for step in place.split("."):
        said = said[step]
    said.update(change)
    with pytest.raises(CodegenError, match=complaint) as error:
        described(raw)
    assert place in str(error.value)


def test_what_is_missing_is_named(committed: dict[str, Any]) -> None:
    for section, name, key, needed in (
        ("entities", "backup", "made_by", "action"),
        ("lists", "service", "steered_by", "restart"),
    ):
        raw = copy.deepcopy(committed)
        del raw[section][name][key][needed]
        with pytest.raises(CodegenError, match=f"{needed} is missing"):
            described(raw)
