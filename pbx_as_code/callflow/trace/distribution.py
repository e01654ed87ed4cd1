"""Calls at queues and ring groups."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import Final

from pbx_as_code.callflow.hours.state import Standing, State
from pbx_as_code.callflow.model.destinations import PROCEED, Route
from pbx_as_code.callflow.model.groups import Distributor, Queue, RingGroup
from pbx_as_code.callflow.model.nodes import Node
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import User
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.calls import BUSY, FREE, UNREGISTERED, state_of
from pbx_as_code.callflow.trace.conditions import Condition, On
from pbx_as_code.callflow.trace.logins import Login, login
from pbx_as_code.callflow.trace.profiles import current_profile
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, Ending, Step
from pbx_as_code.callflow.trace.walker import Reading, Walker

_WORDS: Final = {State.CLOSED: "OutOfOfficeHours", State.HOLIDAY: "Holiday", State.BREAK: "BreakTime"}
_TIMES: Final = {State.CLOSED: "closed hours", State.HOLIDAY: "holidays", State.BREAK: "breaks"}
_CONDITIONS: Final = {
    State.CLOSED: (Condition(On.CLOSED),), State.HOLIDAY: (Condition(On.HOLIDAY),), State.BREAK: (Condition(On.BREAK),)
}  # fmt: skip
_MISSED: Final = Condition(On.NO_ANSWER)
Open = Callable[[tuple[Reason, ...]], Step]


def arrive(walker: Walker, node: Distributor, elapsed: Elapsed, rule: str, opened: Open) -> Step:
    """A call arrives at a queue, a ring group or a menu: its own routes for the state of its department (Q1, D1).

    Parameters:
        walker: of the trace
        node: the object
        elapsed: seconds so far
        rule: number of its rule, such as Q1
        opened: makes the step in which the object handles the call
    """
    standings = walker.standings(node.ref, elapsed)
    if not standings:
        unknown = Reason("D2", f"{node.ref} has no known department, so it counts as open", assumed=True)
        return opened((unknown,))
    readings = walker.by_state(node.ref, standings, lambda one: _in_state(walker, node, elapsed, rule, one, opened))
    return walker.decide(node.ref, elapsed, readings)


def _times(state: State) -> str:
    """A state as the time of a route."""
    return _TIMES.get(state, str(state))


def _in_state(walker: Walker, node: Distributor, elapsed: Elapsed, rule: str, one: Standing, opened: Open) -> Step:
    if one.state is State.OPEN:
        return opened(one.reasons)
    if one.state is State.OPERATOR:
        return _operator(walker, node, elapsed, one)
    route = {
        State.CLOSED: node.routes.closed,
        State.HOLIDAY: node.routes.holiday,
        State.BREAK: node.routes.on_break,
    }.get(one.state)
    destination = route.destination if route else None
    if destination is None:
        without = f"{node.title} has no route for {_times(one.state)}"
        proceed = Reason("Q1", f"{without}, so it handles the call", assumed=True)
        ends = Reason("Q1", f"{without}, so the call ends", assumed=True)
        readings = [
            Reading((proceed,), lambda: opened((*one.reasons, proceed)), "absent route", "handles"),
            Reading(
                (ends,), lambda: _without_route(walker, node, elapsed, (*one.reasons, ends), one),
                "absent route", "ends",
            ),
        ]  # fmt: skip
        return walker.decide(node.ref, elapsed, readings)
    if destination.to == PROCEED:
        return opened((*one.reasons, Reason(rule, f"its route for {_times(one.state)} is {PROCEED}: as if open")))
    if not walker.call.internal:
        return _leaves(walker, node, elapsed, rule, one, route)
    same = Reason("Q1", "internal callers are treated like others", assumed=True)
    exempt = Reason("Q1", "internal callers are exempt from the routes for closed hours", assumed=True)
    readings = [
        Reading((same,), lambda: _leaves(walker, node, elapsed, rule, one, route), "internal callers", "same"),
        Reading((exempt,), lambda: opened((*one.reasons, exempt)), "internal callers", "exempt"),
    ]
    return walker.decide(node.ref, elapsed, readings)


def _without_route(
    walker: Walker, node: Node, elapsed: Elapsed, reasons: Sequence[Reason], one: Standing
) -> Step:  # fmt: skip
    return walker.ends(node.ref, Ending.ENDED, "the call ends", elapsed, reasons, _WORDS.get(one.state, ""))


def _operator(walker: Walker, node: Distributor, elapsed: Elapsed, one: Standing) -> Step:
    departments, _ = walker.departments(node.ref)
    department = departments[0]
    after = walker.follow(department, department.custom_operator, elapsed, "the custom operator")
    text = f"sends the call to the custom operator of {department.key}"
    return walker.step(
        node, text, elapsed, one.reasons, branches=(Branch("", "", after, on=(Condition(On.OPERATOR),)),)
    )


def _leaves(
    walker: Walker, node: Distributor, elapsed: Elapsed, rule: str, one: Standing, route: Route | None
) -> Step:  # fmt: skip
    prompt = f", after the prompt {route.prompt}" if route and route.prompt_enabled and route.prompt else ""
    after = walker.follow(node, route.destination if route else None, elapsed, f"calls while {one.state}")
    reason = Reason(rule, f"its route for {_times(one.state)} counts: the hours are those of this department")
    local = walker.local(node.ref, elapsed)
    word = _WORDS.get(one.state, "")
    return walker.step(
        node, f"{one.state}: the call goes on at once{prompt}", elapsed, (*one.reasons, reason),
        local=local.time, word=word, branches=(Branch("", word, after, on=_CONDITIONS.get(one.state, ())),),
    )  # fmt: skip


def queue(walker: Walker, node: Queue, elapsed: Elapsed) -> Step:
    """A call at a queue."""
    return arrive(walker, node, elapsed, "Q1", lambda reasons: _open_queue(walker, node, elapsed, reasons))


def _open_queue(walker: Walker, node: Queue, elapsed: Elapsed, before: tuple[Reason, ...]) -> Step:
    reasons = list(before)
    logins: dict[str, Login] = {}
    for agent in node.agents:
        found = login(walker, agent.number, elapsed)
        logins[agent.number] = found
        if found.reason and found.reason not in reasons:
            reasons.append(found.reason)
    ready = [number for number, found in logins.items() if found.logged_in is not False]
    local = walker.local(node.ref, elapsed).time
    if not ready:
        text = "no agent is logged in" if node.agents else "it has no agents"
        reasons.append(Reason("Q2", f"{text}: the call goes on immediately"))
        after = walker.follow(node, node.no_answer, elapsed, "unanswered calls")
        branch = (Branch("", "NoAnswer", after, on=(Condition(On.LOGGED_OUT),)),)
        return walker.step(node, f"{text}: the call goes on at once", elapsed, reasons, local=local, branches=branch)
    free = [number for number in ready if not _taken(walker, number)]
    reasons += _unreached(walker, ready, free)
    wait = node.master_timeout or None
    walker.rings()
    rings = Elapsed().plus(wait)
    reasons.append(Reason("Q4", f"polling repeats until {_seconds(wait)}, in tries of {_seconds(node.ring_timeout)}"))
    if wait is None:
        reasons.append(Reason("T4", "master_timeout is not declared" if node.master_timeout is None else "it is 0"))
    if node.intro_enabled:
        reasons.append(Reason("Q4", "an introduction may play first, of unknown length", assumed=True))
    reasons.append(_strategy(node.strategy))
    rung = f"rings {', '.join(free)} ({node.strategy or 'unknown strategy'})"
    text = f"{rung if free else 'nobody can be rung: callers wait'} for {_seconds(wait)}"
    later = elapsed.plus(wait)
    branches = [_answered(walker, free, elapsed)] if free else []
    missed = walker.follow(node, node.no_answer, later, "unanswered calls")
    branches.append(Branch(f"nobody answers within {_seconds(wait)}", "NoAnswer", missed, on=(_MISSED,)))
    unsure = all(found.logged_in is None for number, found in logins.items() if number in ready)
    branches += _at_once(walker, node, elapsed, unsure=unsure)
    if node.callback_after or node.callback_only:
        branches.append(_callback(walker, node, elapsed))
    return walker.step(
        node, text, elapsed, reasons, local=local, rings=rings, branches=_distinct(walker, branches)
    )  # fmt: skip


def _at_once(walker: Walker, node: Queue, elapsed: Elapsed, *, unsure: bool) -> list[Branch]:
    """Ways to the destination for unanswered calls without waiting (Q2, Q7)."""
    after = walker.follow(node, node.no_answer, elapsed, "unanswered calls")
    ways = [("no agent is logged in", Condition(On.LOGGED_OUT))] if unsure else []
    if node.max_callers:
        ways.append((f"{node.max_callers} callers wait already", Condition(On.FULL)))
    ways.append(("the caller presses *", Condition(On.KEY, "*")))
    return [Branch(label, "NoAnswer", after, on=(on,)) for label, on in ways]


def _distinct(walker: Walker, branches: list[Branch]) -> tuple[Branch, ...]:
    """Branches whose ends differ, each with the conditions of its equals: being logged out only shows if it leads
    elsewhere.
    """
    found: list[Branch] = []
    for branch in branches:
        ends = walker.outcome(branch.step)
        same = next((i for i, one in enumerate(found) if walker.outcome(one.step) == ends), None)
        if same is None:
            found.append(branch)
        else:
            found[same] = replace(found[same], on=(*found[same].on, *branch.on))
    return tuple(found)


def _callback(walker: Walker, node: Queue, elapsed: Elapsed) -> Branch:
    later = elapsed.plus(node.callback_after)
    text = f"the queue calls back{' with the prefix ' + node.callback_prefix if node.callback_prefix else ''}"
    reason = Reason("Q7", "a callback ends in an outgoing call", assumed=True)
    step = walker.ends(node.ref, Ending.CALLBACK, text, later, (reason,))
    return Branch("the caller asks for a callback", "Callback", step, on=(Condition(On.CALLBACK),))


def _strategy(strategy: str | None) -> Reason:
    if strategy in ("LongestWaiting", "LeastTalkTime", "FewestAnswered") or (strategy or "").startswith("Skill"):
        return Reason("Q5", f"{strategy} depends on statistics or skills: any agent may be first")
    return Reason("Q5", f"strategy {strategy or 'unknown'}")


def _answered(walker: Walker, numbers: Sequence[str], elapsed: Elapsed) -> Branch:
    refs = [walker.graph.by_number(number) or Ref(Kind.MISSING, number) for number in numbers]
    who = numbers[0] if len(numbers) == 1 else f"one of {', '.join(numbers)}"
    step = walker.ends(refs[0], Ending.ANSWERED, f"answered by {who}", elapsed)
    return Branch("answered", "", step, on=(Condition(On.ANSWERED),))


def _seconds(seconds: int | None) -> str:
    return "unknown seconds" if seconds is None else f"{seconds} s"


def _unreached(walker: Walker, numbers: Sequence[str], free: Sequence[str]) -> list[Reason]:
    """Why some members do not ring."""
    by_reason: dict[str, list[str]] = {}
    for number in numbers:
        why = _hindrance(walker, number) if number not in free else None
        if why is not None:
            by_reason.setdefault(why, []).append(number)
    return [Reason("Q6", f"{', '.join(some)} cannot be rung: {why}") for why, some in by_reason.items()]


def _taken(walker: Walker, number: str) -> bool:
    """Whether a member cannot be rung."""
    return _hindrance(walker, number) is not None


def _hindrance(walker: Walker, number: str) -> str | None:
    """Why a member cannot be rung: on a call, not registered, or no such user; None if it can."""
    call = walker.call
    node = walker.graph.nodes.get(Ref(Kind.USER, number))
    if not isinstance(node, User):
        return None if walker.graph.by_number(number) is not None else "there is no such extension"
    if node.enabled is False:
        return "disabled"
    if call.assumed(number, UNREGISTERED):
        return "not registered, as you assume"
    if state_of(call, node)[2] is False and not call.assumed(number, FREE):
        return "not registered, as exported"
    return "on a call, as you assume" if call.assumed(number, BUSY) else None


def ring_group(walker: Walker, node: RingGroup, elapsed: Elapsed) -> Step:
    """A call at a ring group."""
    return arrive(walker, node, elapsed, "R1", lambda reasons: _open_group(walker, node, elapsed, reasons))


def _open_group(walker: Walker, node: RingGroup, elapsed: Elapsed, before: tuple[Reason, ...]) -> Step:
    reasons = list(before)
    local = walker.local(node.ref, elapsed).time
    if node.strategy == "Paging":
        reasons.append(Reason("R3", "phones answer by themselves"))
        end = walker.ends(node.ref, Ending.ANSWERED, "paged: phones answer by themselves", elapsed)
        return walker.step(
            node, "pages its members", elapsed, reasons, local=local,
            branches=(Branch("", "", end, on=(Condition(On.ANSWERED),)),),
        )  # fmt: skip
    free = []
    for number in node.members:
        user = walker.graph.nodes.get(Ref(Kind.USER, number))
        profile = current_profile(walker, user, elapsed) if isinstance(user, User) else None
        if profile and profile.profile and profile.profile.disable_ring_group_calls:
            reasons.append(Reason("R2", f"{number} takes no calls of ring groups while {profile.profile.name}"))
        elif not _taken(walker, number):
            free.append(number)
    reasons += _unreached(walker, list(node.members), free)
    if not free:
        why = "nobody can be reached" if node.members else "it has no members"
        reasons.append(Reason("R2", f"{why}: the call goes on immediately", assumed=True))
        after = walker.follow(node, node.no_answer, elapsed, "unanswered calls")
        branch = (Branch("", "NoAnswer", after, on=(_MISSED,)),)
        return walker.step(node, f"{why}: the call goes on at once", elapsed, reasons, local=local, branches=branch)
    walker.rings()
    longest = node.ring_time
    said = _seconds(node.ring_time)
    if node.strategy == "Hunt" and node.ring_time is not None and len(free) > 1:
        longest = node.ring_time * len(free)
        said = f"{node.ring_time} to {longest} s"
        reasons.append(Reason("R1", "the ring time counts for each member or for all of them", assumed=True))
    if node.ring_time is None:
        reasons.append(Reason("T4", "ring_time is not declared"))
    reasons.append(Reason("R1", "members ring once"))
    rings, later = Elapsed().plus(node.ring_time, longest), elapsed.plus(node.ring_time, longest)
    missed = walker.follow(node, node.no_answer, later, "unanswered calls")
    branches = (
        _answered(walker, free, elapsed),
        Branch(f"nobody answers within {said}", "NoAnswer", missed, on=(_MISSED,)),
    )  # fmt: skip
    text = f"rings {', '.join(free)} ({node.strategy or 'unknown strategy'}) for {said}"
    return walker.step(node, text, elapsed, reasons, local=local, rings=rings, branches=branches)
