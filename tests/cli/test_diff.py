"""`threecx diff`: directories, plans and PBXs, in any combination."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

import pytest

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.cli.conftest import Ran, Threecx

Factory = Callable[..., SimulatedPbx]
Diff = Callable[..., Ran]


@pytest.fixture
def diff(threecx: Threecx, tmp_path: Path) -> Diff:
    """Run `threecx diff` with profiles for some PBXs, one named after each keyword."""
    profiles = tmp_path / "config" / "threecx"
    profiles.mkdir(parents=True)

    def run(*arguments: str, **pbxs: SimulatedPbx) -> Ran:
        lines = []
        for name, pbx in pbxs.items():
            lines += [f"[profiles.{name}]", f'url = "{pbx.url}"', f'client_id = "{pbx.client_id}"']
            lines += ['client_secret_env = "SECRET"']
        (profiles / "config.toml").write_text("\n".join(lines))
        secret = next((pbx.client_secret for pbx in pbxs.values()), "")
        return threecx("diff", *arguments, XDG_CONFIG_HOME=str(profiles.parent), SECRET=secret)

    return run


def _exported(threecx: Threecx, pbx: SimulatedPbx, where: Path) -> Path:
    assert threecx("export", str(where), pbx=pbx).status == 0
    return where


def test_builds_that_answer_differently_do_not_differ(
    pbx_factory: Factory, threecx: Threecx, diff: Diff, tmp_path: Path
) -> None:
    seen, strict = pbx_factory(traits=AS_SEEN), pbx_factory(traits=STRICT_ODATA)
    files = str(_exported(threecx, seen, tmp_path / "files"))
    for arguments in ((files, files), (files, "profile:strict"), ("profile:seen", "profile:strict")):
        done = diff(*arguments, seen=seen, strict=strict)
        assert (done.status, done.err) == (0, ""), done.out
        assert "0 differ, 0 only in" in done.out
    assert seen.writes == strict.writes == []


def test_a_difference_names_the_leaf_and_its_place(
    pbx_factory: Factory, threecx: Threecx, diff: Diff, tmp_path: Path
) -> None:
    one, other = pbx_factory(), pbx_factory()
    user = next(row for row in other.entities("Users") if row["Number"] == "100")
    other.put("Users", {"Id": user["Id"], "Mobile": "+15550999"})
    queue = next(row for row in other.entities("Queues"))
    other.remove("Queues", queue["Id"])
    files = _exported(threecx, one, tmp_path / "files")
    done = diff(str(files), "profile:other", "--json", other=other)
    assert done.status == 2
    objects = {found["title"]: found for found in done.json["objects"]}
    changed, missing = objects["user 100"], objects[f"queue {queue['Number']}"]
    assert changed["changes"] == [{"option": "mobile", "first": "+15550110", "second": "+15550999", "place": None}]
    assert missing["only"] == str(files)
    back = diff("profile:other", str(files), "--json", "--include", "users", other=other).json["objects"]
    [place] = [change["place"] for found in back for change in found["changes"] if change["option"] == "mobile"]
    file, line, _ = place.split(":")
    assert "mobile" in (files / file).read_text().splitlines()[int(line) - 1]
    report = tmp_path / "report.md"
    text = diff(str(files), "profile:other", "--markdown", str(report), other=other).out
    assert '~ user 100\n    mobile: "+15550110" -> "+15550999"' in text
    assert f"- queue {queue['Number']}" in text
    assert "| user 100 | mobile |" in report.read_text()


def test_ids_and_the_name_of_the_default_department_are_no_difference(pbx_factory: Factory, diff: Diff) -> None:
    rows = {"Holidays": [{"Name": "New Year", "Group": "GRP1", "Day": 1, "Month": 1, "DayEnd": 1, "MonthEnd": 1}]}
    one = pbx_factory({"Groups": [{"Id": 1, "Number": "GRP1", "Name": "DEFAULT", "IsDefault": True}], **rows})
    other = pbx_factory({"Groups": [{"Id": 1, "Number": "GRP1", "Name": "Head office", "IsDefault": True}], **rows})
    one.put("Users", {"Id": 500, "Number": "155", "FirstName": "A", "Groups": [{"GroupId": 1}]})
    other.put("Users", {"Id": 900, "Number": "155", "FirstName": "A", "Groups": [{"GroupId": 1}]})
    done = diff("profile:one", "profile:other", "--include", "users:155", "--include", "holidays", one=one, other=other)
    assert done.status == 0, done.out


def test_a_holiday_without_department_is_one_of_the_default_department(
    pbx_factory: Factory, diff: Diff, tmp_path: Path
) -> None:
    days = {"Day": 1, "Month": 1, "DayEnd": 1, "MonthEnd": 1}
    pbx = pbx_factory({
        "Groups": [{"Id": 1, "Number": "GRP1", "Name": "Head office", "IsDefault": True}],
        "Holidays": [{"Name": "New Year", "Group": "GRP1", **days}, {"Name": "Summer", **days}],
    })  # fmt: skip
    day = "day: 1, month: 1, day_end: 1, month_end: 1"
    holidays = f"holidays: [{{name: New Year, {day}}}, {{name: Summer, group: Head office, {day}}}]\n"
    for about in ("", "pbx: {default_department: Head office}\n"):
        (tmp_path / "a.yml").write_text(about + holidays)
        for sides in ((str(tmp_path / "a.yml"), "profile:one"), ("profile:one", str(tmp_path / "a.yml"))):
            done = diff(*sides, "--include", "holidays", one=pbx)
            assert "0 differ, 0 only in" in done.out, done.out


def test_what_applies_to_one_pbx_is_compared_if_asked_for(pbx_factory: Factory, diff: Diff) -> None:
    one, other = pbx_factory(), pbx_factory()
    user = next(row for row in other.entities("Users") if row["Number"] == "100")
    other.put("Users", {"Id": user["Id"], "SIPID": "sip-other"})
    assert diff("profile:one", "profile:other", one=one, other=other).status == 0
    found = diff("profile:one", "profile:other", "--bound", "--json", one=one, other=other)
    assert [change["option"] for change in found.json["objects"][0]["changes"]] == ["sip_id"]


def test_a_plan_is_compared_by_what_it_changes(
    simulated: SimulatedPbx, threecx: Threecx, diff: Diff, tmp_path: Path
) -> None:
    files = _exported(threecx, simulated, tmp_path / "files")
    (files / "more.yml").write_text("contacts:\n- first_name: New\n  last_name: Contact\n  mobile2: '+15550777'\n")
    plan = tmp_path / "plan.json"
    assert threecx("plan", str(files), "--out", str(plan), pbx=simulated).status == 2
    done = diff(str(plan), "profile:acme", "--json", acme=simulated)
    assert [(found["kind"], found["only"]) for found in done.json["objects"]] == [("contacts", str(plan))]
    assert diff(str(plan), str(files)).status == 0
    assert diff(str(plan), str(plan)).status == 0


def test_an_object_that_a_plan_removes_is_only_on_the_other_side(
    simulated: SimulatedPbx, threecx: Threecx, diff: Diff, tmp_path: Path
) -> None:
    files = _exported(threecx, simulated, tmp_path / "files")
    added = simulated.put("Contacts", {"FirstName": "Left", "LastName": "Over"})
    plan = tmp_path / "plan.json"
    done = threecx("plan", str(files), "--prune", "contacts", "--out", str(plan), pbx=simulated)
    assert done.status == 2, done.out
    found = diff(str(plan), "profile:acme", "--json", acme=simulated)
    assert [(one["kind"], one["only"], one["removed_by"]) for one in found.json["objects"]] == [
        ("contacts", "profile:acme", str(plan))
    ]
    simulated.remove("Contacts", added["Id"])
    assert diff(str(plan), "profile:acme", acme=simulated).status == 0


def test_any_two_of_files_layers_plans_and_pbxs(
    simulated: SimulatedPbx, threecx: Threecx, diff: Diff, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    _exported(threecx, simulated, Path("files"))
    _exported(threecx, simulated, Path("low"))
    for name in ("low", "top"):
        Path(name).mkdir(exist_ok=True)
    mobile = next(row["Mobile"] for row in simulated.entities("Users") if row["Number"] == "100")
    for path in Path("low").rglob("*.yml"):
        path.write_text(path.read_text().replace(f'mobile: "{mobile}"', 'mobile: "+15550198"'))
    Path("top/own.yml").write_text(f"users: [{{number: '100', mobile: '{mobile}'}}]\n")
    Path("other.yml").write_text("contacts: [{first_name: New, last_name: Contact}]\n")
    sides = ("files", "low+top", "profile:acme", "acme")
    for first in sides:
        for second in sides:
            done = diff(first, second, acme=simulated)
            assert (done.status, done.err) == (0, ""), (first, second, done.out)
    assert threecx("plan", "-f", "low", "-f", "other.yml", "--out", "plan.json", pbx=simulated).status == 2
    for side in (*sides, "low"):
        for pair in (("plan.json", side), (side, "plan.json")):
            done = diff(*pair, "--json", acme=simulated)
            titles = {found["title"] for found in done.json["objects"]}
            assert (done.status, titles) == (2, {"contact Contact / New"} | ({"user 100"} if side != "low" else set()))
    assert diff("low", "low+top", "--json").json["objects"][0]["changes"][0]["place"] == "top/own.yml:1:33"
    assert "no plan file nowhere." in diff("low+nowhere", "files").err


def test_bad_input_is_one_sentence(diff: Diff, tmp_path: Path) -> None:
    broken = tmp_path / "broken.json"
    broken.write_text("{")
    for arguments, wanted in (
        (("nowhere", "nowhere"), "There is no directory and no plan file nowhere."),
        ((str(broken), str(broken)), "It is not a plan"),
        (("profile:none", "profile:none"), "profile none"),
        ((str(tmp_path), str(tmp_path), "--include", "usrs"), "usrs"),
    ):
        done = diff(*arguments)
        assert done.status == 1, arguments
        assert wanted in done.err, done.err
        assert "Traceback" not in done.err


def test_a_misspelt_name_is_no_agreement(diff: Diff, shared_pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "one.yml").write_text("users: [{number: '7100'}]\n")
    (tmp_path / "two.yml").write_text("users: [{number: '7200'}]\n")
    one, two = str(tmp_path / "one.yml"), str(tmp_path / "two.yml")
    for pair, pattern, said in (
        ((one, two), "users:7300", "There is no user called 7300."),
        ((one, "profile:acme"), "department:Salse", "did you mean Sales?"),
        (("profile:acme", "profile:acme"), "queues:9*", "There is no queue called 9*."),
    ):
        done = diff(*pair, "--include", "contacts", "--include", pattern, acme=shared_pbx)
        assert (done.status, said in done.err) == (1, True), done.err
    # An object of one side differs, and a kind may have no objects.
    assert diff(one, two, "--include", "users:7200").status == 2
    assert diff(one, two, "--include", "sbcs").status == 0


def test_a_named_profile_goes_before_the_environment(pbx_factory: Factory, threecx: Threecx, tmp_path: Path) -> None:
    one, other = pbx_factory(), pbx_factory()
    profiles = tmp_path / "threecx"
    profiles.mkdir()
    (profiles / "config.toml").write_text(
        f'[profiles.one]\nurl = "{one.url}"\nclient_id = "{one.client_id}"\nclient_secret_env = "SECRET"\n'
    )
    more = {"XDG_CONFIG_HOME": str(tmp_path), "SECRET": one.client_secret}
    assert threecx("get", "users", "--profile", "one", pbx=other, **more).status == 0
    assert (len(one.requests) > 1, other.requests) == (True, [])
    one.clear_log()
    assert threecx("get", "users", pbx=other, THREECX_PROFILE="one", **more).status == 0
    assert (one.requests, len(other.requests) > 1) == ([], True)


def test_null_zero_and_an_empty_text_are_equal_in_either_order(diff: Diff, tmp_path: Path) -> None:
    one, other = tmp_path / "one.yml", tmp_path / "other.yml"
    one.write_text("queues:\n- {number: '800', sla_time: null, greeting_file: '', agents: null, wrap_up_time: 0}\n")
    other.write_text("queues:\n- {number: '800', sla_time: 0, greeting_file: null, agents: [], wrap_up_time: 0}\n")
    assert diff(str(one), str(other)).status == diff(str(other), str(one)).status == 0


def test_zero_differs_from_a_null_that_a_pbx_answered(pbx_factory: Factory, diff: Diff, tmp_path: Path) -> None:
    strict, omitting = pbx_factory(traits=STRICT_ODATA), pbx_factory(traits=[*AS_SEEN, "omit-zeros"])
    for pbx in (strict, omitting):
        [queue] = [row for row in pbx.entities("Queues") if row["Number"] == "800"]
        pbx.put("Queues", {"Id": queue["Id"], "SLATime": None, "WrapUpTime": 9})
    files = tmp_path / "files.yml"
    files.write_text("queues:\n- {number: '800', sla_time: 0, wrap_up_time: 9}\n")
    for first, second in ((str(files), "profile:strict"), ("profile:strict", str(files))):
        assert "sla_time: " in diff(first, second, "--include", "queues:800", strict=strict).out
    for first, second in ((str(files), "profile:other"), ("profile:other", str(files))):
        assert "sla_time: " not in diff(first, second, "--include", "queues:800", other=omitting).out


def test_credentials_of_either_side_are_counted(
    simulated: SimulatedPbx, threecx: Threecx, diff: Diff, tmp_path: Path
) -> None:
    files = str(_exported(threecx, simulated, tmp_path / "files"))
    counts = [
        diff(*sides, "--json", acme=simulated).json["credentials_not_compared"]
        for sides in ((files, "profile:acme"), ("profile:acme", files))
    ]
    assert counts[0] == counts[1] > 0
