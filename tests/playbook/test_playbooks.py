"""The playbooks of the collection, as a person runs them: looked at first, for real, and once more."""

from __future__ import annotations

import csv
import json
import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from ansible_collection.plugins.module_utils._connection_options import connection_options
from pbx_as_code.engine.options.option_specs import argument_spec
from pbx_simulator import SimulatedPbx
from tests import warm_ansible
from tests.collection.tree import COLLECTION, environment
from tests.descriptions import described
from tests.wire_options import Wire, unsent_options

PLAYBOOKS = sorted(path.stem for path in (COLLECTION / "playbooks").glob("*.yml"))
#: Stands in every credential that is given. Invented.
CANARY = "CANARY"


class Player:
    """Runs playbooks of the collection by their names."""

    def __init__(self, pbx: SimulatedPbx, scratch: Path) -> None:
        self.pbx = pbx
        self.scratch = scratch
        self.environment = environment(
            scratch,
            THREECX_HOST=pbx.url,
            THREECX_CLIENT_ID=pbx.client_id,
            THREECX_CLIENT_SECRET=pbx.client_secret,
            ANSIBLE_CALLBACK_PLUGINS=str(Path(__file__).parent / "plugins" / "callback"),
            ANSIBLE_CALLBACKS_ENABLED="record",
            ANSIBLE_INJECT_INVOCATION="1",
            RECORD_ACTIONS="1",
            RECORD_TO=str(scratch / "record.jsonl"),
        )

    def run(self, name: str, *arguments: str, **variables: Any) -> str:
        """Run a playbook and return its output, whatever the outcome."""
        self.pbx.clear_log()
        (self.scratch / "record.jsonl").write_text("")
        command = ["ansible-playbook", f"threecx.xapi.{name}", "-e", json.dumps(variables), *arguments]
        done = warm_ansible.run(command, env=self.environment, cwd=self.scratch)
        return done.stdout + done.stderr

    def changed(self, name: str, *arguments: str, **variables: Any) -> int:
        """How many tasks changed something; none failed and nobody was warned."""
        out = self.run(name, *arguments, **variables)
        found = re.search(r"ok=\d+ +changed=(\d+) +unreachable=0 +failed=0", out)
        assert found, out
        assert "[WARNING]" not in out or "--check" in arguments, out
        assert "DEPRECATION" not in out, out
        return int(found[1])

    def thrice(self, name: str, **variables: Any) -> int:
        """In check mode, for real, and again; how many tasks changed something."""
        before = self.pbx.entities("Users")
        self.changed(name, "--check", "--diff", **variables)
        assert self.pbx.writes == []
        assert self.pbx.entities("Users") == before
        changed = self.changed(name, "--diff", **variables)
        assert self.pbx.writes
        assert self.unsent() == []
        assert self.changed(name, "--diff", **variables) == 0
        assert self.pbx.writes == []
        return changed

    def unsent(self) -> list[str]:
        """Options of tasks that changed something in the last run, which nothing on the wire came from."""
        wire, given = Wire(self.pbx.requests), dict[str, dict[str, Any]]()
        for line in (self.scratch / "record.jsonl").read_text().splitlines():
            told = json.loads(line)
            results = told.get("result", {}).get("results", [told.get("result", {})])
            for result in results:
                if told.get("action", "").startswith("threecx.xapi.") and result.get("changed"):
                    asked = result["invocation"]["module_args"].items()
                    given.setdefault(told["action"], {}).update(
                        {
                            option: value
                            for option, value in asked
                            if value is not None and option not in connection_options()
                        }
                    )
        assert given
        return [problem for module, options in given.items() for problem in unsent_options(module, options, wire)]


@pytest.fixture
def player(pbx: SimulatedPbx, tmp_path: Path) -> Player:
    return Player(pbx, tmp_path)


