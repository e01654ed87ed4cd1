"""Regular expressions that take linear time: every state at once, character by character, without going back.

A fault plan comes from outside, and Python's own matcher can take hours over a pattern of ten characters. A pattern
that cannot be matched this way (references to groups, look-behind, atomic groups) is refused.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable
from typing import Any

MOST_CHARACTERS = 500
MOST_STATES = 5_000
MOST_AHEAD = 100
_REFUSED = (
    f"is refused: a regular expression here has at most {MOST_CHARACTERS} characters and {MOST_STATES} states, and "
    "no references to groups, conditions, atomic groups, possessive repetitions, look-behind, or look-ahead of more "
    f"than {MOST_AHEAD} characters"
)
_parser: Any = re._parser
_WORD = re.compile(r"\w")
_CATEGORIES: dict[str, Callable[[str], bool]] = {
    "CATEGORY_DIGIT": str.isdecimal,
    "CATEGORY_SPACE": str.isspace,
    "CATEGORY_WORD": lambda character: _WORD.match(character) is not None,
}
#: Requirement of a step: a character or a position that passes; and the next step.
Test = Callable[[str], bool]
Place = Callable[[str, int], bool]


class Pattern:
    """A compiled regular expression.

    Raises:
        ValueError: it is no regular expression, or one that is refused.
        TypeError: it is no text.
    """

    def __init__(self, text: str) -> None:
        if not isinstance(text, str):
            raise TypeError(f"a regular expression is text, not {text!r}")
        if len(text) > MOST_CHARACTERS:
            raise ValueError(_REFUSED)
        try:
            tree = _parser.parse(text)
        except (re.error, OverflowError, RecursionError) as error:
            raise ValueError(f"is no regular expression: {error}") from None
        self._flags = tree.state.flags
        self._steps: list[tuple[Test | None, Place | None, list[int]]] = []
        self._end = self._state()
        self._start = self._sequence(tree, self._end)

    def found_in(self, text: str) -> bool:
        """Whether it matches anywhere in a text."""
        current: set[int] = set()
        for place in range(len(text) + 1):
            self._reach(self._start, text, place, current)
            if self._end in current:
                return True
            current = self._advance(current, text, place)
        return False

    def _begins(self, start: int, end: int, text: str, place: int) -> bool:
        """Whether a part of it matches at this place."""
        current: set[int] = set()
        self._reach(start, text, place, current)
        while current and end not in current:
            current, place = self._advance(current, text, place), place + 1
        return end in current

    def _advance(self, current: set[int], text: str, place: int) -> set[int]:
        """The states after the character at this place."""
        following: set[int] = set()
        if place < len(text):
            for state in current:
                test, _, after = self._steps[state]
                if test is not None and test(text[place]):
                    for one in after:
                        self._reach(one, text, place + 1, following)
        return following

    def _reach(self, state: int, text: str, place: int, into: set[int]) -> None:
        """Add a state, and every one that needs no character more."""
        waiting = [state]
        while waiting:
            one = waiting.pop()
            if one in into:
                continue
            test, holds, after = self._steps[one]
            if holds is not None and not holds(text, place):
                continue
            into.add(one)
            if test is None:
                waiting.extend(after)

    def _state(self, test: Test | None = None, holds: Place | None = None, after: Iterable[int] = ()) -> int:
        if len(self._steps) >= MOST_STATES:
            raise ValueError(_REFUSED)
        self._steps.append((test, holds, list(after)))
        return len(self._steps) - 1

    def _sequence(self, nodes: Iterable[Any], after: int) -> int:
        for node in reversed(list(nodes)):
            after = self._node(str(node[0]), node[1], after)
        return after

    def _node(self, kind: str, value: Any, after: int) -> int:
        if kind in ("MAX_REPEAT", "MIN_REPEAT"):
            return self._repeat(value[0], value[1], value[2], after)
        if kind == "SUBPATTERN":
            _, added, removed, inner = value
            return self._with_flags((self._flags | added) & ~removed, inner, after)
        if kind == "BRANCH":
            return self._state(after=[self._sequence(inner, after) for inner in value[1]])
        if kind in ("ASSERT", "ASSERT_NOT"):
            return self._look_ahead(kind == "ASSERT", value[0], value[1], after)
        if kind == "AT":
            return self._state(holds=self._place(str(value)), after=[after])
        return self._state(test=self._test(kind, value), after=[after])

    def _with_flags(self, flags: int, inner: Any, after: int) -> int:
        before, self._flags = self._flags, flags
        try:
            return self._sequence(inner, after)
        finally:
            self._flags = before

    def _repeat(self, least: int, most: Any, inner: Any, after: int) -> int:
        if most == _parser.MAXREPEAT:
            again = self._state(after=[after])
            self._steps[again][2].append(self._sequence(inner, again))
            after = again
        else:
            end = after
            for _ in range(int(most) - least):
                after = self._state(after=[end, self._sequence(inner, after)])
        for _ in range(least):
            after = self._sequence(inner, after)
        return after

    def _look_ahead(self, positive: bool, direction: int, inner: Any, after: int) -> int:
        if direction < 0 or inner.getwidth()[1] > MOST_AHEAD:
            raise ValueError(_REFUSED)
        end = self._state()
        start = self._sequence(inner, end)
        return self._state(holds=lambda text, place: self._begins(start, end, text, place) is positive, after=[after])

    def _test(self, kind: str, value: Any) -> Test:
        folded = bool(self._flags & re.IGNORECASE)
        if kind == "ANY":
            return (lambda _: True) if self._flags & re.DOTALL else (lambda character: character != "\n")
        if kind in ("LITERAL", "NOT_LITERAL"):
            passes = _members([("LITERAL", value)], folded)
            return passes if kind == "LITERAL" else lambda character: not passes(character)
        if kind == "IN":
            return _members([(str(member[0]), member[1]) for member in value], folded)
        raise ValueError(_REFUSED)

    def _place(self, kind: str) -> Place:
        lines = bool(self._flags & re.MULTILINE)
        if kind == "AT_BEGINNING" and lines:
            return lambda text, place: place == 0 or text[place - 1] == "\n"
        if kind in ("AT_BEGINNING", "AT_BEGINNING_STRING"):
            return lambda _, place: place == 0
        if kind == "AT_END_STRING":
            return lambda text, place: place == len(text)
        if kind == "AT_END":
            return lambda text, place: text[place:] in ("", "\n") or (lines and text[place] == "\n")
        inside = kind == "AT_NON_BOUNDARY"
        return lambda text, place: (_is_word(text, place - 1) == _is_word(text, place)) is inside


def _is_word(text: str, place: int) -> bool:
    return 0 <= place < len(text) and _WORD.match(text[place]) is not None


def _members(members: list[tuple[str, Any]], folded: bool) -> Test:
    """A test for one character of a set."""
    negated = bool(members) and members[0][0] == "NEGATE"
    tests = [_member(kind, value) for kind, value in members if kind != "NEGATE"]

    def passes(character: str) -> bool:
        spellings = {character, character.lower(), character.upper()} if folded else {character}
        return any(test(one) for one in spellings for test in tests) is not negated

    return passes


def _member(kind: str, value: Any) -> Test:
    if kind == "LITERAL":
        return lambda character: character == chr(value)
    if kind == "RANGE":
        return lambda character: len(character) == 1 and value[0] <= ord(character) <= value[1]
    name = str(value)
    positive = name.replace("_NOT_", "_")
    if kind != "CATEGORY" or positive not in _CATEGORIES:
        raise ValueError(_REFUSED)
    belongs = _CATEGORIES[positive]
    return belongs if name == positive else lambda character: not belongs(character)
