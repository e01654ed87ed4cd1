"""Outcomes of steps: equal for two readings that make no difference."""

from __future__ import annotations

from typing import Any

from pbx_as_code.callflow.trace.steps import Step


class Outcomes:
    """Outcomes as numbers, so that two trees are compared at once and each step is looked at once."""

    def __init__(self) -> None:
        self._numbers: dict[Any, int] = {}
        self._known: dict[int, tuple[int, Step]] = {}  # with the step, so that its id stays its own

    def of(self, step: Step) -> int:
        """The outcome of a step: the ends it leads to, with the conditions that decide between them."""
        known = self._known.get(id(step))
        if known is not None:
            return known[0]
        found = self._find(step)
        self._known[id(step)] = (found, step)
        return found

    def _find(self, step: Step) -> int:
        end = step.end
        if end is not None:
            return self.of(end.same) if end.same is not None else self._number((end.ending, end.ref))
        branches = [(branch.label, self.of(branch.step)) for branch in step.branches]
        ends = {outcome for _, outcome in branches}
        return ends.pop() if len(ends) == 1 else self._number(tuple(branches))

    def _number(self, what: Any) -> int:
        return self._numbers.setdefault(what, len(self._numbers))
