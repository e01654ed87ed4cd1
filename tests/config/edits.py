"""Files of random companies after edits, as a person makes them, and what has to be true once they are applied."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import suppress
from copy import deepcopy
from itertools import count
from random import Random
from typing import Any, Final

from pbx_as_code.config.checks import checked
from pbx_as_code.config.configuration import Configuration, Definition, identity_of, options_in
from pbx_as_code.config.exporting.declared import declared
from pbx_as_code.config.kinds import KINDS, SECTIONS, NumberList
from pbx_as_code.config.nodes import ConfigError, Entries, Place
from pbx_as_code.config.planning.compare import by_option, compare_values, with_names
from pbx_as_code.config.planning.limits import Limits
from pbx_as_code.config.planning.naming import references
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.planning.ordering import key_of
from pbx_as_code.config.planning.removal import referrer
from pbx_as_code.config.structure import load_structure
from pbx_as_code.config.values import Secret
from pbx_as_code.description import Property
from pbx_as_code.engine.compare.answered_nulls import NO_NULLS
from pbx_simulator import SimulatedPbx
from tests.config.applying import Site
from tests.config.companies import EVERYTHING, company, exported_and_checked

EDITS: Final = 12
_NUMBERED: Final = ("users", "queues", "ring_groups", "receptionists", "faxes", "call_flow_apps")
_MEMBERS: Final = ("users", "queues", "ring_groups", "receptionists", "parkings")
_UNIQUE: Final = ("email_address", "web_meeting_friendly_name", "phones")
_KEPT: Final = frozenset(
    {"condition", "gateway", "ivr_type", "office_hours_destination", "prompt_filename", "template"}
)
"""Options that a new object cannot do without."""
Files = dict[str, Any]
Path = tuple[str, ...]


class Editor:
    """A person who edits the files of a company."""

    def __init__(self, files: Files, seed: int) -> None:
        self.files = files
        self._random = Random(seed)
        self._new = count(1)
        self._edits = (
            self.swap_numbers, self.swap_numbers, self.give_a_new_number, self.pass_on_unique_values, self.deal_dids,
            self.rename_a_department, self.move_a_member, self.move_a_rule, self.add_rules, self.rename_a_rule,
            self.forget_an_order, self.forget_options, self.delete,
        )  # fmt: skip

    def edit(self) -> None:
        """Make one edit of any kind."""
        self._random.choice(self._edits)()
        self._tidy_orders()

    def swap_numbers(self) -> None:
        one, other = self._any_of(*_NUMBERED), self._any_of(*_NUMBERED)
        first, second = one["number"], other["number"]
        self._follow("Peers", {first: second, second: first})
        one["number"], other["number"] = second, first

    def give_a_new_number(self) -> None:
        one, number = self._any_of(*_NUMBERED), str(7000 + next(self._new))
        self._follow("Peers", {one["number"]: number})
        one["number"] = number

    def pass_on_unique_values(self) -> None:
        option, users = self._random.choice(_UNIQUE), self.files["users"]
        some = self._random.sample(users, min(len(users), self._random.randint(2, 4)))
        held = [one.get(option) for one in some]
        for one, value in zip(some, held[1:] + held[:1], strict=True):
            one[option] = value.upper() if isinstance(value, str) and self._random.random() < 0.4 else value

    def deal_dids(self) -> None:
        trunks = self.files["trunks"]
        dids = [*(did for one in trunks for did in one.get("did_numbers") or ()), f"+1888{next(self._new):05}"]
        dealt = [(did, self._random.choice(trunks)) for did in dids]
        for one in trunks:
            one["did_numbers"] = [did for did, owner in dealt if owner is one]

    def rename_a_department(self) -> None:
        one, name = self._any_of("groups"), f"Department {next(self._new)}"
        self._follow("Groups", {one["name"]: name})
        one["renamed_from"] = one.get("renamed_from", one["name"])
        one["name"] = name

    def move_a_member(self) -> None:
        one, name = self._any_of(*_MEMBERS), self._any_of("groups")["name"]
        one["groups"] = [{**(one.get("groups") or [{}])[0], "group": name}]
        if "primary_group" in one:
            one["primary_group"] = name

    def move_a_rule(self) -> None:
        self._any_of("inbound_rules")["trunk"] = self._any_of("trunks")["number"]

    def add_rules(self) -> None:
        """New rules of a trunk whose order the files do not declare."""
        like = self._any_of("inbound_rules")
        for trunk in self.files["trunks"]:
            if trunk["number"] == like.get("trunk"):
                trunk.pop("routing_rules", None)
        for number in (next(self._new) for _ in range(5)):
            self.files["inbound_rules"].append(
                {**deepcopy(like), "data": f"*0{number:04}", "rule_name": f"New rule {number}"}
            )

    def rename_a_rule(self) -> None:
        self._any_of("inbound_rules")["rule_name"] = f"Renamed rule {next(self._new)}"

    def forget_an_order(self) -> None:
        self._any_of("trunks").pop("routing_rules", None)

    def forget_options(self) -> None:
        section = self._random.choice([name for name in self.files if name in SECTIONS])
        held, fixed = self.files[section], {*SECTIONS[section].identity, *_KEPT}
        one = held if isinstance(held, dict) else self._random.choice(held)
        for option in [option for option in one if option not in fixed and self._random.random() < 0.7]:
            del one[option]

    def delete(self) -> None:
        section = self._random.choice([name for name, held in self.files.items() if isinstance(held, list)])
        self.files[section].remove(self._random.choice(self.files[section]))

    def _any_of(self, *sections: str) -> Files:
        found: Files = self._random.choice([one for name in sections for one in self.files.get(name, ())])
        return found

    def _follow(self, entity_set: str, names: Mapping[str, str]) -> None:
        """Let what refers to renamed objects follow them."""
        for section, held in self.files.items():
            kind = SECTIONS.get(section)
            for one in () if kind is None else [held] if isinstance(held, dict) else held:
                assert kind is not None
                for path, reference, _ in list(references(by_option(kind.name), one, ())):
                    if reference.entity_set == entity_set and not isinstance(reference, NumberList):
                        place: Any = one
                        for step in path[:-1]:
                            place = place[step]
                        place[path[-1]] = names.get(place[path[-1]], place[path[-1]])

    def _tidy_orders(self) -> None:
        """Leave no rule in the order of a trunk that it is not of any more."""
        rules = {(one.get("trunk"), *_calls(one)) for one in self.files.get("inbound_rules", ())}
        for one in self.files.get("trunks", ()):
            order = one.get("routing_rules")
            if order is not None:
                one["routing_rules"] = [item for item in order if (one["number"], *_calls(item)) in rules]


def check_edited(traits: frozenset[str], seed: int, parallel: int = 2) -> None:
    """Edited files are applied in one go: nothing is left to do, and nothing has changed that the plan did not say."""
    with company(traits, seed) as at:
        original = as_structure(exported_and_checked(at))
        before = at.simulated.snapshot()
        files = _edited(at, original, seed)
        found = _objects(at)
        made = at.plan(checked(load_structure(files)), prune=EVERYTHING)
        orders = _orders(at.simulated)
        applied = at.apply(made, limits=Limits(objects=100_000, percent=100), parallel=parallel)
        assert not [fate.why for fate in applied.fates if fate.why]
        again = at.plan(checked(load_structure(files)), prune=EVERYTHING)
        assert (again.operations, again.impossible) == ([], [])
        assert list(unsaid(made, found, _objects(at))) == []
        _check_orders(at, files, orders)
        at.simulated.restore(before)


def as_structure(configuration: Configuration) -> Files:
    """A configuration as `config` of a task has it."""
    found: Files = {}
    for one in configuration.definitions:
        values = _plain(one.values)
        if one.kind.settings:
            found[one.kind.section] = values
        else:
            found.setdefault(one.kind.section, []).append(values)
    return found | {"required": configuration.required}


def unsaid(made: Plan, before: Mapping[Any, Files], after: Mapping[Any, Files]) -> Iterator[tuple[Any, Path]]:
    """Options that have changed although the plan does not say so.

    Parameters:
        made: that was applied
        before: objects by kind and key
        after: the same objects then
    """
    said: dict[Any, list[Path]] = defaultdict(list)
    for one in made.operations:
        said[one.kind, *one.key.values()] += [options_in(change.path) for change in one.changes]
    moved = any(one.kind == "inbound_rule" for one in made.operations)
    lost = {text for one in made.operations for text in one.loses}

    def named(prop: Property, name: str) -> str:
        return made.new_names.get(name, name) if prop.reference and prop.reference.entity_set == "Groups" else name

    for key, values in before.items():
        kind = KINDS[key[0]]
        old = with_names(by_option(kind.name, texts=False), values, named)
        held = Definition(kind, old, Entries(Place("", 0, 0)))
        for change in compare_values(held, after[key], NO_NULLS).changes if key in after else ():
            path = options_in(change.path)
            same = all(value in (None, "None") for value in (change.old, change.new))
            implied = moved and path[0] == "routing_rules"
            implied = implied or referrer(kind, identity_of(kind, values), path) in lost
            if not (same or implied or any(path[: len(other)] == other[: len(path)] for other in said[key])):
                yield key, path


def _edited(at: Site, original: Files, seed: int) -> Files:
    editor = Editor(deepcopy(original), seed)
    for _ in range(EDITS):
        kept = deepcopy(editor.files)
        editor.edit()
        with suppress(ConfigError):
            if not at.plan(checked(load_structure(editor.files)), prune=EVERYTHING).impossible:
                continue
        editor.files = kept
    return editor.files


def _objects(at: Site) -> dict[Any, Files]:
    kinds = [kind for kind in KINDS.values() if kind.name != "service_principal"]
    return {
        (kind.name, *key_of(kind, row).values()): declared(kind, row)
        for kind in kinds
        for row in at.pbx.everything(kind.name)
    }


def _check_orders(at: Site, files: Files, before: Mapping[str, list[int]]) -> None:
    """Where the files declare no order, old rules keep theirs and new ones follow as in the files."""
    after = _orders(at.simulated)
    names = {row["Id"]: row.get("RuleName") or None for row in at.simulated.entities("InboundRules")}
    for trunk in files["trunks"]:
        number = trunk["number"]
        if trunk.get("routing_rules") is None and number in after:
            stayed = [rule for rule in before.get(number, ()) if rule in after[number]]
            new = [names[rule] for rule in after[number][len(stayed) :]]
            wanted = [
                one.get("rule_name") or None for one in files.get("inbound_rules", ()) if one.get("trunk") == number
            ]
            assert after[number][: len(stayed)] == stayed
            assert [name for name in wanted if name in new] == new or len(set(new)) < len(new)


def _orders(simulated: SimulatedPbx) -> dict[str, list[int]]:
    return {
        row["Number"]: [rule["Id"] for rule in row.get("RoutingRules") or ()] for row in simulated.entities("Trunks")
    }


def _calls(one: Mapping[str, Any]) -> tuple[Any, ...]:
    return tuple(one.get(option) for option in ("condition", "data", "call_type"))


def _plain(value: Any) -> Any:
    if isinstance(value, Secret):
        return {"secret": value.name}
    if isinstance(value, dict):
        return {option: _plain(inner) for option, inner in value.items()}
    return [_plain(item) for item in value] if isinstance(value, list) else value
