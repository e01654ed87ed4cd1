"""Queues, ring groups and digital receptionists."""

from __future__ import annotations

from pbx_as_code.callflow.build import values as read
from pbx_as_code.callflow.build.sources import Sources, name_of
from pbx_as_code.callflow.model.groups import Agent, Forward, Queue, Receptionist, RingGroup
from pbx_as_code.callflow.model.nodes import Node, Origin
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.config.configuration import Definition


def queue(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A queue as its definition says."""
    values = definition.values
    agents = read.items(values, "agents")
    return Queue(
        ref=ref,
        name=name_of(definition),
        origin=Origin(definition),
        departments=sources.departments(values),
        routes=read.routes(values),
        strategy=read.text(values, "polling_strategy"),
        agents=tuple(Agent(str(one.get("number") or ""), read.text(one, "skill_group")) for one in agents),
        managers=tuple(str(one.get("number") or "") for one in read.items(values, "managers")),
        ring_timeout=read.number(values, "ring_timeout"),
        master_timeout=read.number(values, "master_timeout"),
        max_callers=read.number(values, "max_callers_in_queue"),
        no_answer=read.destination(values, "forward_no_answer"),
        wrap_up_time=read.number(values, "wrap_up_time"),
        priority=read.flag(values, "priority_queue"),
        intro_enabled=read.flag(values, "enable_intro"),
        full_intro=read.flag(values, "play_full_prompt"),
        callback_after=read.number(values, "callback_enable_time"),
        callback_only=read.flag(values, "callback_offer_only"),
        callback_prefix=read.text(values, "callback_prefix"),
    )


def ring_group(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A ring group as its definition says."""
    values = definition.values
    return RingGroup(
        ref=ref,
        name=name_of(definition),
        origin=Origin(definition),
        departments=sources.departments(values),
        routes=read.routes(values),
        strategy=read.text(values, "ring_strategy"),
        members=tuple(str(one.get("number") or "") for one in read.items(values, "members")),
        ring_time=read.number(values, "ring_time"),
        no_answer=read.destination(values, "forward_no_answer"),
    )


def receptionist(sources: Sources, ref: Ref, definition: Definition) -> Node:
    """A digital receptionist as its definition says."""
    values = definition.values
    return Receptionist(
        ref=ref,
        name=name_of(definition),
        origin=Origin(definition),
        departments=sources.departments(values),
        routes=read.routes(values),
        ivr_type=read.text(values, "ivr_type"),
        ms_exchange=read.flag(values, "use_ms_exchange"),
        prompt=read.text(values, "prompt_filename"),
        forwards=tuple(
            Forward(
                read.text(one, "input"),
                read.text(one, "forward_type"),
                read.text(one, "forward_dn"),
                read.text(one, "custom_data"),
            )
            for one in read.items(values, "forwards")
        ),
        timeout=read.number(values, "timeout"),
        timeout_forward=Forward(
            None, read.text(values, "timeout_forward_type"), read.text(values, "timeout_forward_dn")
        ),
        invalid_key_number=read.text(values, "invalid_key_forward_dn"),
        transfer_enabled=read.flag(values, "transfer_enable"),
    )
