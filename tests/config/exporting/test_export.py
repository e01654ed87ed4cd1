"""A simulated PBX as files: the same bytes twice, nothing that is bound to it, and files that load
without a problem.
"""

from __future__ import annotations

import re
from typing import Any

import pytest
from threecx_xapi import XapiClient

from pbx_as_code import Pbx, PbxError
from pbx_as_code.config.checks import check
from pbx_as_code.config.export import Export, export
from pbx_as_code.config.exporting.defaults import defaults_of
from pbx_as_code.config.kinds import KINDS
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.selection import Selection
from pbx_simulator import SimulatedPbx

_CANARY = "canary-7c1f"  # invented


def sources(made: Export) -> list[tuple[str, bytes]]:
    return [(path, content.encode()) for path, content in made.files.items()]


def test_a_second_export_is_byte_identical_and_loads_without_a_problem(pbx: Pbx, simulated: SimulatedPbx) -> None:
    made = export(pbx, own_number=simulated.client_id)
    assert export(pbx, own_number=simulated.client_id).files == made.files
    configuration = load_sources(sources(made))
    assert len(configuration.definitions) == sum(made.counts.values())
    assert check(configuration) == []
    assert made.counts["users"] == 9
    assert simulated.client_id not in [one.identity[0] for one in configuration.of("service_principal")]


def test_what_is_read_back_is_what_the_pbx_has(pbx: Pbx) -> None:
    configuration = load_sources(sources(export(pbx)))
    for definition in configuration.of("user"):
        row = pbx.read("user", number=definition.values["number"])
        assert row is not None
        for option in ("first_name", "last_name", "email_address", "mobile", "primary_group", "enabled"):
            assert definition.values[option] == row[option]


def test_no_id_and_no_state_is_written(pbx: Pbx) -> None:
    text = "\n".join(export(pbx).files.values())
    for option in ("current_profile_name", "queue_status", "office_holidays", 'auth_id: "', "etag"):
        assert not re.search(rf"^[ -]*{option}", text, re.MULTILINE), option
    for definition in load_sources(sources(export(pbx))).definitions:
        assert "id" not in definition.values


def test_a_credential_becomes_a_marker(simulated: SimulatedPbx, pbx: Pbx) -> None:
    with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
        writing = Pbx(client)
        writing.ensure("trunk", number="10000", auth_password=_CANARY)
        writing.ensure("user", number="100", auth_password=_CANARY, access_password=f"{_CANARY}Aa1!")
        writing.ensure("mail_settings", mail_password=_CANARY)
        writing.ensure("parameter", name="CANARY", value=_CANARY)
    made = export(pbx)
    text = "\n".join(made.files.values())
    assert _CANARY not in text
    assert "auth_password: !secret trunk_10000_auth_password" in made.files["trunks.yml"]
    assert "value: !secret parameter_canary_value" in made.files["parameters.yml"]
    assert "mail_password: !secret mail_settings_mail_password" in made.files["system/mail.yml"]


def test_a_selection_reads_and_writes_no_more_than_it_names(pbx: Pbx, simulated: SimulatedPbx) -> None:
    made = export(pbx, Selection(include=("users:10?", "department:Sales"), exclude=("users:101",)))
    configuration = load_sources(sources(made))
    numbers = [one.identity[0] for one in configuration.of("user")]
    assert "100" in numbers
    assert "101" not in numbers
    assert not any(request.path.endswith("/Trunks") for request in simulated.requests)
    assert configuration.complete == frozenset()


def test_requests_grow_with_pages_and_not_with_objects(simulated: SimulatedPbx, pbx: Pbx) -> None:
    def requests() -> int:
        before = len(simulated.requests)
        export(pbx, Selection(include=("contacts",)))
        return len(simulated.requests) - before

    export(pbx, Selection(include=("contacts",)))
    few = requests()
    with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
        for number in range(60):
            client.request("POST", "/Contacts", json={"FirstName": "A", "LastName": f"B{number}"})
    assert requests() <= few + 1


def test_a_pbx_that_cannot_be_reached_fails_at_the_first_request() -> None:
    with (
        XapiClient("http://127.0.0.1:9", client_id="900", client_secret="invented", read_only=True) as client,
        pytest.raises(PbxError),
    ):
        export(Pbx(client, deadline=2))


def test_twins_are_written_and_read_back(simulated: SimulatedPbx, pbx: Pbx) -> None:
    with XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret) as client:
        for _ in range(2):
            client.request("POST", "/Contacts", json={"FirstName": "Twin", "LastName": "Twin"})
    twins = [
        one.twin
        for one in load_sources(sources(export(pbx, Selection(include=("contacts",))))).of("contact")
        if one.values["first_name"] == "Twin"
    ]
    assert twins == [0, 1]


