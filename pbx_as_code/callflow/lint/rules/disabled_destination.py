"""Destinations and members that are disabled."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.edges import When
from pbx_as_code.callflow.model.services import CallFlowApp
from pbx_as_code.callflow.model.users import User


@rule(
    "disabled-destination",
    Level.ERROR,
    "A destination is disabled",
    why="Calls to a disabled user, or to a call flow app that does not run, reach nobody.",
    fix="Enable the destination, or send the calls elsewhere.",
)
def check(context: Context) -> Iterator[Found]:
    """Every way to a disabled object, once for each pair. Members of a group that has others are a warning."""
    seen = set()
    for edge in context.graph.edges:
        target = context.graph.nodes.get(edge.target)
        off = (isinstance(target, User) and target.enabled is False) or (
            isinstance(target, CallFlowApp) and target.invalid is True
        )
        if target is None or not off or edge.counts is False or (edge.source, edge.target) in seen:
            continue
        seen.add((edge.source, edge.target))
        level = Level.WARNING if edge.when is When.ANSWER else None
        yield Found(edge.source, f"{edge.title}: {target.title} is disabled.", edge.path, level)