def leaves(value: Any, name: str = "") -> list[tuple[str, Any]]:
    """Every single value in a structure, with the name of what holds it."""
    if isinstance(value, dict):
        return [leaf for inner, item in value.items() for leaf in leaves(item, inner)]
    return [leaf for item in value for leaf in leaves(item, name)] if isinstance(value, list) else [(name, value)]


def row(pbx: SimulatedPbx, entity_set: str, **facts: Any) -> dict[str, Any]:
    [found] = [row for row in pbx.entities(entity_set) if all(row.get(name) == fact for name, fact in facts.items())]
    return found


def test_every_playbook_is_tested() -> None:
    names = ("test_playbooks.py", "test_config_playbooks.py", "test_fleet_playbooks.py")
    texts = [Path(__file__).with_name(name).read_text() for name in names]
    tested = {*re.findall(r'(?:thrice|changed|run)\("(?:threecx\.xapi\.)?(\w+)"', "".join(texts)), "clean_up"}
    tested |= {"plan_pull_request", "apply_pull_request"}  # by tests/gitops, with a repository and a forge
    assert set(PLAYBOOKS) == tested - {"site", "look"}, "clean_up is run by the demo, whose steps are tested there"


@pytest.mark.parametrize("name", PLAYBOOKS)
def test_its_head_says_how_to_run_it(name: str) -> None:
    text = (COLLECTION / "playbooks" / f"{name}.yml").read_text()
    assert f"ansible-playbook threecx.xapi.{name}" in text.split("- name:")[0]
    assert "THREECX_HOST" in text.split("- name:")[0]
    assert yaml.safe_load(text)[0]["gather_facts"] is False


def test_clean_up(player: Player, pbx: SimulatedPbx) -> None:
    assert player.thrice("clean_up", faxes=["861"], firmwares=["yealink-t46s-66.86.0.15"]) == 2
    assert "861" not in {fax["Number"] for fax in pbx.entities("Fax")}


class TestOnboard:
    def test_people_of_a_file(self, player: Player, pbx: SimulatedPbx) -> None:
        pbx.put("Users", {"Number": "211", "FirstName": "Piet", "Groups": [{"GroupId": 3}]})
        assert player.thrice("onboard") == 4
        purchasing, sales = (row(pbx, "Groups", Name=name)["Id"] for name in ("Purchasing", "Sales"))
        nora = row(pbx, "Users", Number="210")
        assert (nora["FirstName"], nora["EmailAddress"], nora["VMEnabled"]) == ("Nora", "nora.weiss@example.com", True)
        assert nora["Phones"][0]["MacAddress"] == "805ec0aaaa01"
        piet = row(pbx, "Users", Number="211")
        assert piet["LastName"] == "de Vries, Jr."
        roles = {group["GroupId"]: group["Rights"]["RoleName"] for group in piet["Groups"]}
        assert roles == {3: "users", sales: "managers"}, "he stays where he was"
        rosa = row(pbx, "Users", Number="310")
        assert (rosa["LastName"], rosa["VMEnabled"]) == ("O'Neill", False)
        assert purchasing in {group["GroupId"] for group in rosa["Groups"]}

    def test_a_file_that_excel_saved(self, player: Player, pbx: SimulatedPbx) -> None:
        people = player.scratch / "people.csv"
        text = "first_name;number;last_name;email;mobile;department;role;phone_mac;phone_template;voicemail\r\n"
        text += 'Jürgen;0210;"Weiß;\r\nDr.";;+4915112345670;Einkauf;;;;yes\r\n;;;;;;;;;\r\n'
        for encoding, before in (("cp1252", "sep=;\r\n"), ("utf-8-sig", "")):
            people.write_bytes((before + text).encode(encoding))
            assert player.changed("onboard", onboard_file=str(people)) == (3 if before else 0)
        made = row(pbx, "Users", Number="0210")
        assert (made["FirstName"], made["Mobile"], made["VMEnabled"]) == ("Jürgen", "+4915112345670", True)
        assert made["LastName"].replace("\r", "") == "Weiß;\nDr."

    def test_a_file_without_a_column_is_refused(self, player: Player, pbx: SimulatedPbx) -> None:
        people = player.scratch / "people.csv"
        people.write_text("number,first_name\n210,Nora\n")
        out = player.run("onboard", onboard_file=str(people))
        assert "Missing: last_name, email" in out
        assert pbx.writes == []


