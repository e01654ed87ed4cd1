"""The second opinion about calls that leave: which rule, which trunks in which order, what is dialled and shown."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from tests.callflow.generated_outbound import TRUNKS

Place = tuple[str, str]


class Outbound:
    """Outgoing calls of one company."""

    def __init__(self, company: dict[str, Any]) -> None:
        self.company = company
        self.rules = {one["name"]: one for one in company["outbound_rules"]}
        self.users = {one["number"]: one for one in company["users"]}
        self.trunks = {one["number"]: one for one in company["trunks"]}

    def forwarded(self, source: Place, number: str) -> set[Place]:
        """Places where a call that an object forwards may go first."""
        places = set(self.rule_of(source, number))
        if self.company["general_settings_for_pbx"]["allow_forward_to_external"] is False:
            places.add(("external", number))
        return places

    def rule_of(self, source: Place, number: str) -> Iterator[Place]:
        """The rules that may take a number: emergency rules may come first or last, rules for some extensions may or
        may not be for objects that are no extensions.
        """
        dialled = self.dialled(number)
        ordered = sorted(self.rules.values(), key=lambda one: int(one["priority"]))
        first = [one for one in ordered if one["emergency_rule"]]
        last = [one for one in ordered if not one["emergency_rule"]]
        both = any(self._fits(one, source, dialled) is not False for one in first)
        for order in ([*first, *last], [*last, *first]) if both else (last,):
            for one in order:
                fits = self._fits(one, source, dialled)
                if fits is not False:
                    yield ("outbound_rule", one["name"])
                if fits is True:
                    break
            else:
                yield ("external", dialled)

    def dialled(self, number: str) -> str:
        """The number as the rules see it: a table of the few numbers that begin with +."""
        settings = self.company["e164_settings"]
        if settings is None or not settings["enabled"]:
            return number
        return {"+49301234": "1234", "+4420123": "004420123"}.get(number, number)

    def _fits(self, rule: dict[str, Any], source: Place, number: str) -> bool | None:
        """Whether a rule is for a number and its source; None: it depends on the reading."""
        prefixes = (rule["prefix"] or "").split(",")
        if not any(number[: len(one)] == one for one in prefixes):
            return False
        spans = [one.split("-") for one in (rule["number_length_ranges"] or "0-99").split(",")]
        if not any(int(span[0]) <= len(number) <= int(span[-1]) for span in spans):
            return False
        if not rule["dn_ranges"] and not rule["groups"]:
            return True
        kind, key = source
        if kind != "user":
            return None
        admitted = {
            str(one)
            for span in rule["dn_ranges"]
            for one in range(int(span["from"]), int(span["to"] or span["from"]) + 1)
        }
        return key in admitted or (self.users[key]["primary_group"] or "A") in rule["groups"]

    # Calls that a user dials

    def check(self, trace: dict[str, Any], user: str, number: str, *, closed: bool | None) -> None:
        """Check a whole trace.

        Parameters:
            trace: as JSON
            user: who dials
            number: as dialled
            closed: whether the department of the user is closed; None: uncertain
        """
        assert trace["object"] == {"kind": "user", "key": user}
        about = self.users[user]
        barred = about["internal"] or (
            closed is not False and self.company["general_settings_for_pbx"]["disable_outbound_calls_out_office_hours"]
        )
        ending = trace.get("end", {}).get("ending")
        if number.startswith("*0"):
            assert ending == "service"
            return
        if barred and (about["internal"] or closed):
            assert ending == "refused"
            return
        if ending == "refused":
            assert barred
            return
        (branch,) = trace["branches"]
        found = list(_leaves(branch["then"]))
        allowed = set(self.rule_of(("user", user), number))
        for leaf in found:
            place = (leaf["object"]["kind"], leaf["object"]["key"])
            assert place in allowed, (place, allowed)
            if place[0] == "outbound_rule":
                self._check_routes(leaf, self.rules[place[1]], about, self.dialled(number))
            else:
                assert leaf["end"]["ending"] == "refused"
        shown = {self._outcome((leaf["object"]["kind"], leaf["object"]["key"]), number) for leaf in found}
        assert shown == {self._outcome(place, number) for place in allowed}, "every reading that leads elsewhere"

    def _outcome(self, place: Place, number: str) -> tuple[Any, ...]:
        """Trunks and numbers of a rule, which tell readings apart."""
        kind, name = place
        rule = self.rules[name] if kind == "outbound_rule" else {"routes": ()}
        usable = [one for one in rule["routes"] if one["trunk"] in TRUNKS[:2]]
        return tuple((one["trunk"], _sent(one, self.dialled(number))) for one in usable) or place

    def _check_routes(self, step: dict[str, Any], rule: dict[str, Any], user: dict[str, Any], number: str) -> None:
        """Walk through the routes of a rule as the provider refuses one after the other."""
        (branch,) = step["branches"]
        after = branch["then"]
        usable = [one for one in rule["routes"] if one["trunk"] in TRUNKS[:2]]
        if not usable:
            assert (after["object"]["key"], after["end"]["ending"]) == (rule["name"], "refused")
        for position, route in enumerate(usable):
            trunk = self.trunks[route["trunk"]]
            said = re.fullmatch(r"dials (\S*), caller id (\S+)", after["what"])
            assert said is not None
            assert said[1] == _sent(route, number)
            numbers = (route["caller_id"], user["outbound_caller_id"], trunk.get("outbound_caller_id"))
            assert said[2] == next(filter(None, (*numbers, trunk["external_number"])))
            ways = {kind: branch["then"] for branch in after["branches"] for kind in branch["kinds"]}
            assert ways.keys() == {"taken", "refused", "busy"}
            assert ways["taken"]["object"] == {"kind": "external", "key": said[1]}
            assert ways["taken"]["end"]["ending"] == "outside"
            assert ways["busy"]["end"]["ending"] == "ended"
            if position + 1 == len(usable):
                assert ways["refused"]["end"]["ending"] == "ended"
            after = ways["refused"]


def _sent(route: dict[str, Any], number: str) -> str:
    """The number that a route dials."""
    return "".join((route["prepend"] or "", number[route["strip_digits"] or 0 :], route["append"] or ""))


def _leaves(step: dict[str, Any]) -> Iterator[dict[str, Any]]:
    """The readings of a step; the step itself if it is certain."""
    forks = [branch["then"] for branch in step.get("branches", ()) if branch.get("uncertain")]
    for fork in forks:
        yield from _leaves(fork)
    if not forks:
        yield step
