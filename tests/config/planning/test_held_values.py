"""Values that a PBX holds and no task could set: hints where the files repeat them, and errors where they set them."""

from __future__ import annotations

import json
from collections import defaultdict
from copy import deepcopy
from pathlib import Path
from typing import Any

import pytest

from pbx_as_code.cloning.clone import clone
from pbx_as_code.cloning.mapping import read_map
from pbx_as_code.config.checks import check, checked
from pbx_as_code.config.configuration import Configuration, Definition
from pbx_as_code.config.export import export
from pbx_as_code.config.exporting.refused import has_refused
from pbx_as_code.config.kinds import KINDS, ConfigKind
from pbx_as_code.config.loader import load_sources
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.operations import Plan
from pbx_as_code.config.selection import Selection
from pbx_as_code.config.values import is_refused
from pbx_as_code.description import EntityDescription, Property
from pbx_simulator import SimulatedPbx
from tests.cli.conftest import Threecx, threecx
from tests.collection.tasks import tasks_on
from tests.config.applying import Site
from tests.config.odd_values import ROUNDS, VALUES, OddPbx, change_row, let_differ

__all__ = ["threecx"]

_REPLACED = {
    "backup_failover_settings", "backup_settings", "directory_search_settings", "recording_repository_settings",
    "restore_settings", "update_settings",
}  # fmt: skip
"""Settings that an action replaces as a whole: the simulated PBX takes back no odd value, not even its own."""


def lenient(text: str) -> Configuration:
    return checked(load_sources([("a.yml", text.encode())], strict=False))


def exported(at: Site) -> tuple[dict[str, str], Configuration]:
    files = export(at.pbx, own_number=at.simulated.client_id).files
    return files, load_sources([(path, text.encode()) for path, text in files.items()])


def unchanged(made: Plan) -> bool:
    return (made.operations, made.impossible) == ([], [])


def test_every_odd_value_of_a_pbx_can_be_repeated(at: Site) -> None:
    odd = OddPbx(at.simulated)
    for number in range(ROUNDS):
        odd.hold(number)
        files, configuration = exported(at)
        assert check(configuration) == []
        made = at.plan(checked(configuration))
        assert unchanged(made), (number, made.operations, made.impossible)
        assert exported(at)[0] == files
        if number % 2:
            continue
        before = [(kind, deepcopy(row)) for kind, row in odd.rows()]
        other = _with_other_values(configuration)
        applied = at.apply(checked(configuration))
        assert len(applied.fates) > 50
        assert {one.kind for one in applied.fates if one.why} <= _REPLACED, (number, applied.fates)
        for (kind, old), (_, new) in zip(before, odd.rows(), strict=True):
            differing = {name for name in old.keys() | new.keys() if old.get(name) != new.get(name)}
            assert kind in _REPLACED or differing <= other.get(kind, set()), (number, kind, differing)


def _with_other_values(configuration: Configuration) -> dict[str, set[str]]:
    """Change one value of each object, beside its odd ones; the names of the properties, by kind."""
    names: dict[str, set[str]] = {}
    for one in configuration.definitions:
        prop = next(filter(None, (_plain(one, kind) for kind in ("bool", "int"))), None)
        if prop is not None:
            one.values[prop.option] = 7 if prop.kind == "int" else not one.values[prop.option]
            action = getattr(one.kind.description, "action", None)
            names[one.kind.name] = {prop.name, action.answered_as if action else prop.name}
    return names


def _plain(one: Definition, kind: str) -> Property | None:
    found = (
        prop
        for prop in one.kind.description.properties
        if prop.kind == kind and not (prop.many or prop.read_only or prop.immutable or prop.reference)
        and prop.option in one.values and prop.option not in {*one.kind.identity, *one.kind.left_out}
    )  # fmt: skip
    return next(found, None)