class TestOffboard:
    def test_calls_go_elsewhere_and_the_extension_stops(self, player: Player, pbx: SimulatedPbx) -> None:
        rule = row(pbx, "InboundRules", RuleName="Main number")
        pbx.put("InboundRules", {**rule, "OutOfOfficeHoursDestination": {"To": "VoiceMail", "Number": "300"}})
        menu = row(pbx, "Receptionists", Number="802")
        forward = {"Input": "7", "ForwardType": "Extension", "ForwardDN": "300"}
        pbx.put("Receptionists", {**menu, "Forwards": [*menu["Forwards"], forward]})
        assert player.thrice("offboard", offboard_number="300", offboard_to="301") >= 4
        queue = row(pbx, "Queues", Number="800")
        assert [agent["Number"] for agent in queue["Agents"]] == ["301"]
        assert queue["Managers"] == []
        assert row(pbx, "InboundRules", RuleName="Main number")["OutOfOfficeHoursDestination"]["Number"] == "301"
        leads = {key["Input"]: key["ForwardDN"] for key in row(pbx, "Receptionists", Number="802")["Forwards"]}
        assert leads["7"] == "301"
        assert row(pbx, "Users", Number="300")["Enabled"] is False

    def test_it_is_removed_only_when_that_is_said(self, player: Player, pbx: SimulatedPbx) -> None:
        assert player.thrice("offboard", offboard_number="201", offboard_to="200", offboard_remove=True) == 2
        assert "201" not in {user["Number"] for user in pbx.entities("Users")}
        assert [member["Number"] for member in row(pbx, "RingGroups", Number="801")["Members"]] == ["200"]

    def test_somebody_must_take_over(self, player: Player, pbx: SimulatedPbx) -> None:
        assert "Set offboard_number" in player.run("offboard", offboard_number="201")
        assert pbx.requests == []
        assert "no extension 4711" in player.run("offboard", offboard_number="201", offboard_to="4711")
        assert pbx.writes == []


def test_holidays(player: Player, pbx: SimulatedPbx) -> None:
    number = row(pbx, "Groups", Name="DEFAULT")["Number"]
    pbx.put("Holidays", {"Name": "Reformation Day 2027", "Day": 31, "Month": 10, "Year": 2027, "Group": number})
    assert player.thrice("holidays") == 2
    assert "Reformation Day 2027" not in {holiday["Name"] for holiday in pbx.entities("Holidays")}
    assert row(pbx, "Holidays", Name="Good Friday 2027")["Group"] == number
    christmas = row(pbx, "Holidays", Name="Christmas 2027", Year=2027)
    assert (christmas["Day"], christmas["DayEnd"], christmas["TimeOfStartDate"]) == (25, 26, "PT0S")
    assert row(pbx, "Holidays", Name="Christmas Eve 2027")["TimeOfStartDate"] == "PT12H"
    # Next year's file adds those of next year.
    assert player.changed("holidays", holidays_year=2028) == 1
    named = {row["Name"]: row["Year"] for row in pbx.entities("Holidays") if row["Name"].startswith("Good Friday")}
    assert named == {"Good Friday 2027": 2027, "Good Friday 2028": 2028}


