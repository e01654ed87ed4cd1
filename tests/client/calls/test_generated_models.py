"""Models keep what they were given: every one of them, and what no document knows."""

from __future__ import annotations

import copy
import pickle
from datetime import UTC, datetime
from enum import StrEnum
from typing import Any
from uuid import UUID

import pytest
from threecx_xapi import Page, models
from threecx_xapi._model import Model, OpenEnum, SentDateTime
from threecx_xapi.models import (
    CountryCodes,
    EventLog,
    Fax,
    Holiday,
    OAuthClient,
    PeerType,
    Rights,
    Route,
    User,
    UserGroup,
)

from openapi.codegen.document import ApiDocument, load
from tests.each import each

DOCUMENT = load()
API = ApiDocument(DOCUMENT)
SCHEMAS: dict[str, Any] = DOCUMENT["components"]["schemas"]
CLASSES = {name: getattr(models, name) for name in dir(models)}
MODELS = sorted((cls for cls in CLASSES.values() if issubclass(cls, Model)), key=lambda cls: cls.__name__)
BY_TITLE = {schema["title"].replace("_", ""): schema for schema in SCHEMAS.values()}
WRONG: list[Any] = [None, True, 0, -1.5, "", "text", [], [None], ["x", 1, {}], {}, {"a": 1}, [{"value": [1]}]]


def merged(schema: dict[str, Any]) -> dict[str, Any]:
    """The properties of a schema, those of what it extends included."""
    schema = API.resolve(schema)
    found: dict[str, Any] = {}
    for part in schema.get("allOf", ()):
        found |= merged(part)
    found |= schema.get("properties", {})
    return found


def sample(schema: dict[str, Any], depth: int = 3) -> Any:
    """A value as the document describes it."""
    schema = API.resolve(schema)
    if len(schema.get("allOf", ())) == 1:
        return sample(schema["allOf"][0], depth)
    if "oneOf" in schema:
        return "INF"
    if "enum" in schema:
        return schema["enum"][-1]
    match schema.get("type"), schema.get("format"):
        case "boolean", _:
            return False
        case "integer" | "number", _:
            return 0
        case "array", _:
            return [sample(schema["items"], depth), sample(schema["items"], depth)] if depth else []
        case "string", "date-time":
            return "2024-03-01T12:00:00.1234567Z"
        case "string", "duration":
            return "PT1H30M"
        case "string", "uuid":
            return "00000000-0000-0000-0000-00000000000a"
        case "string", _:
            return "text"
    return {name: sample(inner, depth - 1) for name, inner in merged(schema).items()} if depth else {}


SCHEMA_MODELS = [(cls, BY_TITLE[cls.__name__]) for cls in MODELS if cls.__name__ in BY_TITLE]


def reached() -> set[str]:
    """The titles of the schemas that lead from what operations take and answer; those of pages and
    errors do not count.
    """
    wanted: list[Any] = []
    for item in DOCUMENT["paths"].values():
        for operation in (one for one in item.values() if isinstance(one, dict) and "operationId" in one):
            answers = [API.resolve(one) for code, one in operation["responses"].items() if code != "default"]
            bodies = [API.resolve(operation["requestBody"])] if "requestBody" in operation else []
            wanted += [content["schema"] for one in [*answers, *bodies] for content in one.get("content", {}).values()]
    found: set[str] = set()
    while wanted:
        node = wanted.pop()
        if isinstance(node, dict):
            name = node.get("$ref", "")
            schema = API.resolve(node)
            if name and schema["title"] in found:
                continue
            found |= {schema["title"]} if name else set()
            wanted += [schema] if name else list(node.values())
        elif isinstance(node, list):
            wanted += node
    return {title.replace("_", "") for title in found if not title.endswith(("CollectionResponse", "CountResponse"))}


def test_every_schema_of_an_operation_has_its_class_and_no_name_a_stray_prefix() -> None:
    assert {cls.__name__ for cls, _ in SCHEMA_MODELS} | {
        name for name, cls in CLASSES.items() if issubclass(cls, OpenEnum)
    } >= reached() - {"ClickToCall", "DN"} - {"ReferenceNumeric"}  # their heirs have all they have; a number
    assert len(reached()) > 350
    assert not [name for name in CLASSES if name.startswith("Pbx") and f"Pbx.{name}" not in SCHEMAS]


@each("described", SCHEMA_MODELS)
def test_a_model_round_trips_what_the_document_describes(described: tuple[type[Model], dict[str, Any]]) -> None:
    cls, schema = described
    sent = sample(schema)
    known = cls.from_dict(sent)
    assert known.to_dict() == sent
    assert known.additional_properties == {}, "every documented property has an attribute"
    assert cls.from_dict(known.to_dict()) == known
    assert known.given == set(cls.fields)


