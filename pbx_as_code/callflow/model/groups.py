"""Objects that distribute calls: queues, ring groups, digital receptionists."""

from __future__ import annotations

from dataclasses import dataclass

from pbx_as_code.callflow.model.destinations import Destination, Routes
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Ref


@dataclass(frozen=True, slots=True)
class Agent:
    """An agent of a queue."""

    number: str
    skill_group: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class Distributor(Node):
    """Common part of queues, ring groups and digital receptionists. Its key is its number."""

    departments: tuple[Ref, ...]
    """Departments it belongs to; more than one, or none, is a question (D2)."""
    routes: Routes


@dataclass(frozen=True, kw_only=True, slots=True)
class Queue(Distributor):
    """A queue. Times are seconds; None is unknown."""

    strategy: str | None
    agents: tuple[Agent, ...]
    managers: tuple[str, ...]
    ring_timeout: int | None
    master_timeout: int | None
    max_callers: int | None
    no_answer: Destination | None
    wrap_up_time: int | None
    priority: bool | None
    intro_enabled: bool | None
    full_intro: bool | None
    callback_after: int | None
    callback_only: bool | None
    callback_prefix: str | None


@dataclass(frozen=True, kw_only=True, slots=True)
class RingGroup(Distributor):
    """A ring group. Times are seconds; None is unknown."""

    strategy: str | None
    members: tuple[str, ...]
    ring_time: int | None
    no_answer: Destination | None


@dataclass(frozen=True, slots=True)
class Forward:
    """Action of a digital receptionist: for a key, without input, or for an invalid key."""

    key: str | None
    """None: no key, see where it stands."""
    type: str | None
    """Such as Extension, Queue, EndCall, RepeatPrompt."""
    number: str | None
    custom_data: str | None = None


@dataclass(frozen=True, kw_only=True, slots=True)
class Receptionist(Distributor):
    """A digital receptionist (menu). Times are seconds; None is unknown."""

    ivr_type: str | None
    ms_exchange: bool | None
    prompt: str | None
    forwards: tuple[Forward, ...]
    timeout: int | None
    timeout_forward: Forward
    invalid_key_number: str | None
    transfer_enabled: bool | None
