"""Trunks with their DIDs, inbound and outbound rules, the block list."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pbx_as_code.callflow.build import values as read
from pbx_as_code.callflow.build.sources import Sources, name_of
from pbx_as_code.callflow.model.lines import (
    BlockedNumber,
    Did,
    InboundRule,
    NumberRange,
    OutboundRoute,
    OutboundRule,
    Trunk,
)
from pbx_as_code.callflow.model.nodes import Node, Origin
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.config.configuration import Definition

_SPLIT = re.compile(r"\s*[,;]\s*|\s+")


def dids(sources: Sources) -> Iterator[tuple[str, Definition, tuple[str | int, ...]]]:
    """DIDs and main numbers of all trunks: number, trunk, and the path that declares it."""
    for _, definition in sources.every(Kind.TRUNK):
        for index, number in enumerate(read.texts(definition.values, "did_numbers")):
            yield number, definition, ("did_numbers", index)
        main = read.text(definition.values, "external_number")
        if main is not None:
            yield main, definition, ("external_number",)


def did(sources: Sources, ref: Ref) -> Node:
    """A DID with the trunks that have it."""
    found = [(one, path) for number, one, path in dids(sources) if number == ref.key]
    trunks = dict.fromkeys(Ref(Kind.TRUNK, str(one.values["number"])) for one, _ in found)
    return Did(
        ref=ref,
        origin=Origin(*found[0]),
        trunks=tuple(trunks),
        main=any(path == ("external_number",) for _, path in found),
        rule=sources.served_by(ref.key),
    )


def trunk(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A trunk as its definition says, with its rules in order."""
    values = definition.values
    rules, ordered = _rules(sources, ref, values)
    gateway = read.structure(values, "gateway") or {}
    return Trunk(
        ref=ref,
        name=name_of(definition),
        origin=Origin(definition),
        departments=sources.departments(values),
        external_number=read.text(values, "external_number"),
        dids=read.texts(values, "did_numbers"),
        rules=rules,
        rules_ordered=ordered,
        direction=read.text(values, "direction"),
        inbound_enabled=read.flag(values, "enable_inbound_calls"),
        outbound_enabled=read.flag(values, "enable_outbound_calls"),
        simultaneous_calls=read.number(values, "simultaneous_calls"),
        outbound_caller_id=read.text(values, "outbound_caller_id") or read.text(gateway, "outbound_caller_id"),
        rewrites_caller=bool(
            read.items(values, "in_cid_formatting") or read.flag(values, "e164_process_incoming_number")
        ),
        rewrites_caller_out=bool(read.items(values, "out_cid_formatting")),
        online=read.flag(values, "is_online"),
    )


def _rules(sources: Sources, ref: Ref, values: read.Values) -> tuple[tuple[Ref, ...], bool]:
    """The inbound rules of a trunk, and whether their order is declared."""
    own = [
        (one, definition)
        for one, definition in sources.every(Kind.INBOUND_RULE)
        if sources.trunk(read.text(definition.values, "trunk")) == ref
    ]
    listed = read.items(values, "routing_rules")
    places: dict[tuple[str | None, ...], list[int]] = {}
    for position, item in enumerate(listed):
        places.setdefault(_rule_id(item), []).append(position)
    positions = {}
    for one, definition in own:
        twins = places.get(_rule_id(definition.values), [])
        if definition.twin < len(twins):
            positions[one] = twins[definition.twin]
    known = len(positions) == len(own)
    by_rank = sorted(own, key=lambda pair: _rank(pair[1].values))
    if known:
        return tuple(sorted(positions, key=positions.__getitem__)), True
    first = [one for one, _ in by_rank if one in positions and not _is_last(sources, one)]
    first.sort(key=positions.__getitem__)
    rest = [one for one, _ in by_rank if one not in positions and not _is_last(sources, one)]
    last = [one for one, _ in by_rank if _is_last(sources, one)]
    return (*first, *rest, *last), len(own) < 2  # noqa: PLR2004 a single rule has no order


def _rule_id(values: read.Values) -> tuple[str | None, ...]:
    return tuple(read.text(values, option) for option in ("condition", "data", "call_type"))


def _is_last(sources: Sources, ref: Ref) -> bool:
    return sources.definitions[ref].values.get("condition") == "ForwardAll"


def _rank(values: read.Values) -> tuple[int, int]:
    """Order that is assumed without a declared one (I3): caller id, exact DID, longest pattern, the rest."""
    condition, data = read.text(values, "condition"), read.text(values, "data") or ""
    if condition == "BasedOnCallerID":
        return 0, -len(data)
    if condition == "BasedOnDID":
        return (2, -len(data)) if "*" in data else (1, 0)
    return 3, 0


def inbound_rule(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """An inbound rule as its definition says."""
    values = definition.values
    return InboundRule(
        ref=ref,
        name=read.text(values, "rule_name"),
        origin=Origin(definition),
        trunk=sources.trunk(read.text(values, "trunk")),
        condition=read.text(values, "condition"),
        data=read.text(values, "data"),
        call_type=read.text(values, "call_type"),
        hours=read.schedule(values, "hours"),
        open=read.destination(values, "office_hours_destination"),
        closed_enabled=read.flag(values, "alter_destination_during_out_of_office_hours"),
        closed=read.destination(values, "out_of_office_hours_destination"),
        holiday_enabled=read.flag(values, "alter_destination_during_holidays"),
        holiday=read.destination(values, "holidays_destination"),
    )


def blocked_number(_: Sources, ref: Ref, definition: Definition) -> Node:
    """A blocked caller id as its definition says."""
    return BlockedNumber(ref=ref, name=read.text(definition.values, "description"), origin=Origin(definition))


def outbound_rule(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """An outbound rule as its definition says."""
    values = definition.values
    return OutboundRule(
        ref=ref,
        name=read.text(values, "name"),
        origin=Origin(definition),
        priority=_priority(values),
        prefixes=split(read.text(values, "prefix")),
        lengths=read.text(values, "number_length_ranges"),
        ranges=tuple(
            NumberRange(str(one.get("from") or ""), str(one.get("to") or one.get("from") or ""))
            for one in read.items(values, "dn_ranges")
        ),
        departments=sources.departments(values),
        emergency=read.flag(values, "emergency_rule"),
        routes=tuple(
            OutboundRoute(
                sources.trunk(read.text(one, "trunk")),
                read.number(one, "strip_digits"),
                read.text(one, "prepend"),
                read.text(one, "append"),
                read.text(one, "caller_id"),
            )
            for one in read.items(values, "routes")
        ),
    )


def _priority(values: read.Values) -> int | None:
    """Priority of an outbound rule; every rule has one, so null is the zero that a PBX left out. None if not declared."""
    return read.number(values, "priority") or 0 if "priority" in values else None


def split(given: str | None) -> tuple[str, ...]:
    """The parts of a list in one text, separated by comma, semicolon or blank."""
    return tuple(part for part in _SPLIT.split(given.strip()) if part) if given else ()