def test_an_export_notices_each_odd_value() -> None:
    """Without reading its files again, which takes longer than the export."""
    noticed = 0
    for kind in KINDS.values():
        for path, prop in kind.paths():
            odd = [value for value in VALUES.get(prop.kind, ("x" * 3000,)) if is_refused(prop, value)]
            noticed += len(odd)
            for value in odd if path not in kind.secrets else ():
                assert has_refused({kind.name: [_with(kind, path.split("."), value)]}), (kind.name, path, value)
    assert noticed > 1000


def _with(kind: ConfigKind, path: list[str], value: Any) -> dict[str, Any]:
    """An object with nothing but its identity and one value."""
    properties, steps = tuple(kind.options.values()), list[Property]()
    for option in path:
        steps.append(next(prop for prop in properties if prop.option == option))
        properties = steps[-1].fields
    for prop in reversed(steps):
        keys = {field.option: "x" for field in prop.fields if field.name in prop.item_key}
        value = {**keys, **value} if prop.fields else value
        value = {prop.option: [value] if prop.many else value}
    return {**dict.fromkeys(kind.identity, "x"), **value}


def test_an_export_of_usual_values_is_not_read_again(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pbx_as_code.config.export.doubts_of", lambda _: pytest.fail("the files were read again"))
    assert "undeclared" not in exported(at)[0]["pbx.yml"]


WRONG = (
    ("office_hours: {hours: {periods: [{day_of_week: Friday, start: '09:00:00', stop: '08:00:00'}]}}", "a.yml:1:34"),
    ("groups: [{name: Sales, props: {user_number_from: '299', user_number_to: '200'}}]", "a.yml:1:73"),
    ("outbound_rules: [{name: National, dn_ranges: [{from: '200', to: '100'}]}]", "a.yml:1:65"),
    ("holidays: [{group: Sales, name: Anniversary, year: 2025, day: 31, month: 6}]", "a.yml:1:63"),
    ("users: [{number: '101', email_address: z@e.de}, {number: '201', email_address: Z@e.de}]", "a.yml:1:80"),
    ("users: [{number: '777'}]\nconference_settings: {extension: '777'}", "a.yml:2:34"),
    ("users: [{number: '100'}, {number: '100', first_name: A}]", "a.yml:1:26"),
    ("queues: [{number: '800', ring_timeout: 99999999999}]", "a.yml:1:40"),
    ("queues: [{number: '890', name: x, ring_timeout: 99999999999}]", "a.yml:1:49"),
    ("defaults: {queues: {ring_timeout: 99999999999}}\nqueues: [{number: '800'}]", "a.yml:1:35"),
    ("queues: [{number: '800', polling_strategy: NewMember}]", "a.yml:1:44"),
    ("office_hours: {hours: {periods: [{day_of_week: Friday, start: '08:00:00', stop: '25:00'}]}}", "a.yml:1:81"),
    ("backup_settings: {schedule: {time: '25:00'}}", "a.yml:1:36"),
)
"""Values that a PBX does not have and no task could set, and their places."""


def test_a_plan_sets_no_odd_value(at: Site) -> None:
    """Also where the files list the value as one of the PBX."""
    listed = "\npbx: {undeclared: ['08:00:00', '200', '100', '31', Z@e.de, '777', '99999999999', NewMember, "
    listed += "'25:00']}"
    for text, place in WRONG:
        for files in (text, text + listed):
            why = [told for *_, told in at.plan(lenient(files)).impossible if f"{place}" in told]
            assert why, text
    assert not at.simulated.writes


def test_an_export_notices_what_is_wrong_beside_other_values() -> None:
    items = "agents: [{number: '100'}, {number: '100'}]"
    for text in (*(text for text, _ in WRONG), f"queues: [{{number: '800', {items}}}]", "users: [{number: ''}]"):
        objects: dict[str, list[dict[str, Any]]] = defaultdict(list)
        for one in lenient(text).definitions:
            objects[one.kind.name].append(one.values)
        assert has_refused(objects), text


def test_files_are_refused_without_a_pbx_unless_they_list_the_value() -> None:
    for text, place in WRONG:
        with pytest.raises(ConfigError) as refused:
            raise ConfigError(check(load_sources([("a.yml", text.encode())])))
        assert place in str(refused.value.problems[0])


REPEATED = """
office_hours: {hours: {periods: [{day_of_week: Friday, start: '09:00:00', stop: '08:00:00'}]}}
queues: [{number: '800', ring_timeout: 1099511627776}]
users:
- {number: '100', email_address: ada.moreno@example.com}
- {number: '101', email_address: ada.moreno@example.com}
groups: [{name: Sales, props: {user_number_from: '200', user_number_to: '100'}}]
"""


def test_what_the_files_merely_repeat_needs_no_list(at: Site) -> None:
    let_differ(at.simulated)
    made = at.plan(lenient(REPEATED))
    assert unchanged(made)
    assert len(made.hints) == 4
    assert "a.yml:2:34" in next(hint for hint in made.hints if hint.startswith("office hours: "))
    renamed = lenient(REPEATED.replace("1099511627776}", "1099511627776, name: Other}"))
    assert not at.apply(renamed).failed
    assert at.simulated.entities("Queues")[0]["RingTimeout"] == 2**40
    moved = at.plan(lenient(REPEATED.replace("'101', email_address", "'102', email_address")))
    assert any("a.yml:6:34" in why for *_, why in moved.impossible), moved.impossible


def test_two_objects_of_one_name_are_repeated(at: Site) -> None:
    change_row(at.simulated, KINDS["user"], 8, lambda row: row.update(Number="101"))
    change_row(at.simulated, KINDS["group"], 3, lambda row: row.update(Name="Sales"))
    configuration = exported(at)[1]
    assert check(configuration) == []
    assert unchanged(at.plan(checked(configuration)))


def test_commands_on_a_pbx_with_such_values(simulated: SimulatedPbx, threecx: Threecx, tmp_path: Path) -> None:
    acme = str(tmp_path / "acme")
    assert threecx("export", acme, pbx=simulated).status == 0
    let_differ(simulated)
    assert threecx("plan", acme, pbx=simulated).status != 0
    adopted = threecx("export", acme, pbx=simulated)  # into the files that are there
    assert adopted.status == 0, adopted.out + adopted.err
    new = str(tmp_path / "new")
    assert threecx("export", new, pbx=simulated).status == 0
    for files in (acme, new):
        assert threecx("validate", files).status == 0
        for command in ("plan", "drift", "apply"):
            done = threecx(command, files, pbx=simulated)
            assert done.status == 0, done.out + done.err
        assert threecx("lint", files).err == ""
        assert threecx("diff", files, acme).status == 0
    assert str(2**40) in threecx("get", "queue", "number=800", pbx=simulated).out
    assert not simulated.writes


def test_a_holiday_without_department_is_judged_as_well(at: Site) -> None:
    wrong = "{name: New, day: 31, month: 2, year: 2027, day_end: 1, month_end: 4, year_end: 2027}"
    for text in (wrong, f"{{group: DEFAULT, {wrong[1:]}"):
        made = at.plan(lenient(f"holidays: [{text}]\n"))
        assert [why.partition(".")[0] for _, _, why in made.impossible] == ["day: there is no day 31 in month 2"]


def test_a_holiday_with_a_time_that_is_none_is_impossible_and_no_crash(at: Site) -> None:
    day = "day: 1, month: 4, year: 2027, day_end: 1, month_end: 4, year_end: 2027"
    for begins, ends in (("09:00", "PT25H"), ("PT25H", "09:00"), ("x", "y")):
        times = f"time_of_start_date: '{begins}', time_of_end_date: '{ends}'"
        made = at.plan(lenient(f"holidays: [{{name: New, group: Sales, {day}, {times}}}]\n"))
        assert "is not a time of day" in made.impossible[0][2]


def test_an_export_of_some_objects_lists_their_values(at: Site) -> None:
    let_differ(at.simulated)
    files = export(at.pbx, Selection(("users", "queues"))).files
    configuration = load_sources([(path, text.encode()) for path, text in files.items()])
    assert check(configuration) == []
    assert configuration.pbx["undeclared"] == [str(2**40), "ada.moreno@example.com"]


def test_one_value_of_many_objects_is_one_hint(at: Site) -> None:
    for key in (6, 7, 8):
        change_row(at.simulated, KINDS["user"], key, lambda row: row.update(PinProtectTimeout=2**40))
    made = export(at.pbx, own_number=at.simulated.client_id)
    configuration = load_sources([(path, text.encode()) for path, text in made.files.items()])
    for told in (made.dangling, at.plan(checked(configuration)).hints):
        assert ["user 100 and 2 more: pin_protect_timeout is a number" in one for one in told] == [True]


def test_a_clone_lists_the_values_of_its_source(at: Site, tmp_path: Path) -> None:
    let_differ(at.simulated)
    (tmp_path / "map.yml").write_text("domains: {example.com: example.org}")
    made = clone(exported(at)[1], read_map(tmp_path / "map.yml"))
    files = load_sources([(path, text.encode()) for path, text in made.files.items()])
    assert check(files) == []
    assert {"08:00:00", "31", "100", str(2**40), "ada.moreno@example.org"} <= set(files.pbx["undeclared"])
    assert sum("The e-mail address ada.moreno@example.org is that of" in one for one in made.unresolved) == 1
    (tmp_path / "map.yml").write_text("domains: {example.com: example.org, other.example: example.org}")
    other = exported(at)[1]
    user = next(one for one in other.of("user") if one.identity == ("102",))
    user.values["email_address"] = "eva.mueller@other.example"
    with pytest.raises(ConfigError, match="eva.mueller@example.org is that of"):
        clone(other, read_map(tmp_path / "map.yml"))


def test_tasks_on_a_pbx_with_odd_values(at: Site) -> None:
    """Options that a task does not mention neither fail nor change, and all of them can be gathered and given back."""
    odd, task = OddPbx(at.simulated), tasks_on(at.simulated)
    odd.hold(1)
    gathered = task("config", state="gathered")
    assert "NewMember" in gathered["config"]["pbx"]["undeclared"]
    again = task("config", config=json.loads(json.dumps(gathered["config"])), check_mode=True)
    assert (again["changed"], again["operations"]) == (False, [])
    for kind, key in odd.objects():
        about = kind.description
        named = {about.key.option: key} if isinstance(about, EntityDescription) else {}
        assert task(f"{kind.name}_info")[getattr(about, "plural", kind.name)], kind.name
        assert not task(kind.name, **named)["changed"], kind.name
        prop = next((one for one in about.properties if one.kind == "bool" and not (one.read_only or one.many)), None)
        if prop is not None and kind.name not in _REPLACED:
            assert task(kind.name, **named, **{prop.option: True})["changed"], kind.name


def test_values_of_another_type_are_repeated_or_told(at: Site) -> None:
    """A newer release may have changed the type of a property."""
    queue = KINDS["queue"]
    change_row(at.simulated, queue, 15, lambda row: row.update(RingTimeout="5 minutes", MasterTimeout=1.5))
    configuration = exported(at)[1]
    assert check(configuration) == []
    assert unchanged(at.plan(checked(configuration)))
    change_row(at.simulated, queue, 15, lambda row: row.update(EnableIntro="sometimes", IntroFile=["a"]))
    made = export(at.pbx, own_number=at.simulated.client_id)
    told = [text for text in made.dangling if "enable_intro" in text or "intro_file is one value" in text]
    assert len(told) == 2, made.dangling
