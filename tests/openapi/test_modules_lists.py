"""Read-only objects: the sections `lists` and `status` of the catalogue."""

from __future__ import annotations

import copy
from typing import Any

import pytest

from openapi.codegen import document
from openapi.codegen.errors import CodegenError
from openapi.codegen.modules import catalogue
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.schema import SchemaReader
from pbx_as_code.description import Description, EntityDescription, Key, SettingsDescription

READER = SchemaReader(document.load())


@pytest.fixture(scope="module")
def committed() -> dict[str, Any]:
    return catalogue.read()


def described(raw: dict[str, Any]) -> dict[str, Description]:
    return {one.name: one.description for one in describe(catalogue.parse(raw), READER)}


def listed(raw: dict[str, Any], name: str) -> EntityDescription:
    found = described(raw)[name]
    assert isinstance(found, EntityDescription)
    return found


def test_a_list(committed: dict[str, Any]) -> None:
    facts = listed(committed, "event_log")
    assert (facts.entity_set, facts.plural, facts.title) == ("EventLogs", "event_logs", "message")
    assert facts.key == Key("Id", "id", "int")
    assert (facts.order, facts.limit, facts.can_order) == ("TimeGenerated desc", 1000, True)
    assert not facts.changeable
    assert all(prop.read_only and not prop.choices for prop in facts.properties)


def test_what_a_function_lists(committed: dict[str, Any]) -> None:
    facts = listed(committed, "system_extension")
    assert facts.entity_set == "SystemStatus/Pbx.SystemExtensions()"
    assert (facts.can_order, facts.order, facts.limit) == (False, "", None)


def test_a_state(committed: dict[str, Any]) -> None:
    facts = described(committed)["system_health"]
    assert isinstance(facts, SettingsDescription)
    assert facts.singleton == "SystemStatus/Pbx.SystemHealthStatus()"
    assert not facts.changeable


def test_a_key_that_a_url_has_need_not_be_said(committed: dict[str, Any]) -> None:
    assert "key" not in committed["lists"]["active_call"]
    assert listed(committed, "active_call").key == Key("Id", "id", "int")


@pytest.mark.parametrize(
    ("place", "value", "message"),
    [
        (("lists", "event_log", "read_from"), "EventLog", "lists.event_log.read_from: the document has no list at "
                                                          "EventLog; did you mean EventLogs"),
        (("lists", "event_log", "read_from"), "SystemStatus", "the document has no list at SystemStatus"),
        (("lists", "event_log", "read_from"), "Fax", "Fax can be changed too: it belongs to entities"),
        (("status", "system_health", "read_from"), "MailSettings", "MailSettings can be changed too: it belongs to "
                                                                   "settings"),
        (("status", "system_health", "read_from"), "EventLogs", "the document has no structure at EventLogs"),
        (("lists", "event_log", "key"), None, "lists.event_log: key is missing"),
        (("lists", "active_call", "key"), "Id", "lists.active_call.key: the document already says that the key is Id"),
        (("lists", "event_log", "key"), "Ident", "lists.event_log.key: EventLog has no property Ident"),
        (("lists", "event_log", "order_by"), "Time desc", "lists.event_log.order_by: EventLog has no property Time"),
        (("lists", "system_extension", "order_by"), "Name", "takes no $orderby"),
        (("lists", "event_log", "limit"), 0, "lists.event_log.limit: expected a number of rows, not 0"),
        (("lists", "event_log", "limit"), True, "lists.event_log.limit: expected a number of rows, not True"),
        (("lists", "event_log", "init"), "InitFax", "init is not a key of the catalogue"),
        (("lists", "event_log", "examples"), "", "lists.event_log: examples is missing"),
        (("status", "system_health", "plural"), "healths", "plural is not a key of the catalogue"),
        (("lists", "event_log", "plural"), "faxes", "lists.event_log.plural: faxes is taken"),
        (("lists", "event_log", "plural"), "peers", "plural: peers is taken"),
        (("lists", "event_log", "properties"), {"Id": {"omit": "why"}}, "keys and titles cannot be omitted"),
        (("lists", "event_log", "properties"), {"Colour": {"omit": "why"}}, "EventLog has no property Colour"),
        (("status", "system_health", "properties"), {"Colour": {"omit": "why"}}, "has no property Colour"),
        (("structures", "EventLog", "Source"), None, "the catalogue does not describe EventLog.Source"),
        (("lists", "fax"), ("lists", "event_log"), "threecx_fax_info is the module of entities.fax already"),
        (("status", "peer"), ("status", "system_health"), "threecx_peer_info is the module of lists.peer already"),
    ],
)  # fmt: skip
def test_mistakes_name_their_place(place: tuple[str, ...], value: Any, message: str, committed: dict[str, Any]) -> None:
    raw = copy.deepcopy(committed)
    *above, last = place
    inner = raw
    for step in above:
        inner = inner[step]
    if isinstance(value, tuple):  # the same as what stands there, under this name
        inner[last] = copy.deepcopy(raw[value[0]][value[1]]) | ({"plural": "others"} if value[0] == "lists" else {})
    elif value is None:
        del inner[last]
    else:
        inner[last] = value
    with pytest.raises(CodegenError) as caught:
        described(raw)
    assert message in str(caught.value)
