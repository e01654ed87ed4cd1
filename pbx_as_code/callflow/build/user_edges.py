"""The edges that leave a user: one set for each forwarding profile, then the exceptions."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from pbx_as_code.callflow.build.targets import destination_edges
from pbx_as_code.callflow.model.destinations import PROCEED, Destination
from pbx_as_code.callflow.model.edges import Edge, When
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.nodes import Path
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import Profile, Split, User


def user_edges(graph: CallGraph, node: User) -> Iterator[Edge]:
    """Every way a call to a user may go on."""
    for position, exception in enumerate(node.exceptions):
        yield from destination_edges(
            graph, node.ref, exception.destination, When.EXCEPTION, ("U2",),
            ("forwarding_exceptions", position, "destination"),
            key=exception.data, caller=_callers(exception.call_type), position=position, counts=exception.enabled,
        )  # fmt: skip
    for position, profile in enumerate(node.profiles):
        path = ("forwarding_profiles", position)
        yield from _away(graph, node.ref, profile, path) if profile.is_away else _available(graph, node, profile, path)


def _callers(call_type: str | None) -> str | None:
    return {"InternalCallsOnly": "internal", "ExternalCallsOnly": "external"}.get(call_type or "")


def _available(graph: CallGraph, user: User, profile: Profile, path: Path) -> Iterator[Edge]:
    inner = (*path, "available_route")
    cases: tuple[tuple[Split, When, str, dict[str, Any]], ...] = (
        (profile.not_registered, When.NOT_REGISTERED, "not_registered", {}),
        (profile.busy, When.BUSY, "busy", {}),
        (profile.no_answer, When.NO_ANSWER, "no_answer", {"seconds": profile.no_answer_timeout, "waits": True}),
    )
    for split, when, option, more in cases:
        yield from _split(graph, user.ref, split, when, (*inner, option), profile=profile.name, **more)
    if profile.ring_my_mobile and user.mobile:
        target = Ref(Kind.EXTERNAL, user.mobile)
        yield Edge(user.ref, target, When.RINGS_TOO, ("U9",), (*path, "ring_my_mobile"), profile=profile.name)


def _split(graph: CallGraph, source: Ref, split: Split, when: When, path: Path, **more: Any) -> Iterator[Edge]:
    """Edges for internal and external callers; one for both if they lead to the same place (U6)."""
    *before, option = path
    internal, external = (*before, f"{option}_internal"), (*before, f"{option}_external")
    if split.internal == split.external:
        yield from destination_edges(graph, source, split.external, when, ("U5", "U6"), external, **more)
        return
    doubtful = None if split.all_calls is not False else True
    yield from destination_edges(
        graph, source, split.internal, when, ("U5", "U6"), internal, caller="internal", counts=doubtful, **more
    )
    caller = None if split.all_calls else "external"
    yield from destination_edges(graph, source, split.external, when, ("U5", "U6"), external, caller=caller, **more)


def _away(graph: CallGraph, source: Ref, profile: Profile, path: Path) -> Iterator[Edge]:
    away = profile.away
    inner = (*path, "away_route")
    if away.internal == away.external:
        rest = {"profile": profile.name}
        yield from destination_edges(graph, source, away.external, When.AWAY, ("U7",), (*inner, "external"), **rest)
        return
    for caller, destination in (("internal", away.internal), ("external", away.external)):
        yield from destination_edges(
            graph, source, destination, When.AWAY, ("U7",), (*inner, caller), caller=caller, profile=profile.name
        )
