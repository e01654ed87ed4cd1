"""The file that says what a clone changes: map.yml."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from pbx_as_code.cloning.patterns import Rule, Table, number_rule
from pbx_as_code.config.nodes import ConfigError, Entries, Node, Place, Problem, Scalar
from pbx_as_code.config.reader import read_yaml
from pbx_as_code.config.spelling import unknown

SECTIONS: Final = ("numbers", "dids", "trunks", "departments", "domains", "languages", "prompt_sets")
_DOMAIN: Final = re.compile(r"[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]+)+")


@dataclass
class TrunkRule(Rule):
    """A trunk by its number or name.

    Attributes:
        number: the new one; empty if it stays
        name: the new one; empty if it stays
    """

    number: str = ""
    name: str = ""


@dataclass
class CloneMap:
    """Changes that a clone makes; a table for each section."""

    numbers: Table = field(default_factory=lambda: Table("numbers"))
    dids: Table = field(default_factory=lambda: Table("dids"))
    trunks: Table = field(default_factory=lambda: Table("trunks"))
    departments: Table = field(default_factory=lambda: Table("departments"))
    domains: Table = field(default_factory=lambda: Table("domains"))
    languages: Table = field(default_factory=lambda: Table("languages"))
    prompt_sets: Table = field(default_factory=lambda: Table("prompt_sets"))

    @property
    def tables(self) -> list[Table]:
        """Every section."""
        return [getattr(self, name) for name in SECTIONS]


def read_map(path: Path) -> CloneMap:
    """Read a map.

    Parameters:
        path: of the file

    Raises:
        ConfigError: something is wrong with it; every problem is named
        OSError: it cannot be read
    """
    root = read_yaml(path.read_bytes(), str(path))
    found, problems = CloneMap(), list[Problem]()
    if root is None:
        return found
    if not isinstance(root, Entries):
        raise ConfigError([Problem(root.place, f"A map needs a structure with {', '.join(SECTIONS)}.")])
    for name, node in root.values.items():
        if name not in SECTIONS:
            problems.append(Problem(root.keys[name], unknown("section of a map", name, SECTIONS)))
        elif isinstance(node, Entries):
            table: Table = getattr(found, name)
            for old, value in node.values.items():
                rule = _rule(name, node.keys[old], old, value)
                if isinstance(rule, Problem):
                    problems.append(rule)
                else:
                    table.rules.append(rule)
        elif not (isinstance(node, Scalar) and node.plain and node.text in ("", "~", "null")):
            problems.append(Problem(node.place, f"{name} needs a structure: each line is OLD: NEW."))
    if problems:
        raise ConfigError(problems)
    return found


def _rule(section: str, place: Place, old: str, node: Node) -> Rule | Problem:
    if section == "trunks":
        return _trunk(place, old, node)
    if not isinstance(node, Scalar) or not node.text.strip():
        return Problem(node.place, f"{old}: write one value after it, which is the new one.")
    new = node.text.strip()
    if section in ("numbers", "dids"):
        made = number_rule(place, old, new)
        return Problem(place, made) if isinstance(made, str) else made
    if section == "domains":
        wrong = next((one for one in (old, new) if not _DOMAIN.fullmatch(one)), None)
        if wrong is not None:
            return Problem(place, f"{wrong} is no domain. Write the name alone, such as pbx.example.com.")
        return Rule(place, old.lower(), new)
    return Rule(place, old, new)


def _trunk(place: Place, old: str, node: Node) -> Rule | Problem:
    if isinstance(node, Scalar) and node.text.strip():
        new = node.text.strip()
        return TrunkRule(place, old, new, number=new) if new.isdigit() else TrunkRule(place, old, new, name=new)
    if not isinstance(node, Entries) or not node.values:
        return Problem(node.place, f"{old}: write a new number, a new name, or {{number: NUMBER, name: NAME}}.")
    given = dict[str, str]()
    for name, value in node.values.items():
        if name not in ("number", "name"):
            return Problem(node.keys[name], unknown("option of a trunk in a map", name, ("number", "name")))
        if not isinstance(value, Scalar) or not value.text or (name == "number" and not value.text.isdigit()):
            return Problem(value.place, f"{name} is one {'number' if name == 'number' else 'text'}.")
        given[name] = value.text
    return TrunkRule(place, old, " ".join(given.values()), number=given.get("number", ""), name=given.get("name", ""))
