"""Histories that a PBX must not be asked for as a whole.

Such a query times out, and has taken down the database of live systems so that nobody could sign in. So a narrow window
of days is required, in the form that every build answers: `date(SegmentStartTime) ge 2026-09-01`. A comparison with a
point in time is answered with an empty 500.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from datetime import date, timedelta
from typing import Any

from pbx_as_code.engine.report.failures import refused

#: The time of each row, by entity set.
HISTORIES = {
    "CallHistoryView": "SegmentStartTime",
    "ChatHistoryView": "TimeSent",
    "ChatMessagesHistoryView": "TimeSent",
}
LOGS = frozenset({
    *HISTORIES, "EventLogs", "Recordings", "ReportAgentLoginHistory", "ReportAuditLog", "ReportCallLogData",
    "ReportChatLog",
})  # fmt: skip
"""First step of the paths of logs, which grow with every call. They are never counted, and read in part by default."""
MOST_OF_LOG = 1000
"""Rows of a log that are read where a task does not say how many."""
LONGEST_WINDOW = 31
"""Days."""
_DAY = re.compile(r"\d{4}-\d\d-\d\d")
_ALTERNATIVE = (
    "For more than that, GetCallLogData of threecx_operation is the query that the PBX's own reports use; it takes "
    "periodFrom, periodTo and $top."
)


def history_options(entity_set: str) -> dict[str, dict[str, Any]]:
    """The options of the window of days, as AnsibleModule takes them; none for a list that needs no window."""
    return (
        {"start_date": {"type": "str", "required": True}, "end_date": {"type": "str"}}
        if entity_set in HISTORIES
        else {}
    )


def window_condition(entity_set: str, options: Mapping[str, Any]) -> str | None:
    """The $filter for the window of days a task gives; None for a list that needs no window.

    Parameters:
        entity_set: of the list
        options: the options of the task

    Raises:
        PbxError: the window is no window, or too long; or the filter of the task compares points in time
    """
    name = HISTORIES.get(entity_set)
    if name is None:
        return None
    start = _day("start_date", options["start_date"])
    end = start if options.get("end_date") is None else _day("end_date", options["end_date"])
    if end < start:
        raise refused("end_date", f"{end} is before start_date, {start}.")
    if end - start >= timedelta(days=LONGEST_WINDOW):
        raise refused(
            "end_date",
            f"{start} to {end} is longer than {LONGEST_WINDOW} days; such a query can take down the database of a PBX. "
            f"Read it in several tasks. {_ALTERNATIVE}",
        )
    _refuse_points_in_time("filter", name, str(options.get("filter") or ""))
    return f"date({name}) ge {start} and date({name}) le {end}"


def check_operation(path: str, parameters: Mapping[str, str]) -> None:
    """Refuse to call an operation that reads a history without a narrow window of days.

    Parameters:
        path: of the operation, with its first slash
        parameters: of its query

    Raises:
        PbxError: it would read too much
    """
    name = HISTORIES.get(re.split(r"[/(]", path[1:], maxsplit=1)[0])
    if name is None:
        return
    condition = parameters.get("$filter", "")
    _refuse_points_in_time("parameters", name, condition)
    days = {word: _days(name, word, condition) for word in ("ge", "gt", "le", "lt", "eq")}
    starts, ends = days["ge"] + days["gt"] + days["eq"], days["le"] + days["lt"] + days["eq"]
    example = f"date({name}) ge 2026-09-01 and date({name}) le 2026-09-07"
    wider = re.search(r"\b(?:or|not)\b", condition, re.IGNORECASE)
    if not starts or not ends or wider or max(ends) - max(starts) > timedelta(LONGEST_WINDOW):
        raise refused(
            "parameters",
            f"reading {path[1:].partition('/')[0]} needs a $filter with a window of at most {LONGEST_WINDOW} days "
            f"without or and not, such as {example}; a wider query can take down the database of a PBX. {_ALTERNATIVE}",
        )
    if parameters.get("$count") == "true":
        raise refused(
            "parameters", "$count makes the PBX read the whole history; leave it out and count the rows returned."
        )


def is_log(path: str) -> bool:
    """Whether an operation reads what grows with every call.

    Parameters:
        path: of the operation, with its first slash
    """
    return re.split(r"[/(]", path[1:], maxsplit=1)[0] in LOGS


def _days(name: str, word: str, condition: str) -> list[date]:
    found = re.findall(rf"\bdate\(\s*{name}\s*\)\s+{word}\s+(\d{{4}}-\d\d-\d\d)(?![\dT])", condition)
    return [_day("parameters", day) for day in found]


def _day(option: str, value: Any) -> date:
    try:
        if not _DAY.fullmatch(str(value)):
            raise ValueError
        return date.fromisoformat(str(value))
    except ValueError:
        raise refused(option, f"{value} is not a date; write it as 2026-09-01, in quotes.") from None


def _refuse_points_in_time(option: str, name: str, condition: str) -> None:
    if re.search(rf"(?<![\w(/]){name}\s+(?:eq|ne|ge|gt|le|lt)\b", condition):
        raise refused(
            option,
            f"the PBX fails on a comparison of {name} with a point in time; compare its day: date({name}) eq "
            "2026-09-01. year(), month() and hour() work too.",
        )
