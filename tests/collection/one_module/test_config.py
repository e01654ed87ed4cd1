"""threecx_config: a whole PBX by one task, gathered, planned and refused."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.collection.shipped import as_a_module
from tests.collection.tasks import Task, tasks_on

CANARY = "CANARY-c0nf"  # invented
TRUNK = {"trunks": [{"number": "10000", "auth_password": {"secret": "main"}}]}
KEPT = {"faxes": [{"number": "860"}], "pbx": {"complete": ["faxes"]}}


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_what_is_gathered_can_be_given_back(traits: Any) -> None:
    with SimulatedPbx(traits=traits) as pbx:
        task = tasks_on(pbx)
        gathered = task("config", state="gathered")
        assert not gathered["changed"]
        assert gathered["counts"]["users"] == len(gathered["config"]["users"])
        again = task("config", config=json.loads(json.dumps(gathered["config"])), check_mode=True)
        assert not again["changed"], again.data
        assert again["operations"] == []
        assert again["unmanaged"] == []
        assert again["counts"]["equal"] > 50
        assert pbx.writes == []


def test_check_mode_is_the_plan_and_sends_nothing(task: Task, pbx: SimulatedPbx) -> None:
    config = {"users": [{"number": "100", "mobile": "+15550133"}, {"number": "177", "first_name": "Ines"}]}
    result = task("config", config=config, check_mode=True)
    assert result["changed"]
    assert {one["name"]: (one["operation"], one["state"]) for one in result["operations"]} == {
        "user 177": ("create", "planned"),
        "user 100": ("update", "planned"),
    }
    [change] = next(one["changes"] for one in result["operations"] if one["name"] == "user 100")
    assert (change["option"], change["new"]) == ("mobile", "+15550133")
    assert (result["counts"]["create"], result["counts"]["update"]) == (1, 1)
    diff = {one["before_header"]: one for one in result["diff"]}
    assert diff["update user 100"]["after"] == {"mobile": "+15550133"}
    assert diff["create user 177"]["before"] == {}
    assert "diff" not in task("config", config=config, check_mode=True, diff_mode=False).data
    assert pbx.writes == []


def test_the_digest_is_that_of_what_is_declared(task: Task, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text('users:\n- number: "100"\n  mobile: "+15550133"\n')
    first = task("config", src=str(tmp_path), check_mode=True)
    same = task("config", config={"users": [{"number": "100", "mobile": "+15550133"}]}, check_mode=True)
    other = task("config", config={"users": [{"number": "100", "mobile": "+15550134"}]}, check_mode=True)
    assert first["digest"] == same["digest"] != other["digest"]
    assert task("config", src=str(tmp_path / "a.yml"), check_mode=True)["digest"] == first["digest"]


def test_it_is_applied_and_a_second_run_changes_nothing(task: Task, pbx: SimulatedPbx) -> None:
    config = {
        "users": [{"number": "100", "mobile": "+15550133"}, {"number": "177", "first_name": "Ines"}],
        "queues": [{"number": "877", "name": "Returns", "agents": [{"number": "177"}]}],
    }
    result = task("config", config=config)
    assert result["changed"]
    assert {one["state"] for one in result["operations"]} == {"done"}
    assert {one["name"] for one in result["operations"]} == {"user 100", "user 177", "queue 877"}
    [queue] = [one for one in pbx.entities("Queues") if one["Number"] == "877"]
    assert [agent["Number"] for agent in queue["Agents"]] == ["177"]
    again = task("config", config=config)
    assert (again["changed"], again["operations"]) == (False, [])


def test_a_change_that_fails_is_told_and_the_rest_is_done(task: Task, pbx: SimulatedPbx) -> None:
    pbx.fail(method="PATCH", path=r"/Users\(", status=400, times=1)
    config = {"users": [{"number": "100", "mobile": "+1555013"}], "faxes": [{"number": "877"}]}
    failed = task("config", config=config)
    assert "1 of 2 changes" in failed.msg
    assert "update user 100: " in failed.msg
    assert {one["name"]: one["state"] for one in failed.data["operations"]} == {"user 100": "failed", "fax 877": "done"}
    assert failed.data["changed"]
    assert task("config", config=config)["changed"]
    assert not task("config", config=config)["changed"]


class TestSecrets:
    def test_they_are_sent_and_not_shown(self, task: Task, pbx: SimulatedPbx) -> None:
        given = {"config": TRUNK, "secrets": {"main": CANARY}}
        assert not task("config", **given)["changed"]
        result = task("config", **given, update_secrets="always")
        assert result["changed"]
        assert CANARY in str([write.body for write in pbx.writes])
        assert CANARY not in json.dumps(result.data)
        assert result["diff"][0]["after"] == {"auth_password": "(hidden, changed)"}

    def test_those_of_the_environment_count_too(
        self, task: Task, pbx: SimulatedPbx, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("THREECX_SECRET_MAIN", CANARY)
        assert task("config", config=TRUNK, update_secrets="always")["changed"]
        assert CANARY in str([write.body for write in pbx.writes])

    def test_a_new_object_needs_its_own(self, task: Task, pbx: SimulatedPbx) -> None:
        config = {"users": [{"number": "177", "first_name": "Ines", "auth_password": {"secret": "user_177"}}]}
        failed = task("config", config=config)
        assert "user_177" in failed.msg
        assert "secrets" in failed.msg
        assert "--" not in failed.msg
        looked = task("config", config=config, check_mode=True)
        assert looked["changed"]
        assert any("user_177" in warning for warning in looked.warnings)
        assert pbx.writes == []
        assert "put it in quotes" in task("config", config=config, secrets={"user_177": 1234}).msg
        # A null, such as of a variable that is not set, is no value to put in quotes.
        assert "were not given: user_177" in task("config", config=config, secrets={"user_177": None}).msg


class TestRemoval:
    """Removals, each with the consent it needs."""

    def test_nothing_is_removed_without_consent(self, task: Task, pbx: SimulatedPbx) -> None:
        result = task("config", config=KEPT)
        assert not result["changed"]
        assert "fax 861" in result["unmanaged"]
        assert pbx.writes == []

    def test_what_is_pruned_is_gone(self, task: Task, pbx: SimulatedPbx) -> None:
        result = task("config", config=KEPT, prune=["faxes:861"])
        [one] = result["operations"]
        assert (one["operation"], one["name"], one["state"]) == ("remove", "fax 861", "done")
        assert "861" not in {fax["Number"] for fax in pbx.entities("Fax")}
        assert not task("config", config=KEPT, prune=["faxes:861"])["changed"]

    def test_one_that_has_to_stay_keeps_no_other(self, task: Task, pbx: SimulatedPbx) -> None:
        server = "888"  # the PBX refuses to remove its fax server, alone and among others
        assert server in {fax["Number"] for fax in pbx.entities("Fax")}
        failed = task("config", config=KEPT, prune=["faxes:861"], remove=[f"faxes:{server}"])
        states = {one["name"]: one["state"] for one in failed.data["operations"]}
        assert states == {f"fax {server}": "failed", "fax 861": "done"}
        assert "861" not in {fax["Number"] for fax in pbx.entities("Fax")}

    def test_what_the_files_owned_is_removed(self, task: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
        (tmp_path / "a.yml").write_text("faxes:\n- number: '877'\n- number: '878'\n")
        assert task("config", src=str(tmp_path))["changed"]
        assert (tmp_path / "threecx.lock").is_file()
        (tmp_path / "a.yml").write_text("faxes:\n- number: '877'\n")
        assert not task("config", src=str(tmp_path))["changed"]
        assert task("config", src=str(tmp_path), removal="owned", check_mode=True)["counts"]["remove"] == 1
        assert task("config", src=str(tmp_path), removal="owned")["changed"]
        assert "878" not in {fax["Number"] for fax in pbx.entities("Fax")}
        assert "removal: owned objects" in task("config", config=KEPT, removal="owned").msg

    def test_a_limit_is_waived_for_one_plan(self, task: Task, pbx: SimulatedPbx) -> None:
        for number in range(870, 882):
            pbx.put("Fax", {"Number": str(number)})
        given = {"config": KEPT, "prune": ["faxes:87*", "faxes:880", "faxes:881"]}
        failed = task("config", **given)
        assert "12 objects would be removed" in failed.msg
        assert f"waiver: {failed.data['waiver']}" in failed.msg
        assert pbx.writes == []
        assert task("config", **given, limits={"objects": 20, "percent": 100}, check_mode=True)["changed"]
        assert task("config", **given, waiver=failed.data["waiver"])["changed"]
        assert not [fax for fax in pbx.entities("Fax") if fax["Number"].startswith("87")]


def test_what_is_there_neither_on_the_pbx_nor_in_the_files_is_impossible(task: Task, pbx: SimulatedPbx) -> None:
    failed = task("config", config={"queues": [{"number": "800", "agents": [{"number": "999"}]}]})
    assert "999" in failed.msg
    assert "Nothing was written" in failed.msg
    assert failed.data["impossible"]
    assert pbx.writes == []


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({}, "any of the following are missing: src, config"),
        ({"src": "x", "config": {}}, "mutually exclusive"),
        ({"state": "gathered", "prune": ["users"]}, "prune: it belongs to state=present"),
        ({"plan": "x", "include": ["users"]}, "include: a plan holds everything"),
        ({"config": {}, "adopt": {}}, "adopt: it belongs to state=adopted"),
        ({"state": "adopted", "src": ["x"], "dest": "x"}, "dest: it belongs to state=gathered"),
        ({"state": "adopted", "src": ["x"], "prune": ["users"]}, "prune: it belongs to state=present"),
        ({"config": {}, "parallel": 0}, "parallel: a number from 1 to 16"),
        ({"state": "gathered", "include": ["usrs"]}, "did you mean users?"),
        ({"src": "/nowhere/at/all"}, "There is no such directory"),
        ({"src": []}, "src: the path of a directory is needed"),
        ({"src": ""}, "src: the path of a directory is needed"),
        ({"src": ["", "acme"]}, "src: the path of a directory is needed"),
        ({"state": "adopted", "src": ""}, "src: the path of a directory is needed"),
        ({"state": "gathered", "dest": ""}, "dest: the path of a directory is needed"),
        ({"config": {}, "state": "planned", "plan": ""}, "plan: the path of a file is needed"),
        ({"config": {"users": {"number": "100"}}}, "users needs a list"),
        ({"config": {"users": [{"number": "100", "state": "absent"}]}}, "consent with remove: KIND:NAME"),
        (
            {"config": {"queues": [{"number": "800", "ring_timeout": True}]}},
            "ring_timeout is a number, not true or false.",
        ),
        ({"config": {"users": ["100"]}}, "Each of users needs a structure of options"),
        (
            {"config": {"users": [{"number": "100", "vm_pin": "1234"}]}},
            "Write `{secret: NAME}` and give the value in secrets",
        ),
    ],
)
def test_options_that_do_not_go_together(task: Task, pbx: SimulatedPbx, options: Any, said: str) -> None:
    assert said in task("config", **options).msg
    assert pbx.requests == []


def test_files_that_declare_nothing_are_no_agreement(task: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("users: []\n")
    said = task("config", src=str(tmp_path), check_mode=True).msg
    assert f"src: no file in {tmp_path} declares anything" in said
    assert pbx.requests == []
    (tmp_path / "all.yml").write_text("users: []\npbx: {removal: none}\n")
    assert "declares anything" in task("config", src=str(tmp_path), removal="none", prune=[]).msg
    # Empty files may remove the objects they owned, and a structure may have empty lists.
    assert task("config", src=str(tmp_path), removal="owned")["counts"]["remove"] == 0
    assert task("config", src=str(tmp_path), prune=["users:999"], check_mode=True)["counts"]["remove"] == 0
    assert not task("config", config={"users": []})["changed"]


def test_a_misspelt_name_gathers_nothing(task: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
    dest = tmp_path / "acme"
    assert task("config", state="gathered", dest=str(dest))["changed"]
    before = sorted(path.name for path in dest.rglob("*"))
    for pattern, said in (
        ("department:Salse", "There is no department called Salse; did you mean Sales?"),
        ("users:1000", "There is no user called 1000."),
        ("queues:9*", "There is no queue called 9*."),
    ):
        failed = task("config", state="gathered", dest=str(dest), include=["contacts", pattern])
        assert f"include: {pattern}: {said}" in failed.msg, failed.msg
    assert sorted(path.name for path in dest.rglob("*")) == before
    # A kind of which the PBX has none is no mistake.
    assert task("config", state="gathered", include=["sbcs", "department:Sales"])["counts"]["users"] == 2


def test_reasons_name_the_options_of_the_module(task: Task, tmp_path: Path) -> None:
    (tmp_path / "a.yml").write_text(
        "users: [{number: '177'}]\nqueues: [{number: '877', name: Q, agents: [{number: '177'}]}]\n"
    )
    result = task("config", src=str(tmp_path), include=["queues"])
    assert result.data["impossible"]
    assert "Add include: users:177" in result.data["impossible"][0]
    assert "--" not in json.dumps([result.data["impossible"], result.msg])


def test_a_selection_is_gathered(task: Task) -> None:
    found = task("config", state="gathered", include=["users:10?"], exclude=["users:100"])["config"]
    assert set(found) <= {"users", "defaults", "pbx"}
    assert {user["number"] for user in found["users"]} == {"101", "102", "103", "104"}


class TestAdopted:
    def test_a_change_of_the_console_is_adopted_and_comments_stay(
        self, task: Task, pbx: SimulatedPbx, tmp_path: Path
    ) -> None:
        below, acme = tmp_path / "standard", tmp_path / "acme"
        for layer in (below, acme):
            layer.mkdir()
        (below / "users.yml").write_text("defaults:\n  users:\n    language: EN\n")
        users = acme / "users.yml"
        users.write_text('users:\n  # Ada\n  - number: "100"\n    mobile: "+15550100"\n')
        tasks_on(pbx)("user", number="100", mobile="+15550144", outbound_caller_id="+15550199")
        options: dict[str, Any] = {"state": "adopted", "src": [str(below), str(acme)], "adopt": {"only_drift": True}}

        looked = task("config", **options, check_mode=True)
        assert looked["changed"]
        assert "+15550144" not in users.read_text()
        [diff] = [one for one in looked["diff"] if one["after_header"] == str(users)]
        assert "+15550144" in diff["after"]

        done = task("config", **options)
        assert (done["changed"], done["files"]) == (True, [str(users)])
        assert any("user 100 mobile" in one for one in done["adopted"])
        assert "# Ada" in users.read_text()
        assert '"+15550144"' in users.read_text()
        assert not task("config", **options)["changed"]
        assert not task("config", src=options["src"], check_mode=True)["changed"]

    def test_what_needs_a_decision_names_the_options_of_the_module(self, task: Task, tmp_path: Path) -> None:
        (tmp_path / "users.yml").write_text('users: [{number: "7999", first_name: A, last_name: B}]\n')
        options: dict[str, Any] = {"state": "adopted", "src": [str(tmp_path)]}
        found = task("config", **options, adopt={"only_drift": True})
        assert not found["changed"]
        [conflict] = found["conflicts"]
        assert conflict.startswith("user 7999 ")
        assert conflict.endswith("it is not on the PBX. Decide with adopt.missing: remove.")
        assert task("config", **options, adopt={"only_drift": True, "missing": "remove"})["removed"] == ["user 7999"]

    @pytest.mark.parametrize("only_drift", [False, True])
    def test_a_misspelt_name_is_no_agreement(
        self, task: Task, pbx: SimulatedPbx, tmp_path: Path, only_drift: bool
    ) -> None:
        (tmp_path / "a.yml").write_text("users: [{number: '100'}]\n")
        options: dict[str, Any] = {"state": "adopted", "src": str(tmp_path), "adopt": {"only_drift": only_drift}}
        failed = task("config", **options, include=["department:Salse"])
        assert "include: department:Salse: There is no department called Salse; did you mean Sales?" in failed.msg
        # Undeclared objects, and kinds without objects, can be named.
        assert (
            task("config", **options, include=["users:101", "department:Sales", "sbcs"], check_mode=True)["changed"]
            is not only_drift
        )

    def test_files_of_another_pbx_are_refused_in_the_words_of_the_module(self, task: Task, tmp_path: Path) -> None:
        path = tmp_path / "acme.yml"
        path.write_text("pbx: {identity: other.example.com}\nfaxes: [{number: '7999'}]\n")
        refused = task("config", state="adopted", src=[str(tmp_path)])
        assert refused["failed"]
        assert "give other_pbx: true, or change pbx.identity in the files" in refused["msg"]
        assert "7999" in path.read_text()
        assert task("config", state="adopted", src=[str(tmp_path)], other_pbx=True, check_mode=True)["conflicts"]


class TestDest:
    def test_a_part_does_not_replace_the_whole(self, task: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
        def export(name: str, *include: str, **more: Any) -> Any:
            return task("config", state="gathered", dest=str(tmp_path / name), include=list(include), **more)

        assert export("acme")["changed"]
        before = {path: path.read_text() for path in (tmp_path / "acme").rglob("*") if path.is_file()}
        for check_mode in (True, False):
            refused = export("acme", "department:Sales", check_mode=check_mode).msg
            assert (
                "holds another export, of everything. The export of include: department:Sales would remove" in refused
            )
            assert "Name another directory" in refused
        assert {path: path.read_text() for path in (tmp_path / "acme").rglob("*") if path.is_file()} == before
        # The same selection may lose a file, as of a department that is gone.
        assert export("part", "users", "queues")["changed"]
        assert not export("part", "users", "queues")["changed"]
        assert "of include: users include: queues" in export("part", "contacts").msg
        for number in ("200", "201"):
            tasks_on(pbx)("user", number=number, state="absent")
        assert export("part", "users", "queues")["changed"]
        assert not (tmp_path / "part" / "departments" / "sales.yml").exists()
        assert export("part")["changed"]
        assert "of everything" in export("part", "users", "queues").msg

    def test_only_what_differs_is_written(self, task: Task, pbx: SimulatedPbx, tmp_path: Path) -> None:
        dest = tmp_path / "acme"
        looked = task("config", state="gathered", dest=str(dest), check_mode=True)
        assert looked["changed"]
        assert not dest.exists()
        first = task("config", state="gathered", dest=str(dest))
        assert first["changed"]
        assert sorted(path.relative_to(dest).as_posix() for path in dest.rglob("*.yml")) == first["files"]
        assert "config" not in first.data
        assert not task("config", state="gathered", dest=str(dest))["changed"]
        assert not task("config", src=str(dest), check_mode=True)["changed"]
        tasks_on(pbx)("user", number="100", mobile="+15550144")
        again = task("config", state="gathered", dest=str(dest))
        [diff] = again["diff"]
        assert "+15550144" in diff["after"]
        assert "+15550144" not in diff["before"]

    def test_a_file_of_a_department_that_is_gone_is_removed(self, task: Task, tmp_path: Path) -> None:
        dest = str(tmp_path / "acme")
        task("group", name="Short Lived")
        assert "departments/short-lived.yml" in task("config", state="gathered", dest=dest)["files"]
        (tmp_path / "acme" / "vars.yml").write_text("a: b\n")
        task("group", name="Short Lived", state="absent")
        assert task("config", state="gathered", dest=dest)["changed"]
        assert not (tmp_path / "acme" / "departments" / "short-lived.yml").exists()
        assert (tmp_path / "acme" / "vars.yml").exists()

    def test_what_no_export_wrote_is_kept(self, task: Task, tmp_path: Path) -> None:
        (tmp_path / "mine.yml").write_text("users: []\n")
        assert "mine.yml, which no export wrote here" in task("config", state="gathered", dest=str(tmp_path)).msg
        assert [path.name for path in tmp_path.iterdir()] == ["mine.yml"]


def test_shipped_it_says_the_same(
    pbx: SimulatedPbx, task: Task, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    config = {"users": [{"number": "100", "mobile": "+15550133", "auth_password": {"secret": "user_100"}}]}
    given = {"config": config, "secrets": {"user_100": CANARY}, "_ansible_check_mode": True}
    shipped = as_a_module("config", pbx, monkeypatch, capsys, **given)
    here = task("config", config=config, secrets={"user_100": CANARY}, check_mode=True)
    assert shipped == here.data
    assert CANARY not in json.dumps(shipped)


@pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def test_a_task_is_limited_to_a_selection(traits: Any) -> None:
    config = {"users": [{"number": "100", "mobile": "+15550133"}, {"number": "101", "mobile": "+15550134"}]}
    with SimulatedPbx(traits=traits) as pbx:
        task = tasks_on(pbx)
        for options in ({"include": ["users:100"]}, {"exclude": ["users:101"]}):
            planned = task("config", config=config, check_mode=True, **options)
            assert [one["name"] for one in planned["operations"]] == ["user 100"]
            assert planned["selection"]["not_compared"] == {"users": 1}
        assert task("config", config=config, include=["users:100"])["changed"]
        assert not task("config", config=config, include=["users:100"])["changed"]
        failed = task("config", config=config, include=["users:9999"])
        assert "include: users:9999: There is no user called 9999." in failed.msg
        assert [one["name"] for one in task("config", config=config)["operations"]] == ["user 101"]
