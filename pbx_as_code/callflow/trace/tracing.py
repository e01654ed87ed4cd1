"""Traces of calls: from a DID, from any object, or to an outside number."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final

from pbx_as_code.callflow.hours.state import State, standing
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.groups import Queue, Receptionist, RingGroup
from pbx_as_code.callflow.model.lines import Did, InboundRule, Trunk
from pbx_as_code.callflow.model.nodes import End as EndNode
from pbx_as_code.callflow.model.nodes import External, Missing, Node, SystemExtension, Unknown, Voicemail
from pbx_as_code.callflow.model.refs import Kind
from pbx_as_code.callflow.model.services import CallFlowApp, Fax, Parking
from pbx_as_code.callflow.model.users import User
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace import outbound
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.depth import deep
from pbx_as_code.callflow.trace.distribution import queue, ring_group
from pbx_as_code.callflow.trace.inbound import did, inbound_rule, trunk
from pbx_as_code.callflow.trace.menus import receptionist
from pbx_as_code.callflow.trace.people import user, voicemail
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, Ending, Path, Step, paths, walk
from pbx_as_code.callflow.trace.walker import Reading, Visitor, Walker
from pbx_as_code.errors import BadOption

LONG_RINGING: Final = 120
"""Seconds of ringing after which providers often end a call (L3)."""


@dataclass(frozen=True)
class Trace:
    """The path of one call, as a tree."""

    call: Call
    root: Step

    @cached_property
    def paths(self) -> tuple[Path, ...]:
        """Every way through it, at most a thousand."""
        with deep():
            return tuple(paths(self.root))

    @cached_property
    def warnings(self) -> tuple[str, ...]:
        """Loops, dead ends, and calls that ring too long."""
        found: dict[str, None] = {}
        for path in self.paths:
            end = path.end
            if end.ending is Ending.LOOP:
                found[f"{'error' if end.silent else 'warning'}: {end.text}"] = None
            elif end.ending is Ending.DEAD_END:
                found[f"error: {path.steps[-1].title}: {end.text}"] = None
            if path.elapsed.low > LONG_RINGING:
                text = f"warning: callers wait {path.elapsed} on the way to {path.steps[-1].title}; providers may end"
                found[f"{text} such calls [L3]"] = None
        return tuple(found)

    def steps(self) -> tuple[Step, ...]:
        """Every step, parents first."""
        return tuple(walk(self.root))


def trace(graph: CallGraph, call: Call) -> Trace:
    """Trace one call.

    Parameters:
        graph: of the PBX
        call: its start may be a DID or any object

    Raises:
        BadOption: there is no such place
    """
    if call.start not in graph.nodes and call.start.kind is not Kind.VOICEMAIL:
        raise BadOption(f"There is no {call.start}.")
    with deep():
        return Trace(call, Walker(graph, call, _VISITORS).visit(call.start, Elapsed()))


def trace_out(graph: CallGraph, call: Call, number: str) -> Trace:
    """Trace one call from an extension to a number.

    Parameters:
        graph: of the PBX
        call: its start is the user who dials
        number: as dialled

    Raises:
        BadOption: the start is no user
    """
    source = graph.nodes.get(call.start)
    if not isinstance(source, User):
        raise BadOption(f"There is no user {call.start.key}. Name the extension that dials.")
    with deep():
        return Trace(call, outbound.dial(Walker(graph, call, _VISITORS), source, number, Elapsed()))


def _department(walker: Walker, node: Department, elapsed: Elapsed) -> Step:
    """A call that is addressed to a department itself (D11)."""
    rule = Reason("D11", "the routes of a department are for calls addressed to it", assumed=True)
    states = {
        State.OPEN: node.routes.office,
        State.CLOSED: node.routes.closed,
        State.BREAK: node.routes.on_break,
        State.HOLIDAY: node.routes.holiday,
    }
    moment = walker.moment(elapsed)
    main = standing(walker.graph, node, moment, ignore_state=walker.call.ignore_state)
    readings = []
    for one in main.others if main.state is State.UNKNOWN else (main, *main.others):
        route = states.get(one.state)
        destination = node.custom_operator if one.state is State.OPERATOR else route.destination if route else None

        def make(one: Any = one, destination: Any = destination) -> Step:
            after = walker.follow(node, destination, elapsed, f"calls while {one.state}")
            return walker.step(node, str(one.state), elapsed, (*one.reasons, rule), branches=(Branch("", "", after),))

        readings.append(Reading(one.reasons, make))
    return walker.decide(node.ref, elapsed, readings)


def _app(walker: Walker, node: CallFlowApp, elapsed: Elapsed) -> Step:
    if node.invalid:
        reason = Reason("X1", "the script is invalid, does not compile or does not run, as exported")
        if not walker.call.ignore_state:
            return walker.ends(node.ref, Ending.DEAD_END, "ends here: the script does not work", elapsed, (reason,))
    named = f"; it names {', '.join(node.script_numbers)}" if node.script_numbers else ""
    reason = Reason("X1", f"the script decides when it runs{named}")
    return walker.ends(node.ref, Ending.SCRIPT, f"unknown: a script decides{named}", elapsed, (reason,))


def _service(what: str) -> Visitor:
    def end(walker: Walker, node: Node, elapsed: Elapsed) -> Step:
        return walker.ends(node.ref, Ending.SERVICE, what, elapsed, (Reason("X2", f"{what} takes the call"),))

    return end


def _ended(walker: Walker, node: Node, elapsed: Elapsed) -> Step:
    return walker.ends(node.ref, Ending.ENDED, "the call ends", elapsed)


def _nowhere(walker: Walker, node: Node, elapsed: Elapsed) -> Step:
    certain = getattr(node, "certain", False)
    if node.kind is Kind.MISSING and certain:
        reason = Reason("L2", "the PBX then ends the call or plays a message", assumed=True)
        return walker.ends(
            node.ref, Ending.DEAD_END, f"ends here: number {node.key} does not exist", elapsed, (reason,)
        )  # fmt: skip
    text = f"unknown: {node.ref} is not declared" if node.key else "unknown destination"
    return walker.ends(node.ref, Ending.UNKNOWN, text, elapsed, (Reason("T4", text),))


def _outside(walker: Walker, node: External, elapsed: Elapsed) -> Step:
    return walker.ends(node.ref, Ending.OUTSIDE, f"outside number {node.number}", elapsed)


_VISITORS: Final[dict[type, Visitor]] = {
    Did: did,
    Trunk: trunk,
    InboundRule: inbound_rule,
    Department: _department,
    User: user,
    Queue: queue,
    RingGroup: ring_group,
    Receptionist: receptionist,
    CallFlowApp: _app,
    Fax: _service("fax"),
    Parking: _service("parking place"),
    SystemExtension: _service("system extension"),
    Voicemail: voicemail,
    External: _outside,
    EndNode: _ended,
    Missing: _nowhere,
    Unknown: _nowhere,
}
