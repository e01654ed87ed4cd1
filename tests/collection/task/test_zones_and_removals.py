"""Lines of the engine that could be changed without any test noticing: moments without a zone, what was just removed,
what is forgotten.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from datetime import datetime, timezone
from typing import Any

import httpx
import pytest
from threecx_xapi import XapiClient

from pbx_as_code.description import EntityDescription, Key, Property, Reference
from pbx_as_code.engine.compare.compare import Declaration
from pbx_as_code.engine.compare.values import canonical, instant, to_wire
from pbx_as_code.engine.connection import connection_of
from pbx_as_code.engine.find.knowledge import known_through
from pbx_as_code.engine.find.lookup import conditions, matches
from pbx_as_code.engine.find.references import References
from pbx_as_code.engine.task import EntityTask
from pbx_as_code.engine.write.change import change
from pbx_as_code.errors import PbxError
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

UTC = timezone.utc  # noqa: UP017 (as in the engine)


@pytest.fixture(params=["America/New_York", "Asia/Kolkata", "UTC"])
def _zone(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """The machine's time zone is that of the controller, and says nothing about the PBX."""
    monkeypatch.setenv("TZ", request.param)
    time.tzset()
    yield
    monkeypatch.undo()
    time.tzset()


@pytest.mark.usefixtures("_zone")
def test_a_moment_without_a_zone_is_in_utc_wherever_the_controller_is() -> None:
    for text in ("2026-07-31T08:00:00", "2026-01-31 08:00", "2026-01-31T08:00:00.0000000"):
        moment = instant(text)
        assert (moment.hour, moment.utcoffset()) == (8, UTC.utcoffset(None)), text
    assert instant("2026-01-31T08:00:00-05:00") == datetime(2026, 1, 31, 13, tzinfo=UTC)
    assert canonical("datetime", "2026-01-31T08:00:00") == canonical("datetime", "2026-01-31T08:00:00Z")
    # Sent values and filters contain the time zone.
    assert to_wire(Property("At", "at", "datetime"), "2026-01-31 08:00", "at") == "2026-01-31T08:00:00Z"
    key = Key("At", "at", "datetime")
    description = EntityDescription(
        name="thing", plural="things", label="thing", entity_set="Things", key=key, properties=()
    )
    assert conditions(description, {"at": "2026-01-31T08:00:00"}) == "At eq 2026-01-31T08:00:00Z"
    assert matches(key, "2026-01-31T08:00:00", {"At": "2026-01-31T03:00:00-05:00"})


class Vanishing:
    """An entity that is gone once it was written."""

    def __init__(self) -> None:
        self.written: list[dict[str, Any]] = []

    def read(self, wanted: dict[str, Any]) -> dict[str, Any] | None:
        return None if self.written else {"Id": 1, "Name": "old"}

    def write(self, row: dict[str, Any], changes: dict[str, Any], etag: str | None, what: str) -> None:
        self.written.append(changes)

    def look_up(self, changes: dict[str, Any], row: dict[str, Any]) -> None:
        """It refers to nothing."""

    def locked(self, row: dict[str, Any], what: str) -> AbstractContextManager[bool]:
        return nullcontext(False)


def test_what_is_removed_right_after_the_write_was_changed() -> None:
    """A handler that is notified of changes must run: the PBX is not as it was."""
    description = EntityDescription(
        name="thing",
        plural="things",
        label="thing",
        entity_set="Things",
        key=Key("Id", "id", "int"),
        properties=(Property("Id", "id", "int", read_only=True), Property("Name", "name")),
        can_update=True,
    )
    declared = Declaration(description.properties, {"Name": "new"})
    with XapiClient("https://pbx.example.com", access_token="invented") as client:  # invented
        task = EntityTask(description, {}, {}, client, connection_of(client, 300.0))
    task.references = References(task)
    with pytest.raises(PbxError) as caught:
        change(task, Vanishing(), {"Id": 1, "Name": "old"}, declared)
    assert caught.value.result("https://pbx.example.com")["changed"] is True
    assert "somebody else removed it right afterwards" in caught.value.msg


def test_a_write_makes_known_names_of_its_set_and_of_numbers_unknown() -> None:
    """For every client of the PBX, and of no other."""

    def of(entity_set: str) -> Reference:
        return Reference(label="thing", entity_set=entity_set, stores="Id", names=("Name",))

    def known(client: XapiClient) -> dict[str, bool]:
        return {
            name: bool(known_through(client).directory(of(name)).named("one"))
            for name in ("Users", "Peers", "Groups", "Trunks")
        }

    def read(request: httpx.Request) -> httpx.Response:
        return httpx.Response(200, json={"value": [{"Id": 1, "Name": "one"}], "@odata.count": 1})

    hosts = ("https://pbx.example.com", "https://pbx.example.com", "https://b.example.com")
    clients = [XapiClient(host, access_token="invented", transport=httpx.MockTransport(read)) for host in hosts]
    try:
        for entity_set, dropped in (("Users", {"Users", "Peers"}), ("Groups", {"Groups", "Peers"}), ("Fax", {"Peers"})):
            for client in clients:
                for name in known(client):
                    known_through(client).directory(of(name)).read()
                assert all(known(client).values())
            under_way = known_through(clients[1]).directory(of("Peers"))
            known_through(clients[0]).writes.note(entity_set)
            for client in clients[:2]:
                assert {name for name, still in known(client).items() if not still} == dropped
            assert all(known(clients[2]).values())
            assert under_way.named("one"), "a task keeps what it has resolved with"
    finally:
        for client in clients:
            client.close()


def test_a_number_that_was_removed_in_a_loop_is_not_taken_for_one(
    pbx: SimulatedPbx, task_on: Callable[..., Task]
) -> None:
    task = task_on(pbx)
    assert task("user", number="188", first_name="Passing")["changed"]
    members = [{"number": "188"}]
    assert task("ring_group", number=pbx.entities("RingGroups")[0]["Number"], members=members, lists="add")["changed"]
    assert task("user", number="188", state="absent")["changed"]
    queue = pbx.entities("Queues")[0]["Number"]
    assert "there is no number 188" in task("queue", number=queue, agents=members, lists="add").msg