@each("cls", MODELS)
def test_a_model_keeps_every_value_of_another_type(cls: type[Model]) -> None:
    names = [each.wire for each in cls.fields.values()]
    for value in WRONG:
        sent = {**dict.fromkeys(names, value), "NotInTheDocument": value, "@odata.etag": value}
        known = cls.from_dict(copy.deepcopy(sent))
        assert known.to_dict() == sent
        assert isinstance(repr(known), str)
        assert known.etag == (value if isinstance(value, str) else None)


@each("cls", MODELS)
def test_a_model_of_nothing_is_empty(cls: type[Model]) -> None:
    empty = cls.from_dict({})
    assert empty.to_dict() == {}
    assert cls() == empty
    assert all(getattr(empty, name) is None for name in cls.fields)
    assert empty.given == set()
    assert repr(empty) == f"{cls.__name__}()"


def test_not_sent_and_null_are_told_apart() -> None:
    user = User.from_dict({"Mobile": None})
    assert user.mobile is None
    assert user.email_address is None
    assert user.given == {"mobile"}
    assert user.to_dict() == {"Mobile": None}
    assert user != User()


def test_unknown_properties_survive_at_every_depth() -> None:
    sent = {
        "Groups": [{"GroupId": 1, "New": [1], "Rights": {"RoleName": "users", "CanFly": True}}],
        "@odata.type": "#x",
    }
    user = User.from_dict(sent)
    assert user.additional_properties == {"@odata.type": "#x"}
    assert user.to_dict() == sent


def test_unknown_members_survive_and_stay_of_their_enum() -> None:
    kind = PeerType("Teleporter")
    assert isinstance(kind, PeerType)
    assert isinstance(kind, StrEnum)
    assert (kind, kind.value, kind.name, str(kind)) == ("Teleporter",) * 4
    assert kind not in list(PeerType)
    assert kind == PeerType("Teleporter")
    assert {kind: 1}[PeerType("Teleporter")] == 1
    assert copy.deepcopy(kind) == pickle.loads(pickle.dumps(kind)) == kind
    with pytest.raises(ValueError, match="7"):
        PeerType(7)  # type: ignore[arg-type]  # not a string: no member, known or unknown


def test_flags_are_one_value() -> None:
    assert models.TypeOfIPRestriction("A, B").value == "A, B"


def test_unknown_members_in_models_round_trip() -> None:
    sent = {"Tags": ["MS", "Unheard", None, 3], "TranscriptionMode": "Unheard"}
    user = User.from_dict(sent)
    assert isinstance(user.transcription_mode, models.TranscriptionType)
    assert user.tags
    assert [type(tag).__name__ for tag in user.tags] == ["UserTag", "UserTag", "NoneType", "int"]
    assert user.to_dict() == sent


@pytest.mark.parametrize(
    "sent",
    [
        "2024-03-01T12:00:00.1234567Z",
        "2024-03-01T12:00:00.1234567+02:00",
        "2024-03-01T12:00:00.12Z",
        "2024-03-01T12:00:00+00:00",
        "2024-03-01T12:00:00-00:00",
        "2024-03-01T12:00:00",
        "0001-01-01T00:00:00Z",
        "9999-12-31T23:59:59.9999999Z",
    ],
)
def test_a_date_time_goes_back_as_it_came(sent: str) -> None:
    event = EventLog.from_dict({"TimeGenerated": sent})
    assert isinstance(event.time_generated, datetime)
    assert event.to_dict() == {"TimeGenerated": sent}
    for again in (copy.deepcopy(event), pickle.loads(pickle.dumps(event)), copy.copy(event)):
        assert again == event
        assert again.to_dict() == {"TimeGenerated": sent}


def test_a_date_time_that_was_calculated_is_a_new_one() -> None:
    event = EventLog.from_dict({"TimeGenerated": "2024-03-01T12:00:00.1234567Z"})
    assert isinstance(event.time_generated, SentDateTime)
    event.time_generated = event.time_generated.replace(microsecond=0)
    assert event.to_dict() == {"TimeGenerated": "2024-03-01T12:00:00Z"}
    event.time_generated = datetime(2024, 3, 1, tzinfo=UTC)
    assert event.to_dict() == {"TimeGenerated": "2024-03-01T00:00:00Z"}


