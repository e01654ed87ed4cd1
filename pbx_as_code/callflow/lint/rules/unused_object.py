"""Objects to which nothing leads."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.groups import Distributor
from pbx_as_code.callflow.model.lines import InboundRule


@rule(
    "unused-object",
    Level.NOTE,
    "Nothing leads to an object",
    why="Only people who know its number reach it; perhaps it is left over.",
    fix="Send calls to it, or remove it.",
)
def check(context: Context) -> Iterator[Found]:
    """Queues, ring groups and menus to which no rule, key or forwarding leads, and rules of no trunk."""
    for node in context.objects():
        if isinstance(node, Distributor):
            others = [edge for edge in context.graph.edges_to(node.ref) if edge.source != node.ref]
            if not any(edge.counts is not False for edge in others):
                yield Found(node.ref, "Nothing leads to it.")
        elif isinstance(node, InboundRule) and not context.graph.edges_to(node.ref):
            yield Found(node.ref, "It belongs to no trunk.")
