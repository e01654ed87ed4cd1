"""From the options of a task to what is wanted: nulls, types, sign-ins, the specification."""

from __future__ import annotations

import json
from typing import Any

import pytest
from ansible.module_utils.common.text.converters import to_text

from ansible_collection.plugins.module_utils._connection_options import connection_options
from ansible_collection.plugins.module_utils._module import with_connection
from ansible_collection.plugins.plugin_utils._plain import plain
from ansible_collection.plugins.plugin_utils._validate import validate
from pbx_as_code.description import EntityDescription, Key, Property
from pbx_as_code.engine.access.target import check_etag
from pbx_as_code.engine.connection import connection
from pbx_as_code.engine.options.desired import desired
from pbx_as_code.engine.options.invalid_values import without_nulls
from pbx_as_code.engine.options.option_specs import argument_spec, info_argument_spec
from pbx_as_code.errors import PbxError
from tests.descriptions import described

MODULES = ("fax", "fxs", "call_flow_app", "firmware", "phone_logo")
DEMO = EntityDescription(
    name="thing",
    plural="things",
    label="thing",
    entity_set="Things",
    key=Key("Id", "id", "int"),
    natural_keys=(Key("Number", "number"),),
    properties=(
        Property("Id", "id", "int", read_only=True),
        Property("Number", "number", immutable=True),
        Property("Mode", "mode", "enum", choices=("A", "B"), nullable=True),
        Property("Count", "count", "int", nullable=True),
        Property("ThingPassword", "thing_password", secret=True, nullable=True),
        Property("PasswordAge", "password_age", "int"),
        Property(
            "Parts",
            "parts",
            "complex",
            many=True,
            fields=(Property("Name", "name"), Property("Mode", "mode", "enum", choices=("A", "B"), nullable=True)),
        ),
    ),
    can_create=True,
    can_update=True,
    can_delete=True,
)
#: Invented, as is every credential here.
ACCESS = {"host": "pbx.example.com", "api_client_id": "900", "api_client_secret": "an-invented-secret"}


def read(given: dict[str, Any]) -> dict[str, Any]:
    given = {**ACCESS, **given}
    checked = validate("thing", with_connection(argument_spec(DEMO)), given)
    assert checked.problem is None, checked.problem
    return desired(DEMO.properties, given, checked.params)


def test_null_clears_and_absent_leaves_alone_at_every_depth() -> None:
    assert read({"number": "1", "mode": None}) == {"Number": "1", "Mode": None}
    assert read({"number": "1", "parts": None}) == {"Number": "1", "Parts": []}
    assert read({"number": "1", "parts": [{"name": "x", "mode": None}, {"name": "y"}]})["Parts"] == [
        {"Name": "x", "Mode": None},
        {"Name": "y"},
    ]


def test_ansible_notations_of_a_structure_still_work() -> None:
    assert read({"number": 1, "parts": [json.dumps({"name": "x"})]})["Parts"] == [{"Name": "x"}]
    assert read({"number": 1, "count": "5"}) == {"Number": "1", "Count": 5}


def test_a_null_key_names_nothing() -> None:
    checked = validate("thing", with_connection(argument_spec(DEMO)), {**ACCESS, "id": None, "number": None})
    assert checked.problem == "one of the following is required: id, number"


@pytest.mark.parametrize("options", [{"number": ["1"]}, {"number": {"a": 1}}, {"count": True, "number": "1"}])
def test_what_ansible_would_turn_into_something_else_is_refused(options: dict[str, Any]) -> None:
    with pytest.raises(PbxError, match="needed here"):
        read(options)


@pytest.mark.parametrize("module", MODULES)
def test_every_specification_is_sound(module: str) -> None:
    description = described(f"threecx_{module}")
    for arguments in (argument_spec(description), info_argument_spec(description)):
        spec = arguments["argument_spec"]
        assert arguments["supports_check_mode"] is True
        for name, option in spec.items():
            assert option["type"] in {"str", "int", "float", "bool", "path", "list", "dict"}
            assert name == name.lower()
            if any(word in name for word in ("password", "secret", "token")):
                assert "no_log" in option, f"Ansible warns of {name}, unless no_log says one or the other"
    state = argument_spec(description)["argument_spec"]["state"]
    if description.can_create or description.can_update:
        assert state["default"] == "present"
    else:
        assert state == {"type": "str", "choices": ["absent"], "required": True}


def test_update_secrets_is_offered_where_it_does_something() -> None:
    spec = argument_spec(DEMO)["argument_spec"]
    assert spec["update_secrets"]["choices"] == ["always", "on_create"]
    assert spec["thing_password"]["no_log"] is True
    assert spec["password_age"]["no_log"] is False


def test_unknown_options_are_complained_about_even_when_null() -> None:
    assert without_nulls({"a": {}}, {"a": None, "b": None}) == {"b": None}
    checked = validate(
        "threecx.xapi.threecx_thing", with_connection(argument_spec(DEMO)), {**ACCESS, "number": "1", "nmber": None}
    )
    assert checked.problem is not None
    assert checked.problem.startswith("Unsupported parameters for (threecx.xapi.threecx_thing) module: nmber. ")


