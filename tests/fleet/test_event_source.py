"""The event source threecx.xapi.events: each entry of the logs once, whatever ends in between."""

from __future__ import annotations

import asyncio
import json
import stat
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

from ansible_collection.extensions.eda.plugins.event_source.events import SourceError, main
from pbx_as_code.events import Cursor, CursorError
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx


def write(pbx: SimulatedPbx, number: int, minute: int, **facts: Any) -> None:
    """Add an entry to the event log."""
    time = f"2026-02-01T10:{minute:02}:00Z"
    pbx.put("EventLogs", {"Id": number, "EventId": 4100, "Message": f"Entry {number}", "TimeGenerated": time, **facts})


class Source:
    """The source, run until it has emitted so many events, or asked the PBX so many times."""

    def __init__(self, pbx: SimulatedPbx, scratch: Path) -> None:
        self.pbx = pbx
        self.arguments: dict[str, Any] = {
            "host": pbx.url, "client_id": pbx.client_id, "client_secret": pbx.client_secret, "interval": 0.01,
            "state_dir": str(scratch / "state"), "logs": ["event_log"],
        }  # fmt: skip

    def run(self, count: int, *, rounds: int = 2, handle: Callable[[dict[str, Any]], None] | None = None) -> list[Any]:
        """The events; the source ends after the last one, or after so many further rounds without one."""
        return asyncio.run(self._run(count, rounds, handle))

    def _asked(self) -> int:
        """The number of requests for a log."""
        return sum(request.path.endswith(("EventLogs", "GetAuditLogData()")) for request in self.pbx.requests)

    async def _run(self, count: int, rounds: int, handle: Callable[[dict[str, Any]], None] | None) -> list[Any]:
        queue: asyncio.Queue[Any] = asyncio.Queue()
        running = asyncio.create_task(main(queue, self.arguments))
        found: list[Any] = []
        asked = self._asked()
        while not running.done():
            with suppress(asyncio.TimeoutError):
                event = await asyncio.wait_for(queue.get(), 0.02)
                if handle:
                    handle(event)
                found.append(event)
                asked = self._asked()
                if len(found) == count:
                    count = -1  # none may follow
            if self._asked() >= asked + rounds + len(self.arguments["logs"]):
                break
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return found


@pytest.fixture
def source(pbx: SimulatedPbx, tmp_path: Path) -> Source:
    return Source(pbx, tmp_path)


def ids(events: list[Any]) -> list[int]:
    return [event["id"] for event in events]


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_each_entry_once_over_restarts(pbx_factory: Callable[..., SimulatedPbx], tmp_path: Path, traits: Any) -> None:
    pbx = pbx_factory(traits=traits)
    source = Source(pbx, tmp_path)
    assert source.run(0) == [], "those that exist are not news"
    write(pbx, 101, 1)
    write(pbx, 102, 1)
    assert ids(source.run(2)) == [101, 102]
    assert source.run(0) == []
    write(pbx, 104, 3)
    assert ids(source.run(1)) == [104]
    write(pbx, 103, 2)  # the PBX was late with it
    write(pbx, 105, 20)
    assert ids(source.run(2)) == [103, 105]
    for row in pbx.entities("EventLogs"):
        pbx.remove("EventLogs", row["Id"])
    write(pbx, 101, 21)  # somebody has purged the log, and its ids begin again
    assert ids(source.run(1)) == [101]
    assert source.run(0) == []


def test_an_event_that_was_not_taken_comes_again(source: Source, pbx: SimulatedPbx) -> None:
    source.run(0)
    for number in range(101, 104):
        write(pbx, number, number - 100)

    class Killed(BaseException):
        pass

    taken: list[int] = []

    def handle(event: dict[str, Any]) -> None:
        if len(taken) == 2:
            raise Killed
        taken.append(event["id"])

    with pytest.raises(Killed):
        source.run(3, handle=handle)
    assert taken == [101, 102]
    assert ids(source.run(1))[-1] == 103, "nothing is lost"


def test_from_the_beginning_with_both_logs_and_without_credentials(source: Source, pbx: SimulatedPbx) -> None:
    source.arguments |= {"logs": ["event_log", "audit_log"], "from_beginning": True}
    events = source.run(-1, rounds=6)
    logs = {log: [event for event in events if event["log"] == log] for log in ("event_log", "audit_log")}
    assert len(logs["event_log"]) == len(pbx.entities("EventLogs"))
    assert logs["audit_log"]
    assert {event["pbx"] for event in events} == {pbx.url}
    times = [event["time"] for event in logs["event_log"]]
    assert times == sorted(times)
    assert "invented" not in str(events), "the data of changes, in which the company of the simulator has passwords"
    assert pbx.client_secret not in str(events)
    [state] = Path(source.arguments["state_dir"]).glob("*.json")
    assert stat.S_IMODE(state.stat().st_mode) == 0o600
    assert pbx.client_secret not in state.read_text()


def test_a_pbx_that_is_away_for_a_while(source: Source, pbx: SimulatedPbx) -> None:
    source.run(0)
    seen: list[str] = []

    def handle(event: dict[str, Any]) -> None:
        seen.append(event.get("state") or event["message"])
        if event.get("state") == "away":
            write(pbx, 101, 1)
            pbx.come_back()

    pbx.go_away()
    source.run(3, handle=handle)
    assert seen == ["away", "back", "Entry 101"]


def test_the_rule_engine_may_confirm_each_event(source: Source, pbx: SimulatedPbx) -> None:
    source.run(0)
    write(pbx, 101, 1)
    write(pbx, 102, 2)

    async def unconfirmed() -> list[Any]:
        queue, confirmed = asyncio.Queue[Any](), asyncio.Queue[Any](1)
        arguments = {**source.arguments, "feedback": True, "eda_feedback_queue": confirmed}
        running = asyncio.create_task(main(queue, arguments))
        events = [await queue.get()]
        await confirmed.put(events[0])
        events.append(await queue.get())
        running.cancel()
        with suppress(asyncio.CancelledError):
            await running
        return events

    assert ids(asyncio.run(unconfirmed())) == [101, 102]
    assert ids(source.run(1)) == [102], "it was not confirmed"


@pytest.mark.parametrize(
    ("arguments", "why"),
    [
        ({"period": 3}, "has no option period"),
        ({"interval": "often"}, "interval is a number"),
        ({"logs": ["events"]}, "no log events"),
        ({"client_secret": ""}, "needs client_secret"),
        ({"host": "http://a/b"}, "without a path"),
        ({"fleet": "/nowhere/fleet.yml"}, "cannot be read"),
    ],
)
def test_wrong_options_are_one_sentence(source: Source, arguments: dict[str, Any], why: str) -> None:
    with pytest.raises(SourceError, match=why) as failure:
        asyncio.run(main(asyncio.Queue(), {**source.arguments, **arguments}))
    assert source.pbx.client_secret not in str(failure.value)


def test_one_position_for_one_source(source: Source, tmp_path: Path) -> None:
    source.run(0)
    [state] = (tmp_path / "state").glob("*.json")
    with Cursor(state).locked(), pytest.raises(SourceError, match="Another program uses"):
        asyncio.run(main(asyncio.Queue(), source.arguments))
    state.write_text(json.dumps({"logs": {"event_log": 3}}))
    with pytest.raises(CursorError, match="no position in logs"):
        Cursor(state)
