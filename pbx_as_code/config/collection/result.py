"""The result of threecx_config: plain data without credentials."""

from __future__ import annotations

from typing import Any, Final

from pbx_as_code.config.applying.apply import Applied
from pbx_as_code.config.planning.operations import Doing, LeafChange, Operation, Plan
from pbx_as_code.config.reporting import report
from pbx_as_code.config.reporting.titles import title

_HIDDEN: Final = "(hidden)"
_HIDDEN_CHANGED: Final = "(hidden, changed)"
PLANNED: Final = "planned"
"""State of an operation that has not been carried out."""


def planned(made: Plan, *, diff_mode: bool) -> dict[str, Any]:
    """The result of a plan that has not been carried out.

    Parameters:
        made: the plan
        diff_mode: whether to show the difference of each object
    """
    result: dict[str, Any] = {
        "changed": bool(made.operations),
        "summary": report.summary(made),
        "selection": report.selection(made),
        "digest": made.digest,
        "waiver": made.waiver,
        "counts": _counts(made),
        "operations": [_operation(one) for one in made.operations],
        "not_compared": [f"{what}: {why}" for what, why, _ in report.not_compared(made)],
        "unmanaged": [title(kind, identity) for kind, identity in made.unmanaged],
        "undeclared": [title(kind, identity) for kind, identity in report.undeclared(made)],
        "impossible": [f"{title(kind, identity)}: {why}" for kind, identity, why in made.impossible],
    }
    if diff_mode and made.operations:
        result["diff"] = [_diff(one) for one in made.operations]
    return result


def with_fates(result: dict[str, Any], applied: Applied) -> None:
    """Put the fate of each operation into the result of its plan.

    Parameters:
        result: of `planned`
        applied: what came of the plan
    """
    fates = {one.number: one for one in applied.fates}
    for one in result["operations"]:
        fate = fates[one["number"]]
        one.update(state=fate.state.value, why=fate.why)
    result["changed"] = applied.changed


def _counts(made: Plan) -> dict[str, int]:
    counts = {doing.value: sum(one.doing is doing for one in made.operations) for doing in Doing}
    return {
        **counts,
        "equal": len(made.equal),
        "impossible": len(made.impossible),
        "uncompared": len({(one.kind, one.identity) for one in made.uncompared}),
        "unmanaged": len(made.unmanaged),
    }


def _operation(one: Operation) -> dict[str, Any]:
    return {
        "number": one.number,
        "operation": one.doing.value,
        "kind": one.kind,
        "name": title(one.kind, one.identity),
        "state": PLANNED,
        "why": "",
        "changes": [
            {"option": change.called, "old": old, "new": new} for change in one.changes for old, new in [_shown(change)]
        ],
        "lost": list(one.loses),
    }


def _shown(change: LeafChange) -> tuple[Any, Any]:
    return (change.old, change.new) if change.secret is None else (_HIDDEN, _HIDDEN_CHANGED)


def _diff(one: Operation) -> dict[str, Any]:
    header = f"{one.doing.value} {title(one.kind, one.identity)}"
    values = {change.called: _shown(change) for change in one.changes}
    before = {option: old for option, (old, _) in values.items() if one.doing is not Doing.CREATE}
    after = {option: new for option, (_, new) in values.items()}
    if one.doing is Doing.REMOVE:
        before, after = before or {"state": "present"}, {}
    return {"before_header": header, "after_header": header, "before": before, "after": after}
