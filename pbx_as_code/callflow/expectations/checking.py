"""Check expectations against a call graph."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import Enum

from pbx_as_code.callflow.expectations.model import Expectation
from pbx_as_code.callflow.expectations.walking import Way, ending, ways
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.trace.calls import Call, assumptions
from pbx_as_code.callflow.trace.matching import bare
from pbx_as_code.callflow.trace.starts import moments, start_of
from pbx_as_code.callflow.trace.steps import Ending
from pbx_as_code.callflow.trace.tracing import Trace, trace, trace_out
from pbx_as_code.errors import BadOption

_ENDINGS = frozenset(str(one) for one in Ending)


class State(Enum):
    """Result of an expectation."""

    FULFILLED = "ok"
    FAILED = "failed"
    UNCERTAIN = "uncertain"
    """The most likely reading of the rules fulfils it, another one does not."""
    WRONG = "error"
    """It names something that is not there."""

    @property
    def passes(self) -> bool:
        """Whether the expectation is fulfilled."""
        return self is State.FULFILLED


@dataclass(frozen=True)
class Outcome:
    """One expectation with its result.

    Attributes:
        expectation: that was checked
        state: of it
        why: reason, in one sentence; empty if it is fulfilled
        trace: of the call that failed
    """

    expectation: Expectation
    state: State
    why: str = ""
    trace: Trace | None = None


def check(graph: CallGraph, expectations: Iterable[Expectation]) -> list[Outcome]:
    """Check every expectation.

    Parameters:
        graph: of the configuration
        expectations: to check
    """
    return [_checked(graph, one) for one in expectations]


def _checked(graph: CallGraph, one: Expectation) -> Outcome:
    try:
        given = assumptions(graph, one.assume)
        start = Ref(Kind.USER, one.extension or "") if one.dial else start_of(graph, (one.call or "").split(" ", 1))
        wanted = [_place(graph, text) for text in one.expect]
        avoided = [_place(graph, text) for text in one.avoid]
        doubts = []
        for moment in moments(graph, one.at):
            call = Call(start, moment.at, one.caller, one.extension, given)
            made = trace_out(graph, call, one.dial) if one.dial else trace(graph, call)
            for way in ways(made.root, one.take):
                why = _unlike(one, way, wanted, avoided, made)
                if why and way.uncertain:
                    doubts.append(Outcome(one, State.UNCERTAIN, why, made))
                elif why:
                    return Outcome(one, State.FAILED, why, made)
    except BadOption as error:
        return Outcome(one, State.WRONG, str(error))
    if doubts and not one.uncertain:
        return doubts[0]
    return Outcome(one, State.FULFILLED)


Wanted = Ref | str
"""A place, or a word for how the call ends."""


def _place(graph: CallGraph, text: str) -> Wanted:
    """The place that a text means; outside numbers need not exist."""
    if text in _ENDINGS:
        return text
    kind, _, rest = text.partition(" ")
    if kind in ("external", "outside") and rest:
        return Ref(Kind.EXTERNAL, rest)
    return start_of(graph, text.split(" ", 1))


def _unlike(one: Expectation, way: Way, wanted: Sequence[Wanted], avoided: Sequence[Wanted], made: Trace) -> str:
    """Why a way does not fulfil an expectation; empty if it does."""
    if way.left:
        return f"Nothing on the way depends on: {way.left[0]}. {_told(way)}."
    for place in avoided:
        if _at(way, place, 0) is not None:
            return f"It passes {_named(place)}: {_told(way)}."
    position = 0
    for place in wanted:
        found = _at(way, place, position)
        if found is None:
            return f"It does not come to {_named(place)}: {_told(way)}."
        position = found + 1
    if one.within is not None and wanted:
        arrived = way.places[min(position, len(way.places)) - 1][1]
        if arrived.unknown:
            return f"When it comes to {_named(wanted[-1])} is not known: a time on the way is not declared."
        if arrived.high > one.within:
            return f"It comes to {_named(wanted[-1])} after {arrived}, not within {one.within} s."
    if one.caller_id is not None and not _shows(made, one.caller_id):
        return f"It does not show the caller id {one.caller_id}."
    return ""


def _at(way: Way, place: Wanted, begin: int) -> int | None:
    if isinstance(place, str):
        return len(way.places) - 1 if ending(way.end) == place else None
    for position in range(begin, len(way.places)):
        ref = way.places[position][0]
        if ref == place or (ref.kind is place.kind is Kind.EXTERNAL and bare(ref.key) == bare(place.key)):
            return position
    return None


def _shows(made: Trace, number: str) -> bool:
    return any(path.end.text.endswith(f"caller id {number}") for path in made.paths)


def _named(place: Wanted) -> str:
    return place if isinstance(place, str) else str(place)


def _told(way: Way) -> str:
    steps = dict.fromkeys(str(ref) for ref, _ in way.places)
    return f"{' -> '.join(steps)} ({ending(way.end)})"
