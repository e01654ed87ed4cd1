"""Follows a call from place to place."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta, timezone
from functools import cached_property, partial
from typing import Any, Final, NamedTuple

from pbx_as_code.callflow.build.targets import OUTSIDE, mailbox_ref, target_of
from pbx_as_code.callflow.hours.moments import changes
from pbx_as_code.callflow.hours.state import Local, Standing, local_time, standing
from pbx_as_code.callflow.model.departments import Department
from pbx_as_code.callflow.model.destinations import Destination
from pbx_as_code.callflow.model.graph import CallGraph
from pbx_as_code.callflow.model.groups import Distributor
from pbx_as_code.callflow.model.nodes import Missing, Node
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import User
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.calls import Call
from pbx_as_code.callflow.trace.conditions import Condition, On
from pbx_as_code.callflow.trace.outcomes import Outcomes
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, End, Ending, Step

MOST_STEPS: Final = 64
"""Steps of one branch (L1)."""
MOST_IN_ALL: Final = 5000
"""Steps of a whole trace."""
_UTC: Final = timezone.utc  # noqa: UP017 for Python 3.10
_SHORT: Final = 3
"""Places below which a part of the trace is told again rather than referred to."""
_AHEAD: Final = timedelta(hours=6)
"""A call is assumed not to last longer."""


class Reading(NamedTuple):
    """One reading of an uncertain rule."""

    reasons: tuple[Reason, ...]
    make: Callable[[], Step]
    question: Hashable = None
    """The question that it answers. Each question has one answer along the way of a call: if an override is assumed to
    count on holidays, it is assumed so at the next object too. None: it answers no question.
    """
    answer: Hashable = None


@dataclass(slots=True)
class _Frame:
    key: Any
    title: str
    elapsed: Elapsed
    latest: int
    """Seconds until the latest step that follows."""
    rings: bool = False


class _Told(NamedTuple):
    """A place that was followed to its ends."""

    elapsed: Elapsed
    duration: int
    """Seconds from there to the latest step that follows."""
    step: Step


Visitor = Callable[["Walker", Any, Elapsed], Step]


class Walker:
    """One trace in progress. Handlers by kind of place make the steps; this class keeps the path, so that loops are
    named, and remembers what was told, so that menus that lead to each other do not multiply.
    """

    def __init__(self, graph: CallGraph, call: Call, visitors: dict[type, Visitor]) -> None:
        self.graph = graph
        self.call = call
        self._visitors = visitors
        self._frames: list[_Frame] = []
        self._told: dict[Any, list[_Told]] = {}
        self._standings: dict[Any, tuple[Standing, ...]] = {}
        self.outcome = Outcomes().of
        self._answers: dict[Hashable, Hashable] = {}
        self._count = 0

    # Time

    def moment(self, elapsed: Elapsed, *, latest: bool = False) -> datetime:
        """The time after so many seconds, at the earliest or at the latest."""
        later = timedelta(seconds=elapsed.high if latest else elapsed.low)
        at = self.call.at  # with its zone, whose clocks may change meanwhile: the sum is made in UTC
        return (at.astimezone(_UTC) + later).astimezone(at.tzinfo)

    def department(self, ref: Ref) -> Department | None:
        """A department by its ref; None if it is not declared."""
        node = self.graph.nodes.get(ref)
        return node if isinstance(node, Department) else None

    def departments(self, ref: Ref) -> tuple[tuple[Department, ...], tuple[Reason, ...]]:
        """Departments whose hours may count for an object, and the doubt about them."""
        membership = self.graph.departments_of(ref)
        found = tuple(one for name in membership.departments if (one := self.department(name)) is not None)
        if not membership.assumed:
            return found, ()
        if len(found) > 1:
            text = f"{ref} is in several departments, so the hours of any may count"
            return found, (Reason("D2", text, assumed=True),)
        if found:
            rule = "D2" if isinstance(self._node(ref), Department | Distributor | User) else "I9"
            return found, (Reason(rule, f"{ref} has no department, so {found[0].key} counts", assumed=True),)
        return found, ()

    def standings(self, ref: Ref, elapsed: Elapsed, *, breaks: bool = True) -> tuple[Standing, ...]:
        """States of the departments that may count for an object: the most likely reading first, equal states once.

        Empty if no department is known.
        """
        key = (ref, elapsed.low, elapsed.high, breaks)
        known = self._standings.get(key)
        if known is None:
            known = self._standings[key] = self._stand(ref, elapsed, breaks)
        return known

    def _stand(self, ref: Ref, elapsed: Elapsed, breaks: bool) -> tuple[Standing, ...]:
        departments, doubts = self.departments(ref)
        found: dict[Any, Standing] = {}
        for department in departments:
            times = {self.moment(elapsed), self.moment(elapsed, latest=True)}
            for moment in sorted(times):
                one = standing(
                    self.graph, department, moment, ignore_state=self.call.ignore_state, breaks=breaks
                )  # fmt: skip
                for reading in _readings(one):
                    reasons = (*reading.reasons, *doubts)
                    found.setdefault(reading.state, Standing(reading.state, reasons))
        return tuple(found.values())

    def by_state(
        self, ref: Ref, standings: Sequence[Standing], make: Callable[[Standing], Step]
    ) -> tuple[Reading, ...]:  # fmt: skip
        """One reading for each state that may count for an object; the states of its departments are one question."""
        question = ("state", self.graph.departments_of(ref).departments)
        return tuple(Reading(one.reasons, partial(make, one), question, one.state) for one in standings)

    def local(self, ref: Ref, elapsed: Elapsed) -> Local:
        """Wall-clock time of the department that counts for an object."""
        departments, _ = self.departments(ref)
        return local_time(self.graph, departments[0] if departments else None, self.moment(elapsed))

    # Steps

    def step(self, node: Node, text: str, elapsed: Elapsed, reasons: Sequence[Reason] = (), **more: Any) -> Step:
        """A step at an object, with its place and the local time there."""
        self._reaches(elapsed.high)
        unique = tuple(dict.fromkeys(reasons))
        return Step(node.ref, node.title, text, unique, elapsed, place=node.place(), **more)

    def ends(
        self, ref: Ref, ending: Ending, text: str, elapsed: Elapsed, reasons: Sequence[Reason] = (), word: str = ""
    ) -> Step:
        """A step that ends the call at a place."""
        self._reaches(elapsed.high)
        node = self._node(ref)
        title = node.title if node else str(ref)
        place = node.place() if node else None
        end = End(ending, ref, text)
        return Step(ref, title, text, tuple(dict.fromkeys(reasons)), elapsed, word, place=place, end=end)

    def _node(self, ref: Ref) -> Node | None:
        try:
            return self.graph.node(ref)
        except KeyError:
            return None

    def decide(self, ref: Ref, elapsed: Elapsed, readings: Sequence[Reading]) -> Step:
        """Follow every reading of an uncertain rule: one step if they end alike, a fork if they do not (T1).

        Parameters:
            ref: the place where it is decided
            elapsed: seconds so far
            readings: the most likely first; its reasons are in its step already
        """
        readings = self._open_readings(readings)
        if len(readings) == 1:
            return readings[0].make()
        first = self._made(readings[0])
        kept = [(readings[0], first)]
        outcomes = [self.outcome(first)]
        for reading in readings[1:]:
            other = self._made(reading)
            ends = self.outcome(other)
            if ends not in outcomes:
                outcomes.append(ends)
                kept.append((reading, other))
        if len(kept) == 1:
            return first
        common = set.intersection(*(set(reading.reasons) for reading, _ in kept))
        branches = tuple(Branch(_label(reading.reasons, common), "", step, fork=True) for reading, step in kept)
        doubts = tuple(dict.fromkeys(reason for reading in readings for reason in reading.reasons if reason.assumed))
        text = "uncertain: what follows depends on how a rule or an unknown fact is read"
        node = self._node(ref)
        title, place = (node.title, node.place()) if node else (first.title, first.place)
        return Step(ref, title, text, doubts, elapsed, place=place, branches=branches)

    def _open_readings(self, readings: Sequence[Reading]) -> Sequence[Reading]:
        """Readings that do not contradict an answer given before."""
        found = [one for one in readings if self._answers.get(one.question, one.answer) == one.answer]
        return found or readings

    def _made(self, reading: Reading) -> Step:
        if reading.question is None:
            return reading.make()
        before = self._answers
        self._answers = {**before, reading.question: reading.answer}
        try:
            return reading.make()
        finally:
            self._answers = before

    # The path

    def visit(self, ref: Ref, elapsed: Elapsed, *, state: Any = None) -> Step:
        """The call arrives at a place: the step there, with everything that follows."""
        node = self._node(ref)
        if node is None:
            return self.ends(ref, Ending.DEAD_END, f"ends here: {ref} is not declared", elapsed, (_DEAD,))
        visitor = self._visitors.get(type(node))
        if visitor is None:
            raise TypeError(f"no visitor for {type(node).__name__}")
        if node.kind in _TERMINAL:
            return visitor(self, node, elapsed)
        key = (ref, self._states(ref, elapsed), state)
        loop = self._loop(key, node, elapsed)
        if loop is not None:
            return loop
        told = (*key, frozenset(self._answers.items()))
        again = self._as_told(told, elapsed)
        if again is not None:
            end = End(Ending.AGAIN, ref, f"goes on as at {node.title} above", same=again)
            return Step(ref, node.title, end.text, (), elapsed, place=node.place(), end=end)
        count = self._count
        self._count += 1
        if len(self._frames) >= MOST_STEPS or self._count > MOST_IN_ALL:
            most = MOST_STEPS if len(self._frames) >= MOST_STEPS else MOST_IN_ALL
            reason = Reason("L1", f"the trace stops after {most} steps")
            return self.ends(ref, Ending.UNKNOWN, f"not followed any further after {most} steps", elapsed, (reason,))
        self._frames.append(_Frame(key, node.title, elapsed, elapsed.high))
        try:
            step = visitor(self, node, elapsed)
        finally:
            latest = self._frames.pop().latest
            self._reaches(latest)
        if self._count - count > _SHORT:
            self._told.setdefault(told, []).append(_Told(elapsed, latest - elapsed.low, step))
        return step

    def _reaches(self, seconds: int) -> None:
        """Note that the call is still under way after so many seconds."""
        if self._frames:
            self._frames[-1].latest = max(self._frames[-1].latest, seconds)

    def _as_told(self, key: Any, elapsed: Elapsed) -> Step | None:
        """The step at a place that was followed before, if no state changes between both times until the ends."""
        for told in self._told.get(key, ()):
            seconds = (told.elapsed.low, elapsed.low)
            first, last = min(seconds), max(seconds) + told.duration + elapsed.high - elapsed.low
            if told.elapsed.high - told.elapsed.low == elapsed.high - elapsed.low and self._steady(first, last):
                self._reaches(elapsed.low + told.duration)
                return told.step
        return None

    def _steady(self, first: int, last: int) -> bool:
        """Whether no department changes its state from one second of the call to another."""
        begin, end = (self.moment(Elapsed(seconds)).astimezone(_UTC) for seconds in (first, last))
        position = bisect_right(self._changes, begin)
        return position == len(self._changes) or self._changes[position] > end

    def _states(self, ref: Ref, elapsed: Elapsed) -> tuple[Any, ...]:
        return tuple(one.state for one in self.standings(ref, elapsed))

    def rings(self) -> None:
        """Note that something rings, or a menu waits, at the current place: a loop over it is not silent."""
        self._frames[-1].rings = True

    def _loop(self, key: Any, node: Node, elapsed: Elapsed) -> Step | None:
        position = next((i for i, frame in enumerate(self._frames) if frame.key == key), None)
        if position is None:
            return None
        cycle = self._frames[position:]
        silent = not any(frame.rings for frame in cycle)
        seconds = None if elapsed.unknown else elapsed.low - cycle[0].elapsed.low
        way = " → ".join([*(frame.title for frame in cycle), node.title])
        length = "nothing rings on the way" if silent else f"every {seconds if seconds is not None else 'unknown'} s"
        text = f"loop: {way} ({length})"
        self._reaches(elapsed.high)
        reason = Reason("L1", "a call that returns to a place in the same state goes round")
        end = End(Ending.LOOP, node.ref, text, silent=silent, seconds=seconds)
        return Step(node.ref, node.title, text, (reason,), elapsed, place=node.place(), end=end)

    @cached_property
    def _changes(self) -> list[datetime]:
        """Times within the next hours at which the state of any department changes."""
        end = self.moment(Elapsed(int(_AHEAD.total_seconds())))
        ignore = self.call.ignore_state
        found = {
            moment.astimezone(_UTC)
            for department in self.graph.of(Department)
            for moment in changes(self.graph, department, self.call.at, end, ignore_state=ignore)
        }
        return sorted(found)

    # Destinations

    def follow(
        self, source: Node, destination: Destination | None, elapsed: Elapsed, what: str, reasons: Sequence[Reason] = ()
    ) -> Step:
        """The step at the destination of an object.

        Parameters:
            source: object that declares it
            destination: as declared
            elapsed: seconds so far
            what: what it is for, such as "unanswered calls"
            reasons: for a step that ends at once
        """
        if destination is None:
            text = f"unknown: no destination for {what} is declared"
            return self.ends(source.ref, Ending.UNKNOWN, text, elapsed, (*reasons, Reason("T4", text)))
        to = destination.to
        target = target_of(self.graph, destination, source.ref)
        if to == "None":
            reason = Reason("DEST", "None ends the call")
            return self.ends(target, Ending.ENDED, "the call ends", elapsed, (*reasons, reason))
        if to == "VoiceMailOfDestination":
            reason = Reason("DEST", "VoiceMailOfDestination acts as None", assumed=True)
            return self.ends(target, Ending.ENDED, "the call ends", elapsed, (*reasons, reason))
        if to == "Deflect" and destination.external:
            text = f"the provider forwards the call to {destination.external}"
            return self.ends(target, Ending.PROVIDER, text, elapsed, (Reason("DEST", "Deflect answers with 302"),))
        if to == "Boomerang" and destination.external:
            return self._boomerang(source, destination, target, elapsed)
        if target.kind is Kind.MISSING:
            return self._missing(target, to, elapsed)
        if target.kind is Kind.UNKNOWN:
            text = f"unknown: {to} is reserved or not known"
            return self.ends(target, Ending.UNKNOWN, text, elapsed, (Reason("DEST", text),))
        if to in OUTSIDE:
            return self.outside(source, str(destination.external), elapsed)
        return self.visit(target, elapsed)

    def _missing(self, target: Ref, to: str | None, elapsed: Elapsed) -> Step:
        named = f"number {target.key}" if target.key else f"{to} without a number"
        node = self.graph.node(target)
        if isinstance(node, Missing) and not node.certain and target.key:
            text = f"unknown: {named} is not declared in these files"
            return self.ends(target, Ending.UNKNOWN, text, elapsed, (Reason("L2", text),))
        text = f"ends here: {named} does not exist" if target.key else f"ends here: {named}"
        return self.ends(target, Ending.DEAD_END, text, elapsed, (_DEAD,))

    def _boomerang(self, source: Node, destination: Destination, target: Ref, elapsed: Elapsed) -> Step:
        reason = Reason("DEST", "Boomerang rings an outside number and falls back to a mailbox")
        self.rings()
        accepted = self.outside(source, str(destination.external), elapsed)
        back = self.visit(mailbox_ref(self.graph, destination.number or source.key), elapsed.plus(None))
        branches = (
            Branch("the outside number accepts", "", accepted, on=(Condition(On.ACCEPTED),)),
            Branch("it does not accept", "NoAnswer", back, on=(Condition(On.NO_ANSWER),)),
        )
        text = f"rings {destination.external}"
        return Step(target, str(target), text, (reason,), elapsed, branches=branches)

    def outside(self, source: Node, number: str, elapsed: Elapsed) -> Step:
        """The call leaves through the outbound rules, on behalf of an object."""
        from pbx_as_code.callflow.trace.outbound import forwarded

        return forwarded(self, source, number, elapsed)


_DEAD: Final = Reason("L2", "the PBX then ends the call or plays a message", assumed=True)
_TERMINAL: Final = frozenset({Kind.VOICEMAIL, Kind.EXTERNAL, Kind.END, Kind.MISSING, Kind.UNKNOWN, Kind.FAX})


def _readings(one: Standing) -> tuple[Standing, ...]:
    """A standing and its other readings; of an unknown one only these."""
    from pbx_as_code.callflow.hours.state import State

    return one.others if one.state is State.UNKNOWN and one.others else (one, *one.others)


def _label(reasons: tuple[Reason, ...], common: set[Reason]) -> str:
    """The reason that tells a reading from the others, an assumption if there is one."""
    own = [reason for reason in reasons if reason not in common and reason.rule != "D3"] or list(reasons)
    return next((reason.text for reason in own if reason.assumed), own[0].text if own else "")