def test_every_kind_is_read(pbx: Pbx) -> None:
    made = export(pbx)
    assert {kind.section for kind in KINDS.values()} == set(made.counts) | set(made.unread)


def test_what_an_older_pbx_lacks_is_told_by_the_key_of_its_section() -> None:
    with (
        SimulatedPbx(release="20.0.5") as older,
        XapiClient(older.url, client_id=older.client_id, client_secret=older.client_secret) as client,
    ):
        made = export(Pbx(client))
    assert {"holidays", "oauth_clients", "mail_settings"} <= set(made.unread)
    assert {kind.section for kind in KINDS.values()} == set(made.counts)


def test_each_object_begins_with_what_it_is_called(pbx: Pbx) -> None:
    for definition in load_sources(sources(export(pbx))).definitions:
        named = [option for option in definition.kind.identity if option in definition.node.values]
        assert list(definition.node.values)[: len(named)] == named, definition.title


def test_defaults_begin_with_three_objects() -> None:
    objects = [{"number": str(number), "language": "EN"} for number in range(3)]
    assert defaults_of(objects, ("number",)) == {"language": "EN"}
    assert defaults_of(objects[:2], ("number",)) == {}


def connected(simulated: SimulatedPbx) -> XapiClient:
    return XapiClient(simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret)


def test_a_new_object_gets_no_name_date_or_department_from_defaults() -> None:
    number = {"user": 300, "queue": 830, "receptionist": 860}
    with SimulatedPbx() as simulated, connected(simulated) as client:
        pbx = Pbx(client)
        for kind, first in number.items():
            for one in range(first + 10, first + 15):
                department = "Sales" if one % 2 else "Support"
                named: dict[str, Any] = {"name": "Front desk"}
                if kind == "user":
                    named = {"first_name": "Anna", "last_name": "Kim", "primary_group": department}
                pbx.ensure(kind, number=str(one), groups=[{"group": department}], **named)
        for month in range(1, 5):
            pbx.ensure("holiday", name=f"Day {month}", day=7, day_end=7, month=month, month_end=month)
        defaults = load_sources(sources(export(pbx))).defaults
        assert "language" in defaults["user"][0]
        assert defaults["user"][0]["mobile"] is None
        for kind, option in (
            ("user", "first_name"), ("user", "last_name"), ("user", "primary_group"), ("user", "groups"),
            ("queue", "name"), ("queue", "groups"), ("receptionist", "name"), ("holiday", "day"), ("holiday", "month"),
        ):  # fmt: skip
            assert option not in defaults[kind][0], (kind, option)


def test_the_only_department_is_that_of_new_objects() -> None:
    users = [{"Number": str(number), "FirstName": f"User {number}"} for number in range(100, 104)]
    with SimulatedPbx(seed={"Users": users}) as simulated, connected(simulated) as client:
        defaults = load_sources(sources(export(Pbx(client)))).defaults
        assert {"primary_group", "groups"} <= defaults["user"][0].keys()


def test_outbound_rules_are_written_in_the_order_in_which_the_pbx_tries_them(pbx: Pbx, simulated: SimulatedPbx) -> None:
    simulated.put("OutboundRules", {"Name": "Abroad", "Priority": 5, "Prefix": "00"})
    simulated.put("OutboundRules", {"Name": "Local", "Priority": 11, "Prefix": "1"})
    rules = load_sources(sources(export(pbx))).of("outbound_rule")
    assert [(one.values["name"], one.values["priority"]) for one in rules] == [
        ("National", 0), ("Emergency", 1), ("Abroad", 5), ("Local", 11),
    ]  # fmt: skip


def test_a_file_of_a_department_has_a_name_that_every_system_takes(simulated: SimulatedPbx, pbx: Pbx) -> None:
    for name in ("x" * 300, "x" * 301, "CON", "con", "Aux.", "COM1", "Console"):
        simulated.put("Groups", {"Name": name})
    made = export(pbx, Selection(include=("groups",)))
    files = [path.removeprefix("departments/") for path in made.files if path.startswith("departments/")]
    long = "x" * 100
    assert {f"{long}.yml", f"{long}-2.yml", "console.yml"} <= set(files)
    assert {f"department-{one}.yml" for one in ("con", "con-2", "aux", "com1")} <= set(files)
    assert len(load_sources(sources(made)).of("group")) == len(files) == made.counts["groups"]