def test_block_list(player: Player, pbx: SimulatedPbx) -> None:
    before = {entry["IPAddrMask"] for entry in pbx.entities("Blocklist")}
    assert player.thrice("block_list") == 1
    as_windows_saves = player.scratch / "windows.txt"
    as_windows_saves.write_bytes("203.0.113.9/32  # Müller\r\n".encode("utf-16"))
    assert player.changed("block_list", block_list_file=str(as_windows_saves)) == 1, "the remark is another"
    assert player.changed("block_list", block_list_file=str(as_windows_saves)) == 0
    assert any(found["Description"] == "Imported: Müller" for found in pbx.entities("Blocklist"))
    added = row(pbx, "Blocklist", IPAddrMask="203.0.113.9/32")
    assert row(pbx, "Blocklist", IPAddrMask="198.51.100.0/24")["Description"] == "Imported: guessed passwords"
    assert added["BlockType"] == "Block"
    shorter = player.scratch / "blocked.txt"
    shorter.write_text("198.51.100.0/24   # guessed passwords\n")
    assert player.changed("block_list", block_list_file=str(shorter)) == 0
    assert player.changed("block_list", block_list_file=str(shorter), block_list_only=True) == 1
    left = {entry["IPAddrMask"] for entry in pbx.entities("Blocklist")}
    assert left == before | {"198.51.100.0/24"}, "what somebody blocked by hand stays"


def test_service_line(player: Player, pbx: SimulatedPbx) -> None:
    assert player.thrice("service_line") == 3
    menu = row(pbx, "Receptionists", Number="841")
    assert {key["Input"]: key["ForwardDN"] for key in menu["Forwards"]} == {"1": "840", "0": "100"}
    assert [agent["Number"] for agent in row(pbx, "Queues", Number="840")["Agents"]] == ["300", "301"]
    assert row(pbx, "InboundRules", RuleName="Service menu")["TrunkDN"]["Number"] == "10000"


class TestAudit:
    @pytest.fixture(autouse=True)
    def _company(self, pbx: SimulatedPbx) -> None:
        for user in pbx.entities("Users"):
            sound = {"Enabled": True, "Require2FA": True, "VMEnabled": True, "IsRegistered": True}
            pbx.put("Users", {**user, **sound, "VMPIN": f"{CANARY}-{user['Number']}"})
        changes: dict[str, dict[str, Any]] = {
            "100": {"Require2FA": False, "Enable2FA": False},
            "101": {"VMPIN": "1234"},
            "102": {"VMPIN": "102102"},
            "103": {"IsRegistered": False},
            "200": {"Tags": ["WeakPass"], "FirstName": '=HYPERLINK("x")', "DisplayName": '=HYPERLINK("x")\n@SUM'},
            "201": {"Enabled": False, "VMPIN": "0000", "IsRegistered": False},
        }
        for number, facts in changes.items():
            pbx.put("Users", {**row(pbx, "Users", Number=number), **facts})

    def test_as_a_table(self, player: Player, pbx: SimulatedPbx) -> None:
        report = player.scratch / "audit.csv"
        out = player.run("audit", "-vvv", audit_dest=str(report))
        assert "failed=0" in out
        assert pbx.writes == []
        with report.open(newline="") as lines:
            found = {(line["finding"], line["object"]): line for line in csv.DictReader(lines)}
        assert {line for line in found if line[0] not in ("backup", "trunk")} == {
            ("no_2fa", "100"),
            ("weak_pin", "101"),
            ("weak_pin", "102"),
            ("unregistered", "103"),
            ("weak_password", "200"),
        }
        assert found["weak_password", "200"]["name"].startswith("'="), "a spreadsheet must not run it"
        assert CANARY not in out + report.read_text()
        assert "102102" not in out + report.read_text()
        assert report.stat().st_mode & 0o777 == 0o600

    def test_as_a_page(self, player: Player, pbx: SimulatedPbx) -> None:
        report = player.scratch / "audit.html"
        assert "failed=0" in player.run("audit", audit_dest=report.name)
        page = report.read_text()
        assert "brendan.obrien@example.com" in page
        assert "O&#39;Brien" in page
        assert CANARY not in page


