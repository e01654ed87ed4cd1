"""Starts and times of traces, as people write them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timezone
from difflib import get_close_matches
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

from pbx_as_code.callflow.hours.moments import after_gap, instants
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.trace.matching import bare
from pbx_as_code.config.time_zones import is_zone
from pbx_as_code.errors import BadOption

KINDS: Final = {
    "did": Kind.DID,
    "trunk": Kind.TRUNK,
    "rule": Kind.INBOUND_RULE,
    "department": Kind.DEPARTMENT,
    "user": Kind.USER,
    "extension": Kind.USER,
    "queue": Kind.QUEUE,
    "ring_group": Kind.RING_GROUP,
    "receptionist": Kind.RECEPTIONIST,
    "menu": Kind.RECEPTIONIST,
    "fax": Kind.FAX,
    "parking": Kind.PARKING,
    "app": Kind.CALL_FLOW_APP,
    "voicemail": Kind.VOICEMAIL,
}
"""Kinds of starts by the words for them."""
_EXAMPLE: Final = "2026-12-25 18:00"


def start_of(graph: CallGraph, words: Sequence[str]) -> Ref:
    """The place that people mean by a number, or by a kind and a number or name.

    Parameters:
        graph: of the place
        words: such as ["+15550100"], ["queue", "800"], ["department", "Sales"]

    Raises:
        BadOption: there is no such place
    """
    kind = KINDS.get(words[0].lower().replace("-", "_")) if len(words) > 1 else None
    named = " ".join(words if kind is None else words[1:])
    if kind is None:
        return _any(graph, named)
    if kind is Kind.VOICEMAIL and graph.by_number(named):
        return Ref(kind, named)
    if kind is Kind.DID:
        found = _did(graph, named)
        if found is not None:
            return found
    for ref, node in graph.nodes.items():
        if ref.kind is kind and named in (ref.key, node.name):
            return ref
    known = [ref.key for ref in graph.nodes if ref.kind is kind]
    raise BadOption(f"There is no {words[0]} {named}.{_near(named, known)}")


def _did(graph: CallGraph, number: str) -> Ref | None:
    wanted = bare(number)
    return next((ref for ref in graph.nodes if ref.kind is Kind.DID and bare(ref.key) == wanted), None)


def _any(graph: CallGraph, named: str) -> Ref:
    found = _did(graph, named) or graph.by_number(named)
    if found is not None:
        return found
    for kind in (Kind.DEPARTMENT, Kind.TRUNK):
        if Ref(kind, named) in graph.nodes:
            return Ref(kind, named)
    known = [*(did.key for did in graph.entries), *(ref.key for ref in graph.nodes)]
    raise BadOption(f"There is no DID and no object {named}.{_near(named, known)}")


def _near(named: str, known: Sequence[str]) -> str:
    each = list(dict.fromkeys(known))  # a DID is an entry and a node
    near = get_close_matches(named, each, n=3, cutoff=0.5) or each[:3]
    more = f" and {len(each) - len(near)} more" if len(each) > len(near) else ""
    return f" There are: {', '.join(near)}{more}." if near else ""


class Moment(NamedTuple):
    """A time to trace, and a note about it."""

    at: datetime
    note: str
    floating: bool = False
    """Whether no time zone is known, so that it is the local time of each department."""


def zone_of(graph: CallGraph) -> str | None:
    """The time zone of times without one, and of times that are shown: of the PBX, else of the default department."""
    if graph.settings.zone is not None:
        return graph.settings.zone
    default = graph.nodes.get(graph.default_department) if graph.default_department else None
    return default.zone if isinstance(default, Department) else None


def shown(graph: CallGraph, moment: datetime) -> datetime:
    """A moment by the clock of the PBX, see `zone_of`; as it is if no zone is known.

    Parameters:
        graph: of the PBX
        moment: with a zone
    """
    zone = zone_of(graph)
    return moment.astimezone(ZoneInfo(zone)) if zone else moment


def moments(graph: CallGraph, given: str | None) -> tuple[Moment, ...]:
    """The times that people mean: one, or two in the hour that comes twice.

    Parameters:
        graph: the clock of its PBX counts for times without a zone
        given: such as "2026-12-25 18:00", alone, with an offset, or with the name of a zone; None: now

    Raises:
        BadOption: there is no such time or no such zone
    """
    utc = timezone.utc  # noqa: UP017 for Python 3.10
    if given is None or given == "now":
        return (Moment(shown(graph, datetime.now(utc).replace(microsecond=0)), ""),)
    local, zone = _read(given)
    where = zone or zone_of(graph)
    if local.tzinfo is not None:
        return (Moment(local.astimezone(ZoneInfo(where)) if where else local, ""),)
    if where is None:
        return (
            Moment(local.replace(tzinfo=utc), "no time zone is known: local time of each department", floating=True),
        )
    found = instants(local, where)
    if not found:
        later = after_gap(local, where)
        note = f"{local:%H:%M} does not exist on {local:%Y-%m-%d} in {where}: the clocks go forward"
        return (Moment(later, f"{note} to {later:%H:%M}"),)
    if len(found) == 1:
        return (Moment(found[0], ""),)
    return tuple(
        Moment(one, f"{local:%H:%M} comes twice on {local:%Y-%m-%d} in {where}: UTC{one:%z}") for one in found
    )  # fmt: skip


def _read(given: str) -> tuple[datetime, str | None]:
    """A time as it is written, and the name of its zone if it has one."""
    text, _, zone = given.strip().rpartition(" ")
    if text and zone[:1].isalpha():
        if not is_zone(zone):
            raise BadOption(f"{given}: there is no time zone {zone}. Write a name such as Europe/Berlin, or an offset.")
    elif text and zone[:1] in ("+", "-"):
        text, zone = text + zone, ""
    else:
        text, zone = given.strip(), ""
    try:
        local = datetime.fromisoformat(text)
    except ValueError:
        raise BadOption(f"{given} is no time. Write: {_EXAMPLE}") from None
    if zone and local.tzinfo is not None:
        raise BadOption(f"{given} has an offset and a zone. Leave one of them out: {_EXAMPLE}")
    return local, zone or None