def test_secrets_given_and_from_the_environment_are_known_to_be_hidden(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREECX_CLIENT_SECRET", "canary-from-the-environment")
    given = {"host": "x", "api_client_id": "900", "number": "1", "thing_password": "canary-given"}
    checked = validate("thing", with_connection(argument_spec(DEMO)), given)
    assert checked.secrets == {"canary-from-the-environment", "canary-given"}


def test_an_empty_variable_of_the_environment_is_unset(monkeypatch: pytest.MonkeyPatch) -> None:
    specification = with_connection(argument_spec(DEMO))
    given = {"host": "x", "api_client_id": "900", "api_client_secret": "s", "number": "1"}
    usual = validate("thing", specification, given)
    for option in connection_options().values():
        monkeypatch.setenv(option["fallback"][1][0], "")
    checked = validate("thing", specification, given)
    assert (checked.problem, checked.params) == (None, usual.params)
    without = validate("thing", specification, {name: value for name, value in given.items() if name != "host"})
    assert without.problem == "missing required arguments: host"


def connect(**given: Any) -> Any:
    given = {"host": "pbx.example.com", **given}
    checked = validate("thing", with_connection(info_argument_spec(DEMO)), given)
    assert checked.problem is None, checked.problem
    return connection(given, checked.params)


def test_ways_to_sign_in() -> None:
    assert connect(api_client_id="900", api_client_secret="s").way == "api_client_id"
    assert connect(login_username="100", login_password="s", security_code="1").way == "login_username"
    assert connect(access_token="t").way == "access_token"


def test_what_the_task_says_beats_the_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("THREECX_CLIENT_ID", "900")
    monkeypatch.setenv("THREECX_CLIENT_SECRET", "from-env")
    assert connect().arguments["client_secret"] == "from-env"
    assert connect(api_client_id="901").arguments["client_secret"] == "from-env"
    reached = connect(access_token="t")
    assert reached.way == "access_token"
    assert "client_id" not in reached.arguments


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "one of the following is required: access_token, api_client_id, login_username"),
        ({"api_client_id": "900"}, "parameters are required together: api_client_id, api_client_secret"),
        (
            {"login_username": "100", "login_password": ""},
            "parameters are required together: login_username, login_password",
        ),
        (
            {"api_client_id": "900", "api_client_secret": "s", "access_token": "t"},
            "mutually exclusive: access_token|api_client_id",
        ),
        ({"login_username": "100", "api_client_id": "900"}, "mutually exclusive: api_client_id|login_username"),
        ({"host": "pbx\r\nX-Evil: 1", "access_token": "t"}, "host: it contains a control character"),
        ({"host": " ", "access_token": "t"}, "host: it is empty"),
        ({"request_timeout": 0, "access_token": "t"}, "request_timeout: "),
        ({"request_timeout": -1, "access_token": "t"}, "request_timeout: "),
        ({"connect_timeout": 0, "access_token": "t"}, "connect_timeout: "),
        ({"host_port": 0, "access_token": "t"}, "host_port: 0 is not a port"),
        ({"host_port": 65536, "access_token": "t"}, "host_port: 65536 is not a port"),
    ],
)
def test_connections_that_cannot_work_are_refused(options: dict[str, Any], words: str) -> None:
    with pytest.raises(PbxError) as failure:
        connect(**options)
    assert words in failure.value.msg


@pytest.mark.parametrize("etag", ["", "  ", ' W/"1"', 'W/"1" ', "* ", 'W/"1"\r\nX-Evil: 1', 'W/"\x00"', 'W/"ü"'])
def test_what_cannot_be_an_etag_is_refused(etag: str) -> None:
    with pytest.raises(PbxError) as failure:
        check_etag(etag)
    assert failure.value.target == "if_match"


@pytest.mark.parametrize("etag", [None, "*", 'W/"1"', '"a b"', "unquoted"])
def test_what_may_be_an_etag_is_taken(etag: str | None) -> None:
    check_etag(etag)


def test_plain_options_have_nothing_of_ansible_left() -> None:
    class Tagged(str):
        pass

    class Number(int):
        pass

    given = {Tagged("a"): [Tagged("b"), Number(5), True, None, 1.5, (Tagged("c"),)], "d": {Tagged("e"): Tagged("f")}}
    result = plain(given)
    assert result == {"a": ["b", 5, True, None, 1.5, ["c"]], "d": {"e": "f"}}
    assert [type(value) for value in result["a"]] == [str, int, bool, type(None), float, list]
    assert type(next(iter(result["d"]))) is str
    assert to_text(result["d"]["e"]) == "f"


def test_a_credential_that_is_a_number_has_lost_its_zeros() -> None:
    """Shipped, nobody can see any more what was written; the message shows no value."""
    for option in ("api_client_secret", "login_password", "security_code", "access_token"):
        given = {"host": "pbx.example.com", option: 123456}
        checked = validate("thing", info_argument_spec(DEMO), given)
        with pytest.raises(PbxError, match=f"{option}: YAML has read") as caught:
            connection(given, checked.params)
        assert "123456" not in caught.value.msg
