"""Behaviour of the engine that mutations of its code could break unseen."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from threecx_xapi import XapiClient, paging

from pbx_as_code.description import Key
from pbx_as_code.engine.access.pbx import EntitySet
from pbx_as_code.engine.compare.favourites import is_hidden, put_back, taken_out
from pbx_as_code.engine.find import knowledge
from pbx_as_code.entities import description
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

NUMBER = Key("Number", "number", "number")


@pytest.fixture
def client(pbx: SimulatedPbx) -> Iterator[XapiClient]:
    with XapiClient(pbx.url, client_id=pbx.client_id, client_secret=pbx.client_secret) as made:
        yield made


def read_ahead(client: XapiClient, monkeypatch: pytest.MonkeyPatch, meanwhile: Callable[[list[Any]], None]) -> Any:
    """Rows of user 100 after enough look-ups to read all users; `meanwhile` may change what was read."""
    iterate = paging.iterate

    def changed(*args: Any, **options: Any) -> Iterator[Any]:
        rows = list(iterate(*args, **options))
        meanwhile(rows)
        return iter(rows)

    monkeypatch.setattr(paging, "iterate", changed)
    users = knowledge.known_through(client).list("/Users", "Id", ())
    return next(
        (found for _ in range(20) if (found := users.candidates(client, NUMBER, ("100",), removing=False)) is not None),
        None,
    )


def test_a_list_that_is_read_ahead_is_served(client: XapiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    [row] = read_ahead(client, monkeypatch, lambda _: None)
    assert row["Number"] == "100"


def test_rows_read_during_a_write_are_dropped(client: XapiClient, monkeypatch: pytest.MonkeyPatch) -> None:
    def write(_: list[Any]) -> None:
        knowledge.known_through(client).writes.note("Users")

    assert read_ahead(client, monkeypatch, write) is None


def test_a_list_with_more_or_fewer_rows_than_counted_is_not_served(
    client: XapiClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Somebody is changing it, or a page is truncated: what it lacks would pass for what does not exist."""
    for change in (lambda rows: rows.pop(), lambda rows: rows.append(dict(rows[0])), lambda rows: rows.clear()):
        knowledge.forget(client)
        with monkeypatch.context() as patch:
            assert read_ahead(client, patch, change) is None


def test_a_hidden_department_is_known_by_its_number_alone() -> None:
    assert is_hidden({"Number": "FGRP100"})
    assert is_hidden({"Name": "___FAVORITES___100"})
    assert not is_hidden({"Number": "GRP100", "Name": "FAVORITES"})


def test_a_hidden_membership_goes_back_without_control_information() -> None:
    groups = tuple(prop for prop in description("queue").properties if prop.name == "Groups")
    hidden = {"GroupId": 27, "Number": "FGRP100", "@odata.etag": "x", "Rights@odata.type": "y"}
    answered = {"Groups": [{"GroupId": 2, "Number": "GRP2"}, hidden]}
    row = taken_out(groups, answered, {"Groups": [{"GroupId": "Sales"}, {"GroupId": "27"}]})
    assert row["Groups"] == [{"GroupId": "Sales"}]
    sent = put_back({"Groups": [{"GroupId": "Sales"}]}, {"Groups": [{"GroupId": 2}]}, row)
    assert sent == {"Groups": [{"GroupId": 2}, {"GroupId": 27, "Number": "FGRP100"}]}


def test_hidden_memberships_of_a_template_are_sent_with_a_new_object() -> None:
    groups = tuple(prop for prop in description("queue").properties if prop.name == "Groups")
    hidden = {"GroupId": 27, "Number": "FGRP100"}
    body = taken_out(groups, {"Groups": [hidden]}, {"Groups": [{"GroupId": "27"}]})
    assert body["Groups"] == []
    assert put_back(body, body, {}) == {"Groups": [hidden]}


def test_a_reference_to_a_deleted_object_that_is_removed_needs_no_warning(pbx: SimulatedPbx, task: Task) -> None:
    group = pbx.entities("RingGroups")[0]
    member = group["Members"][0]["Number"]
    options = {"number": group["Number"], "members": [{"number": member}]}
    pbx.fail("/Peers$", 200, times=None, method="GET", body={"value": []})
    kept = task("ring_group", **options, lists="add")
    assert any(f"there is no number {member}" in warning for warning in kept.warnings)
    removed = task("ring_group", **options, lists="remove")
    assert removed["changed"]
    assert removed.warnings == []


def test_a_call_that_is_redirected_keeps_the_type_of_its_destination(pbx: SimulatedPbx, task: Task) -> None:
    assert task("queue", number="800", forward_no_answer={"to": "VoiceMail", "number": "101"})["changed"]
    pbx.clear_log()
    assert task("queue", number="800", forward_no_answer={"number": "102"})["changed"]
    assert b'"To":"VoiceMail"' in pbx.writes[0].body.replace(b" ", b"")
    [queue] = [row for row in pbx.entities("Queues") if row["Number"] == "800"]
    assert (queue["ForwardNoAnswer"]["To"], queue["ForwardNoAnswer"]["Number"]) == ("VoiceMail", "102")


def test_a_read_only_value_of_an_older_result_does_not_keep_an_object(pbx: SimulatedPbx, task: Task) -> None:
    """A result may say that the user's phone is registered; it need not be so any more."""
    assert task("user", number="177", first_name="Ada")["changed"]
    assert "not as the task says: first_name" in task("user", number="177", first_name="Eva", state="absent").msg
    assert task("user", number="177", first_name="Ada", is_registered=True, state="absent")["changed"]


def test_null_clears_what_a_template_says(pbx: SimulatedPbx, task: Task) -> None:
    task("trunk", number="10077", template="provider.pv.xml", direction=None)
    [post] = [write for write in pbx.writes if write.method == "POST"]
    assert b'"Direction":null' in post.body.replace(b" ", b"")
    assert b'"EnableInboundCalls":true' in post.body.replace(b" ", b""), "the rest of the template stays"


def test_null_clears_what_the_pbx_has_filled_in(pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch) -> None:
    create = EntitySet.create

    def filling(self: EntitySet, *args: Any) -> Any:
        made = create(self, *args)
        pbx.put("OutboundRules", {"Id": made["Id"], "Prefix": "9"})
        return made

    monkeypatch.setattr(EntitySet, "create", filling)
    assert task("outbound_rule", name="Abroad", prefix=None)["changed"]
    assert [write.method for write in pbx.writes] == ["POST", "PATCH"]
    [rule] = [row for row in pbx.entities("OutboundRules") if row["Name"] == "Abroad"]
    assert not rule["Prefix"]
