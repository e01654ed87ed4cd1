"""The edges that leave a place, by its kind."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final

from pbx_as_code.callflow.build.targets import destination_edges, forward_target, mailbox_ref, object_ref
from pbx_as_code.callflow.build.user_edges import user_edges
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.destinations import PROCEED, Destination, Routes
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.groups import Queue, Receptionist, RingGroup
from pbx_as_code.callflow.model.lines import Did, InboundRule, OutboundRule, Trunk
from pbx_as_code.callflow.model.nodes import Path
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.services import CallFlowApp, Parking
from pbx_as_code.callflow.model.users import User

_MATCHES: Final = {
    "BasedOnCallerID": (When.MATCHES_CALLER, ("I2", "I3")),
    "BasedOnDID": (When.MATCHES_DID, ("I2", "I3")),
}


def derive(graph: CallGraph, ref: Ref) -> tuple[Edge, ...]:
    """Every edge that leaves a place, in the order in which it is declared."""
    node = graph.nodes[ref]
    maker = _MAKERS.get(type(node))
    return tuple(maker(graph, node)) if maker else ()


def _did(graph: CallGraph, node: Did) -> Iterator[Edge]:
    for trunk in node.trunks:
        yield Edge(node.ref, trunk, When.ARRIVES, ("I1",))


def _trunk(graph: CallGraph, node: Trunk) -> Iterator[Edge]:
    for position, rule_ref in enumerate(node.rules):
        rule = graph.nodes[rule_ref]
        condition = rule.condition if isinstance(rule, InboundRule) else None
        data = rule.data if isinstance(rule, InboundRule) else None
        when, rules = _MATCHES.get(condition or "", (When.NO_OTHER_RULE, ("I4",)))
        yield Edge(node.ref, rule_ref, when, rules, key=data, position=position)


def _inbound_rule(graph: CallGraph, node: InboundRule) -> Iterator[Edge]:
    yield from destination_edges(
        graph, node.ref, node.open, When.OPEN, ("I5",), ("office_hours_destination",)
    )  # fmt: skip
    yield from destination_edges(
        graph, node.ref, node.closed, When.CLOSED, ("I5",), ("out_of_office_hours_destination",),
        counts=node.closed_enabled,
    )  # fmt: skip
    yield from destination_edges(
        graph, node.ref, node.holiday, When.HOLIDAY, ("I5",), ("holidays_destination",), counts=node.holiday_enabled
    )


def _routes(graph: CallGraph, source: Ref, routes: Routes, rules: tuple[str, ...]) -> Iterator[Edge]:
    declared = (
        (routes.office, When.OPEN, "office_route"),
        (routes.closed, When.CLOSED, "out_of_office_route"),
        (routes.on_break, When.BREAK, "break_route"),
        (routes.holiday, When.HOLIDAY, "holidays_route"),
    )
    for route, when, option in declared:
        if route is not None:
            yield from destination_edges(graph, source, route.destination, when, rules, (option, "route"))


def _department(graph: CallGraph, node: Department) -> Iterator[Edge]:
    yield from _routes(graph, node.ref, node.routes, ("D11",))
    yield from destination_edges(
        graph, node.ref, node.custom_operator, When.OPERATOR, ("D10",), ("custom_operator",)
    )  # fmt: skip


def _queue(graph: CallGraph, node: Queue) -> Iterator[Edge]:
    yield from _routes(graph, node.ref, node.routes, ("Q1",))
    for position, agent in enumerate(node.agents):
        target = object_ref(graph, agent.number)
        yield Edge(
            node.ref, target, When.ANSWER, ("Q4", "Q5"), ("agents", position), position=position, key=agent.skill_group
        )
    yield from destination_edges(
        graph, node.ref, node.no_answer, When.NO_ANSWER, ("Q4",), ("forward_no_answer",),
        seconds=node.master_timeout, waits=True,
    )  # fmt: skip


def _ring_group(graph: CallGraph, node: RingGroup) -> Iterator[Edge]:
    yield from _routes(graph, node.ref, node.routes, ("R1", "Q1"))
    for position, number in enumerate(node.members):
        target = object_ref(graph, number)
        yield Edge(node.ref, target, When.ANSWER, ("R1",), ("members", position), position=position)
    if node.strategy != "Paging":
        yield from destination_edges(
            graph, node.ref, node.no_answer, When.NO_ANSWER, ("R1",), ("forward_no_answer",),
            seconds=node.ring_time, waits=True,
        )  # fmt: skip


def _receptionist(graph: CallGraph, node: Receptionist) -> Iterator[Edge]:
    yield from _routes(graph, node.ref, node.routes, ("V1", "Q1"))
    for position, forward in enumerate(node.forwards):
        target = forward_target(graph, forward, node.ref)
        yield Edge(node.ref, target, When.KEY, ("V1",), ("forwards", position), key=forward.key, position=position)
    if node.timeout_forward.type is not None:
        target = forward_target(graph, node.timeout_forward, node.ref)
        yield Edge(
            node.ref, target, When.TIMEOUT, ("V2",), ("timeout_forward_type",), seconds=node.timeout, waits=True
        )
    if node.invalid_key_number is not None:
        target = object_ref(graph, node.invalid_key_number)
        yield Edge(node.ref, target, When.INVALID_KEY, ("V3",), ("invalid_key_forward_dn",))


def _call_flow_app(graph: CallGraph, node: CallFlowApp) -> Iterator[Edge]:
    for number in node.script_numbers or ():
        yield Edge(node.ref, object_ref(graph, number), When.SCRIPT, ("X1",), counts=None)


def _parking(graph: CallGraph, node: Parking) -> Iterator[Edge]:
    settings = graph.settings.parking
    if settings is None or settings.type is None or settings.enabled is False:
        return
    if settings.type in ("DN", "RoutePoint"):
        target = object_ref(graph, settings.number)
    elif settings.type == "ExtensionVoiceMail":
        target = mailbox_ref(graph, settings.number)
    elif settings.type == "ExternalNumber" and settings.external:
        target = Ref(Kind.EXTERNAL, settings.external)
    else:
        target = Ref(Kind.UNKNOWN, "")
    yield Edge(node.ref, target, When.PARKED_TOO_LONG, ("X2",), seconds=settings.timeout, waits=True)


def _outbound_rule(graph: CallGraph, node: OutboundRule) -> Iterator[Edge]:
    for position, route in enumerate(node.routes):
        if route.trunk is not None:
            to = route.trunk if route.trunk in graph.nodes else Ref(Kind.MISSING, route.trunk.key)
            yield Edge(node.ref, to, When.ROUTE, ("O6",), ("routes", position), position=position)


_MAKERS: Final[Mapping[type, Callable[[CallGraph, Any], Iterator[Edge]]]] = {
    Did: _did,
    Trunk: _trunk,
    InboundRule: _inbound_rule,
    Department: _department,
    Queue: _queue,
    RingGroup: _ring_group,
    Receptionist: _receptionist,
    User: user_edges,
    CallFlowApp: _call_flow_app,
    Parking: _parking,
    OutboundRule: _outbound_rule,
}
