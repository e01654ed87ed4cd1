"""Calls at digital receptionists."""

from __future__ import annotations

from typing import Final

from pbx_as_code.callflow.build.targets import forward_target, object_ref
from pbx_as_code.callflow.model.groups import Forward, Receptionist
from pbx_as_code.callflow.model.refs import Kind
from pbx_as_code.callflow.reasons import Reason
from pbx_as_code.callflow.trace.conditions import Condition, On
from pbx_as_code.callflow.trace.distribution import arrive
from pbx_as_code.callflow.trace.steps import Branch, Elapsed, End, Ending, Step
from pbx_as_code.callflow.trace.walker import Walker

_SCRIPTED: Final = frozenset({"CodeBased", "ScriptBased"})


def receptionist(walker: Walker, node: Receptionist, elapsed: Elapsed) -> Step:
    """A call at a digital receptionist."""
    return arrive(walker, node, elapsed, "V1", lambda reasons: _opened(walker, node, elapsed, reasons))


def _opened(walker: Walker, node: Receptionist, elapsed: Elapsed, before: tuple[Reason, ...]) -> Step:
    if node.ivr_type in _SCRIPTED or node.ms_exchange:
        reasons = (*before, Reason("V6", f"{node.ivr_type or 'MS Exchange'} decides outside of the configuration"))
        return walker.ends(node.ref, Ending.SCRIPT, "unknown: a script or another system decides", elapsed, reasons)
    if node.ivr_type == "Wakeup":
        reasons = (*before, Reason("V6", "the wake-up service takes the call"))
        return walker.ends(node.ref, Ending.SERVICE, "wake-up service", elapsed, reasons)
    walker.rings()
    reasons = (*before, Reason("V1", f"plays {node.prompt or 'its prompt'} and waits for a key"))
    if node.timeout is None:
        reasons += (Reason("T4", "the timeout is not declared"),)
    branches = [_timeout(walker, node, elapsed), *_keys(walker, node, elapsed)]
    if node.invalid_key_number is not None:
        after = walker.visit(object_ref(walker.graph, node.invalid_key_number), elapsed)
        branches.append(Branch("invalid key", "", after, on=(Condition(On.INVALID_KEY),)))
    if node.transfer_enabled is not False:
        branches.append(_any_extension(walker, node, elapsed))
    wait = f"{node.timeout} s" if node.timeout is not None else "unknown seconds"
    local = walker.local(node.ref, elapsed).time
    rings = None
    return walker.step(
        node, f"menu: waits {wait} for a key", elapsed, reasons, local=local, rings=rings, branches=tuple(branches)
    )  # fmt: skip


def _timeout(walker: Walker, node: Receptionist, elapsed: Elapsed) -> Branch:
    wait = f" for {node.timeout} s" if node.timeout is not None else " for unknown seconds"
    forward = node.timeout_forward
    later = elapsed.plus(node.timeout)
    label, on = f"no key{wait}", (Condition(On.NO_KEY),)
    if forward.type is None:
        text = "unknown: what follows without a key is not declared"
        return Branch(label, "", walker.ends(node.ref, Ending.UNKNOWN, text, later, (Reason("T4", text),)), on=on)
    return Branch(label, "", _forward(walker, node, forward, later, "V2"), on=on)


def _keys(walker: Walker, node: Receptionist, elapsed: Elapsed) -> list[Branch]:
    """One branch for each key; keys that do the same together."""
    found: list[Branch] = []
    for forward in node.forwards:
        step = _forward(walker, node, forward, elapsed, "V1")
        pressed = Condition(On.KEY, forward.key or "?")
        same = next((i for i, one in enumerate(found) if walker.outcome(one.step) == walker.outcome(step)), None)
        if same is not None and found[same].step.ref == step.ref:
            one = found[same]
            found[same] = Branch(f"{one.label}, {forward.key or '?'}", one.word, one.step, on=(*one.on, pressed))
        else:
            found.append(Branch(str(pressed), "", step, on=(pressed,)))
    return found


def _forward(walker: Walker, node: Receptionist, forward: Forward, elapsed: Elapsed, rule: str) -> Step:
    kind = forward.type
    target = forward_target(walker.graph, forward, node.ref)
    if kind == "EndCall":
        return walker.ends(target, Ending.ENDED, "the call ends", elapsed, (Reason(rule, "EndCall ends the call"),))
    if kind == "RepeatPrompt":
        text = "the menu repeats until the caller presses a key or hangs up"
        reason = Reason("V2", "RepeatPrompt restarts the prompt and the timer")
        end = End(Ending.REPEATS, node.ref, text, seconds=node.timeout)
        return Step(node.ref, node.title, text, (reason,), elapsed, place=node.place(), end=end)
    if kind == "CallByName":
        text = "the caller chooses a user by name"
        reason = Reason("V5", "users with a recorded name can be chosen; recordings are not in the configuration")
        return walker.ends(node.ref, Ending.EXTENSION, text, elapsed, (reason,))
    if kind == "CustomInput":
        text = "plays a text and waits for input"
        return walker.ends(node.ref, Ending.UNKNOWN, text, elapsed, (Reason("V1", "CustomInput plays its data"),))
    if target.kind is Kind.MISSING:
        text = f"ends here: {kind or 'the action'} {forward.number or 'without a number'} does not exist"
        reason = Reason("L2", "the PBX then ends the call or plays a message", assumed=True)
        return walker.ends(target, Ending.DEAD_END, text, elapsed, (reason,))
    if target.kind is Kind.UNKNOWN:
        text = f"unknown: the action {kind or 'is not declared'}"
        return walker.ends(target, Ending.UNKNOWN, text, elapsed, (Reason("T4", text),))
    return walker.visit(target, elapsed)


def _any_extension(walker: Walker, node: Receptionist, elapsed: Elapsed) -> Branch:
    known = node.transfer_enabled is True
    text = "any extension, see the trace of that object"
    reason = Reason("V4", "a caller may dial the number of an extension", assumed=not known)
    step = walker.ends(node.ref, Ending.EXTENSION, text, elapsed, (reason,))
    return Branch("dials an extension", "", step, on=(Condition(On.EXTENSION),))