@pytest.mark.parametrize("sent", ["", "yesterday", "10000-01-01T00:00:00Z", "2024-13-01T00:00:00Z", 7, None])
def test_what_is_no_date_time_is_kept(sent: Any) -> None:
    event = EventLog.from_dict({"TimeGenerated": sent})
    assert event.time_generated == sent
    assert event.to_dict() == {"TimeGenerated": sent}


@pytest.mark.parametrize(
    ("sent", "kind"),
    [
        ("00000000-0000-0000-0000-00000000000a", UUID),
        ("00000000-0000-0000-0000-00000000000A", str),
        ("{00000000-0000-0000-0000-00000000000a}", str),
        ("no uuid", str),
        (12, int),
    ],
)
def test_a_uuid_goes_back_as_it_came(sent: Any, kind: type) -> None:
    client = OAuthClient.from_dict({"Id": sent})
    assert type(client.id) is kind
    assert client.to_dict() == {"Id": sent}


def test_durations_and_times_are_text() -> None:
    sent = {"TimeOfStartDate": "PT8H30M", "TimeOfEndDate": "bad"}
    assert Holiday.from_dict(sent).to_dict() == sent


def test_a_property_called_like_its_model_or_its_neighbour() -> None:
    sent = {"Route": {"To": "None", "Number": "100"}, "IsPromptEnabled": True}
    route = Route.from_dict(sent)
    assert isinstance(route.route, models.Destination)
    assert route.to_dict() == sent
    codes = {"CountryCodes": ["DE", "US"]}
    assert CountryCodes.from_dict(codes).to_dict() == codes


def test_a_model_made_by_hand() -> None:
    user = User(number="100", groups=[UserGroup(group_id=95, rights=Rights(role_name="users"))], mobile=None)
    assert user.to_dict() == {
        "Number": "100",
        "Groups": [{"GroupId": 95, "Rights": {"RoleName": "users"}}],
        "Mobile": None,
    }
    with pytest.raises(TypeError, match="User has no property 'frist_name'; did you mean first_name"):
        User(frist_name="Ada")  # type: ignore[call-arg]


def test_changing_what_was_read_changes_what_is_sent() -> None:
    fax = Fax.from_dict({"Id": 1, "Number": "801"})
    fax.number = "802"
    del fax.id
    assert fax.to_dict() == {"Number": "802"}
    assert fax.id is None


def test_a_misspelt_property_is_neither_read_nor_set() -> None:
    user = User(number="100")
    with pytest.raises(AttributeError, match="User has no property 'frist_name'; did you mean first_name"):
        user.frist_name  # type: ignore[attr-defined]  # noqa: B018
    with pytest.raises(AttributeError):
        user.frist_name = "Ada"  # type: ignore[attr-defined]
    assert user.to_dict() == {"Number": "100"}


def test_models_are_equal_where_they_would_be_sent_alike() -> None:
    assert User(number="100") == User(number="100")
    assert User(number="100") != User(number="100", mobile=None)
    assert User(number="100") != User(number="100", additional_properties={"New": 1})
    assert User(number="800") != Fax(number="800")
    with pytest.raises(TypeError):
        hash(User())


def test_a_copy_is_one_of_its_own() -> None:
    user = User.from_dict({"Number": "100", "Groups": [{"GroupId": 95}], "New": [1]})
    for other in (copy.deepcopy(user), pickle.loads(pickle.dumps(user))):
        assert other == user
        assert other.given == {"number", "groups"}
        other.mobile = "1"
        other.additional_properties["New"].append(2)
    assert user.to_dict() == {"Number": "100", "Groups": [{"GroupId": 95}], "New": [1]}


def test_repr_shows_no_secret() -> None:
    sent = {
        "AuthPassword": "geheim-1",
        "VMPIN": "geheim-2",
        "New": {"Secret": "geheim-3", "List": [{"ApiKey": "geheim-4"}]},
        "Phones": [{"ProvisioningLinkExt": "geheim-5", "Name": "desk"}],
        "Number": "100",
    }
    shown = repr(Page([User.from_dict(sent)]))
    assert "geheim" not in shown
    assert "number='100'" in shown
    assert "name='desk'" in shown
    assert "geheim" not in repr(models.Trunk.from_dict({"AuthPassword": {"Concealed": False, "Value": "geheim"}}))
    assert repr(models.LicenseStatus(license_key="geheim")) == "LicenseStatus(license_key='***')"


def test_to_dict_shares_nothing_with_the_model() -> None:
    user = User(additional_properties={"New": [1]})
    user.to_dict()["New"].append(2)
    assert user.additional_properties == {"New": [1]}
