"""Forwarding to outside numbers that no outbound rule admits."""

from __future__ import annotations

from collections.abc import Iterator

from pbx_as_code.callflow.lint.context import Context
from pbx_as_code.callflow.lint.findings import Level
from pbx_as_code.callflow.lint.registry import Found, rule
from pbx_as_code.callflow.model.edges import Edge
from pbx_as_code.callflow.model.lines import OutboundRule
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import User
from pbx_as_code.callflow.trace.outbound import rewritten_number, rule_matches


@rule(
    "refused-forward",
    Level.ERROR,
    "A forwarded call is refused",
    why="The PBX has no way out for this number, so that callers are cut off where they were to be forwarded.",
    fix="Let an outbound rule admit the number for the object that forwards, or forward to another place.",
)
def check(context: Context) -> Iterator[Found]:
    """Ways to outside numbers, each object and number once; what the provider forwards (Deflect) needs no rule."""
    graph = context.graph
    rules = [one for one in graph.of(OutboundRule) if not one.emergency]
    if not rules and "outbound_rule" not in graph.complete and not graph.live:
        return
    seen: set[tuple[Ref, Ref]] = set()
    for edge in graph.edges:
        if edge.target.kind is not Kind.EXTERNAL or edge.counts is False or (edge.source, edge.target) in seen:
            continue
        if edge.destination is not None and edge.destination.to == "Deflect":
            continue
        seen.add((edge.source, edge.target))
        if graph.settings.forward_outside is False:
            yield Found(edge.source, _said(edge, "forwarding to outside numbers is switched off"), edge.path)
        elif not _admitted(context, rules, edge):
            yield Found(edge.source, _said(edge, f"no outbound rule admits {edge.target.key}"), edge.path)


def _said(edge: Edge, why: str) -> str:
    return f"{edge.title}: {why}."


def _admitted(context: Context, rules: list[OutboundRule], edge: Edge) -> bool:
    graph = context.graph
    number, _ = rewritten_number(graph.settings.e164, edge.target.key)
    source = graph.nodes[edge.source]
    departments = graph.departments_of(edge.source).departments
    if isinstance(source, User):
        departments = (*departments, *source.departments)
    return any(
        rule_matches(one, number, source, departments) and any(route.trunk is not None for route in one.routes)
        for one in rules
    )
