"""Rules of a map: one number, a range or a number with dots stands for another one."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import Final

from pbx_as_code.config.nodes import Place
from pbx_as_code.engine.compare.values import telephone

_EXACT: Final = re.compile(r"\*?\+?[0-9]+")
_RANGE: Final = re.compile(r"(\+?)([0-9]+) *- *\+?([0-9]+)")
_DOTS: Final = re.compile(r"(\+?[0-9]*)(\.+)")


@dataclass
class Rule:
    """One line of a map.

    Attributes:
        place: of its key
        old: as it was written
        new: as it was written
        used: whether anything of the source matches it
    """

    place: Place
    old: str
    new: str
    used: bool = False

    @property
    def exact(self) -> bool:
        """Whether it stands for one value only."""
        return True

    def apply(self, value: str) -> str | None:
        """The new value; None if the rule is not about the value.

        Parameters:
            value: of the source
        """
        return self.new if value == self.old else None


@dataclass
class OneNumber(Rule):
    """A number or DID; + and separators are ignored."""

    def apply(self, value: str) -> str | None:
        """The new value; None if the rule is not about the value."""
        return self.new if telephone(value) == telephone(self.old) else None


@dataclass
class Range(Rule):
    """Numbers from one to another, such as 100-199."""

    first: str = ""
    last: str = ""
    begins: str = ""
    sign: str = ""

    @property
    def exact(self) -> bool:
        """Whether it stands for one value only."""
        return False

    def apply(self, value: str) -> str | None:
        """The new value; None if the rule is not about the value."""
        digits = telephone(value)
        if not (digits.isascii() and digits.isdigit()) or len(digits) != len(self.first):
            return None
        if not self.first <= digits <= self.last:
            return None
        return self.sign + str(int(self.begins) + int(digits) - int(self.first)).zfill(len(self.begins))


@dataclass
class Dots(Rule):
    """Numbers with the same beginning; each dot is one digit that stays, such as 1.. for 100 to 199."""

    beginning: str = ""
    dots: int = 0

    @property
    def exact(self) -> bool:
        """Whether it stands for one value only."""
        return False

    def apply(self, value: str) -> str | None:
        """The new value; None if the rule is not about the value."""
        digits = telephone(value)
        if not (digits.isascii() and digits.isdigit()) or len(digits) != len(self.beginning) + self.dots:
            return None
        if not digits.startswith(self.beginning):
            return None
        return self.new[: -self.dots] + digits[len(self.beginning) :]


def number_rule(place: Place, old: str, new: str) -> Rule | str:
    """The rule that a line about numbers or DIDs is, or why it is none.

    Parameters:
        place: of the key
        old: the key, such as 100, 100-199 or 1..
        new: the value, in the same notation
    """
    if _EXACT.fullmatch(old):
        if not _EXACT.fullmatch(new):
            return f"{old} is one number, so {new} has to be one number, too."
        return OneNumber(place, old, new)
    if found := _RANGE.fullmatch(old):
        return _range(place, old, new, found)
    if found := _DOTS.fullmatch(old):
        other = _DOTS.fullmatch(new)
        if other is None or len(other[2]) != len(found[2]):
            return f"{old} has {len(found[2])} digits that stay, so {new} needs as many dots at its end."
        return Dots(place, old, new, beginning=found[1].removeprefix("+"), dots=len(found[2]))
    return f"{old} is no number. Write one number, a range (100-199), or a dot for each digit that stays (1..)."


def _range(place: Place, old: str, new: str, found: re.Match[str]) -> Range | str:
    other = _RANGE.fullmatch(new)
    if other is None:
        return f"{old} is a range, so {new} has to be a range of the same size, such as 300-399."
    first, last, begins, ends = found[2], found[3], other[2], other[3]
    for text, low, high in ((old, first, last), (new, begins, ends)):
        if len(low) != len(high) or low > high:
            return f"{text} is no range: write the lower number first, and both with as many digits."
    here, there = int(last) - int(first) + 1, int(ends) - int(begins) + 1
    if here != there:
        return f"{old} has {here} numbers and {new} has {there}. Both ranges need the same size."
    return Range(place, old, new, first=first, last=last, begins=begins, sign=other[1])


@dataclass
class Table:
    """One section of a map.

    Attributes:
        name: key of the section
        rules: its lines
        overlaps: values that several rules change, with these rules
    """

    name: str
    rules: list[Rule] = field(default_factory=list)
    overlaps: dict[str, list[Rule]] = field(default_factory=dict)
    _seen: dict[str, tuple[str, Rule | None]] = field(default_factory=dict, repr=False)

    def find(self, value: str) -> Rule | None:
        """The rule about a value: one about this value only goes before ranges. It counts as used.

        Parameters:
            value: of the source
        """
        return self._found(value)[1]

    def new(self, value: str) -> str:
        """The new value; the same if no rule is about it.

        Parameters:
            value: of the source
        """
        return self._found(value)[0]

    def _found(self, value: str) -> tuple[str, Rule | None]:
        if value not in self._seen:
            matching = [(made, rule) for rule in self.rules if (made := rule.apply(value)) is not None]
            chosen = [one for one in matching if one[1].exact] or matching
            for _, rule in matching:
                rule.used = True
            if len({made for made, _ in chosen}) > 1:
                self.overlaps[value] = [rule for _, rule in chosen]
            self._seen[value] = chosen[0] if chosen else (value, None)
        return self._seen[value]
