"""Histories are read by a narrow window of days: a wider query has taken down the databases of live systems."""

from __future__ import annotations

from typing import Any
from urllib.parse import parse_qs

import pytest
from threecx_xapi import index

from pbx_as_code.description import EntityDescription
from pbx_as_code.engine.options.history import HISTORIES, is_log
from pbx_as_code.entities import NAMES, description
from pbx_simulator import SimulatedPbx
from tests.collection.tasks import Task

MODULES = {
    "call_history_segment_info": "CallHistoryView",
    "chat_history_message_info": "ChatHistoryView",
    "chat_message_info": "ChatMessagesHistoryView",
}
PERIOD = {"start_date": "2026-01-01", "end_date": "2026-01-31"}


def queries(pbx: SimulatedPbx, entity_set: str) -> list[dict[str, list[str]]]:
    return [parse_qs(request.query) for request in pbx.requests if request.path.startswith(f"/xapi/v1/{entity_set}")]


@pytest.mark.parametrize("module", MODULES)
def test_a_window_of_days_is_asked_for_and_nothing_is_counted(pbx: SimulatedPbx, task: Task, module: str) -> None:
    entity_set = MODULES[module]
    assert "start_date" in task(module).msg
    assert queries(pbx, entity_set) == []
    result = task(module, **PERIOD, limit=0)
    assert not result.data.get("failed"), result.data
    name = HISTORIES[entity_set]
    found = queries(pbx, entity_set)
    assert found
    for query in found:
        assert query["$filter"] == [f"(date({name}) ge 2026-01-01 and date({name}) le 2026-01-31)"]
        assert "$count" not in query
        assert int(query["$top"][0]) <= 100
    pbx.clear_log()
    task(module, start_date="2026-01-05", filter="IsExternal eq true or 1 eq 1") if "chat" in module else task(
        module, start_date="2026-01-05", filter="CallAnswered eq true or CallAnswered eq false"
    )
    [condition] = queries(pbx, entity_set)[0]["$filter"]
    assert condition.startswith(f"(date({name}) ge 2026-01-05 and date({name}) le 2026-01-05) and (")


def test_only_the_rows_of_the_window_are_returned(pbx: SimulatedPbx, task: Task) -> None:
    day = {row["SegmentStartTime"][:10] for row in pbx.entities("CallHistoryView")}
    for one in day:
        rows = task("call_history_segment_info", start_date=one).data["call_history_segments"]
        assert {row["segment_start_time"][:10] for row in rows} == {one}
    assert task("call_history_segment_info", start_date="1999-01-01").data["call_history_segments"] == []


WRONG: list[tuple[dict[str, Any], str]] = [
    ({"start_date": "05.01.2026"}, "start_date: 05.01.2026 is not a date"),
    ({"start_date": "2026-02-31"}, "start_date: 2026-02-31 is not a date"),
    ({"start_date": "2026-01-05", "end_date": "2026-01-04"}, "end_date: 2026-01-04 is before start_date"),
    ({"start_date": "2026-01-01", "end_date": "2026-02-01"}, "longer than 31 days"),
    (
        {"start_date": "2026-01-01", "filter": "SegmentStartTime ge 2026-01-01T00:00:00Z"},
        "date(SegmentStartTime) eq 2026-09-01",
    ),
]


@pytest.mark.parametrize(("options", "message"), WRONG)
def test_what_would_hurt_is_refused(pbx: SimulatedPbx, task: Task, options: dict[str, Any], message: str) -> None:
    failed = task("call_history_segment_info", **options)
    assert message in failed.msg
    assert "Nothing was sent" in failed.msg
    assert queries(pbx, "CallHistoryView") == []


