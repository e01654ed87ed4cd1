"""Applying plans: an empty PBX, circles, unique values, removals, failures and interruptions."""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from threading import Event
from typing import Any

import pytest
from threecx_xapi import XapiClient
from threecx_xapi.retry import RetryPolicy

from pbx_as_code import Pbx
from pbx_as_code.config.applying.apply import State
from pbx_as_code.config.applying.checks import check_fresh
from pbx_as_code.config.applying.journal import interrupted
from pbx_as_code.config.applying.refusals import Impossible, LimitExceeded, MissingSecrets, Stale
from pbx_as_code.config.lock import JOURNAL_FILE, LOCK_FILE, Lock, read_lock, write_lock
from pbx_as_code.config.nodes import ConfigError
from pbx_as_code.config.planning.limits import Limits
from pbx_as_code.config.planning.operations import Doing
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.secrets import Resolver
from pbx_as_code.engine.write.change import change as written
from pbx_as_code.errors import Unreachable
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.collection.tasks import tasks_on
from tests.config.applying import INVENTED, Site, declared, done, site


@pytest.fixture(params=[AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
def at(request: pytest.FixtureRequest) -> Iterator[Site]:
    with SimulatedPbx(traits=request.param) as running, site(running) as made:
        yield made


CIRCLE = """
groups: [{name: Warehouse}]
users:
- {number: '392', first_name: Nia, last_name: Berg, primary_group: Warehouse, groups: [{group: Warehouse}]}
queues:
- {number: '870', name: A, agents: [{number: '392'}], forward_no_answer: {to: Queue, number: '871'}}
- {number: '871', name: B, forward_no_answer: {to: Queue, number: '870'}}
"""


class TestRebirth:
    @pytest.mark.parametrize("traits", [AS_SEEN, STRICT_ODATA], ids=["as-seen", "strict-odata"])
    def test_a_pbx_is_built_again_on_an_empty_one_with_other_ids(self, traits: frozenset[str]) -> None:
        with (
            SimulatedPbx(traits=traits) as old,
            SimulatedPbx("empty", traits=traits) as new,
            site(old) as source,
            site(new) as target,
        ):
            source.apply(CIRCLE)
            files = source.exported()
            for _ in range(3):  # shifts every id
                target.pbx.remove_many("contact", [_id(target.pbx.create("contact", last_name="Shift"))])
            applied = target.apply(files)
            assert not applied.failed, [one for one in applied.fates if one.why]
            again = target.plan(files)
            assert (again.operations, again.impossible, again.unmanaged) == ([], [], [])
            assert source.plan(files).operations == []
            assert [one["Id"] for one in old.entities("Queues")] != [one["Id"] for one in new.entities("Queues")]

    def test_a_circle_is_created_bare_and_then_linked(self, at: Site) -> None:
        applied = at.apply(CIRCLE)
        assert not applied.failed
        assert applied.changed
        queue = at.pbx.read("queue", number="870")
        assert queue is not None
        assert queue["forward_no_answer"]["number"] == "871"
        assert at.plan(CIRCLE).operations == []


def _id(result: Any) -> Any:
    return result.after["id"]


class TestDepartments:
    def test_receptionists_that_follow_each_other_are_linked_afterwards(self, at: Site) -> None:
        menu = "- {{number: '{}', name: {}, timeout_forward_type: IVR, timeout_forward_dn: '{}'}}\n"
        files = "receptionists:\n" + menu.format("870", "A", "871") + menu.format("871", "B", "870")
        made = at.plan(files)
        assert [one.doing.value for one in made.operations] == ["create", "create", "link"]
        assert set(made.operations[2].sends) == {"timeout_forward_type", "timeout_forward_dn"}
        assert not at.apply(made).failed
        assert at.plan(files).operations == []

    def test_a_holiday_without_department_follows_the_default_one_when_that_is_renamed(self, at: Site) -> None:
        files = declared(
            "pbx: {default_department: Head office}\ngroups: [{name: Head office}]\n"
            "holidays: [{name: Carnival, year: 0, day: 1, month: 3, day_end: 1, month_end: 3, is_recurrent: true}]\n"
        )
        applied = at.apply(files)
        assert not applied.failed, applied.fates
        assert at.plan(files).operations == []
        with SimulatedPbx() as another, site(another) as other:  # the same files, for a PBX with another name of it
            assert not other.apply(files).failed
            assert other.plan(files).operations == []

    def test_the_default_department_is_renamed_and_not_created_a_second_time(self, at: Site) -> None:
        files = (
            "pbx: {default_department: Head office}\n"
            "groups: [{name: Head office}, {name: Lab}]\n"
            "users:\n- {number: '100', primary_group: Head office}\n"
            "- {number: '394', first_name: New, primary_group: Head office, groups: [{group: Head office}]}\n"
            "holidays: [{name: New Year, year: 0, day: 1, month: 1, day_end: 1, month_end: 1, is_recurrent: true}]\n"
        )
        made = at.plan(files)
        assert made.impossible == []
        assert ("update", "group", "Head office") in done(made)
        assert not any(one.kind == "user" and one.identity == ("100",) for one in made.operations)
        check_fresh(load_plan(dump(made))[0], at.pbx, 4)
        applied = at.apply(made)
        assert not applied.failed, applied.fates
        again = at.plan(files)
        assert (again.operations, again.impossible) == ([], [])
        names = [row["Name"] for row in at.simulated.entities("Groups") if "___" not in row["Name"]]
        assert sorted(names) == ["Head office", "Lab", "Sales", "Support"]

    def test_a_department_is_renamed_where_the_files_say_so(self, at: Site) -> None:
        files = "groups: [{name: Selling, renamed_from: Sales}]\nusers: [{number: '200', primary_group: Selling}]\n"
        made = at.plan(files)
        assert done(made) == [("update", "group", "Selling")]
        assert made.operations[0].changes[0].old == "Sales"
        assert not at.apply(made).failed
        assert at.plan(files).operations == []
        assert at.plan(files.replace(", renamed_from: Sales", "")).operations == []


class TestUniqueValues:
    def test_two_trunks_swap_their_dids(self, at: Site) -> None:
        files = "trunks:\n- {number: '10000', did_numbers: ['+15550901']}\n- {number: '10001', did_numbers: [%s]}\n"
        assert not at.apply(files % "'+15550902'").failed
        swapped = (files % "'+15550901'").replace("did_numbers: ['+15550901']", "did_numbers: ['+15550902']", 1)
        made = at.plan(swapped)
        assert [one.doing for one in made.operations].count(Doing.FREE) >= 1
        assert not at.apply(made).failed
        assert at.plan(swapped).operations == []

    def test_two_numbers_swap_their_dids(self, at: Site) -> None:
        rule = (
            "- {trunk: '10000', condition: BasedOnDID, data: '%s',"
            " office_hours_destination: {to: Extension, number: '%%s'}}\n"
        )
        rules = "inbound_rules:\n" + rule % "+15550100" + rule % "+15550101"
        assert not at.apply(rules % ("100", "101")).failed
        assert not at.apply(rules % ("101", "100")).failed
        assert at.plan(rules % ("101", "100")).operations == []
        assert len(at.simulated.entities("InboundRules")) == 2

    def test_two_users_swap_their_addresses(self, at: Site) -> None:
        users = "users:\n- {number: '100', email_address: %s}\n- {number: '101', email_address: %s}\n"
        assert not at.apply(users % ("one@example.com", "two@example.com")).failed
        applied = at.apply(users % ("two@example.com", "one@example.com"))
        assert not applied.failed, applied.fates
        assert at.plan(users % ("two@example.com", "one@example.com")).operations == []

    def test_three_phones_move_in_a_cycle(self, at: Site) -> None:
        template = at.pbx.everything("phone_template")[0]["id"]
        addresses = ["0004132abc01", "0004132abc02", "0004132abc03"]

        def files(first: int) -> str:
            turned = zip(("301", "302", "303"), addresses[first:] + addresses[:first], strict=True)
            phones = (
                (number, f"{{mac_address: '{address}', template_name: {template}}}") for number, address in turned
            )
            return "users:\n" + "".join(f"- {{number: '{number}', phones: [{one}]}}\n" for number, one in phones)

        for first in (0, 1, 0, 2):
            applied = at.apply(files(first))
            assert not applied.failed, applied.fates
            assert at.plan(files(first)).operations == []
            phones = {user["Number"]: user["Phones"] for user in at.simulated.entities("Users")}
            assert [phones[number][0]["MacAddress"] for number in ("301", "302", "303")] == (
                addresses[first:] + addresses[:first]
            )

    def test_a_value_that_another_object_keeps_is_impossible(self, at: Site) -> None:
        made = at.plan("users:\n- {number: '391', first_name: New, email_address: Ada.Moreno@example.com}\n")
        ((kind, identity, why),) = made.impossible
        assert (kind, identity) == ("user", ("391",))
        assert "user 100" in why
        made = at.plan("ring_groups:\n- {number: '100', name: Desk}\n")
        assert "100" in made.impossible[0][2]

    def test_a_number_goes_from_one_kind_to_another(self, at: Site) -> None:
        at.apply("users: [{number: '395', first_name: Old}]\n")
        at.apply("queues: [{number: '872', name: Points, forward_no_answer: {to: Extension, number: '395'}}]\n")
        files = (
            "ring_groups: [{number: '395', name: New}]\n"
            "queues: [{number: '872', name: Points, forward_no_answer: {to: RingGroup, number: '395'}}]\n"
        )
        made = at.plan(files, remove=("users:395",))
        assert made.impossible == []
        order = done(made)
        assert order.index(("remove", "user", "395")) < order.index(("create", "ring_group", "395"))
        applied = at.apply(made)
        assert not applied.failed, applied.fates
        assert at.plan(files).operations == []
        queue = at.pbx.read("queue", number="872")
        assert queue is not None
        assert queue["forward_no_answer"]["number"] == "395"


class TestRulesOfATrunk:
    RULE = (
        "inbound_rules:\n- {trunk: '10001', condition: BasedOnDID, data: '+15550888', rule_name: %s,"
        " office_hours_destination: {to: Extension, number: '100'}}\n"
    )

    def test_a_rule_that_the_list_does_not_name_converges(self, at: Site) -> None:
        files = "trunks: [{number: '10001', did_numbers: ['+15550888'], routing_rules: []}]\n" + self.RULE % "New"
        assert not at.apply(files).failed
        assert at.plan(files).operations == []
        renamed = files.replace("rule_name: New", "rule_name: Renamed")
        assert done(at.plan(renamed))[0][:2] == ("update", "inbound_rule")
        assert not at.apply(renamed).failed
        assert at.plan(renamed).operations == []

    def test_the_name_of_a_listed_rule_is_that_of_its_declaration(self, at: Site) -> None:
        exported = at.exported()
        for one in exported.of("inbound_rule"):
            one.values["rule_name"] = f"{one.values['rule_name']} 2"
        assert not at.apply(exported).failed
        again = at.plan(exported)
        assert again.operations == []
        assert all(row["RuleName"].endswith(" 2") for row in at.simulated.entities("InboundRules"))

    def test_their_order_is_changed_by_the_list(self, at: Site) -> None:
        exported = at.exported()
        (trunk,) = [one for one in exported.of("trunk") if len(one.values.get("routing_rules") or ()) > 1]
        trunk.values["routing_rules"].reverse()
        (operation,) = at.plan(exported).operations
        assert operation.changes[0].path == ("routing_rules",)
        assert not at.apply(exported).failed
        assert at.plan(exported).operations == []


class TestRemoval:
    def test_consent_that_means_nothing_is_said(self, at: Site) -> None:
        made = at.plan("contacts: []\n", prune=("department:Slaes",), remove=("users:999",), replace=("users:101",))
        assert made.operations == []
        assert [hint.split(":")[0].split()[0] for hint in made.hints] == ["--remove", "--prune", "--replace"]
        assert at.plan("contacts: []\n", prune=("faxes:861", "department:Sales")).hints == []
        replaced = at.plan("users: [{number: '101'}]\n", replace=("users:101",))
        assert replaced.hints == []
        pruned = at.plan("users: [{number: '100'}]\n", prune=("users:999", "users:9*", "users:100", "faxes:86*"))
        assert [hint.split(":")[1] for hint in pruned.hints] == ["999", "9*"]

    def test_a_killed_apply_owns_only_what_it_had_begun_to_create(self, at: Site, tmp_path: Path) -> None:
        lines = [{"apply": {}}, {"begun": 1, "doing": "create", "kind": "contact", "identity": ["One", None, None]}]
        (tmp_path / JOURNAL_FILE).write_text("".join(json.dumps(line) + "\n" for line in lines) + '{"begun": 2, "do')
        assert read_lock(tmp_path).owned == {("contact", ("One", None, None))}
        write_lock(tmp_path, Lock("pbx.example.com", {("contact", ("Two", None, None))}))
        assert read_lock(tmp_path).owned == {("contact", (name, None, None)) for name in ("One", "Two")}

    def test_nothing_is_removed_without_consent(self, at: Site) -> None:
        made = at.plan("users: [{number: '100'}]\n")
        assert not any(one.doing is Doing.REMOVE for one in made.operations)
        assert ("user", ("101",)) in made.unmanaged

    def test_what_the_files_own_is_removed_when_they_no_longer_declare_it(self, at: Site, tmp_path: Path) -> None:
        files = "contacts:\n- {last_name: One, first_name: A}\n- {last_name: Two, first_name: B}\n"
        at.apply(files, tmp_path)
        assert ("contact", ("One", "A", None)) in read_lock(tmp_path).owned
        assert INVENTED not in (tmp_path / LOCK_FILE).read_text()
        fewer = "contacts:\n- {last_name: Two, first_name: B}\n"
        assert at.plan(fewer, tmp_path).operations == []
        made = at.plan(fewer, tmp_path, owned=True)
        assert done(made) == [("remove", "contact", "One", "A", None)]
        assert not at.apply(made, tmp_path).failed
        assert read_lock(tmp_path).owned == {("contact", ("Two", "B", None))}
        assert len(at.simulated.entities("Contacts")) == 4

    def test_a_kind_without_any_declaration_left_is_looked_at(self, at: Site, tmp_path: Path) -> None:
        at.apply("contacts:\n- {last_name: One, first_name: A}\nusers: [{number: '100'}]\n", tmp_path)
        made = at.plan("users: [{number: '100'}]\n", tmp_path, owned=True)
        assert done(made) == [("remove", "contact", "One", "A", None)]

    def test_pruning_is_per_kind_and_department(self, at: Site) -> None:
        at.apply(CIRCLE)
        made = at.plan("users: []\n", prune=("department:Warehouse",))
        assert ("remove", "user", "392") in done(made)
        assert {one.kind for one in made.operations} <= {"user", "group"}
        made = at.plan("contacts: []\n", prune=("contacts",))
        assert {one.kind for one in made.operations} == {"contact"}

    def test_the_order_of_removals_is_that_of_creations_reversed(self, at: Site) -> None:
        at.apply(CIRCLE)
        named = ("groups:Warehouse", "users:392", "queues:870", "queues:871")
        made = at.plan("users: []\n", remove=named)
        kinds = [one.kind for one in made.operations]
        assert kinds == ["queue", "queue", "user", "group"]
        assert not at.apply(made).failed

    @pytest.mark.parametrize(
        ("prune", "kept"),
        [("trunks", ("trunk", ("10000",))), ("groups", ("group", ("DEFAULT",))),
         ("outbound_rules", ("outbound_rule", ("Emergency",))), ("faxes", ("fax", ("888",))),
         ("parameters", ("parameter", ("MUSICONHOLDFILE",)))],
    )  # fmt: skip
    def test_some_are_removed_only_when_they_are_named(
        self, at: Site, prune: str, kept: tuple[str, tuple[str, ...]]
    ) -> None:
        made = at.plan("contacts: []\n", prune=(prune,))
        assert kept in made.unmanaged
        assert "named" in made.kept[kept]
        assert kept not in [(one.kind, one.identity) for one in made.operations]

    def test_system_owners_and_our_own_principal_stay(self, at: Site) -> None:
        at.apply("users:\n- {number: '391', groups: [{group: DEFAULT, rights: {role_name: system_owners}}]}\n")
        made = at.plan("contacts: []\n", prune=("users", "service_principals"))
        assert "system owner" in made.kept["user", ("391",)]
        removed = {(one.kind, one.identity) for one in made.operations}
        assert ("service_principal", (at.simulated.client_id,)) not in removed
        made = at.plan("contacts: []\n", remove=("users:391", "trunks:10001"))
        assert {("remove", "user", "391"), ("remove", "trunk", "10001")} <= set(done(made))

    def test_what_still_refers_to_it_is_said_or_impossible(self, at: Site) -> None:
        at.apply(CIRCLE)
        made = at.plan("users: []\n", remove=("users:392",))
        assert any("queue 870 refers to it (agents)" in text for text in made.operations[0].loses)
        made = at.plan(CIRCLE.replace("users:\n- {number: '392'", "users:\n- {number: '393'"), remove=("users:392",))
        assert any("is to be removed" in why for _, _, why in made.impossible)

    def test_a_department_is_not_removed_with_its_members(self, at: Site) -> None:
        at.apply(CIRCLE)
        made = at.plan("users: []\n", remove=("groups:Warehouse",))
        ((kind, identity, why),) = made.impossible
        assert (kind, identity) == ("group", ("Warehouse",))
        assert "user 392" in why
        moved = "users: [{number: '392', primary_group: DEFAULT, groups: [{group: DEFAULT}]}]\n"
        made = at.plan(moved, remove=("groups:Warehouse",))
        assert done(made) == [("update", "user", "392"), ("remove", "group", "Warehouse")]
        assert not at.apply(made).failed

    def test_many_are_removed_by_few_requests(self, at: Site) -> None:
        for number in range(40):
            at.simulated.put("Fax", {"Number": f"81{number:02}", "AuthID": f"f{number}", "FaxServer": False})
        made = at.plan("contacts: []\n", prune=("faxes:81*",))
        at.simulated.clear_log()
        applied = at.apply(made, limits=Limits(1000, 100))
        assert applied.counts["done"] == 40
        assert len(at.simulated.writes) == 1
        assert not [row for row in at.simulated.entities("Fax") if row["Number"].startswith("81")]


class TestReplacing:
    def test_a_number_cannot_change_and_replacing_needs_consent(self, at: Site) -> None:
        at.apply("queues: [{number: '873', name: Q, agents: [{number: '101'}]}]\n")
        files = (
            "users: [{number: '399', first_name: Brendan, email_address: brendan.obrien@example.com}]\n"
            "queues: [{number: '873', name: Q, agents: [{number: '399'}]}]\n"
        )
        made = at.plan(files)
        assert any("--replace users:399" in hint and "voicemail" in hint for hint in made.hints)
        assert made.impossible  # its address is still that of 101
        made = at.plan(files, replace=("users:399",))
        assert made.impossible == []
        removal = next(one for one in made.operations if one.doing is Doing.REMOVE)
        assert (removal.identity, removal.replaced_by) == (("101",), ("399",))
        assert removal is made.operations[-1]
        applied = at.apply(made)
        assert not applied.failed, applied.fates
        assert at.plan(files).operations == []
        assert at.pbx.read("user", number="101") is None


class TestLimits:
    def test_half_a_department_is_refused_with_count_share_and_limit(self, at: Site, tmp_path: Path) -> None:
        lines = [f"- {{number: '3{n:02}', first_name: N{n}}}\n" for n in range(30)]
        at.apply("users:\n" + "".join(lines), tmp_path)
        made = at.plan("users:\n" + "".join(lines[:15]), tmp_path, owned=True)
        with pytest.raises(LimitExceeded) as refused:
            at.apply(made, tmp_path)
        message = str(refused.value)
        total = made.totals["user"]
        for said in ("15 objects", "limit is 10", f"15 of {total} users", "%", "30 %", made.waiver):
            assert said in message
        before = len(at.simulated.writes)
        with pytest.raises(LimitExceeded, match="another plan"):
            at.apply(made, tmp_path, waiver="000000000000")
        assert len(at.simulated.writes) == before
        assert not at.apply(made, tmp_path, waiver=made.waiver).failed

    def test_a_waiver_is_for_one_plan(self, at: Site) -> None:
        files = "contacts: []\n"
        one, other = at.plan(files, prune=("contacts",)), at.plan(files, prune=("contacts", "queues"))
        assert one.waiver != other.waiver
        assert one.waiver == at.plan(files, prune=("contacts",)).waiver


class TestStale:
    FILES = (
        "queues: [{number: '874', name: New, agents: [{number: '101'}]}]\n"
        "users: [{number: '100', mobile: '+15550777'}]\n"
    )

    @pytest.mark.parametrize(
        ("kind", "change", "named"),
        [
            ("user", {"number": "100", "first_name": "Changed"}, "user 100 has changed"),
            ("user", {"number": "101", "first_name": "Changed"}, "user 101 has changed"),
            ("queue", {"number": "874", "name": "Quicker"}, r"queue 874 is there now\. Plan again"),
            ("fax", {"number": "874"}, "number 874 is there now"),
            ("user", {"number": "102", "first_name": "Changed"}, None),
            ("contact", {"last_name": "Unrelated"}, None),
        ],
    )
    def test_a_change_of_what_the_plan_relies_on_refuses_it(
        self, at: Site, kind: str, change: dict[str, Any], named: str | None
    ) -> None:
        text = dump(at.plan(self.FILES))
        at.pbx.ensure(kind, **change)
        made, _ = load_plan(text)
        before = len(at.simulated.writes)
        if named is None:
            check_fresh(made, at.pbx, 4)
            assert not at.apply(made).failed
            assert at.plan(self.FILES).operations == []
            return
        with pytest.raises(Stale, match=named):
            check_fresh(made, at.pbx, 4)
        assert len(at.simulated.writes) == before

    def test_a_value_that_another_object_has_by_now_refuses_it(self, at: Site) -> None:
        files = (
            "users:\n- {number: '394', first_name: New, email_address: New@Example.com, phones: [{mac_address: "
            "0A-00-00-00-00-01}]}\n- {number: '101', mobile: '+15550777'}\n"
            "trunks:\n- {number: '10000', did_numbers: ['+15550901']}\n"
        )
        text = dump(at.plan(files))
        for kind, change, named in (
            ("user", {"number": "102", "email_address": "new@example.com"}, "the e-mail address new@example.com"),
            ("user", {"number": "102", "phones": [{"mac_address": "0a:00:00:00:00:01"}]}, "MAC address 0a0000000001"),
            ("trunk", {"number": "10001", "did_numbers": ["15550901"]}, "the DID 15550901"),
        ):
            before = at.pbx.read(kind, number=change["number"])
            assert before is not None
            at.pbx.ensure(kind, **change)
            owner = f"{named} now is that of the {kind} {change['number']}"
            with pytest.raises(Stale, match=re.escape(owner)):
                check_fresh(load_plan(text)[0], at.pbx, 4)
            at.pbx.ensure(kind, **{option: before[option] for option in change})
            check_fresh(load_plan(text)[0], at.pbx, 4)

    def test_a_referenced_object_that_is_gone_refuses_it(self, at: Site) -> None:
        text = dump(at.plan(self.FILES))
        at.pbx.absent("user", number="101")
        with pytest.raises(Stale, match="101"):
            check_fresh(load_plan(text)[0], at.pbx, 4)

    def test_a_plan_of_another_pbx_is_refused(self, at: Site) -> None:
        made = at.plan(self.FILES)
        made.identity = "other.example.com"
        with pytest.raises(Stale, match=r"other\.example\.com"):
            check_fresh(made, at.pbx, 4)

    def test_an_edited_plan_is_refused(self, at: Site) -> None:
        with pytest.raises(ConfigError, match="changed after it was made"):
            load_plan(dump(at.plan(self.FILES)).replace("+15550777", "+15550778"))

    def test_a_plan_file_does_what_the_plan_does(self, at: Site) -> None:
        made = at.plan(CIRCLE)
        read, layers = load_plan(dump(made, ["fleet", "acme"]))
        assert layers == ["fleet", "acme"]
        assert read.operations == made.operations
        assert read.fingerprints == made.fingerprints
        assert read.waiver == made.waiver


class TestSecrets:
    FILES = (
        "trunks: [{number: '10005', template: provider.pv.xml, gateway: {host: sip.example.com, name: T,"
        " type: Provider}, auth_password: !secret trunk_main}]\n"
    )

    def test_missing_ones_of_new_objects_are_all_named_before_the_first_write(self, at: Site) -> None:
        files = (
            self.FILES + "fxs_gateways: [{mac_address: 00aabbccddee, secret: !secret box, password: !secret door}]\n"
        )
        before = len(at.simulated.writes)
        with pytest.raises(MissingSecrets, match="box, door, trunk_main"):
            at.apply(files, secrets=Resolver([]))
        assert len(at.simulated.writes) == before

    def test_they_are_sent_for_new_objects_and_stand_in_no_plan(self, at: Site) -> None:
        made = at.plan(self.FILES)
        assert INVENTED not in dump(made)
        assert "trunk_main" in dump(made)
        assert not at.apply(load_plan(dump(made))[0]).failed
        bodies = b"".join(request.body for request in at.simulated.writes)
        assert INVENTED.encode() in bodies
        assert b"trunk_main" not in bodies

    def test_they_stay_untouched_on_objects_that_are_there(self, at: Site) -> None:
        files = "trunks: [{number: '10000', auth_password: !secret trunk_main}]\n"
        assert at.plan(files).operations == []
        made = plan(declared(files), at.pbx, update_secrets=True)
        assert done(made) == [("update", "trunk", "10000")]
        unset = at.apply(made, secrets=Resolver([]))
        assert "trunk_main is not set" in unset.warnings[0]
        assert not at.simulated.writes
        assert at.apply(made).counts["done"] == 1
        assert INVENTED.encode() in at.simulated.writes[-1].body


class TestFailures:
    def test_what_fails_stops_what_depends_on_it_and_nothing_else(self, at: Site) -> None:
        at.simulated.fail(r"/v1/Users$", status=400, times=1, method="POST")
        applied = at.apply(CIRCLE + "contacts: [{last_name: Independent}]\n")
        fates = {(one.kind, one.identity[0], one.doing): one for one in applied.fates}
        assert fates["user", "392", Doing.CREATE].state is State.FAILED
        assert fates["queue", "870", Doing.CREATE].state is State.SKIPPED
        assert "user 392" in fates["queue", "870", Doing.CREATE].why
        assert fates["contact", "Independent", Doing.CREATE].state is State.DONE
        assert applied.failed
        assert not at.apply(CIRCLE).failed  # goes on where it ended
        assert at.plan(CIRCLE).operations == []

    @pytest.mark.parametrize("parallel", [1, 2])
    def test_an_unreachable_pbx_fails_once(self, at: Site, parallel: int) -> None:
        files = "users:\n" + "".join(f"- {{number: '3{n:02}', first_name: N}}\n" for n in range(20))
        made = at.plan(files)
        at.simulated.go_away()
        applied = at.apply(made, parallel=parallel)
        states = [one.state for one in applied.fates]
        assert states.count(State.FAILED) == 1
        assert states.count(State.SKIPPED) == 19
        with pytest.raises(Unreachable):
            at.plan(files)
        at.simulated.come_back()

    def test_nothing_is_written_if_something_is_impossible(self, at: Site) -> None:
        before = len(at.simulated.writes)
        with pytest.raises(Impossible, match="Nowhere"):
            at.apply("users: [{number: '390', primary_group: Nowhere}, {number: '391'}]\n")
        assert len(at.simulated.writes) == before


class Killed(BaseException):
    """The process ends here."""


class _Mortal(XapiClient):
    """A client whose process ends right after the PBX has carried out a certain write."""

    lives = 10_000

    def request(self, method: str, path: str, **options: Any) -> Any:
        reply = super().request(method, path, **options)
        if method != "GET":
            _Mortal.lives -= 1
            if _Mortal.lives == 0:
                raise Killed
        return reply


KILLED = (
    CIRCLE
    + """
contacts:
- {last_name: Twin, first_name: T, business: '+15550301'}
- {last_name: Twin, first_name: T, business: '+15550302'}
trunks: [{number: '10000', did_numbers: ['+15550100', '+15550101', '+15550777']}]
inbound_rules:
- {trunk: '10000', condition: BasedOnDID, data: '+15550777', office_hours_destination: {to: Extension, number: '392'}}
"""
)


def test_an_apply_that_is_killed_after_any_write_is_completed_by_the_next_one(at: Site, tmp_path: Path) -> None:
    simulated = at.simulated
    start = simulated.snapshot()
    writes = 0
    while True:
        writes += 1
        simulated.restore(start)
        simulated.revoke_tokens()
        _Mortal.lives = writes
        with _Mortal(
            simulated.url, client_id=simulated.client_id, client_secret=simulated.client_secret,
            retry=RetryPolicy(attempts=1),
        ) as client:  # fmt: skip
            mortal = Site(simulated, Pbx(client))
            try:
                mortal.apply(KILLED, tmp_path, parallel=1)
                break
            except Killed:
                assert interrupted(tmp_path)
        with site(simulated) as next_run:
            assert not next_run.apply(KILLED, tmp_path).failed
            assert interrupted(tmp_path) == []
            assert next_run.plan(KILLED).operations == []
            names = [row.get("LastName") for row in simulated.entities("Contacts")]
            assert names.count("Twin") == 2
            rules = [row["Data"] for row in simulated.entities("InboundRules")]
            assert rules.count("+15550777") == 1
    assert writes > 8


def test_an_apply_that_is_stopped_begins_nothing_further(at: Site, tmp_path: Path) -> None:
    stop = Event()
    applied = at.apply(CIRCLE, tmp_path, parallel=1, report=lambda _: stop.set(), stop=stop)
    states = [one.state for one in applied.fates]
    assert states == [State.DONE] + [State.SKIPPED] * (len(states) - 1)
    assert "it was interrupted" in applied.fates[-1].why
    assert not interrupted(tmp_path)
    assert at.apply(CIRCLE, tmp_path).failed is False
    assert done(at.plan(CIRCLE, tmp_path)) == []


def test_a_lock_of_another_pbx_owns_nothing_here(at: Site, tmp_path: Path) -> None:
    at.apply("contacts: [{last_name: One}]\n", tmp_path)
    lock = tmp_path / LOCK_FILE
    lock.write_text(lock.read_text().replace("pbx.example.com", "other.example.com"))
    made = at.plan("contacts: []\n", tmp_path, owned=True)
    assert made.operations == []
    assert "other.example.com" in made.hints[0]
    at.apply("contacts: [{last_name: Two}]\n", tmp_path)
    assert read_lock(tmp_path).owned == {("contact", ("Two", None, None))}


def test_a_holiday_of_every_year_is_one_with_and_without_the_year(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    """A PBX has year 0 where files say nothing: a second apply would have created a second holiday."""
    day = "day: 2, month: 2, day_end: 2, month_end: 2"
    files = f"holidays:\n- {{name: Feast, group: DEFAULT, is_recurrent: true, {day}}}\n"
    for year in ("", ", year: 0"):
        with site(pbx_factory(traits=AS_SEEN)) as here:
            assert not here.apply(files.replace("true", f"true{year}")).failed
            assert done(here.plan(files)) == []
            assert len([row for row in here.simulated.entities("Holidays") if row["Name"] == "Feast"]) == 1


def test_an_item_that_a_task_adds_during_an_apply_is_not_lost(at: Site, monkeypatch: pytest.MonkeyPatch) -> None:
    """Files own the whole list: an item added after the apply has read the object makes the write fail."""
    files = 'queues: [{number: "800", agents: [{number: "102"}]}]'
    made = at.plan(files)

    def overtaken(*arguments: Any) -> Any:
        monkeypatch.undo()
        added = tasks_on(at.simulated)("queue", number="800", agents=[{"number": "104"}], lists="add")
        assert added["changed"]
        return written(*arguments)

    monkeypatch.setattr("pbx_as_code.engine.perform.change", overtaken)
    [fate] = at.apply(made).fates
    assert fate.state is State.FAILED
    assert "somebody else changed agents" in fate.why
    [queue] = [row for row in at.simulated.entities("Queues") if row["Number"] == "800"]
    assert "104" in {agent["Number"] for agent in queue["Agents"]}
    removed = [change.old["number"] for change in at.plan(files).operations[0].changes if change.old]
    assert "104" in removed, "the next plan shows what it takes away"


def test_what_somebody_changed_between_plan_and_apply_is_not_overwritten(at: Site) -> None:
    files = (
        'queues: [{number: "800", name: Q, agents: [{number: "102"}], ring_timeout: 33}]\n'
        'ring_groups: [{number: "810", ring_time: 44}]\n'
    )
    made = at.plan(files)
    task = tasks_on(at.simulated)
    there = task("queue_info", number="800")["queues"][0]["agents"]
    assert task("queue", number="800", agents=[*there, {"number": "104"}], name="Renamed")["changed"]
    fates = {one.kind: one for one in at.apply(made).fates}
    assert fates["queue"].state is State.FAILED
    for part in ("queue 800", "changed it since the plan was made", "agents[104]", 'name is "Renamed"', "Plan again"):
        assert part in fates["queue"].why
    assert fates["ring_group"].state is State.DONE
    after = task("queue_info", number="800")["queues"][0]
    assert "104" in [agent["number"] for agent in after["agents"]]
    assert after["ring_timeout"] != 33
    assert not at.apply(files).failed
    assert at.plan(files).operations == []


def test_a_change_elsewhere_in_an_object_does_not_stop_an_apply(at: Site) -> None:
    made = at.plan('queues: [{number: "800", agents: [{number: "102"}]}]')
    task = tasks_on(at.simulated)
    assert task("queue", number="800", ring_timeout=77, agents=[{"number": "102"}])["changed"]
    assert not at.apply(made).failed
    assert task("queue_info", number="800")["queues"][0]["ring_timeout"] == 77
