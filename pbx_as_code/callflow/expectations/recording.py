"""Record expectations: where the calls of every entry number go today, at every time that makes a difference."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta
from typing import Any

from pbx_as_code.callflow.expectations.walking import Way, ending, ways
from pbx_as_code.callflow.hours.moments import changes
from pbx_as_code.callflow.hours.state import State, standing
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.lines import Did
from pbx_as_code.callflow.model.refs import Kind
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.starts import shown
from pbx_as_code.callflow.trace.tracing import trace
from pbx_as_code.config.exporting.emitter import emit

_DAYS = 400
_MINUTE = timedelta(minutes=1)
_PASSED = frozenset(
    {
        Kind.QUEUE,
        Kind.RING_GROUP,
        Kind.RECEPTIONIST,
        Kind.USER,
        Kind.VOICEMAIL,
        Kind.EXTERNAL,
        Kind.FAX,
        Kind.CALL_FLOW_APP,
    }
)
_HEAD = "# Where calls go, as recorded by threecx test --record. Change what you do not want; threecx test checks it.\n"


def relevant_moments(graph: CallGraph, start: datetime) -> list[datetime]:
    """Times that make a difference: the first one in 400 days of each combination of states of the departments.

    Parameters:
        graph: of the departments
        start: with a zone; it is the first of the times
    """
    departments = list(graph.of(Department))
    found = {start}
    end = start + timedelta(days=_DAYS)
    for department in departments:
        found.update(moment + _MINUTE for moment in changes(graph, department, start, end, ignore_state=True))
    first: dict[tuple[State, ...], datetime] = {}
    for moment in sorted(found):
        states = tuple(standing(graph, one, moment, ignore_state=True).state for one in departments)
        first.setdefault(states, moment)
    return list(first.values())


def recorded(graph: CallGraph, start: datetime) -> str:
    """The content of calls.yml for today's configuration: each entry number, and each way its calls can go.

    Parameters:
        graph: of the configuration
        start: with a zone, such as the present
    """
    times = relevant_moments(graph, start)
    calls = [one for did in graph.entries for one in _of_number(graph, did, times)]
    return _HEAD + emit({"calls": calls})


def _of_number(graph: CallGraph, did: Did, times: Iterable[datetime]) -> Iterator[dict[str, Any]]:
    seen: set[tuple[Any, ...]] = set()
    for moment in times:
        local = shown(graph, moment)
        way = ways(trace(graph, Call(did.ref, moment, ignore_state=True)).root)[:1]
        if not way:
            continue
        passed = _passed(way[0])
        if passed in seen:
            continue
        seen.add(passed)
        yield {
            "name": f"{did.key}, {local:%A %Y-%m-%d %H:%M}",
            "call": did.key,
            "at": local.isoformat(sep=" ", timespec="minutes"),
            "expect": list(passed),
            "uncertain": True,
        }


def _passed(way: Way) -> tuple[str, ...]:
    places = dict.fromkeys(str(ref) for ref, _ in way.places if ref.kind in _PASSED)
    said = [one.replace("voicemail of", "voicemail").replace("external number", "external") for one in places]
    said = [one.replace("digital receptionist", "menu").replace("ring group", "ring_group") for one in said]
    said = [one.replace("call flow app", "app") for one in said]
    last = way.places[-1][0] if way.places else None
    if last is not None and last.kind in _PASSED:
        return tuple(said)
    return (*said, ending(way.end))
