"""Edges that are live at a time: what the slider of the page shows."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, timedelta

from pbx_as_code.callflow.hours.moments import changes
from pbx_as_code.callflow.hours.state import State, standing
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.destinations import PROCEED
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.groups import Distributor
from pbx_as_code.callflow.model.lines import InboundRule
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.trace.starts import shown, zone_of

States = Mapping[Ref, State]
_OF_STATE = {State.OPEN: When.OPEN, State.CLOSED: When.CLOSED, State.HOLIDAY: When.HOLIDAY, State.BREAK: When.BREAK}
_MOST_MOMENTS = 200


def moments(graph: CallGraph, start: datetime, days: int = 14) -> list[datetime]:
    """The start, and every moment after it at which a department opens, closes, or begins or ends a break or holiday.

    Parameters:
        graph: of the departments
        start: with a zone
        days: to look ahead
    """
    end = start + timedelta(days=days)
    found = {start}
    for department in graph.of(Department):
        found.update(changes(graph, department, start, end))
    return sorted(found)[:_MOST_MOMENTS]


def states(graph: CallGraph, moment: datetime) -> States:
    """State of every department at a moment.

    Parameters:
        graph: of the departments
        moment: with a zone
    """
    return {department.ref: standing(graph, department, moment).state for department in graph.of(Department)}


def wall_clock(graph: CallGraph, moment: datetime) -> str:
    """The moment by the clock of the PBX, for people.

    Parameters:
        graph: of the PBX
        moment: with a zone
    """
    zone = zone_of(graph)
    return f"{shown(graph, moment):%a %Y-%m-%d %H:%M} {zone or moment.tzname() or ''}".rstrip()


def deciding(graph: CallGraph, edge: Edge) -> tuple[Ref, frozenset[State]] | None:
    """The department that decides about an edge, and its states with which the edge is live; None: it is always live.

    Parameters:
        graph: of the edge
        edge: of an inbound rule, or of an object with hours
    """
    node = graph.nodes.get(edge.source)
    if isinstance(node, InboundRule):
        if node.hours is not None and node.hours.type not in (None, "AllHours", "OfficeHours"):
            return None  # the hours of the rule decide, and no department
        arrives = next((one.target for one in graph.edges_from(edge.source) if one.when is When.OPEN), None)
        if arrives is not None and arrives.kind is Kind.VOICEMAIL:
            arrives = graph.by_number(arrives.key) or arrives
        department = _department(graph, arrives) if arrives in graph.nodes else graph.default_department
        return None if department is None else (department, _of_rule(node, edge))
    if isinstance(node, Distributor):
        department = _department(graph, edge.source)
        return None if department is None else (department, _of_object(node, edge))
    return None


def _of_rule(rule: InboundRule, edge: Edge) -> frozenset[State]:
    if edge.when is When.CLOSED:
        return frozenset({State.CLOSED} if rule.holiday_enabled else {State.CLOSED, State.HOLIDAY})
    if edge.when is When.HOLIDAY:
        return frozenset({State.HOLIDAY})
    open_ = {State.OPEN, State.BREAK}
    if not rule.closed_enabled:
        open_ |= {State.CLOSED} if rule.holiday_enabled else {State.CLOSED, State.HOLIDAY}
    return frozenset(open_)


def _of_object(node: Distributor, edge: Edge) -> frozenset[State]:
    routes = {State.CLOSED: node.routes.closed, State.BREAK: node.routes.on_break, State.HOLIDAY: node.routes.holiday}
    of_edge = next((state for state, when in _OF_STATE.items() if when is edge.when), None)
    if of_edge is not None and of_edge is not State.OPEN:
        return frozenset({of_edge})
    stays = {
        state
        for state, route in routes.items()
        if route is None or route.destination is None or route.destination.to == PROCEED
    }
    return frozenset({State.OPEN, *stays})


def _department(graph: CallGraph, ref: Ref | None) -> Ref | None:
    departments = graph.departments_of(ref).departments if ref is not None else ()
    return departments[0] if len(departments) == 1 else None


def live(graph: CallGraph, edge: Edge, at: States) -> bool | None:
    """Whether an edge is live in some states of departments; None if nothing about it depends on them.

    Parameters:
        graph: of the edge
        edge: to look at
        at: states of the departments
    """
    decided = deciding(graph, edge)
    if decided is None or edge.counts is False:
        return None if edge.counts is not False else False
    state = at.get(decided[0])
    return None if state is State.UNKNOWN else state in decided[1]
