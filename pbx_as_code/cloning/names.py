"""The numbers and names of the source, their new ones, and collisions among these."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

from pbx_as_code.cloning.mapping import CloneMap, TrunkRule
from pbx_as_code.cloning.patterns import Rule, Table
from pbx_as_code.config.configuration import Configuration
from pbx_as_code.config.kinds import DIALLED
from pbx_as_code.config.nodes import Problem
from pbx_as_code.config.spelling import unknown
from pbx_as_code.engine.compare.values import telephone

_SETTINGS: Final = (("conference_settings", "extension"), ("voicemail_settings", "extension"))
_PARTS: Final = re.compile(r"(\s*[,;]\s*)")
_HOST: Final = re.compile(
    r"(?P<before>(?:[a-z][a-z0-9+.-]*:(?://)?)?(?:[^@\s/,;]+@)?)(?P<host>[a-z0-9_-]+(?:\.[a-z0-9_-]+)+)"
    r"(?P<after>\.?(?::[0-9]+)?(?:[/?#;]\S*)?)",
    re.IGNORECASE,
)
_AT: Final = re.compile(r"(?<=@)[A-Za-z0-9_.-]+")


class Names:
    """Old and new numbers and names."""

    def __init__(self, source: Configuration, wanted: CloneMap) -> None:
        """The names of a source.

        Parameters:
            source: that is cloned
            wanted: the map
        """
        self._map = wanted
        self.owners = dict(_owners(source))
        """By number: the object that has it, for people."""
        self._own = {telephone(did) for did in _own_numbers(source)}
        self._trunks: dict[str, TrunkRule] = {}
        for trunk in source.of("trunk"):
            number, name = str(trunk.values.get("number")), (trunk.values.get("gateway") or {}).get("name")
            for known in (number, name):
                rule = wanted.trunks.find(known) if known else None
                if isinstance(rule, TrunkRule):
                    self._trunks[number] = rule
        self.dids = sorted(self._own)
        """Digits of the telephone numbers that the PBX itself has."""
        self.departments = {
            str(one.values["name"]): f"{one.title} at {one.place}" for one in source.of("group")
        }  # fmt: skip
        self._trunk_names = {
            str(one.values["gateway"]["name"]): (str(one.values["number"]), f"{one.title} at {one.place}")
            for one in source.of("trunk")
            if (one.values.get("gateway") or {}).get("name")
        }

    @property
    def maps_dids(self) -> bool:
        """Whether the map changes any DID."""
        return bool(self._map.dids.rules)

    def number(self, value: str) -> str:
        """The new internal number."""
        rule = self._trunks.get(value)
        return rule.number if rule is not None and rule.number else self._map.numbers.new(value)

    def bound(self, value: str) -> str:
        """The new end of a range of internal numbers: a rule about a range goes before one about a number."""
        for rule in self._map.numbers.rules:
            new = None if rule.exact else rule.apply(value)
            if new is not None:
                rule.used = True
                return new
        return self.number(value)

    def trunk_name(self, value: str, number: str) -> str:
        """The new name of a trunk.

        Parameters:
            value: the name
            number: of the trunk
        """
        rule = self._trunks.get(number)
        return rule.name if rule is not None and rule.name else value

    def trunk(self, value: str) -> str:
        """The new number or name of a trunk that is known by its number or name."""
        number, _ = self._trunk_names.get(value, ("", ""))
        return self.trunk_name(value, number) if number else self.number(value)

    def department(self, value: str) -> str:
        """The new name of a department."""
        return self._map.departments.new(value)

    def language(self, value: str) -> str:
        """The new language."""
        return self._map.languages.new(value)

    def prompt_set(self, value: str) -> str:
        """The new prompt set."""
        return self._map.prompt_sets.new(value)

    def telephone(self, value: str, *, own: bool) -> str:
        """The new telephone number, or numbers. A range of the map changes numbers of the PBX itself only.

        Parameters:
            value: a number, a list of them, or the end of one, such as *0102
            own: whether it is surely a number of the PBX itself
        """
        return "".join(
            part if _PARTS.fullmatch(part) else self._one(part, own=own) for part in _PARTS.split(value)
        )  # fmt: skip

    def _one(self, value: str, *, own: bool) -> str:
        if value in self.owners and not own:
            return self.number(value)
        digits = telephone(value)
        if own or digits in self._own or any(rule.exact and rule.apply(value) for rule in self._map.dids.rules):
            new = self._map.dids.new(value)
            if new == value and value.startswith("*") and own:
                return self._ending(value)
            return new
        return value

    def _ending(self, value: str) -> str:
        """The new end of the DIDs that end with a value; the same if they do not agree, see endings."""
        ends = self.endings(value)
        return f"*{next(iter(ends))}" if len(ends) == 1 else value

    def endings(self, value: str) -> set[str]:
        """New ends of the DIDs that end with a value.

        Parameters:
            value: such as *0102
        """
        end = value.removeprefix("*")
        if not end.isdigit() or self._map.dids.find(value) is not None:
            return set()
        return {telephone(self._map.dids.new(did))[-len(end) :] for did in self._own if did.endswith(end)}

    def email(self, value: str) -> str:
        """The same addresses with their new domains."""
        return _AT.sub(lambda found: self.domain(found[0]), value)

    def host(self, value: str) -> str:
        """A host, URL or address with its new domain; any other text stays."""
        found = _HOST.fullmatch(value)
        return found["before"] + self.domain(found["host"]) + found["after"] if found else value

    def domain(self, value: str) -> str:
        """The new domain; a rule about a domain counts for those within it, too."""
        labels = value.split(".")
        for number in range(len(labels) - 1):
            rule = self._map.domains.find(".".join(labels[number:]).lower())
            if rule is not None:
                return ".".join([*labels[:number], rule.new])
        return value

    def collisions(self) -> Iterator[Problem]:
        """Objects of one kind of name that would get the same one."""
        yield from self._twice("numbers", self.owners, self.number, self._rule_of)
        departments = self._map.departments
        yield from self._twice("departments", self.departments, self.department, departments.find)
        own = {did: f"DID {did}" for did in self.dids}
        yield from self._twice("dids", own, lambda did: telephone(self._map.dids.new(did)), self._map.dids.find)
        named = {name: about for name, (_, about) in self._trunk_names.items()}
        yield from self._twice(
            "trunks", named, lambda name: self.trunk_name(name, self._trunk_names[name][0]),
            lambda name: self._trunks.get(self._trunk_names[name][0]),
        )  # fmt: skip

    def _rule_of(self, number: str) -> Rule | None:
        return self._trunks.get(number) or self._map.numbers.find(number)

    @staticmethod
    def _twice(section: str, owners: Mapping[str, str], new_of: Any, rule_of: Any) -> Iterator[Problem]:
        seen: dict[str, str] = {}
        for old, owner in owners.items():
            new = new_of(old)
            first = seen.setdefault(new, old)
            if first == old:
                continue
            rule = rule_of(old) or rule_of(first)
            if rule is not None:
                yield Problem(rule.place, f"{section}: {new} would be both {owners[first]} and {owner}.")

    def complaints(self) -> Iterator[Problem]:
        """Rules that match nothing, and values that several rules change differently.

        Call it when everything was changed.
        """
        for table in self._map.tables:
            for value, rules in table.overlaps.items():
                named = " and ".join(f"{rule.old} ({rule.place})" for rule in rules)
                message = f"{table.name}: {value} is matched by {named}, which differ. Write a line for {value}."
                yield Problem(rules[0].place, message)
            for rule in table.rules:
                if not rule.used:
                    yield Problem(rule.place, self._nothing(table, rule))

    def _nothing(self, table: Table, rule: Rule) -> str:
        known: Iterable[str] = self.departments if table.name == "departments" else self._trunk_names
        label = table.name.removesuffix("s")
        if table.name in ("departments", "trunks"):
            return f"{unknown(label, rule.old, known)} Nothing of the source matches this line."
        return f"{table.name}: nothing of the source matches {rule.old}. Correct this line or delete it."


def _owners(source: Configuration) -> Iterator[tuple[str, str]]:
    for kind, option in (*((kind, "number") for kind in DIALLED), *_SETTINGS):
        for one in source.of(kind):
            if one.values.get(option):
                yield str(one.values[option]), f"{one.title} at {one.place}"
    for number in source.required.get("system_extensions", ()):
        place = source.required_places.get(("system_extensions", number))
        yield number, f"system extension {number} at {place}"


def _own_numbers(source: Configuration) -> Iterator[str]:
    for trunk in source.of("trunk"):
        yield from (did for did in trunk.values.get("did_numbers") or () if did)
        for option in ("external_number", "outbound_caller_id"):
            if trunk.values.get(option):
                yield trunk.values[option]
