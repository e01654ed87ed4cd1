"""Calls that go elsewhere after a change: every entry number at every time that makes a difference."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime

from pbx_as_code.callflow.expectations.recording import relevant_moments
from pbx_as_code.callflow.expectations.walking import Way, ending, ways
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.tracing import trace

_HIDDEN = frozenset({Kind.DID, Kind.TRUNK, Kind.INBOUND_RULE})


@dataclass(frozen=True)
class Rerouted:
    """One entry number whose calls go elsewhere.

    Attributes:
        number: the DID
        at: first of the times at which this is so
        before: places that its calls passed if nobody answered; empty if there was no such number
        after: places that they pass now; empty if there is no such number any more
    """

    number: str
    at: datetime
    before: tuple[str, ...]
    after: tuple[str, ...]


def rerouted(before: CallGraph, after: CallGraph, start: datetime) -> list[Rerouted]:
    """Entry numbers whose calls go elsewhere, each difference once.

    Parameters:
        before: graph before the change
        after: graph after it
        start: first of the times, with a zone
    """
    moments = sorted({*relevant_moments(before, start), *relevant_moments(after, start)})
    numbers = dict.fromkeys(did.key for graph in (before, after) for did in graph.entries)
    return [one for number in numbers for one in _of_number(before, after, number, moments)]


def _of_number(before: CallGraph, after: CallGraph, number: str, moments: list[datetime]) -> Iterator[Rerouted]:
    seen = set()
    for moment in moments:
        old, new = _passed(before, number, moment), _passed(after, number, moment)
        if old != new and (old, new) not in seen:
            seen.add((old, new))
            yield Rerouted(number, moment, old, new)


def _passed(graph: CallGraph, number: str, moment: datetime) -> tuple[str, ...]:
    ref = Ref(Kind.DID, number)
    if ref not in graph.nodes:
        return ()
    found = ways(trace(graph, Call(ref, moment, ignore_state=True)).root)
    return _told(found[0]) if found else ()


def _told(way: Way) -> tuple[str, ...]:
    places = dict.fromkeys(str(ref) for ref, _ in way.places if ref.kind not in _HIDDEN)
    return (*places, f"({ending(way.end)})")
