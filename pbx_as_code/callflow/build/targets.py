"""Places that destinations lead to."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

from pbx_as_code.callflow.model.destinations import PROCEED, Destination
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.groups import Forward
from pbx_as_code.callflow.model.nodes import Path
from pbx_as_code.callflow.model.refs import END, UNKNOWN, Kind, Ref

OBJECTS: Final = frozenset({"Extension", "Queue", "RingGroup", "IVR", "Fax", "RoutePoint"})
"""Values of `to` that name an object by its number."""
OUTSIDE: Final = frozenset({"External", "Boomerang", "Deflect"})
"""Values of `to` that name a telephone number."""


def object_ref(graph: CallGraph, number: str | None) -> Ref:
    """The object with a number; a missing one if there is none."""
    if not number:
        return Ref(Kind.MISSING, "")
    return graph.by_number(number) or Ref(Kind.MISSING, number)


def mailbox_ref(graph: CallGraph, number: str | None) -> Ref:
    """The mailbox of an object; a missing number if there is no such object."""
    found = object_ref(graph, number)
    return found if found.kind is Kind.MISSING else Ref(Kind.VOICEMAIL, found.key)


def target_of(graph: CallGraph, destination: Destination, subject: Ref) -> Ref:
    """The place a destination leads to.

    Parameters:
        graph: of the destination
        destination: with `to`
        subject: object that declares it: `ProceedWithNoExceptions` stays there
    """
    to = destination.to
    if to == "None" or to == "VoiceMailOfDestination":
        return END
    if to in OBJECTS:
        return object_ref(graph, destination.number)
    if to == "VoiceMail":
        own = None if subject.kind is Kind.INBOUND_RULE else subject.key
        return mailbox_ref(graph, destination.number or own)
    if to in OUTSIDE:
        return Ref(Kind.EXTERNAL, destination.external) if destination.external else Ref(Kind.MISSING, "")
    if to == PROCEED:
        return subject
    return UNKNOWN


def forward_target(graph: CallGraph, forward: Forward, subject: Ref) -> Ref:
    """The place a digital receptionist's action leads to; `subject` if it repeats its prompt."""
    if forward.type == "EndCall":
        return END
    if forward.type == "RepeatPrompt":
        return subject
    if forward.type == "VoiceMail":
        return mailbox_ref(graph, forward.number)
    if forward.type in ("Extension", "Queue", "RingGroup", "IVR"):
        return object_ref(graph, forward.number)
    return UNKNOWN


def destination_edges(
    graph: CallGraph, source: Ref, destination: Destination | None, when: When, rules: tuple[str, ...], path: Path,
    **more: Any,
) -> Iterator[Edge]:  # fmt: skip
    """The edges of a destination: none if it stays in its object, two if it may fall back to a mailbox."""
    if destination is None or destination.to == PROCEED:
        return
    target = target_of(graph, destination, source)
    yield Edge(source, target, when, (*rules, "DEST"), path, destination, **more)
    if destination.to == "Boomerang":
        back = mailbox_ref(graph, destination.number)
        yield Edge(source, back, When.FALLBACK, (*rules, "DEST"), path, destination, **more)
