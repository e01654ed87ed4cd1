"""Calls from outside: DID, trunk, inbound rules (I1 to I9)."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from pbx_as_code.callflow.build.targets import target_of
from pbx_as_code.callflow.hours.schedules import holds
from pbx_as_code.callflow.hours.state import Standing, State
from pbx_as_code.callflow.model.destinations import Destination
from pbx_as_code.callflow.model.lines import BlockedNumber, Did, InboundRule, Trunk
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.conditions import Condition, On
from pbx_as_code.callflow.trace.matching import matches
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, Ending, Step
from pbx_as_code.callflow.trace.walker import Reading, Walker

_ALWAYS: Final = (None, "AllHours")
_CONDITIONS: Final = {
    "Holiday": Condition(On.HOLIDAY), "OutOfOfficeHours": Condition(On.CLOSED), "OfficeHours": Condition(On.OPEN)
}  # fmt: skip
_BY_DEPARTMENT: Final = ("OfficeHours", "OutOfOfficeHours", None, "AllHours")


def did(walker: Walker, node: Did, elapsed: Elapsed) -> Step:
    """A call to a DID: the block list, then its trunk."""
    blocked = _blocked(walker)
    if blocked is not None:
        reason = Reason("I10", f"the caller is on the block list: {blocked.key}")
        return walker.ends(node.ref, Ending.REFUSED, "the call is refused", elapsed, (reason,))
    if len(node.trunks) == 1:
        after = walker.visit(node.trunks[0], elapsed)
        reason = Reason("I1", f"the DID belongs to {node.trunks[0]}")
        return walker.step(node, "call from outside", elapsed, (reason,), branches=(Branch("", "", after),))
    readings = []
    for ref in node.trunks:
        reason = Reason("I1", f"{ref} takes the call: the DID is on several trunks", assumed=True)
        readings.append(Reading((reason,), lambda ref=ref: walker.visit(ref, elapsed)))  # type: ignore[misc]
    after = walker.decide(node.ref, elapsed, readings)
    return walker.step(node, "call from outside", elapsed, readings[0].reasons, branches=(Branch("", "", after),))


def _blocked(walker: Walker) -> BlockedNumber | None:
    caller = walker.call.caller
    if caller is None:
        return None
    return next((one for one in walker.graph.of(BlockedNumber) if matches(one.key, caller)), None)


def trunk(walker: Walker, node: Trunk, elapsed: Elapsed) -> Step:
    """A call on a trunk: the first rule that fits."""

    def take() -> Step:
        return _rules(walker, node, elapsed, 0)

    off = "inbound calls are switched off" if node.inbound_enabled is False else None
    off = "its direction is Outbound" if node.direction == "Outbound" else off
    if off is None:
        return take()
    refused = Reason("I10", f"{off}, so the call is refused", assumed=True)
    taken = Reason("I10", f"the call is taken although {off}", assumed=True)
    readings = [
        Reading(
            (refused,), lambda: walker.ends(node.ref, Ending.REFUSED, "the call is refused", elapsed, (refused,))
        ),
        Reading((taken,), take),
    ]  # fmt: skip
    return walker.decide(node.ref, elapsed, readings)


def _rules(walker: Walker, node: Trunk, elapsed: Elapsed, position: int) -> Step:
    """The first rule from a position on that fits, and what follows."""
    order = () if node.rules_ordered else (_UNORDERED,)
    for index, rule in _matching(walker, node, position):
        if rule.condition == "BasedOnCallerID" and walker.call.caller is None:
            branches = (
                Branch(
                    f"caller matches {rule.data}",
                    "BasedOnCallerID",
                    _rule(walker, node, rule, index, elapsed),
                    on=(Condition(On.CALLER, rule.data or ""),),
                ),
                Branch(
                    "other callers", "", _rules(walker, node, elapsed, index + 1), on=(Condition(On.OTHER_CALLERS),)
                ),
            )
            reasons = (Reason("I3", "a rule by caller id stands before the others"), *order)
            return walker.step(node, "depends on the caller", elapsed, reasons, branches=branches)
        if position:
            return _rule(walker, node, rule, index, elapsed)
        after = _or_served(walker, node, rule, index, elapsed)
        reasons = (Reason("I3", f"the first rule that fits is {rule.name or rule.condition or rule.key}"), *order)
        return walker.step(node, "looks for a rule", elapsed, reasons, branches=(Branch("", _word(rule), after),))
    reason = Reason("I4", "no rule fits, and there is no rule for all other calls")
    return walker.ends(
        node.ref, Ending.DEAD_END, "ends here: no inbound rule fits", elapsed, (reason, *order), "NoDestinations"
    )


def _or_served(walker: Walker, node: Trunk, rule: InboundRule, index: int, elapsed: Elapsed) -> Step:
    """The first rule that fits, or the one that the PBX itself names for the DID, if that is another one."""
    number = walker.graph.nodes.get(walker.call.start)
    served = number.rule if isinstance(number, Did) else None
    other = walker.graph.nodes.get(served) if served else None
    if rule.condition == "BasedOnCallerID" or not isinstance(other, InboundRule) or other.ref == rule.ref:
        return _rule(walker, node, rule, index, elapsed)
    named = Reason("I1", f"the PBX names {other.title} for this DID", assumed=True)
    first = Reason("I3", f"{rule.title} is the first that fits", assumed=True)
    at = node.rules.index(other.ref) if other.ref in node.rules else index
    readings = [
        Reading((named,), lambda: _rule(walker, node, other, at, elapsed), "I1", "named"),
        Reading((first,), lambda: _rule(walker, node, rule, index, elapsed), "I1", "first"),
    ]
    return walker.decide(node.ref, elapsed, readings)


_UNORDERED: Final = Reason(
    "I3", "rules in the order caller id, exact DID, longest pattern, all others: none is declared", assumed=True
)  # fmt: skip


def _matching(walker: Walker, node: Trunk, position: int) -> Iterator[tuple[int, InboundRule]]:
    """Rules that may fit by number and kind of call, with their positions."""
    call = walker.call
    for index in range(position, len(node.rules)):
        rule = walker.graph.nodes.get(node.rules[index])
        if not isinstance(rule, InboundRule) or rule.call_type == "InternalCallsOnly":
            continue
        if rule.condition == "BasedOnCallerID":
            fits = call.caller is None or matches(rule.data, call.caller)
        elif rule.condition == "BasedOnDID":
            fits = call.start.kind is Kind.DID and matches(rule.data, call.start.key)
        else:
            fits = rule.condition in ("ForwardAll", None)
        if fits:
            yield index, rule


def _word(rule: InboundRule) -> str:
    return rule.condition or ""


def _rule(walker: Walker, node: Trunk, rule: InboundRule, index: int, elapsed: Elapsed) -> Step:
    """A rule that fits by number: its destination for the hours (I5, I6)."""
    subject = _subject(walker, rule)
    standings = walker.standings(subject, elapsed, breaks=False)
    if not standings:
        reason = Reason("I9", "no department is known for its destination, so it counts as open", assumed=True)
        standings = (Standing(State.OPEN, (reason,)),)
    found = _Rule(walker, node, rule, index, elapsed, subject)
    readings = walker.by_state(
        subject, standings, lambda one: walker.decide(rule.ref, elapsed, list(found.readings(one)))
    )
    return walker.decide(rule.ref, elapsed, readings)


def _subject(walker: Walker, rule: InboundRule) -> Ref:
    """The object whose department's hours count: the destination in office hours, or the owner of that mailbox."""
    if rule.open is None:
        return rule.ref
    found = target_of(walker.graph, rule.open, rule.ref)
    return (walker.graph.by_number(found.key) or found) if found.kind is Kind.VOICEMAIL else found


