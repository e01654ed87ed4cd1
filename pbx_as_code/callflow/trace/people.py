"""Calls at users and mailboxes."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import Final

from pbx_as_code.callflow.hours.schedules import holds
from pbx_as_code.callflow.hours.state import State
from pbx_as_code.callflow.model.destinations import Destination
from pbx_as_code.callflow.model.nodes import Voicemail
from pbx_as_code.callflow.model.refs import Kind, Ref
from pbx_as_code.callflow.model.users import ForwardingException, Profile, Split, User
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.calls import BUSY, FREE, UNREGISTERED, state_of
from pbx_as_code.callflow.trace.conditions import Condition, On
from pbx_as_code.callflow.trace.matching import matches
from pbx_as_code.callflow.trace.profiles import AVAILABLE, Current, current_profile, profile_named, user_standings
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, Ending, Step
from pbx_as_code.callflow.trace.walker import Reading, Walker

_EVENTS: Final = frozenset({"NoAnswer", "PhoneBusy", "PhoneNotRegistered"})
_EXCEPTION_HOURS: Final = Reason("U2", "hours of an exception are those of the user's department", assumed=True)
_CALL_TYPES: Final = {"InternalCallsOnly": True, "ExternalCallsOnly": False}


def user(walker: Walker, node: User, elapsed: Elapsed) -> Step:
    """A call at a user: exceptions first, then the profile (U1)."""
    if node.enabled is False:
        reason = Reason("U1", "what callers of a disabled user hear is not known", assumed=True)
        return walker.ends(node.ref, Ending.UNKNOWN, "unknown: the user is disabled", elapsed, (reason,))
    if node.ai_agent:
        reason = Reason("X2", "an AI agent takes the call and decides")
        return walker.ends(node.ref, Ending.SCRIPT, "an AI agent takes the call", elapsed, (reason,))
    return _exceptions(walker, node, elapsed, 0)


def _exceptions(walker: Walker, node: User, elapsed: Elapsed, position: int) -> Step:
    """The first exception from a position that fits, else the profile."""
    for index in range(position, len(node.exceptions)):
        exception = node.exceptions[index]
        if exception.enabled is False or (exception.condition or "") in _EVENTS:
            continue
        wanted = _CALL_TYPES.get(exception.call_type or "")
        if wanted is not None and wanted != walker.call.internal:
            continue
        fits = _fits(walker, exception)
        if fits is False:
            continue
        readings = _by_hours(walker, node, exception, elapsed, index)
        if fits:
            return walker.decide(node.ref, elapsed, readings)
        applies = walker.decide(node.ref, elapsed, readings)
        others = _exceptions(walker, node, elapsed, index + 1)
        if walker.outcome(applies) == walker.outcome(others):
            return others
        label = f"caller matches {exception.data}"
        matches_it, other = Condition(On.CALLER, exception.data or ""), Condition(On.OTHER_CALLERS)
        branches = (
            Branch(label, "BasedOnCallerID", applies, on=(matches_it,)),
            Branch("other callers", "", others, on=(other,)),
        )
        reason = Reason("U2", "forwarding exceptions come before the profile")
        return walker.step(node, "depends on the caller", elapsed, (reason,), branches=branches)
    return _profiles(walker, node, elapsed)


def _fits(walker: Walker, exception: ForwardingException) -> bool | None:
    """Whether an exception is for this caller; None: the caller is not known."""
    if exception.condition == "ForwardAll" or (exception.condition is None and not exception.data):
        return True
    if exception.condition == "BasedOnDID":
        did = walker.call.start
        return did.kind is Kind.DID and matches(exception.data, did.key)
    number = walker.call.extension or walker.call.caller
    return None if number is None else matches(exception.data, number)


def _by_hours(
    walker: Walker, node: User, exception: ForwardingException, elapsed: Elapsed, index: int
) -> list[Reading]:  # fmt: skip
    what = f"forwarding exception {index + 1}"
    fits = Reason("U2", f"{what} fits: {exception.condition or 'caller id'} {exception.data or ''}".rstrip())

    def leave(reasons: tuple[Reason, ...]) -> Step:
        after = walker.follow(node, exception.destination, elapsed, what)
        text, on = f"{what} takes the call", (Condition(On.EXCEPTION, f"{index + 1}"),)
        return walker.step(node, text, elapsed, reasons, branches=(Branch("", "", after, on=on),))

    def stay() -> Step:
        return _exceptions(walker, node, elapsed, index + 1)

    if exception.hours is None:
        return [Reading((fits,), lambda: leave((fits,)))]
    local = walker.local(node.ref, elapsed).time
    found = []
    for one in walker.standings(node.ref, elapsed, breaks=False) or ():
        held = holds(exception.hours, local, one.state, holiday=one.state is State.HOLIDAY)
        for answer, why in held.readings:
            reasons = (fits, why, _EXCEPTION_HOURS)
            leaving = partial(leave, reasons)
            found.append(Reading(reasons, leaving if answer else stay))
    return found or [Reading((fits,), lambda: leave((fits,)))]


def _profiles(walker: Walker, node: User, elapsed: Elapsed) -> Step:
    current = current_profile(walker, node, elapsed)
    main = _with_profile(walker, node, current, elapsed)
    if current.certain:
        return main
    branches: list[Branch] = [Branch(f"if {current.name}", "", main, on=(Condition(On.PROFILE, current.name),))]
    for profile in node.profiles:
        if profile.name == current.name:
            continue
        reason = Reason("U3", f"{node.key} is {profile.name}")
        step = _with_profile(walker, node, Current(profile.name, profile, reason, True), elapsed)
        ends, own = walker.outcome(step), Condition(On.PROFILE, profile.name)
        same = next((i for i, one in enumerate(branches) if walker.outcome(one.step) == ends), None)
        if same is None:
            branches.append(Branch(f"if {profile.name}", "", step, on=(own,)))
        else:
            one = branches[same]
            branches[same] = Branch(f"{one.label}, {profile.name}", one.word, one.step, on=(*one.on, own))
    if len(branches) == 1:
        return main
    return walker.step(node, "depends on the profile", elapsed, (current.reason,), branches=tuple(branches))


def _with_profile(walker: Walker, node: User, current: Current, elapsed: Elapsed) -> Step:
    profile = current.profile
    if profile is None:
        text = f"unknown: the profile {current.name} is not declared"
        return walker.ends(node.ref, Ending.UNKNOWN, text, elapsed, (current.reason, Reason("T4", text)))
    if profile.is_away:
        return _away(walker, node, profile, elapsed, current.reason)
    return _available(walker, node, profile, elapsed, (current.reason,))


def _away(walker: Walker, node: User, profile: Profile, elapsed: Elapsed, before: Reason) -> Step:
    internal = walker.call.internal
    away = profile.away
    destination = away.internal if internal else away.external
    always = away.all_hours_internal if internal else away.all_hours_external
    who = "internal" if internal else "external"
    reason = Reason("U7", f"{profile.name}: calls of {who} callers go on at once")

    def leave(more: tuple[Reason, ...] = ()) -> Step:
        after = walker.follow(node, destination, elapsed, f"{who} calls while {profile.name}")
        text = f"{profile.name}: the call goes on at once"
        branches = (Branch("", "ForwardAll", after, on=(Condition(On.AWAY),)),)
        return walker.step(node, text, elapsed, (before, reason, *more), word="ForwardAll", branches=branches)

    if always is not False:
        return leave()
    states = user_standings(walker, node, elapsed)
    if states and all(one.state is not State.OPEN for one in states):
        return leave()
    same = Reason("U7", "the destination counts in office hours too", assumed=True)
    rings = Reason("U7", "in office hours the user rings as if Available", assumed=True)
    available = profile_named(node, AVAILABLE) or profile
    readings = [
        Reading((same,), lambda: leave((same,)), "U7", "same"),
        Reading((rings,), lambda: _available(walker, node, available, elapsed, (before, rings)), "U7", "rings"),
    ]
    return walker.decide(node.ref, elapsed, readings)


def _available(walker: Walker, node: User, profile: Profile, elapsed: Elapsed, before: tuple[Reason, ...]) -> Step:
    call = walker.call
    registered = state_of(call, node)[2]
    gone = call.assumed(node.key, UNREGISTERED) or (registered is False and not call.assumed(node.key, FREE))
    if gone:
        said = "as you assume" if call.assumed(node.key, UNREGISTERED) else "as exported"
        reasons = (*before, Reason("U5", f"no phone of {node.key} is registered, {said}"))
        return _at_once(walker, node, profile.not_registered, elapsed, reasons, On.NOT_REGISTERED, "PhoneNotRegistered")
    if call.assumed(node.key, BUSY) and not profile.accept_multiple_calls:
        reasons = (*before, Reason("U5", f"{node.key} is on a call, as you assume"))
        return _at_once(walker, node, profile.busy, elapsed, reasons, On.BUSY, "PhoneBusy")
    if any((one.condition or "") in _EVENTS and one.enabled is not False for one in node.exceptions):
        before += (Reason("U2", "exceptions for no answer, busy or not registered are not followed", assumed=True),)
    walker.rings()
    wait = profile.no_answer_timeout
    said = f"{wait} s" if wait is not None else "unknown seconds"
    reasons = (*before, Reason("U5", f"rings for {said}"))
    if wait is None:
        reasons += (Reason("T4", "no_answer_timeout is not declared"),)
    text = f"rings for {said}"
    if profile.ring_my_mobile and node.mobile:
        text += f", and {node.mobile} too"
        reasons += (Reason("U9", "the mobile rings at the same time, through an outbound rule"),)
    branches = [
        Branch(
            "answered", "", walker.ends(node.ref, Ending.ANSWERED, f"answered by {node.key}", elapsed),
            on=(Condition(On.ANSWERED),),
        ),
        Branch(
            f"nobody answers within {said}", "NoAnswer",
            _split(walker, node, profile.no_answer, elapsed.plus(wait), "unanswered calls"),
            on=(Condition(On.NO_ANSWER),),
        ),
    ]  # fmt: skip
    for split, on, word in (
        (profile.busy, On.BUSY, "PhoneBusy"), (profile.not_registered, On.NOT_REGISTERED, "PhoneNotRegistered")
    ):  # fmt: skip
        if (on is On.BUSY and profile.accept_multiple_calls) or call.assumed(node.key, FREE):
            continue
        if on is On.NOT_REGISTERED and registered:
            continue
        after = _split(walker, node, split, elapsed, f"calls while {on}")
        branches.append(Branch(str(on), word, after, on=(Condition(on),)))
    first, *rest = branches
    local = walker.local(node.ref, elapsed).time
    merged = (first, *_united(walker, rest))
    return walker.step(
        node, text, elapsed, reasons, local=local, rings=Elapsed().plus(wait), branches=merged
    )  # fmt: skip


def _united(walker: Walker, branches: list[Branch]) -> tuple[Branch, ...]:
    """Branches to the same place as one: no answer, busy and not registered mostly lead to one mailbox."""
    found: list[Branch] = []
    for branch in branches:
        ends = (branch.step.ref, walker.outcome(branch.step))
        same = next((i for i, one in enumerate(found) if (one.step.ref, walker.outcome(one.step)) == ends), None)
        if same is None:
            found.append(branch)
        else:
            one = found[same]
            found[same] = Branch(f"{one.label}, or {branch.label}", one.word, one.step, on=(*one.on, *branch.on))
    return tuple(found)


def _at_once(
    walker: Walker, node: User, split: Split, elapsed: Elapsed, reasons: tuple[Reason, ...], what: On, word: str
) -> Step:  # fmt: skip
    after = _split(walker, node, split, elapsed, f"calls while {what}")
    text = f"{what}: the call goes on at once"
    return walker.step(
        node, text, elapsed, reasons, word=word, branches=(Branch("", word, after, on=(Condition(what),)),)
    )


def _split(walker: Walker, node: User, split: Split, elapsed: Elapsed, what: str) -> Step:
    """The destination for this caller (U6)."""
    internal = walker.call.internal

    def go(destination: Destination | None) -> Callable[[], Step]:
        return lambda: walker.follow(node, destination, elapsed, what)

    own = split.internal if internal else split.external
    if not internal or split.internal == split.external or split.all_calls is False:
        return go(own)()
    everybody = Reason("U6", "with all_calls the external destination counts for everybody", assumed=True)
    separate = Reason("U6", "internal callers keep their own destination", assumed=True)
    readings = [
        Reading((everybody,), go(split.external), "U6", "everybody"),
        Reading((separate,), go(split.internal), "U6", "separate"),
    ]
    return walker.decide(node.ref, elapsed, readings if split.all_calls else readings[::-1])


def voicemail(walker: Walker, node: Voicemail, elapsed: Elapsed) -> Step:
    """A call at a mailbox."""
    owner = walker.graph.by_number(node.number)
    found = walker.graph.nodes.get(owner) if owner else None

    def stored(reasons: tuple[Reason, ...]) -> Step:
        return walker.ends(node.ref, Ending.VOICEMAIL, f"voicemail of {node.number}", elapsed, reasons)

    if isinstance(found, User) and found.voicemail_enabled is False:
        off = Reason("U10", f"the voicemail of {node.number} is switched off, so the call ends", assumed=True)
        on = Reason("U10", "the mailbox takes the call although it is switched off", assumed=True)
        ended = Reading(
            (off,), lambda: walker.ends(Ref(Kind.END, ""), Ending.ENDED, "the call ends", elapsed, (off,)), "U10", "off"
        )
        return walker.decide(node.ref, elapsed, [ended, Reading((on,), lambda: stored((on,)), "U10", "on")])
    if not isinstance(found, User):
        return stored((Reason("DEST", "queues and ring groups have mailboxes since 20.0.9", assumed=True),))
    return stored((Reason("DEST", "VoiceMail is the mailbox of the number"),))
