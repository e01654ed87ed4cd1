"""Applying plans: an empty PBX, circles, departments, rules of trunks, secrets."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from pbx_as_code.config.applying.checks import check_fresh
from pbx_as_code.config.applying.refusals import MissingSecrets
from pbx_as_code.config.checks import check
from pbx_as_code.config.planning.plan_file import dump, load_plan
from pbx_as_code.config.planning.planner import plan
from pbx_as_code.config.secrets import Resolver
from pbx_simulator import AS_SEEN, STRICT_ODATA, SimulatedPbx
from tests.config.applying import CIRCLE, INVENTED, Site, declared, done, site


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

    def test_another_default_department_than_the_files_say_is_a_hint(self, at: Site) -> None:
        files = "pbx: {default_department: %s, complete: [groups]}\ngroups: [{name: DEFAULT}, {name: Sales}]\n"
        hint = "DEFAULT is the default department of this PBX, and pbx.default_department of the files is"
        for said in ("Sales", "Former name"):
            made = at.plan(files % said)
            assert made.operations == []
            assert [one.partition(f" {said}.")[0] for one in made.hints if "default_department" in one] == [hint]
        assert not any("default_department" in one for one in at.plan(files % "DEFAULT").hints)
        assert [str(one) for one in check(declared(files % "DEFALT"))] == [
            "a.yml:1:27: pbx.default_department: There is no department called DEFALT; did you mean DEFAULT?"
        ]

    def test_a_department_is_renamed_where_the_files_say_so(self, at: Site) -> None:
        files = "groups: [{name: Selling, renamed_from: Sales}]\nusers: [{number: '200', primary_group: Selling}]\n"
        made = at.plan(files)
        assert done(made) == [("update", "group", "Selling")]
        assert made.operations[0].changes[0].old == "Sales"
        assert not at.apply(made).failed
        assert at.plan(files).operations == []
        assert at.plan(files.replace(", renamed_from: Sales", "")).operations == []

    def test_an_earlier_name_that_the_pbx_does_not_have_is_said(self, at: Site) -> None:
        for earlier, said in (("Saless", "; did you mean Sales?"), ("Nowhere", ".")):
            made = at.plan(f"groups: [{{name: Selling, renamed_from: {earlier}}}]\n")
            assert done(made) == [("create", "group", "Selling")]
            hint = (
                f"department Selling is new: the PBX has no department {earlier} to be renamed (`renamed_from`){said}"
            )
            assert hint in made.hints


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


def test_a_holiday_of_every_year_is_one_with_and_without_the_year(pbx_factory: Callable[..., SimulatedPbx]) -> None:
    """A PBX has year 0 where files say nothing: a second apply would have created a second holiday."""
    day = "day: 2, month: 2, day_end: 2, month_end: 2"
    files = f"holidays:\n- {{name: Feast, group: DEFAULT, is_recurrent: true, {day}}}\n"
    for year in ("", ", year: 0"):
        with site(pbx_factory(traits=AS_SEEN)) as here:
            assert not here.apply(files.replace("true", f"true{year}")).failed
            assert done(here.plan(files)) == []
            assert len([row for row in here.simulated.entities("Holidays") if row["Name"] == "Feast"]) == 1


class TestZeros:
    def test_what_may_be_null_is_set_with_the_first_change(self, at: Site) -> None:
        """Some PBXs leave out nulls, others zeros: only once a false shows, one knows what is missing."""
        row = next(one for one in at.simulated.entities("Playlists") if one["Name"] == "Hold music")
        at.simulated.put("Playlists", {**row, "AutoGain": None, "Shuffle": True})
        files = "playlists: [{name: Hold music, auto_gain: false, shuffle: false}]\n"
        made = at.plan(files)
        assert not at.apply(made).failed
        assert at.plan(files).operations == []
        at.simulated.put("Playlists", {**row, "AutoGain": None, "Shuffle": True})
        wanted: dict[str, Any] = {"name": "Hold music", "auto_gain": False, "shuffle": False}
        assert [at.pbx.ensure("playlist", **wanted).changed for _ in range(2)] == [True, False]

    def test_items_of_nothing_but_zeros_are_samples(self, at: Site) -> None:
        at.simulated.put("CDRSettings", {"EnabledFields": [{"Name": "", "Length": 0}, {"Name": "duration"}]})
        (settings,) = at.exported().of("cdr_settings")
        assert [one["name"] for one in settings.values["enabled_fields"]] == ["duration"]