REFUSED: list[tuple[str, dict[str, Any]]] = [
    ("ListCallHistoryView", {}),
    ("ListCallHistoryView", {"$filter": "SrcDn eq '300'"}),
    ("ListCallHistoryView", {"$filter": "SegmentStartTime ge 2026-01-01T00:00:00Z"}),
    ("ListCallHistoryView", {"$filter": "date(SegmentStartTime) ge 2026-01-01"}),
    (
        "ListCallHistoryView",
        {"$filter": "date(SegmentStartTime) ge 2026-01-01 and date(SegmentStartTime) le 2026-12-31"},
    ),
    ("ListCallHistoryView", {"$filter": "date(SegmentStartTime) eq 2026-01-01 or SegmentId gt 0"}),
    ("ListCallHistoryView", {"$filter": "date(SegmentStartTime) eq 2026-01-01 OR SegmentId gt 0"}),
    ("ListCallHistoryView", {"$filter": "not (date(SegmentStartTime) eq 2026-01-01)"}),
    ("ListCallHistoryView", {"$filter": "date(SegmentStartTime) eq 2026-01-01", "$count": True}),
    ("ListChatHistoryView", {"$top": 10}),
    ("ListChatMessagesHistoryView", {"$filter": "date(SegmentStartTime) eq 2026-01-01"}),
    ("DownloadCallHistory", {}),
]


@pytest.mark.parametrize(("operation", "parameters"), REFUSED)
def test_an_operation_is_refused_too(
    pbx: SimulatedPbx, task: Task, operation: str, parameters: dict[str, Any], tmp_path: Any
) -> None:
    more = {"dest": str(tmp_path / "file")} if operation.startswith("Download") else {}
    failed = task("operation", operation=operation, parameters=parameters, **more)
    assert "parameters: " in failed.msg, failed.data
    assert "date(" in failed.msg or "$count" in failed.msg
    assert pbx.requests == []


def test_an_operation_with_a_window_is_called(pbx: SimulatedPbx, task: Task) -> None:
    condition = "date(SegmentStartTime) ge 2026-01-01 and date(SegmentStartTime) le 2026-01-31"
    done = task("operation", operation="ListCallHistoryView", parameters={"$filter": condition})
    assert not done.data.get("failed"), done.data
    assert all("$count" not in query for query in queries(pbx, "CallHistoryView"))


def test_an_operation_reads_no_whole_log_and_counts_none(pbx: SimulatedPbx, task: Task) -> None:
    for number in range(1100):
        pbx.put("EventLogs", {"Id": 5000 + number, "Message": "x"})
    logs = [
        described.id
        for operation in index.operation_ids()
        if (described := index.describe(operation)).pages and is_log(described.path)
    ]
    assert {"ListEventLog", "ListRecording", "GetAuditLogData", "GetCallLogData", "GetChatLog"} <= set(logs)
    pbx.clear_log()
    done = task("operation", operation="ListEventLog")
    assert len(done["result"]) == 1000
    assert "There may be more rows than the 1000 that are returned" in done.warnings[0]
    assert not any("count" in request.query for request in pbx.requests)
    asked = task("operation", operation="ListEventLog", parameters={"$top": 1050})
    assert len(asked["result"]) == 1050
    assert asked.warnings == []
    assert task("operation", operation="GetAuditLogData").warnings == []


def test_an_info_module_of_a_log_counts_nothing(pbx: SimulatedPbx, task: Task) -> None:
    modules = {
        name
        for name in NAMES
        if isinstance(about := description(name), EntityDescription)
        and is_log(f"/{about.listed_by or about.entity_set}")
    }
    assert {"event_log", "recording", "audit_log", "call_history_segment"} <= modules
    for number in range(150):
        pbx.put("EventLogs", {"Id": 5000 + number, "Message": "x"})
    pbx.clear_log()
    for name in modules:
        window = PERIOD if f"{name}_info" in MODULES else {}
        assert not task(f"{name}_info", **window).data.get("failed"), name
    assert len(task("event_log_info", limit=0)["event_logs"]) > 150
    assert not any("count" in request.query for request in pbx.requests)
