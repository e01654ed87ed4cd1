"""The graph of a configuration."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from functools import partial
from typing import Final

from pbx_as_code.callflow.build import departments, groups, lines, services, users
from pbx_as_code.callflow.build.edges import derive
from pbx_as_code.callflow.build.sources import Sources
from pbx_as_code.callflow.model.graph import CallGraph, LazyNodes
from pbx_as_code.callflow.model.nodes import Node, SystemExtension
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.config.configuration import Configuration, Definition

_Maker = Callable[[Sources, Ref, Definition], Node]

_MAKERS: Final[Mapping[Kind, _Maker]] = {
    Kind.DEPARTMENT: departments.department,
    Kind.TRUNK: lines.trunk,
    Kind.INBOUND_RULE: lines.inbound_rule,
    Kind.OUTBOUND_RULE: lines.outbound_rule,
    Kind.USER: users.user,
    Kind.QUEUE: groups.queue,
    Kind.RING_GROUP: groups.ring_group,
    Kind.RECEPTIONIST: groups.receptionist,
    Kind.PARKING: services.parking,
    Kind.FAX: services.fax,
    Kind.CALL_FLOW_APP: services.call_flow_app,
}


def from_configuration(configuration: Configuration, *, taken_at: datetime | None = None) -> CallGraph:
    """The call graph of files that were loaded, or of a PBX that was read.

    It takes time in proportion to the number of objects; nodes and edges are made when they are first asked for.

    Parameters:
        configuration: of the files, or of `callflow.read_pbx`
        taken_at: time at which a PBX was read; None for files
    """
    sources = Sources(configuration)
    makers: dict[Ref, Callable[[Ref], Node]] = {
        ref: partial(_make, _MAKERS[ref.kind], sources, definition) for ref, definition in sources.definitions.items()
    }
    for number in dict.fromkeys(number for number, _, _ in lines.dids(sources)):
        makers[Ref(Kind.DID, number)] = partial(lines.did, sources)
    for definition in sources.by_kind.get("black_list_number", ()):
        ref = Ref(Kind.BLOCKED_NUMBER, str(definition.values.get("caller_id") or ""))
        makers.setdefault(ref, partial(_make, lines.blocked_number, sources, definition))
    for ref in sources.numbers.values():
        if ref.kind is Kind.SYSTEM_EXTENSION:
            makers[ref] = _system_extension
    return CallGraph(
        LazyNodes(makers),
        services.settings(sources),
        numbers=sources.numbers,
        names=sources.names,
        default_department=sources.default_department,
        complete=sources.complete,
        collisions=tuple((number, tuple(refs)) for number, refs in sources.collisions.items()),
        derive=derive,
        taken_at=taken_at,
        live=taken_at is not None,
        emergency_read=bool(configuration.pbx.get("emergency_read")),
        unread=tuple(configuration.pbx.get("unread", ())),
    )


def _make(maker: _Maker, sources: Sources, definition: Definition, ref: Ref) -> Node:
    return maker(sources, ref, definition)


def _system_extension(ref: Ref) -> Node:
    return SystemExtension(ref=ref)
