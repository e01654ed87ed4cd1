"""Every module of a singleton: what is read can be given back, each option changes what it says, no credential is
shown.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from openapi.codegen import document
from openapi.codegen.modules import catalogue, operations
from openapi.codegen.modules.describe import describe
from openapi.codegen.modules.naming import snake_case
from openapi.codegen.modules.schema import SchemaReader
from pbx_as_code.description import Property, SettingsDescription
from pbx_simulator import LoggedRequest, SimulatedPbx
from tests.collection.documented import returned
from tests.collection.pages.test_docs_results import check
from tests.collection.property_values import CANARY, given
from tests.collection.settings_values import SETTINGS, held, hold, options, plant
from tests.collection.shipped import as_a_module

Task = Callable[..., Any]
every = pytest.mark.parametrize("name", SETTINGS)


@pytest.fixture(scope="module")
def shared() -> Iterator[SimulatedPbx]:
    with SimulatedPbx() as running:
        yield running


@pytest.fixture
def shared_task(shared: SimulatedPbx, task_on: Callable[[SimulatedPbx], Task]) -> Task:
    return task_on(shared)


def test_every_singleton_that_can_be_changed_has_a_module_or_a_reason() -> None:
    said, singletons = catalogue.load(), set(SchemaReader(document.load()).singletons)
    here = {description.singleton for description in SETTINGS.values() if description.action is None}
    assert here | set(said.left_out) & singletons == singletons
    assert here.isdisjoint(said.left_out)


def test_every_action_that_sets_something_has_a_module_or_a_reason() -> None:
    said, reader = catalogue.load(), SchemaReader(document.load())
    reached = operations.reached(reader, describe(said, reader))
    assert {"SetUpdateSettings", "SetBackupSettings", "UpdateCost", "Update", "SetOAuthState"} <= set(reader.setters)
    assert "BulkUpdate" not in reader.setters
    assert set(reader.setters) == set(reader.setters) & set(reached) | set(said.left_out) - set(reader.singletons)
    assert set(reached).isdisjoint(said.left_out)


def test_they_are_called_what_the_catalogue_calls_them() -> None:
    assert set(SETTINGS) == set(map(snake_case, catalogue.load().settings))
    assert all(map(options, SETTINGS.values())), "nothing to change"
    alone = [name for name, description in SETTINGS.items() if description.action is None]
    assert all(name == snake_case(SETTINGS[name].singleton) for name in alone)


@every
def test_what_is_read_can_be_given_back(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    shared.reset()
    for planted in (False, True):
        if planted:
            plant(shared, SETTINGS[name])
        read = shared_task(f"{name}_info")[name]
        shared.clear_log()
        back = shared_task(name, **read)
        assert not back["changed"]
        assert back.warnings == []
        assert back[name] == read
        assert shared.writes == []
        assert CANARY not in json.dumps(read)


@every
def test_revealed_credentials_can_be_given_back(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    if "secret=True" not in repr(SETTINGS[name]):
        assert "reveal_secrets" in shared_task(f"{name}_info", reveal_secrets=True).msg
        return
    plant(shared, SETTINGS[name])
    read = shared_task(f"{name}_info", reveal_secrets=True)[name]
    shared.clear_log()
    assert not shared_task(name, **read)["changed"], "what the PBX conceals is not there to be given back"
    assert shared.writes == []


@every
def test_each_option_changes_what_it_says(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    shared.reset()
    description = SETTINGS[name]
    plant(shared, description)
    for prop in options(description):
        value, shared_before = given(prop), held(shared, description)
        shared.clear_log()

        would = shared_task(name, check_mode=True, **{prop.option: value})
        assert would["changed"], prop.option
        assert shared.writes == []
        assert held(shared, description) == shared_before

        changed = shared_task(name, **{prop.option: value})
        assert changed["changed"]
        # The PBX fills in dependent properties itself, such as the name of another number.
        assert prop.led_by or same_but_filled(prop, changed["diff"], would["diff"]), prop.option
        assert list(changed["diff"]["after"]) == [prop.option]
        [write] = shared.writes
        if description.action is None:
            assert (write.method, write.path) == ("PATCH", f"/xapi/v1/{description.singleton}")
            assert list(json.loads(write.body)) == [prop.name], "only what differs is sent"
            assert ("if-match" in write.headers) == ("no-etags" not in shared.traits)
        else:
            check_whole(write, description, prop, shared_before)

        again = shared_task(name, **{prop.option: value})
        assert not again["changed"], prop.option
        assert "diff" not in again.data
        assert len(shared.writes) == 1
        assert CANARY not in json.dumps([would.data, changed.data, again.data])


def same_but_filled(prop: Property, one: dict[str, Any], other: dict[str, Any]) -> bool:
    """Whether two diffs are the same but for what the PBX gives a new item of a list, such as its id."""
    filled = {field.option for field in prop.fields if field.read_only} if prop.many else set()

    def plain(diff: dict[str, Any]) -> Any:
        items = {(side, option): value for side in diff for option, value in diff[side].items()}
        return {
            place: [{k: v for k, v in item.items() if k not in filled} for item in value] if filled else value
            for place, value in items.items()
        }

    return bool(plain(one) == plain(other))


def check_whole(
    write: LoggedRequest, description: SettingsDescription, changed: Property, before: list[dict[str, Any]]
) -> None:
    """An action is sent everything there is: what the PBX answered, credentials too, with what was changed."""
    assert description.action is not None
    assert "if-match" not in write.headers
    if description.action.form == "key":
        path = re.sub(r"\\\{\w+\\\}", r"\\d+", re.escape(description.action.path))
        assert write.method == "POST"
        assert re.fullmatch(f"/xapi/v1/{path}", write.path)
        assert write.body == b""
        return
    assert (write.method, write.path) == ("POST", f"/xapi/v1/{description.action.path}")
    body = json.loads(write.body)
    assert list(body) == [description.action.parameter]
    if description.action.form == "structure":
        [row], whole = before, body[description.action.parameter]
        assert set(whole) == set(row)
        assert {name for name in row if whole[name] != row[name]} == {changed.name}
    assert "@odata" not in write.body.decode()


@every
def test_all_of_them_at_once(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    description = SETTINGS[name]
    plant(shared, description)
    wanted = {prop.option: given(prop) for prop in options(description)}
    assert shared_task(name, **wanted)["changed"]
    assert len(shared.writes) == 1
    assert not shared_task(name, **wanted)["changed"]


@every
def test_a_stale_etag_is_refused(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    shared.reset()
    shared.traits = shared.traits - {"no-etags"}
    description = SETTINGS[name]
    prop = options(description)[0]
    if description.action is not None:  # nothing could hold a PBX to it, so it is not promised
        refused = shared_task(name, if_match="*", **{prop.option: given(prop)})
        assert "if_match" in refused.msg
        assert "etag" not in shared_task(f"{name}_info")[name]
        return
    plant(shared, description)
    before = shared.entities(description.singleton)
    for check_mode in (True, False):
        refused = shared_task(name, check_mode=check_mode, if_match='W/"stale"', **{prop.option: given(prop)})
        assert "Nothing was changed" in refused.msg
        assert refused["status"] == 412
    assert shared.entities(description.singleton) == before


@every
def test_results_are_what_is_documented(name: str, shared: SimulatedPbx, shared_task: Task) -> None:
    shared.reset()
    reveal = {"reveal_secrets": True} if "secret=True" in repr(SETTINGS[name]) else {}
    for planted in (False, True):
        if planted:
            plant(shared, SETTINGS[name])
        read = shared_task(f"{name}_info", **reveal).data
        assert set(read) == {"changed", name}
        check(read[name], returned(f"threecx_{name}_info")[name], name)
        prop = options(SETTINGS[name])[-1]
        changed = shared_task(name, **{prop.option: given(prop)}).data
        assert set(changed) == {"changed", "diff", name}
        for part in (name, "diff"):
            check(changed[part], returned(f"threecx_{name}")[part], part)


@every
def test_it_does_the_same_in_a_process_of_its_own(
    name: str,
    shared: SimulatedPbx,
    shared_task: Task,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    description = SETTINGS[name]
    wanted = {prop.option: given(prop) for prop in options(description)}
    steps: list[tuple[str, dict[str, Any]]] = [(f"{name}_info", {}), (name, wanted), (name, wanted)]
    if description.action is None:
        steps.append((name, {"if_match": 'W/"stale"', **wanted}))
    shared.reset()
    plant(shared, description)
    before = held(shared, description)

    def without_etags(result: dict[str, Any]) -> dict[str, Any]:
        return {**result, name: {k: v for k, v in result.get(name, {}).items() if k != "etag"}}

    here = [shared_task(step, **given).data for step, given in steps]
    sent = [(write.method, write.path, write.body) for write in shared.writes]
    shared.reset()
    hold(shared, description, before)
    shipped = [as_a_module(step, shared, monkeypatch, capsys, **given) for step, given in steps]
    assert [without_etags(result) for result in shipped] == [without_etags(result) for result in here]
    assert [result["changed"] for result in shipped] == [False, True, False, False][: len(steps)]
    assert [(write.method, write.path, write.body) for write in shared.writes] == sent


def test_a_concealed_credential_is_set_each_time_or_once(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("MailSettings", {"MailPassword": {"Concealed": True, "Value": ""}})
    assert not task("mail_settings", mail_password=f"{CANARY}-1", update_secrets="on_create")["changed"]
    assert task("mail_settings", mail_password=f"{CANARY}-1")["changed"]
    assert json.loads(pbx.writes[0].body) == {"MailPassword": {"Concealed": False, "Value": f"{CANARY}-1"}}

    pbx.put("MailSettings", {"MailPassword": {"Concealed": False, "Value": None}})
    assert task("mail_settings", mail_password=f"{CANARY}-2", update_secrets="on_create")["changed"]
    assert not task("mail_settings", mail_password=f"{CANARY}-3", update_secrets="on_create")["changed"]
    pbx.put("MailSettings", {"MailPassword": None})
    assert task("mail_settings", mail_password=f"{CANARY}-4", update_secrets="on_create")["changed"]


def test_a_concealed_credential_is_cleared_by_null(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("MailSettings", {"MailPassword": {"Concealed": True, "Value": ""}})
    assert task("mail_settings", mail_password=None)["changed"]
    assert pbx.entities("MailSettings")[0]["MailPassword"] is None
    assert not task("mail_settings", mail_password=None)["changed"]


def test_a_concealed_file_is_replaced_and_its_name_compared(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("SecureSipSettings", {"Certificate": {"Concealed": True, "Contents": "", "Name": "old.pem"}})
    assert not task("secure_sip_settings", certificate={"name": "old.pem"})["changed"]
    once = {"certificate": {"name": "old.pem", "contents": CANARY}, "update_secrets": "on_create"}
    assert not task("secure_sip_settings", **once)["changed"]
    assert task("secure_sip_settings", certificate={"name": "old.pem", "contents": CANARY})["changed"]
    sent = json.loads(pbx.writes[0].body)
    assert sent == {"Certificate": {"Concealed": False, "Contents": CANARY, "Name": "old.pem"}}

    pbx.put("SecureSipSettings", {"PrivateKey": {"Concealed": None, "Contents": None, "Name": None}})
    assert task("secure_sip_settings", private_key={"contents": CANARY}, update_secrets="on_create")["changed"]
    pbx.put("SecureSipSettings", {"Certificate": None})
    assert task("secure_sip_settings", **once)["changed"], "there is not even a file"

    pbx.put("SecureSipSettings", {"Certificate": {"Concealed": True, "Contents": "********", "Name": "old.pem"}})
    assert task("secure_sip_settings", certificate={"contents": "********"})["changed"], "the mask is no credential"


def test_a_concealed_file_is_emptied(pbx: SimulatedPbx, task: Task) -> None:
    for empty in ("", None):
        pbx.put("SecureSipSettings", {"Certificate": {"Concealed": True, "Contents": CANARY, "Name": "old.pem"}})
        assert task("secure_sip_settings", certificate={"contents": empty})["changed"]
        (stored,) = pbx.entities("SecureSipSettings")
        assert stored["Certificate"]["Name"] == "old.pem"
        assert not stored["Certificate"]["Contents"]
        assert not task("secure_sip_settings", certificate={"contents": empty})["changed"]


def test_on_create_gives_an_item_of_a_list_its_credential_when_it_is_new(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("CrmIntegration", {"VariableChoices": [{"Key": "ApiUrl", "Value": f"{CANARY}-held"}]})

    def choose(which: str) -> Any:
        choices = [{"key": "ApiUrl", "value": f"{CANARY}-{which}"}, {"key": "ApiKey", "value": f"{CANARY}-{which}"}]
        return task("crm_integration", variable_choices=choices, update_secrets="on_create")["changed"]

    assert choose("first")
    stored = {choice["Key"]: choice["Value"] for choice in pbx.entities("CrmIntegration")[0]["VariableChoices"]}
    assert stored == {"ApiUrl": f"{CANARY}-held", "ApiKey": f"{CANARY}-first"}
    assert not choose("second")


class StillConcealing:
    """A PBX that conceals again what it has just been given."""

    def __init__(self, pbx: SimulatedPbx, name: str, value: dict[str, Any]) -> None:
        self.pbx, self.name, self.value = pbx, name, value

    def __enter__(self) -> None:
        store = self.pbx._store
        plain = store.change_singleton

        def change(name: str, changes: dict[str, Any]) -> Any:
            return plain(name, {**changes, **({self.name: self.value} if self.name in changes else {})})

        store.change_singleton = change  # type: ignore[method-assign]

    def __exit__(self, *_: object) -> None:
        del self.pbx._store.change_singleton


def test_what_is_concealed_again_was_not_dropped(pbx: SimulatedPbx, task: Task) -> None:
    with StillConcealing(pbx, "MailPassword", {"Concealed": True, "Value": ""}):
        assert task("mail_settings", mail_password=CANARY, mail_user="another")["changed"]
        assert task("mail_settings", mail_password=CANARY)["changed"], "nobody can tell"
    with StillConcealing(pbx, "Certificate", {"Concealed": True, "Contents": "", "Name": "a.pem"}):
        assert task("secure_sip_settings", certificate={"name": "a.pem", "contents": CANARY})["changed"]
        dropped = task("secure_sip_settings", certificate={"name": "b.pem", "contents": CANARY})
        assert "did not store certificate" in dropped.msg


def test_periods_are_told_apart_by_day_and_start(pbx: SimulatedPbx, task: Task) -> None:
    periods = [
        {"day_of_week": "Monday", "start": "08:00:00", "stop": "12:00:00"},
        {"day_of_week": "Monday", "start": "13:00:00", "stop": "17:00:00"},
    ]
    hours = {"type": "SpecificHours", "periods": periods}
    assert task("office_hours", hours=hours)["changed"]
    reordered = {**hours, "periods": [{**period, "start": period["start"][:5]} for period in periods[::-1]]}
    assert not task("office_hours", hours=reordered)["changed"]
    assert task("office_hours", hours={"periods": periods[:1]})["changed"]
    [office] = pbx.entities("OfficeHours")
    assert office["Hours"]["Type"] == "SpecificHours", "what the task left alone"
    assert [period["Start"] for period in office["Hours"]["Periods"]] == ["08:00:00"]


def test_somebody_else_was_quicker(pbx: SimulatedPbx, task: Task) -> None:
    pbx.traits = pbx.traits - {"no-etags"}
    pbx.put("MailSettings", {"MailUser": "a"})
    etag = task("mail_settings_info")["mail_settings"]["etag"]
    pbx.put("MailSettings", {"MailUser": "theirs"})
    refused = task("mail_settings", mail_user="mine", etag=etag)
    assert "Mail settings could not be changed" in refused.msg
    assert "threecx_mail_settings_info" in refused.msg
    assert pbx.entities("MailSettings")[0]["MailUser"] == "theirs"


@pytest.mark.parametrize("name", ["mail_settings", "mail_settings_info"])
def test_failures_say_what_happened(name: str, pbx: SimulatedPbx, task: Task) -> None:
    pbx.fail("/MailSettings", status=403)
    refused = task(name)
    assert "Mail settings could not be read" in refused.msg
    assert refused["status"] == 403
    pbx.fail("/MailSettings", status=404)
    assert "does not offer MailSettings here" in task(name).msg
    pbx.fail("/MailSettings", status=200, body="<html></html>", headers={"Content-Type": "text/html"})
    assert task(name).data["pbx"] == pbx.url
    pbx.fail("/MailSettings", status=200, body='{"value": []}', headers={"Content-Type": "application/json"})
    assert "cannot be understood" in task(name).msg


def test_what_the_pbx_fills_itself_is_never_sent(pbx: SimulatedPbx, task: Task) -> None:
    pbx.put("MailSettings", {"CanEditMailServerType": False})
    result = task("mail_settings", can_edit_mail_server_type=True)
    assert not result["changed"]
    assert "can_edit_mail_server_type: read-only" in result.warnings[0]
    assert pbx.writes == []


def test_there_is_no_state(task: Task) -> None:
    assert "state" in task("mail_settings", state="absent").msg


def test_without_etags_and_with_strict_ones(
    pbx_factory: Callable[..., SimulatedPbx], task_on: Callable[[SimulatedPbx], Task]
) -> None:
    for modes in ({"etags": False}, {"strict_etags": True}):
        pbx = pbx_factory(**modes)
        changed = task_on(pbx)("mail_settings", mail_user="x")
        assert changed["changed"]
        assert ("etag" in changed["mail_settings"]) == ("etags" not in modes)
        assert ("if-match" in pbx.writes[0].headers) == ("etags" not in modes)
