"""A second opinion on traces: slow, driven by tables, made of the structures of the files alone. It shares no code with
the tracer: states come from a table with a cell for each minute, ways from a table with a row for each kind of object.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from tests.callflow.outbound_checker import Outbound

Moves = dict[str, set[tuple[str, str]]]
"""Places by the condition that leads to them: one, or all readings of an uncertain rule. The condition is empty if
there is only one way.
"""
_LEAVES = "the caller presses *"
"""Way out of a queue to its destination for unanswered calls; it is shown if the time of the call matters."""
_MINUTE = timedelta(minutes=1)
_KINDS = {
    "users": "user", "queues": "queue", "ring_groups": "ring_group", "receptionists": "receptionist", "faxes": "fax",
    "call_flow_apps": "call_flow_app",
}  # fmt: skip
_ROUTES = {"closed": "out_of_office_route", "break": "break_route", "holiday": "holidays_route"}
_FORCED = {"ForceOpened": "open", "ForceClosed": "closed", "ForceHoliday": "holiday", "ForceBreak": "break"}
UNKNOWN = ("unknown", "")


class Checker:
    """Checks the traces of one company."""

    def __init__(
        self, company: dict[str, Any], at: datetime, called: str, caller: str, *, internal: bool = False
    ) -> None:
        self.company = company
        self.at = at
        self.called = called
        self.caller = caller
        self.internal = internal
        self.outbound = Outbound(company)
        self.objects: dict[tuple[str, str], dict[str, Any]] = {}
        for section, kind in _KINDS.items():
            self.objects |= {(kind, one["number"]): one for one in company[section]}
        self.kinds = {number: kind for kind, number in self.objects}
        self.departments = {one["name"]: one for one in company["groups"]}
        self._holiday_minutes = {one["name"]: set(_minutes(one)) for one in company["holidays"]}
        self.checked = 0

    def check(self, step: dict[str, Any], above: tuple[tuple[str, str], ...] = ()) -> None:
        """Check one step of a trace, as JSON, and all that follow it."""
        here = _place(step)
        ending = step.get("end", {}).get("ending")
        if ending == "loop":
            assert here in above, (here, above)
        if ending in ("loop", "again", "answered", "repeats") or here[0] not in _TABLE:
            return
        branches = step.get("branches", [])
        if any(branch.get("uncertain") for branch in branches):
            for branch in branches:
                self._check_reading(branch["then"], here, above)
            return
        actual = {
            label: set(_targets(branch["then"], here))
            for branch in branches
            for label in _labels(branch.get("condition", ""))
        }
        if ending is not None:
            actual = {"": {_ended(step, here)}}
        alternatives = list(self._alternatives(here, step))
        assert any(_fits(actual, one) for one in alternatives), (here, step["after"], actual, alternatives)
        self.checked += 1
        for branch in branches:
            for then in _readings(branch["then"], here):
                if "end" not in then or _place(then) != here:  # an end at the object itself is its own
                    self.check(then, (*above, here))

    def _check_reading(self, step: dict[str, Any], here: tuple[str, str], above: tuple[tuple[str, str], ...]) -> None:
        """Check one reading of what is uncertain: at the same place, or the next rule instead of a skipped one (I6)."""
        place = _place(step)
        if here[0] == "inbound_rule" and place != here and place[0] in ("inbound_rule", "trunk"):
            rules = {rule["rule_name"]: rule for rule in self.company["inbound_rules"]}
            following = here
            while following != (UNKNOWN if place[0] == "trunk" else place):  # one skipped rule may follow another
                rule = rules[following[1]]
                assert rule["hours"]["type"] != "AllHours", (here, place)
                assert not rule["alter_destination_during_out_of_office_hours"], (here, place)
                following = self._first_rule(list(rules).index(following[1]) + 1)
            if place[0] == "trunk":
                return
        self.check(step, above)

    def _alternatives(self, here: tuple[str, str], step: dict[str, Any]) -> Iterator[Moves]:
        after = step["after"]
        for seconds in {after.get("seconds", 0), after.get("at_most", 0)}:
            yield from _TABLE[here[0]](self, here[1], self.at + timedelta(seconds=seconds))

    # States

    def states(self, department: str, moment: datetime, *, breaks: bool = True) -> list[str]:
        """States that a department may have: the certain one, or all readings of an uncertain one."""
        about = self.departments[department]
        zone = ZoneInfo(self.company["pbx"]["time_zones"][department])
        local = moment.astimezone(zone).replace(tzinfo=None, second=0)
        force = next((_FORCED[flag] for flag in about["current_group_hours"] if flag in _FORCED), None)
        if about["override_expires_at"] and datetime.fromisoformat(about["override_expires_at"]) <= moment:
            force = None
        resting = [local in self._holiday_minutes[one["name"]] for one in self.company["holidays"]
                   if one["group"] in (department, None)]  # fmt: skip
        hours = about["hours"]
        if force is not None:
            found = ["open" if force == "break" and not breaks else force]
            if any(resting) and force != "holiday" and not about["override_holidays"]:
                found += ["holiday"] if self._closes(hours) else self._table(about, local, breaks)
            return found
        if any(resting) and self._closes(hours):
            return ["holiday"]
        return self._table(about, local, breaks)

    @staticmethod
    def _closes(hours: dict[str, Any] | None) -> bool:
        return hours is None or not (hours["type"] == "OfficeHours" and hours["ignore_holidays"])

    @staticmethod
    def _table(about: dict[str, Any], local: datetime, breaks: bool) -> list[str]:
        """The day as 1,440 cells, painted from the least to the most important state; doubtful minutes in another."""
        hours = about["hours"]
        cells: list[list[str]] = [["closed"] for _ in range(1440)]
        if hours is None:
            cells = [["open", "closed"] for _ in range(1440)]
        elif hours["type"] == "AllHours":
            cells = [["open"] for _ in range(1440)]
        elif hours["type"] == "OfficeHours":
            for paint, stops in ((False, True), (True, False)):
                for first, last in _of_day(hours["periods"], local):
                    if stops and last < 1440:
                        cells[last] = ["closed", "open"]
                    for minute in range(first, last) if paint else ():
                        cells[minute] = ["open"]
        for first, last in _of_day(about["break_time"]["periods"], local) if breaks else ():
            if last < 1440:
                cells[last] = [*cells[last], "break"]
            for minute in range(first, last):
                cells[minute] = ["break"]
        return cells[local.hour * 60 + local.minute]

    def department(self, kind: str, number: str) -> str:
        """The department of an object; the default one if it has none."""
        about = self.objects.get((kind, number), {})
        listed = [one["group"] for one in about.get("groups", [])]
        return about.get("primary_group") or (listed[0] if listed else "A")

    # Ways

    def lead(self, destination: dict[str, Any] | None, source: tuple[str, str]) -> set[tuple[str, str]]:
        """The places of a destination: one, or several if it is uncertain how the call leaves."""
        if destination is None:
            return {UNKNOWN}
        if destination["to"] == "None":
            return {("end", "")}
        if destination["to"] == "VoiceMail":
            return {("voicemail", destination["number"])}
        if destination["to"] == "External":
            return self.outbound.forwarded(source, destination["external"])
        number = destination["number"]
        return {(self.kinds[number], number) if number in self.kinds else ("missing", number)}

    def did(self, number: str, moment: datetime) -> Iterator[Moves]:
        """A DID leads to the trunk."""
        yield {"": {("trunk", "10000")}}

    def trunk(self, number: str, moment: datetime) -> Iterator[Moves]:
        """The trunk leads to the first rule that fits."""
        yield {"": {self._first_rule(0)}}

    def _first_rule(self, position: int) -> tuple[str, str]:
        """The first rule from a position on that fits."""
        for rule in self.company["inbound_rules"][position:]:
            number = {"BasedOnCallerID": self.caller, "BasedOnDID": self.called}.get(rule["condition"], "")
            if rule["condition"] == "ForwardAll" or number.endswith(rule["data"].lstrip("*+")):
                return ("inbound_rule", rule["rule_name"])
        return UNKNOWN

    def inbound_rule(self, name: str, moment: datetime) -> Iterator[Moves]:
        """A rule leads to its destination for the state of the department of its destination in office hours."""
        rule = next(one for one in self.company["inbound_rules"] if one["rule_name"] == name)
        arrives = rule["office_hours_destination"] or {}
        kind, number = self.kinds.get(arrives.get("number", ""), ""), arrives.get("number", "")
        here = ("inbound_rule", name)
        department = self.department(kind, number)
        for state in self.states(department, moment, breaks=False):
            closed = {state in ("closed", "holiday")}
            if rule["hours"]["type"] == "OutOfOfficeHours":
                closed = {state == "open"}
            elif rule["hours"]["type"] == "SpecificHours":
                closed = {not one for one in self._inside(rule["hours"]["periods"], department, moment)}
            for one in closed:
                if state == "holiday" and rule["alter_destination_during_holidays"]:
                    yield {"": self.lead(rule["holidays_destination"], here)}
                elif one and rule["alter_destination_during_out_of_office_hours"]:
                    yield {"": self.lead(rule["out_of_office_hours_destination"], here)}
                else:
                    yield {"": self.lead(rule["office_hours_destination"], here)}

    def _inside(self, periods: list[dict[str, str]], department: str, moment: datetime) -> set[bool]:
        """Whether a moment is in the periods, by the clock of a department; both in the minute after one ends."""
        local = moment.astimezone(ZoneInfo(self.company["pbx"]["time_zones"][department])).replace(tzinfo=None)
        minute = local.hour * 60 + local.minute
        spans = list(_of_day(periods, local))
        if any(first <= minute < last for first, last in spans):
            return {True}
        return {False, True} if any(minute == last for _, last in spans) else {False}

    def _arrive(self, kind: str, number: str, moment: datetime) -> Iterator[Moves | None]:
        """Moves of an object that does not handle the call; None if it does."""
        about = self.objects[kind, number]
        for state in self.states(self.department(kind, number), moment):
            route = (about[_ROUTES[state]] or {}).get("route") if state in _ROUTES else None
            if state == "open" or (route and route["to"] == "ProceedWithNoExceptions"):
                yield None
            elif route is None:
                yield None
                yield {"": {("end", "")}}
            else:
                if self.internal:
                    yield None
                yield {"": self.lead(route, (kind, number))}

    def _ready(self, number: str, *, queue: bool) -> bool:
        """Whether a member can be rung."""
        about = self.objects["user", number]
        profiles = {one["name"]: one for one in about["forwarding_profiles"]}
        profile = profiles[about["current_profile_name"]]
        if not about["enabled"]:
            return False
        if queue:
            return about["queue_status"] == "LoggedIn" and not profile.get("office_hours_auto_queue_log_out")
        return not profile.get("disable_ring_group_calls")

    def queue(self, number: str, moment: datetime) -> Iterator[Moves]:
        """A queue rings agents that are logged in until its timeout."""
        about = self.objects["queue", number]
        ready = [one["number"] for one in about["agents"] if self._ready(one["number"], queue=True)]
        after = self.lead(about["forward_no_answer"], ("queue", number))
        for moves in self._arrive("queue", number, moment):
            if moves is not None:
                yield moves
            elif not ready:
                yield {"": after}
            else:
                wait = f"{about['master_timeout']} s" if about["master_timeout"] else "unknown seconds"
                yield {"answered": {("user", min(ready))}, f"nobody answers within {wait}": after}

    def ring_group(self, number: str, moment: datetime) -> Iterator[Moves]:
        """A ring group rings its members once."""
        about = self.objects["ring_group", number]
        ready = [one["number"] for one in about["members"] if self._ready(one["number"], queue=False)]
        after = self.lead(about["forward_no_answer"], ("ring_group", number))
        for moves in self._arrive("ring_group", number, moment):
            if moves is not None:
                yield moves
            elif not ready:
                yield {"": after}
            else:
                time = about["ring_time"]
                wait = f"{time} s" if time else "unknown seconds"
                if about["ring_strategy"] == "Hunt" and len(ready) > 1 and time:
                    wait = f"{time} to {time * len(ready)} s"
                yield {"answered": {("user", min(ready))}, f"nobody answers within {wait}": after}

    def receptionist(self, number: str, moment: datetime) -> Iterator[Moves]:
        """A menu waits for a key; keys that do the same are one branch, so they are compared one by one."""
        about = self.objects["receptionist", number]
        wait = f"{about['timeout']} s" if about["timeout"] is not None else "unknown seconds"
        keys = {
            f"key {one['input']}": {self._action(number, one["forward_type"], one["forward_dn"])}
            for one in about["forwards"]
        }
        later = {self._action(number, about["timeout_forward_type"], about["timeout_forward_dn"])}
        for moves in self._arrive("receptionist", number, moment):
            yield moves if moves is not None else {f"no key for {wait}": later, **keys}

    def _action(self, own: str, kind: str, number: str) -> tuple[str, str]:
        known = number in self.kinds
        return {
            "EndCall": ("end", ""),
            "RepeatPrompt": ("receptionist", own),
            "VoiceMail": ("voicemail", number) if known else ("missing", number),
        }.get(kind, (self.kinds[number], number) if known else ("missing", number))

    def user(self, number: str, moment: datetime) -> Iterator[Moves]:
        """The first exception that fits takes the call; else the user rings, or sends it on at once."""
        about = self.objects["user", number]
        if not about["enabled"]:
            yield {"": {UNKNOWN}}
            return
        for exception in about["forwarding_exceptions"]:
            held = self._excepted(exception, number, moment)
            if True in held:
                yield {"": self.lead(exception["destination"], ("user", number))}
            if False not in held:
                return
        profile = next(one for one in about["forwarding_profiles"] if one["name"] == about["current_profile_name"])
        if profile["name"] == "Away":
            yield {"": self.lead(profile["away_route"]["internal" if self.internal else "external"], ("user", number))}
            return
        route = profile["available_route"]
        wait = profile["no_answer_timeout"]
        said = f"{wait} s" if wait is not None else "unknown seconds"
        yield {
            "answered": {("user", number)},
            f"nobody answers within {said}": self._split(route, "no_answer", number),
            "busy": self._split(route, "busy", number),
            "not registered": self._split(route, "not_registered", number),
        }

    def _split(self, route: dict[str, Any], what: str, number: str) -> set[tuple[str, str]]:
        """Destinations for the caller; an internal one may have either, if the external one is for all calls."""
        external = self.lead(route[f"{what}_external"], ("user", number))
        own = self.lead(route[f"{what}_internal"], ("user", number))
        if not self.internal:
            return external
        return own | external if route[f"{what}_all_calls"] else own

    def _excepted(self, exception: dict[str, Any], number: str, moment: datetime) -> set[bool]:
        """Whether an exception takes the call: both if that is uncertain."""
        others = "ExternalCallsOnly" if self.internal else "InternalCallsOnly"
        known = {"BasedOnCallerID": self.caller, "BasedOnDID": self.called, "ForwardAll": ""}
        against = known.get(exception["condition"])
        data = exception["data"] or ""
        if not exception["enabled"] or exception["call_type"] == others or against is None:
            return {False}
        bare = data.lstrip("*+")
        if data and not (against.endswith(bare) if data.startswith("*") else against.lstrip("+") == bare):
            return {False}
        if exception["hours"] is None or exception["hours"]["type"] == "AllHours":
            return {True}
        department = self.department("user", number)
        states = set(self.states(department, moment, breaks=False))
        opened = {state == "open" for state in states}
        if exception["hours"]["type"] == "OfficeHours":
            return opened
        if exception["hours"]["type"] == "OutOfOfficeHours":
            return {not one for one in opened}
        return self._inside(exception["hours"]["periods"], department, moment)


_TABLE = {
    "did": Checker.did,
    "trunk": Checker.trunk,
    "inbound_rule": Checker.inbound_rule,
    "queue": Checker.queue,
    "ring_group": Checker.ring_group,
    "receptionist": Checker.receptionist,
    "user": Checker.user,
}


def _minutes(holiday: dict[str, Any]) -> Iterator[datetime]:
    """Every local minute of a holiday, one by one."""
    years = range(2025, 2029) if holiday["is_recurrent"] else (holiday["year"],)
    for year in years:
        minute = datetime(year, holiday["month"], holiday["day"]) + _of(holiday["time_of_start_date"], timedelta())
        over = (holiday["month_end"], holiday["day_end"]) < (holiday["month"], holiday["day"])
        last = datetime(year + over, holiday["month_end"], holiday["day_end"])
        end = last + _of(holiday["time_of_end_date"], timedelta(days=1))
        while minute < end:
            yield minute
            minute += _MINUTE


def _of(text: str | None, otherwise: timedelta) -> timedelta:
    hours = {"PT6H": 6, "PT12H": 12, "PT18H": 18, "P1D": 24}
    return timedelta(hours=hours[text]) if text else otherwise


def _of_day(periods: list[dict[str, str]], local: datetime) -> Iterator[tuple[int, int]]:
    """Periods of a day in minutes since midnight."""
    for period in periods:
        if period["day_of_week"] == f"{local:%A}":
            first, last = (int(period[end][:2]) * 60 + int(period[end][3:]) for end in ("start", "stop"))
            yield first, last or 1440


def _labels(label: str) -> list[str]:
    """Conditions of a branch: several that lead to the same place are one branch."""
    if label.startswith("key "):
        return [f"key {key}" for key in label.removeprefix("key ").split(", ")]
    return label.split(", or ")


def _place(step: dict[str, Any]) -> tuple[str, str]:
    kind, key = step["object"]["kind"], step["object"]["key"]
    return (kind, step["title"].removeprefix("inbound rule ")) if kind == "inbound_rule" else (kind, key)


def _fits(actual: Moves, expected: Moves) -> bool:
    if not expected.keys() <= actual.keys() <= expected.keys() | {_LEAVES}:
        return False
    missed = next((places for label, places in expected.items() if label.startswith("nobody")), set())
    expected = {_LEAVES: missed, **expected}
    return all(places <= expected[label] for label, places in actual.items())


def _targets(step: dict[str, Any], source: tuple[str, str]) -> Iterator[tuple[str, str]]:
    """The places that a branch leads to: several if the place that it leaves cannot be sure."""
    for reading in _readings(step, source):
        yield _target(reading, source)


def _readings(step: dict[str, Any], source: tuple[str, str]) -> Iterator[dict[str, Any]]:
    """A step, or its readings if the place that the call leaves cannot be sure."""
    forks = [branch["then"] for branch in step.get("branches", ()) if branch.get("uncertain")]
    if not forks or _place(step) != source:
        yield step
        return
    for fork in forks:
        yield from _readings(fork, source)


def _target(step: dict[str, Any], source: tuple[str, str]) -> tuple[str, str]:
    """The place that a branch leads to."""
    return _ended(step, source) if "end" in step else _place(step)


def _ended(step: dict[str, Any], source: tuple[str, str]) -> tuple[str, str]:
    """The place of an end; unknown if the object itself cannot tell how it goes on."""
    ending = step["end"]["ending"]
    here = _place(step)
    if here == source and ending in ("unknown", "dead end"):
        return UNKNOWN
    return ("end", "") if ending == "ended" else here
