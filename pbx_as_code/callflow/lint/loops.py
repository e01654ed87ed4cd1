"""Circles in the call flow: parts of the graph in which every place leads to every other one."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping

from pbx_as_code.callflow.model.edges import Edge
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.refs import Ref

Ways = Mapping[Ref, list[Edge]]


def ways(graph: CallGraph, wanted: Callable[[Edge], bool]) -> Ways:
    """The edges that are wanted and lead to objects, by their source.

    Parameters:
        graph: to look at
        wanted: whether an edge counts
    """
    found: dict[Ref, list[Edge]] = {}
    for edge in graph.edges:
        if edge.counts is not False and edge.target in graph.nodes and wanted(edge):
            found.setdefault(edge.source, []).append(edge)
    return found


def circles(out: Ways) -> Iterator[list[Edge]]:
    """One circle of each strongly connected part, as its edges in order.

    Parameters:
        out: edges by source
    """
    for part in _parts(out):
        start = min(part)
        yield _shortest(out, start, part)


def _shortest(out: Ways, start: Ref, part: frozenset[Ref]) -> list[Edge]:
    """The shortest way from a place back to it, within a part."""
    came: dict[Ref, Edge] = {}
    waiting = [start]
    for here in waiting:
        for edge in out.get(here, ()):
            if edge.target == start:
                way = [edge]
                while way[0].source != start:
                    way.insert(0, came[way[0].source])
                return way
            if edge.target in part and edge.target not in came:
                came[edge.target] = edge
                waiting.append(edge.target)
    return []


def _parts(out: Ways) -> Iterable[frozenset[Ref]]:
    """Strongly connected parts with a circle: Tarjan's algorithm without recursion."""
    index: dict[Ref, int] = {}
    low: dict[Ref, int] = {}
    stack: list[Ref] = []
    on_stack: set[Ref] = set()
    for root in out:
        if root in index:
            continue
        work: list[tuple[Ref, Iterator[Edge]]] = [(root, iter(out.get(root, ())))]
        index[root] = low[root] = len(index)
        stack.append(root)
        on_stack.add(root)
        while work:
            here, edges = work[-1]
            for edge in edges:
                target = edge.target
                if target not in index:
                    index[target] = low[target] = len(index)
                    stack.append(target)
                    on_stack.add(target)
                    work.append((target, iter(out.get(target, ()))))
                    break
                if target in on_stack:
                    low[here] = min(low[here], index[target])
            else:
                work.pop()
                if work:
                    low[work[-1][0]] = min(low[work[-1][0]], low[here])
                if low[here] == index[here]:
                    part = set()
                    while True:
                        one = stack.pop()
                        on_stack.discard(one)
                        part.add(one)
                        if one == here:
                            break
                    if len(part) > 1 or any(edge.target == here for edge in out.get(here, ())):
                        yield frozenset(part)


def told(circle: list[Edge]) -> str:
    """A circle in words: user 101 (busy) -> user 102 (away) -> user 101.

    Parameters:
        circle: its edges
    """
    steps = [f"{edge.source} ({edge.label})" for edge in circle]
    return " -> ".join([*steps, str(circle[0].source)])
