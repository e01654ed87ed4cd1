"""A trace for programs, with the PBX's own words for reasons."""

from __future__ import annotations

from typing import Any

from pbx_as_code.callflow.model.refs import Ref
from pbx_as_code.callflow.rules import confidence_of
from pbx_as_code.callflow.trace.steps import Elapsed, Step
from pbx_as_code.callflow.trace.tracing import Trace


def as_json(trace: Trace) -> dict[str, Any]:
    """A trace as plain structures.

    Keys: call, warnings and trace, a step. A step has object, what, reason (the PBX's word for why the call is here),
    rules, after, rings, local_time, place, branches and end; keys without a value are left out.
    """
    call = trace.call
    return {
        "call": _given(
            start=_object(call.start), at=call.at.isoformat(), caller=call.caller, extension=call.extension,
            assume={number: sorted(words) for number, words in call.assume.items()}, ignore_state=call.ignore_state,
        ),
        "warnings": list(trace.warnings),
        "trace": _step(trace.root),
    }  # fmt: skip


def _step(step: Step) -> dict[str, Any]:
    end = step.end
    return _given(
        object=_object(step.ref),
        title=step.title,
        what=step.text,
        reason=step.word,
        rules=[
            _given(
                rule=reason.rule,
                confidence=confidence_of(reason.rule, assumed=reason.assumed),
                text=reason.text,
                assumed=reason.assumed or None,
            )
            for reason in step.reasons
        ],
        local_time=step.local.isoformat() if step.local else None,
        after=_elapsed(step.elapsed),
        rings=_elapsed(step.rings) if step.rings else None,
        place=str(step.place) if step.place else None,
        branches=[
            _given(
                condition=branch.label, kinds=[str(one) for one in branch.on], reason=branch.word,
                uncertain=branch.fork or None, then=_step(branch.step),
            )
            for branch in step.branches
        ],
        end=_given(
            ending=str(end.ending), object=_object(end.ref) if end.ref else None, text=end.text,
            silent=end.silent or None, seconds=end.seconds,
        ) if end else None,
    )  # fmt: skip


def _object(ref: Ref) -> dict[str, str]:
    return {"kind": str(ref.kind), "key": ref.key}


def _elapsed(elapsed: Elapsed) -> dict[str, Any]:
    return _given(seconds=elapsed.low, at_most=elapsed.high, unknown=elapsed.unknown or None)


def _given(**values: Any) -> dict[str, Any]:
    return {name: value for name, value in values.items() if value is not None and value not in ("", [], {})}