@dataclass(frozen=True, slots=True)
class _Rule:
    """A rule that fits by number."""

    walker: Walker
    trunk: Trunk
    rule: InboundRule
    index: int
    elapsed: Elapsed
    subject: Ref

    def readings(self, one: Standing) -> Iterator[Reading]:
        """The destinations that may count for a state, the most likely first."""
        rule = self.rule
        reasons = (*_why(self.trunk, rule), *one.reasons)
        kind = rule.hours.type if rule.hours else None
        holiday = one.state is State.HOLIDAY
        closed = one.state in (State.CLOSED, State.HOLIDAY)
        if rule.hours is not None and kind not in _BY_DEPARTMENT:
            local = self.walker.local(self.subject, self.elapsed).time
            for answer, why in holds(rule.hours, local, one.state, holiday=holiday).readings:
                yield from self._destinations(kind, holiday, not answer, (*reasons, why))
            return
        if rule.hours is not None and rule.hours.ignore_holidays and holiday and kind == "OfficeHours":
            reasons = (*reasons, Reason("D5", "the rule ignores holidays", assumed=True))
            holiday = closed = False
        elif kind == "OutOfOfficeHours":
            closed = not closed
        yield from self._destinations(kind, holiday, closed, reasons)

    def _destinations(
        self, kind: str | None, holiday: bool, closed: bool, reasons: tuple[Reason, ...]
    ) -> Iterator[Reading]:  # fmt: skip
        """The destination that counts, and the one that may count instead.

        Parameters:
            kind: type of the rule's hours
            holiday: whether there is a holiday
            closed: whether it is outside the rule's hours
            reasons: why
        """
        rule = self.rule
        for applies, enabled, destination, what, word in (
            (holiday, rule.holiday_enabled, rule.holiday, "holiday", "Holiday"),
            (closed, rule.closed_enabled, rule.closed, "outside office hours", "OutOfOfficeHours"),
        ):
            if not applies or enabled is False or (enabled is None and destination is None):
                continue
            if enabled:
                reason = Reason("I5", f"the destination for {what} is switched on")
                yield self._go(destination, what, word, (*reasons, reason))
                return
            doubt = Reason("I5", f"whether the destination for {what} is switched on is not declared", assumed=True)
            yield self._go(destination, what, word, (*reasons, doubt))
        yield from self._otherwise(kind, closed, reasons)

    def _otherwise(self, kind: str | None, closed: bool, reasons: tuple[Reason, ...]) -> Iterator[Reading]:
        """The destination in office hours, and what is uncertain about it outside of them."""
        if not closed:
            reason = Reason("I5", "the destination in office hours counts")
            yield self._go(self.rule.open, "in office hours", "OfficeHours", (*reasons, reason))
        elif kind in _ALWAYS:
            reason = Reason("I6", "the rule counts at all hours: the same destination")
            yield self._go(self.rule.open, "at all hours", "OfficeHours", (*reasons, reason))
        else:
            same = Reason("I6", "without a destination for closed hours, that of office hours counts", assumed=True)
            yield self._go(self.rule.open, "outside office hours", "OutOfOfficeHours", (*reasons, same), same=True)
            skip = Reason("I6", "without a destination for closed hours, the rule is skipped", assumed=True)
            yield Reading((skip,), lambda: _rules(self.walker, self.trunk, self.elapsed, self.index + 1), "I6", "skip")

    def _go(
        self, destination: Destination | None, what: str, word: str, reasons: tuple[Reason, ...], *, same: bool = False
    ) -> Reading:
        """The reading that a destination counts.

        Parameters:
            destination: as declared
            what: when it counts, for people
            word: the PBX's word for that
            reasons: why
            same: it stands in for a missing destination (I6)
        """
        walker, elapsed = self.walker, self.elapsed

        def make() -> Step:
            after = walker.follow(self.rule, destination, elapsed, f"calls {what}")
            local = walker.local(self.subject, elapsed).time
            branches = (Branch("", word, after, on=(_CONDITIONS[word],)),)
            return walker.step(self.rule, what, elapsed, reasons, word=word, local=local, branches=branches)

        by_itself = self.rule.hours is not None and self.rule.hours.type not in _BY_DEPARTMENT
        own = (
            reasons[-2:] if by_itself else reasons[-1:]
        )  # the others are those of the state, which every reading shares
        return Reading(own, make, "I6", "same") if same else Reading(own, make)


def _why(node: Trunk, rule: InboundRule) -> tuple[Reason, ...]:
    if rule.condition == "BasedOnCallerID":
        reason = Reason("I2", f"the caller matches {rule.data}")
        if node.rewrites_caller:
            return (reason, Reason("I2", "the trunk rewrites callers' numbers before rules see them", assumed=True))
        return (reason,)
    if rule.condition == "BasedOnDID":
        return (Reason("I2", f"the DID matches {rule.data}"),)
    return (Reason("I4", "the rule takes every call without another rule"),)


def inbound_rule(walker: Walker, node: InboundRule, elapsed: Elapsed) -> Step:
    """A trace that starts at a rule."""
    owner = walker.graph.nodes.get(node.trunk) if node.trunk else None
    if not isinstance(owner, Trunk) or node.ref not in owner.rules:
        reason = Reason("L2", "the trunk of the rule is not declared")
        return walker.ends(node.ref, Ending.UNKNOWN, "unknown: the rule has no trunk", elapsed, (reason,))
    return _rule(walker, owner, node, owner.rules.index(node.ref), elapsed)