def test_nightly_backup(player: Player, pbx: SimulatedPbx) -> None:
    for day in range(1, 6):
        pbx.put("Backups", {"FileName": f"nightly-2026-01-0{day}.zip", "DownloadLink": "", "Size": 1})
    kept = {"nightly.zip", "before-upgrade.zip"}
    today = {"nightly_backup_day": "2026-01-06", "nightly_backup_keep": 3}
    assert player.changed("nightly_backup", "--check", **today) >= 1
    assert pbx.writes == []
    assert player.changed("nightly_backup", **today) == 2
    now = {backup["FileName"] for backup in pbx.entities("Backups")}
    assert now == kept | {f"nightly-2026-01-0{day}.zip" for day in (4, 5, 6)}
    assert player.changed("nightly_backup", **today) == 0
    assert "to at least 1" in player.run("nightly_backup", nightly_backup_keep=0)


def test_the_role_takes_what_it_says_and_hands_on_all_of_it() -> None:
    """Variables that are checked and then not used would be a promise that nobody keeps."""
    role = COLLECTION / "roles" / "provision_pbx"
    said = yaml.safe_load((role / "meta" / "argument_specs.yml").read_text())["argument_specs"]["main"]["options"]
    defaults = yaml.safe_load((role / "defaults" / "main.yml").read_text())
    assert set(defaults) == set(said)
    handed_on: dict[str, set[str]] = {}
    for task in yaml.safe_load((role / "tasks" / "main.yml").read_text()):
        [(module, options)] = [(name, value) for name, value in task.items() if name.startswith("threecx.xapi.")]
        [variable] = set(re.findall(r"provision_pbx_(?!update_secrets)\w+", json.dumps(task)))
        entity = described(module)
        known = {*argument_spec(entity)["argument_spec"]} - {*connection_options()}
        assert set(options) <= known, module
        handed_on.setdefault(variable, set()).update(set(options) - {"update_secrets"})
    declared = {name: set(option["options"]) for name, option in said.items() if "options" in option}
    assert handed_on == declared


def test_provision_makes_an_empty_pbx_one_that_a_department_can_work_with(tmp_path: Path) -> None:
    with SimulatedPbx(seed="empty") as pbx:
        player = Player(pbx, tmp_path)
        company = COLLECTION / "playbooks" / "vars" / "first_department.yml"
        secrets = {"vault_trunk_password": f"{CANARY}-of-the-trunk"}
        look = player.run("provision", "-e", f"@{company}", "--check", "--diff", **secrets)
        assert "failed=0" in look, look
        assert pbx.writes == []
        first = player.run("provision", "-e", f"@{company}", "--diff", "-vvv", **secrets)
        assert "failed=0" in first, first
        assert player.unsent() == []
        wire = Wire(pbx.requests)
        for variable, value in yaml.safe_load(company.read_text()).items():
            for name, leaf in leaves(value):
                assert "{{" in str(leaf) or wire.told(leaf), f"{name} of {variable} did not reach the PBX"
        assert CANARY not in first + look
        assert player.changed("provision", "-e", f"@{company}", "--diff", **secrets) == 0
        assert pbx.writes == []
        queue = row(pbx, "Queues", Number="800")
        assert [agent["Number"] for agent in queue["Agents"]] == ["101", "102", "103"]
        assert queue["ForwardNoAnswer"]["Number"] == "801"
        assert row(pbx, "Receptionists", Number="802")["TimeoutForwardDN"] == "800"
        [rule] = pbx.entities("OutboundRules")
        assert rule["Routes"][0]["TrunkId"] == row(pbx, "Trunks", Number="10000")["Id"]
        assert rule["GroupIds"] == [row(pbx, "Groups", Name="Customer Care")["Id"]]
        assert row(pbx, "InboundRules", RuleName="Main number")["TrunkDN"]["Number"] == "10000"
        wrong = player.run("provision", provision_pbx_users=[{"numbr": "100"}])
        assert "numbr" in wrong
