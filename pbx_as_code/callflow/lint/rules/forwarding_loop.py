"""Forwarding in a circle."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.loops import circles, told, ways
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.refs import Kind

_SILENT = frozenset({When.AWAY, When.BUSY, When.NOT_REGISTERED, When.CLOSED, When.HOLIDAY, When.BREAK, When.EXCEPTION})
_RINGING = _SILENT | {When.NO_ANSWER, When.TIMEOUT}


@rule(
    "forwarding-loop",
    Level.ERROR,
    "Calls are forwarded in a circle",
    why="A circle in which nothing rings never ends by itself; one that rings annoys everybody in it.",
    fix="Let one of the objects send its calls to a mailbox, or end them.",
)
def check(context: Context) -> Iterator[Found]:
    """Circles in which nothing rings are errors; circles in which something rings are warnings."""
    known: set[frozenset[object]] = set()
    for wanted, level, said in (
        (_SILENT, Level.ERROR, "Nothing rings in this circle"),
        (_RINGING, Level.WARNING, "Calls that nobody answers go round"),
    ):
        out = ways(context.graph, lambda edge, when=wanted: edge.when in when and not _stays(edge))  # type: ignore[misc]
        for circle in circles(out):
            places = frozenset(edge.source for edge in circle)
            if any(places <= one or one <= places for one in known) or _only_menus(circle):
                continue
            known.add(places)
            yield Found(circle[0].source, f"{said}: {told(circle)}.", circle[0].path, level)


def _stays(edge: Edge) -> bool:
    return edge.source == edge.target and edge.when is When.TIMEOUT


def _only_menus(circle: list[Edge]) -> bool:
    return all(edge.source.kind is Kind.RECEPTIONIST for edge in circle)
