"""Calls that overflow into a department that is closed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from typing import Final

from pbx_as_code.callflow.hours.moments import changes
from pbx_as_code.callflow.hours.state import State, standing
from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.destinations import PROCEED
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.groups import Distributor
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.trace.starts import shown, zone_of

_OVERFLOWS: Final = frozenset({When.NO_ANSWER, When.TIMEOUT, When.KEY})
_WEEK: Final = timedelta(days=7)


@rule(
    "closed-overflow",
    Level.WARNING,
    "Calls overflow into a department that is closed",
    why="At every hop the hours of the department count where the call arrives, so the overflow reaches nobody then.",
    fix="Give both departments the same hours, or let the closed route of the target proceed.",
)
def check(context: Context) -> Iterator[Found]:
    """Overflows to a queue, ring group or menu of another department that is closed while the own one is open."""
    graph = context.graph
    day = datetime(context.today.year, context.today.month, context.today.day, tzinfo=UTC)

    @cache
    def clash(one: Ref, other: Ref) -> datetime | None:
        here, there = graph.nodes[one], graph.nodes[other]
        if not (isinstance(here, Department) and isinstance(there, Department)):
            return None
        moments = {day}
        for department in (here, there):
            moments.update(changes(graph, department, day, day + _WEEK, ignore_state=True))
        for moment in sorted(moments):
            states = [standing(graph, one, moment, ignore_state=True).state for one in (here, there)]
            if states == [State.OPEN, State.CLOSED]:
                return moment
        return None

    for edge in graph.edges:
        target = graph.nodes.get(edge.target)
        if edge.when not in _OVERFLOWS or not isinstance(target, Distributor) or _proceeds(target):
            continue
        moment = _first(context, edge, clash)
        if moment is not None:
            named = graph.departments_of(edge.target).departments[0].key
            said = f"{edge.title}: {target.title} belongs to {named}, which is closed while this is open"
            yield Found(
                edge.source,
                f"{said}, such as on {shown(graph, moment):%A at %H:%M} {zone_of(graph) or 'UTC'}.",
                edge.path,
            )


def _first(context: Context, edge: Edge, clash: object) -> datetime | None:
    here = context.graph.departments_of(edge.source).departments
    there = context.graph.departments_of(edge.target).departments
    if len(here) != 1 or len(there) != 1 or here == there:
        return None
    return clash(here[0], there[0])  # type: ignore[operator, no-any-return]


def _proceeds(target: Distributor) -> bool:
    closed = target.routes.closed
    return closed is not None and closed.destination is not None and closed.destination.to == PROCEED
