"""How calls enter and leave: trunks, DIDs, inbound and outbound rules, the block list."""

from __future__ import annotations

from dataclasses import dataclass

from pbx_as_code.callflow.model.destinations import Destination
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.model.schedule import Schedule


@dataclass(frozen=True, kw_only=True, slots=True)
class Did(Node):
    """A number at which outside callers reach the PBX. The key is the number as declared."""

    trunks: tuple[Ref, ...]
    """More than one: the order in which the PBX considers them is random (I1)."""
    main: bool
    """Whether it is the main number (`external_number`) of a trunk."""
    rule: Ref | None = None
    """The inbound rule that the PBX itself names for it (I1); None for files."""


@dataclass(frozen=True, kw_only=True, slots=True)
class Trunk(Node):
    """A trunk. The key is its number."""

    departments: tuple[Ref, ...]
    external_number: str | None
    dids: tuple[str, ...]
    rules: tuple[Ref, ...]
    """Inbound rules in the order in which the PBX tries them (I3)."""
    rules_ordered: bool
    """Whether that order is declared; otherwise it is assumed."""
    direction: str | None
    inbound_enabled: bool | None
    outbound_enabled: bool | None
    simultaneous_calls: int | None
    outbound_caller_id: str | None
    rewrites_caller: bool
    """Whether it rewrites numbers of callers before the rules see them (I2)."""
    rewrites_caller_out: bool
    """Whether it rewrites our caller id (`out_cid_formatting`)."""
    online: bool | None
    """State."""


@dataclass(frozen=True, kw_only=True, slots=True)
class InboundRule(Node):
    """An inbound rule. Its key is `rule_key(trunk, condition, data, call_type)`; people know it by its name."""

    trunk: Ref | None
    condition: str | None
    data: str | None
    call_type: str | None
    hours: Schedule | None
    open: Destination | None
    """Destination in office hours, and whenever no other counts."""
    closed_enabled: bool | None
    closed: Destination | None
    holiday_enabled: bool | None
    holiday: Destination | None

    @property
    def title(self) -> str:
        """For people: inbound rule r2, or inbound rule ForwardAll of trunk 10000."""
        if self.name:
            return f"inbound rule {self.name}"
        return f"inbound rule {' '.join(part for part in (self.condition, self.data) if part)} of {self.trunk}"


@dataclass(frozen=True, kw_only=True, slots=True)
class BlockedNumber(Node):
    """A caller id on the block list. The key is the pattern."""


@dataclass(frozen=True, slots=True)
class OutboundRoute:
    """One of the routes of an outbound rule, in order."""

    trunk: Ref | None
    """None: the slot is empty."""
    strip_digits: int | None
    prepend: str | None
    append: str | None
    caller_id: str | None


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Extensions from `first` to `last`, both included."""

    first: str
    last: str


@dataclass(frozen=True, kw_only=True, slots=True)
class OutboundRule(Node):
    """An outbound rule. The key is its name, with a counter among namesakes."""

    priority: int | None
    prefixes: tuple[str, ...]
    lengths: str | None
    """Comma list of n or n-m."""
    ranges: tuple[NumberRange, ...]
    departments: tuple[Ref, ...]
    emergency: bool | None
    routes: tuple[OutboundRoute, ...]
