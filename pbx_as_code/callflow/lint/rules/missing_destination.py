"""Destinations and members that do not exist."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.nodes import Missing
from pbx_as_code.callflow.model.refs import Kind


@rule(
    "missing-destination",
    Level.ERROR,
    "A destination does not exist",
    why="The PBX ends the call, or plays a message that nobody has recorded for it.",
    fix="Name an existing number, or declare the object.",
)
def check(context: Context) -> Iterator[Found]:
    """Every way to a number that no object has, once for each object."""
    seen = set()
    for edge in context.graph.edges:
        if edge.target.kind is not Kind.MISSING or edge.counts is False or (edge.source, edge.target) in seen:
            continue
        seen.add((edge.source, edge.target))
        node = context.graph.node(edge.target)
        known = context.graph.live or (isinstance(node, Missing) and node.certain)
        named = f"number {edge.target.key} does not exist" if edge.target.key else "it names no number"
        level = None if known or not edge.target.key else Level.WARNING
        doubt = "" if level is None else " in these files"
        yield Found(edge.source, f"{edge.title}: {named}{doubt}.", edge.path, level)
